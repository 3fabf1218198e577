"""The script that calibrates weights: its measure, its fit, and what it writes. The real run needs OCR and minutes."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from imgscan.rulebook import BUILT_IN
from tests.calibrate import Sample, error, fit, log_loss, plot, predictions, write_weights


def drawn(count: int, **true: float) -> list[Sample]:
    """Findings whose truth is drawn by these weights."""
    dice = random.Random(7)
    made = []
    for _ in range(count):
        reasons = frozenset(key for key in true if dice.random() < 0.5)
        odds = sum(true[key] for key in reasons)
        made.append(Sample(reasons, 0.0, 1.0, dice.random() < 1 / (1 + np.exp(-odds)), 100))
    return made


def test_the_error_is_the_distance_from_what_is_right() -> None:
    right = np.array([1.0, 1.0, 0.0, 0.0])
    assert error(np.array([0.95, 0.95, 0.05, 0.05]), right) == pytest.approx(0.05)
    assert error(np.array([0.5, 0.5, 0.5, 0.5]), right) == pytest.approx(0.0)
    assert error(np.array([0.95, 0.95, 0.95, 0.95]), right) == pytest.approx(0.45)


def test_the_fit_finds_the_weights_that_made_the_truth() -> None:
    samples = drawn(4000, up=2.0, down=-1.5)
    fitted = fit(samples, {"up": 0.5, "down": -0.5})
    assert fitted["up"] == pytest.approx(2.0, abs=0.2)
    assert fitted["down"] == pytest.approx(-1.5, abs=0.2)
    right = np.array([sample.right for sample in samples], float)
    assert log_loss(predictions(samples, fitted), right) < log_loss(
        predictions(samples, {"up": 0.5, "down": -0.5}), right
    )


def test_signs_zeros_and_rare_reasons_are_left_alone() -> None:
    samples = drawn(2000, misleading=-2.0, idle=1.0)
    fitted = fit(samples, {"misleading": 0.5, "idle": 0.0, "never": 0.7})
    assert fitted == {"misleading": 0.0, "idle": 0.0, "never": 0.7}


def test_only_numbers_of_the_file_change(tmp_path: Path) -> None:
    before = (BUILT_IN / "words.yml").read_text(encoding="utf-8")
    path = tmp_path / "words.yml"
    path.write_text(before, encoding="utf-8")
    write_weights(path, {"copy_number": 3.3, "star:lost": -3.4})
    changed = [line for line in path.read_text(encoding="utf-8").splitlines() if line not in before.splitlines()]
    assert changed == ["  copy_number: 3.3", "  'star:lost': -3.4"]


def test_the_plot_is_a_picture() -> None:
    sure, right = np.array([0.1, 0.9, 0.9]), np.array([0.0, 1.0, 1.0])
    drawing = ET.fromstring(plot({"before": sure, "after": sure}, right))
    assert len(drawing.findall("{http://www.w3.org/2000/svg}circle")) == 4
