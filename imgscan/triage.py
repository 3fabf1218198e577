"""Sends pictures without text home by one cheap look. Fourth step of the line."""

from __future__ import annotations

from dataclasses import dataclass

from imgscan.engine import Engine
from imgscan.exposure import brightened
from imgscan.frames import Frame, tiles
from imgscan.quads import moved, scaled
from imgscan.sheets import find_sheets
from imgscan.types import Quad

LONG_SIDE = 480
"""Pages that fill the picture show lines at this size; smaller ones show their outline (docs/reading.md, triage)."""


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
    """Look for text and for what text is written on, once, at small scale; a frame decoded smaller will do."""
    enlarge = frame.width / frame.pixels.shape[1]
    pixels = brightened(frame.pixels)
    found = [
        scaled(moved(quad, left, top), enlarge)
        for top, left, tile in tiles(pixels)
        for quad in engine.detect(tile, LONG_SIDE, faint=True)
    ]
    return Triage(tuple(found), tuple(scaled(sheet, enlarge) for sheet in find_sheets(pixels)))
