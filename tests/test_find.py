from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from imgscan.engine import Reading
from imgscan.find import FIRST_SIDE, Scales, find_lines
from imgscan.frames import Pixels
from imgscan.quads import bounds, centre, moved
from imgscan.types import Quad, TextLine

SCALES = Scales(glyph=14.0, longest=1600)
SHEET: Quad = ((400, 300), (800, 350), (760, 900), (360, 850))


class Finder:
    """Finds white bars that are at least as high as a detector sees, as if they were lines of text. An `Engine`."""

    LEAST = 8

    def __init__(self) -> None:
        self.sides: list[int] = []

    @classmethod
    def stamp(cls) -> str:
        return "finder"

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        self.sides.append(long_side)
        shrink = min(1.0, long_side / max(pixels.shape[:2]))
        small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        _count, _labels, boxes, _c = cv2.connectedComponentsWithStats(np.asarray(small[:, :, 0] > 127, np.uint8))
        found = []
        for x, y, w, h, _area in boxes[1:].tolist():
            if min(w, h) >= self.LEAST:
                left, top, right, bottom = x / shrink, y / shrink, (x + w) / shrink, (y + h) / shrink
                found.append(((left, top), (right, top), (right, bottom), (left, bottom)))
        return tuple(found)

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        raise AssertionError("finding reads nothing")

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        raise AssertionError("finding reads nothing")

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        return []

    def quarter_turns(self, pixels: Pixels) -> int:
        raise AssertionError("finding turns nothing")


def ground(*bars: tuple[int, int, int, int]) -> Pixels:
    pixels = np.zeros((2400, 1800, 3), np.uint8)
    for x, y, w, h in bars:
        pixels[y : y + h, x : x + w] = 255
    return pixels


def test_large_lines_are_found_at_the_first_look() -> None:
    engine = Finder()
    assert len(find_lines(ground((200, 200, 900, 70), (200, 400, 900, 70)), (), engine, SCALES)) == 2
    assert engine.sides == [FIRST_SIDE]


def test_lines_too_small_for_the_first_look_are_found_at_the_second() -> None:
    engine = Finder()
    found = find_lines(ground((200, 200, 900, 30), (200, 400, 300, 14)), (), engine, SCALES)
    assert len(found) == 2
    assert engine.sides[0] == FIRST_SIDE
    assert FIRST_SIDE < engine.sides[1] <= SCALES.longest


def test_a_small_sheet_is_searched_straightened_and_enlarged() -> None:
    line = (500, 600, 120, 7)
    engine = Finder()
    assert find_lines(ground(line), (), engine, SCALES) == []
    (found,) = find_lines(ground(line), (SHEET,), engine, SCALES)
    left, top, right, bottom = bounds(found)
    assert abs(centre(found)[0] - 560) < 6
    assert abs(centre(found)[1] - 603.5) < 6
    assert right - left < 160
    assert bottom - top < 60


def test_small_lines_beside_a_sheet_are_not_forgotten() -> None:
    beside = (1200, 1900, 400, 16)
    found = find_lines(ground(beside, (450, 500, 200, 30), (1000, 2100, 500, 22)), (SHEET,), Finder(), SCALES)
    assert any(abs(centre(quad)[1] - 1908) < 6 for quad in found)


def test_a_slanted_line_does_not_swallow_a_short_one_beside_it() -> None:
    class Two(Finder):
        def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
            long: Quad = ((100, 300), (1500, 600), (1488, 660), (88, 360))
            return (long, moved(((900, 350), (1100, 393), (1088, 447), (888, 404)), 0, -20))

    assert len(find_lines(ground(), (), Two(), SCALES)) == 2
