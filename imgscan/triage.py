"""Sends pictures without text home by one cheap detection pass. Fourth step of the line."""

from __future__ import annotations

from dataclasses import dataclass

from imgscan.engine import Engine
from imgscan.frames import Frame
from imgscan.types import Quad

# Marks of 9 px glyph height are still found at 640 px on sharp pages (docs/design.md, facts); a little above that.
LONG_SIDE = 736


@dataclass(frozen=True, slots=True)
class Triage:
    """Where text may be: boxes in pixels of the frame. Without any the picture goes home unread."""

    quads: tuple[Quad, ...]
    long_side: int


def triage(frame: Frame, engine: Engine) -> Triage:
    """Look for text, once, at small scale."""
    return Triage(engine.detect(frame.pixels, LONG_SIDE), LONG_SIDE)
