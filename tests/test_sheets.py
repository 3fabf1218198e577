from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgscan.frames import Pixels
from imgscan.sheets import find_sheets
from imgscan.types import Quad

PAPER: Quad = ((300, 200), (700, 260), (640, 760), (240, 700))


def desk(*sheets: Quad, light: int = 200, dark: int = 60, noise: float = 4.0) -> Pixels:
    """A desk with sheets of paper on it, on which lines of text are hinted at."""
    pixels = np.full((900, 1200, 3), dark, np.float32)
    for sheet in sheets:
        cv2.fillConvexPoly(pixels, np.array(sheet, np.int32), (light,) * 3)
        (ax, ay), (bx, by), _c, (dx, dy) = sheet
        for share in np.linspace(0.15, 0.85, 12):
            start = (ax + 0.1 * (bx - ax) + share * (dx - ax), ay + 0.1 * (by - ay) + share * (dy - ay))
            end = (start[0] + 0.8 * (bx - ax), start[1] + 0.8 * (by - ay))
            cv2.line(pixels, tuple(map(round, start)), tuple(map(round, end)), (light - 60,) * 3, 3)
    rng = np.random.default_rng(5)
    return np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("light", "dark"), [(230, 60), (90, 30), (250, 170)])
def test_a_sheet_on_a_desk(light: int, dark: int) -> None:
    (found,) = find_sheets(desk(PAPER, light=light, dark=dark))
    assert np.allclose(found, PAPER, atol=14)


def test_two_sheets_the_larger_first() -> None:
    other: Quad = ((820, 100), (1100, 90), (1110, 400), (830, 410))
    found = find_sheets(desk(PAPER, other))
    assert len(found) == 2
    assert np.allclose(found[0], PAPER, atol=14)
    assert np.allclose(found[1], other, atol=14)


def test_corners_go_clockwise_from_the_top_left() -> None:
    turned: Quad = (PAPER[2], PAPER[3], PAPER[0], PAPER[1])
    (found,) = find_sheets(desk(turned))
    assert np.allclose(found[0], PAPER[0], atol=14)
    assert np.allclose(found[1], PAPER[1], atol=14)


@pytest.mark.parametrize("shape", ["nothing", "disc", "strip", "whole"])
def test_other_things_are_no_sheets(shape: str) -> None:
    pixels = desk()
    if shape == "disc":
        cv2.circle(pixels, (600, 450), 250, (220, 220, 220), -1)
    elif shape == "strip":
        cv2.rectangle(pixels, (100, 400), (1100, 440), (220, 220, 220), -1)
    elif shape == "whole":
        cv2.rectangle(pixels, (4, 4), (1196, 896), (220, 220, 220), -1)
    assert find_sheets(pixels) == ()
