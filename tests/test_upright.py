from __future__ import annotations

import numpy as np
import pytest

from imgscan.frames import Frame, apply
from imgscan.quads import scaled
from imgscan.triage import Triage
from imgscan.types import Quad
from imgscan.upright import turn, upright
from tests.fakes.engine import Told

BOX: Quad = ((100, 50), (200, 50), (200, 80), (100, 80))


def test_the_turn_is_asked_of_the_part_with_text() -> None:
    engine = Told((BOX,), turns=1)
    frame = Frame(np.zeros((300, 400, 3), np.uint8), 800, 600, number=4)  # decoded at half its size
    page = upright(frame, Triage((scaled(BOX, 2),)), engine)
    (((rows, columns, _channels), _side),) = engine.shown
    assert (rows, columns) == (61, 141)  # the box, and 5 % of the picture around it
    assert page.pixels.shape == (400, 300, 3)
    assert not page.pixels.flags.writeable
    assert page.number == 4
    assert apply(page.to_picture, (0, 0)) == (800, 0)
    assert apply(page.to_picture, (300, 400)) == (0, 600)


def test_boxes_outside_the_picture_are_cut() -> None:
    engine = Told(())
    over: Quad = ((-20, -20), (450, -20), (450, 320), (-20, 320))
    upright(Frame(np.zeros((300, 400, 3), np.uint8), 400, 300), Triage((over,)), engine)
    assert engine.shown[0][0] == (300, 400, 3)


@pytest.mark.parametrize("turns", range(4))
def test_turning_keeps_every_pixel(turns: int) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    page = turn(Frame(pixels, 4, 2), (), turns)
    assert np.array_equal(np.rot90(page.pixels, -turns), pixels)


@pytest.mark.parametrize("turns", range(4))
def test_sheets_turn_with_the_picture(turns: int) -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[50:80, 100:200] = 255
    page = turn(Frame(pixels, 800, 600), (scaled(BOX, 2),), turns)
    ((left, top), _b, (right, bottom), _d) = page.sheets[0]
    assert page.pixels[int(top) : int(bottom), int(left) : int(right)].min() == 255
    assert int(right - left) * int(bottom - top) == 30 * 100


def test_the_turn_is_asked_of_the_sheet_that_holds_the_text() -> None:
    engine = Told((), turns=0)
    sheet: Quad = ((60, 30), (260, 40), (250, 140), (50, 130))
    upright(Frame(np.zeros((300, 400, 3), np.uint8), 400, 300), Triage((BOX,), (sheet,)), engine)
    ((rows, columns, _channels), _side) = engine.shown[0]
    assert (rows, columns) == (100, 200)
