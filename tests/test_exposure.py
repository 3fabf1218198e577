from __future__ import annotations

import numpy as np
import pytest

from imgscan.exposure import MEAN, brightened


def test_dark_pictures_come_to_the_wanted_brightness() -> None:
    dark = np.random.default_rng(3).integers(40, 110, (300, 400, 3)).astype(np.uint8)
    bright = brightened(dark)
    assert bright.mean() / 255.0 == pytest.approx(MEAN, abs=0.06)
    assert (np.diff(bright[0, np.argsort(dark[0, :, 0]), 0].astype(int)) >= 0).all()  # what was darker stays darker


def test_bright_pictures_stay_as_they_are() -> None:
    bright = np.full((30, 40, 3), 180, np.uint8)
    assert brightened(bright) is bright


def test_black_is_not_made_white() -> None:
    assert brightened(np.ones((30, 40, 3), np.uint8)).mean() < 80
