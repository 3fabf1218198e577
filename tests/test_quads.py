from __future__ import annotations

import math

import numpy as np
import pytest

from imgscan.frames import apply
from imgscan.quads import centre, covered, holds, moved, scaled, straighten
from imgscan.types import Quad

SQUARE: Quad = ((10, 10), (20, 10), (20, 20), (10, 20))


def rolled(quad: Quad, degrees: float) -> Quad:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, d, e = ((c * x - s * y, s * x + c * y) for x, y in quad)
    return (a, b, d, e)


@pytest.mark.parametrize("degrees", [0, 12, 45, -18])
def test_common_area_does_not_depend_on_the_roll(degrees: float) -> None:
    half = rolled(moved(SQUARE, 5, 0), degrees)
    assert covered(rolled(SQUARE, degrees), half) == pytest.approx(0.5, abs=1e-3)


def test_a_short_line_between_long_slanted_ones_lies_in_neither() -> None:
    long: Quad = ((0, 0), (1000, 0), (1000, 40), (0, 40))
    short = rolled(((400, 60), (500, 60), (500, 90), (400, 90)), 12)
    assert covered(short, rolled(long, 12)) == 0.0
    assert covered(short, rolled(moved(long, 0, 110), 12)) == 0.0


def test_places() -> None:
    assert centre(SQUARE) == (15, 15)
    assert holds(SQUARE, (12, 19))
    assert not holds(SQUARE, (21, 15))
    assert scaled(moved(SQUARE, 10, 0), 2) == ((40, 20), (60, 20), (60, 40), (40, 40))


@pytest.mark.parametrize("enlarge", [0.5, 1.0, 2.0])
def test_straightened_and_the_way_back(enlarge: float) -> None:
    pixels = np.zeros((100, 120, 3), np.uint8)
    quad: Quad = ((20, 30), (100, 20), (110, 80), (10, 90))
    view, back = straighten(pixels, quad, enlarge)
    height, width = view.shape[:2]
    assert width == round(enlarge * math.dist((10, 90), (110, 80)))
    corners = [apply(back, corner) for corner in ((0, 0), (width, 0), (width, height), (0, height))]
    assert np.allclose(corners, quad, atol=1e-3)


@pytest.mark.parametrize("top", [10, 39_900])
def test_a_line_of_a_picture_longer_than_opencv_warps(top: float) -> None:
    pixels = np.zeros((40_000, 60, 3), np.uint8)
    pixels[int(top) : int(top) + 20, 10:50] = 255
    view, back = straighten(pixels, ((10, top), (50, top), (50, top + 20), (10, top + 20)))
    assert view.shape == (20, 40, 3)
    assert view.min() == 255
    assert np.allclose(apply(back, (0, 0)), (10, top))
