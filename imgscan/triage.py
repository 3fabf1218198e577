"""Sends pictures without text home by one cheap look. Fourth step of the line."""

from __future__ import annotations

from dataclasses import dataclass

from imgscan.engine import Engine
from imgscan.exposure import brightened
from imgscan.frames import Frame, Pixels, tiles
from imgscan.quads import moved, scaled, sides, view_of
from imgscan.sheets import find_sheets
from imgscan.types import Quad

LONG_SIDE = 480
"""Pages that fill the picture show lines at this size; smaller ones show their outline (docs/reading.md, triage)."""
SENT_SMALL = 1600
"""Pixels of the long side: what a chat sends on has less, and a page that lies small in it is all but read already."""
SMALLEST = 8
"""Pixels of the short side: less holds no character, and a strip of them would be looked at in thousands of tiles."""
SHEET_SIDE = 736
"""Lines of 9 px glyphs are found on a page that fills a view of this size (docs/design.md, facts: 640 px), and most
pages that lie small in a picture of SENT_SMALL."""


def side_of(width: int, height: int) -> int:
    """The long side at which a picture of `width` x `height` pixels is looked at first."""
    return SHEET_SIDE if _was_sent(width, height) else LONG_SIDE


def _was_sent(width: int, height: int) -> bool:
    return max(width, height) <= SENT_SMALL


@dataclass(frozen=True, slots=True)
class Triage:
    """Where text may be: boxes of lines, and outlines of sheets and screens, both in viewer pixels of the picture."""

    quads: tuple[Quad, ...] = ()
    sheets: tuple[Quad, ...] = ()

    @property
    def empty(self) -> bool:
        """True where the picture goes home unread."""
        return not self.quads and not self.sheets


def triage(frame: Frame, engine: Engine) -> Triage:
    """Look for text and for what text is written on at small scale; a frame decoded smaller will do."""
    if min(frame.width, frame.height) < SMALLEST:
        return Triage()
    enlarge = frame.width / frame.pixels.shape[1]
    side = side_of(frame.width, frame.height)
    pixels = brightened(frame.pixels)
    found = _lines(pixels, side, engine)
    if not found and pixels is not frame.pixels and _was_sent(frame.width, frame.height):
        # Brightening lifts what lies in the dark and flattens what shines; a large photo would pay too much for both.
        found = _lines(frame.pixels, side, engine)
    sheets = find_sheets(pixels)
    return Triage(tuple(scaled(quad, enlarge) for quad in found), tuple(scaled(sheet, enlarge) for sheet in sheets))


def _lines(pixels: Pixels, side: int, engine: Engine) -> list[Quad]:
    return [
        moved(quad, left, top) for top, left, tile in tiles(pixels) for quad in engine.detect(tile, side, faint=True)
    ]


def look_closer(frame: Frame, seen: Triage, engine: Engine) -> Triage:
    """Where no text showed: the sheets that do show some once they fill the view. Windows and walls are sheets, too."""
    shrink = frame.pixels.shape[1] / frame.width
    if not seen.sheets:
        return seen
    pixels = brightened(frame.pixels)
    written = []
    for sheet in seen.sheets:
        here = scaled(sheet, shrink)
        view, _back = view_of(pixels, here, SHEET_SIDE / max(sides(here)))
        if engine.detect(view, SHEET_SIDE, faint=True):
            written.append(sheet)
    return Triage((), tuple(written))
