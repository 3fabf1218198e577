from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan.frames import apply, apply_quad, turned
from imgscan.types import Quad

sides = st.integers(2, 60)


@given(sides, sides, st.integers(0, 3), st.data())
def test_turned_pixels_find_their_way_back(width: int, height: int, turns: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    picture = np.zeros((height, width), np.uint8)
    picture[y, x] = 1
    there = np.argwhere(np.rot90(picture, turns))[0]
    back = apply(turned(width, height, turns), (there[1] + 0.5, there[0] + 0.5))  # centres of pixels
    assert back == pytest.approx((x + 0.5, y + 0.5))


@given(sides, sides, st.integers(0, 3), st.floats(0.1, 8))
def test_the_page_covers_the_whole_picture(width: int, height: int, turns: int, scale: float) -> None:
    w, h = (width, height) if turns % 2 == 0 else (height, width)
    corners: Quad = ((0, 0), (w, 0), (w, h), (0, h))
    mapped = apply_quad(turned(width, height, turns, scale), corners)
    assert {(round(x, 6), round(y, 6)) for x, y in mapped} == {
        (round(x * scale, 6), round(y * scale, 6)) for x in (0, width) for y in (0, height)
    }


def test_a_homography_divides() -> None:
    assert apply(((2.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 4.0)), (10.0, 20.0)) == (5.0, 10.0)
