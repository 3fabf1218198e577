from __future__ import annotations

import numpy as np
import pytest

from imgscan.frames import TALL, Frame, Pixels
from imgscan.triage import LONG_SIDE, SENT_SMALL, SHEET_SIDE, Triage, look_closer, side_of, triage
from imgscan.types import Quad
from tests.fakes.engine import Told

BOX: Quad = ((100, 50), (200, 50), (200, 80), (100, 80))
DARK = 20


def test_triage_looks_once_at_small_scale() -> None:
    engine = Told((BOX,))
    found = triage(Frame(np.zeros((300, 400, 3), np.uint8), 4000, 3000), engine)
    assert found == Triage((((1000, 500), (2000, 500), (2000, 800), (1000, 800)),))
    assert engine.shown == [((300, 400, 3), LONG_SIDE)]


@pytest.mark.parametrize("size", [(SENT_SMALL, 900), (900, SENT_SMALL)])
def test_what_a_chat_sent_on_is_looked_at_more_closely(size: tuple[int, int]) -> None:
    engine = Told((BOX,))
    width, height = size
    found = triage(Frame(np.zeros((height, width, 3), np.uint8), width, height), engine)
    assert found == Triage((BOX,))
    assert engine.shown == [((height, width, 3), SHEET_SIDE)]
    assert side_of(width + 1, height + 1) == LONG_SIDE


class Dazzled(Told):
    """Sees what a dark picture shows as it is, and nothing on a brightened one."""

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        seen = super().detect(pixels, long_side, faint=faint)
        return seen if pixels.mean() < DARK + 1 else ()


def test_a_dark_picture_from_a_chat_that_shows_nothing_brightened_is_looked_at_as_it_is() -> None:
    dark = np.full((300, 400, 3), DARK, np.uint8)
    assert triage(Frame(dark, SENT_SMALL, 1200), Dazzled((BOX,))).quads
    assert not triage(Frame(dark, SENT_SMALL + 1, 1200), Dazzled((BOX,))).quads  # twice would take too long
    engine = Told(())
    assert triage(Frame(np.full((300, 400, 3), 200, np.uint8), 400, 300), engine).empty
    assert len(engine.shown) == 1  # nothing was brightened


def test_what_a_picture_decoded_smaller_shows_is_told_in_pixels_of_the_full_one() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[100:200, 80:320] = 230
    found = triage(Frame(pixels, 1600, 1200), Told((BOX,)))
    assert found.quads == (((400, 200), (800, 200), (800, 320), (400, 320)),)
    (sheet,) = found.sheets
    assert np.allclose(sheet, ((320, 400), (1280, 400), (1280, 800), (320, 800)), atol=12)


def test_a_long_picture_is_looked_at_in_parts_that_are_not_shrunk_away() -> None:
    engine = Told(())
    height = int(600 * TALL * 2)
    assert triage(Frame(np.zeros((height, 600, 3), np.uint8), 600, height), engine).empty
    assert len(engine.shown) > 2
    assert all(shape[0] == 1200 for shape, _side in engine.shown)


def test_a_sheet_on_which_nothing_is_written_is_sent_home_after_a_closer_look() -> None:
    sheet: Quad = ((320, 400), (1280, 400), (1280, 800), (320, 800))
    frame = Frame(np.zeros((300, 400, 3), np.uint8), 1600, 1200)
    empty, written = Told(()), Told((BOX,))
    assert look_closer(frame, Triage((), (sheet,)), empty).empty
    assert look_closer(frame, Triage((), (sheet,)), written) == Triage((), (sheet,))
    for engine in (empty, written):
        (((rows, columns, _channels), side),) = engine.shown
        assert (columns, side) == (SHEET_SIDE, SHEET_SIDE)
        assert abs(rows - SHEET_SIDE * 400 / 960) <= 1


@pytest.mark.parametrize("size", [(1000, 1), (1, 1000), (4000, 5), (1, 65_535)])
def test_strips_too_narrow_for_a_character_are_not_looked_at(size: tuple[int, int]) -> None:
    engine = Told((BOX,))
    assert triage(Frame(np.zeros((*size, 3), np.uint8), size[1], size[0]), engine).empty
    assert engine.shown == []


def test_a_narrow_picture_that_can_hold_characters_is_looked_at() -> None:
    engine = Told(())
    assert triage(Frame(np.zeros((9000, 9, 3), np.uint8), 9, 9000), engine).empty
    assert engine.shown
