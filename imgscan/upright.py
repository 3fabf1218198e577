"""Turns a picture so that its text stands upright. Fifth step of the line."""

from __future__ import annotations

import numpy as np

from imgscan.engine import Engine
from imgscan.frames import Frame, Upright, turned
from imgscan.triage import Triage

MARGIN = 0.05


def upright(frame: Frame, found: Triage, engine: Engine) -> Upright:
    """Ask the page orientation model about the part that has text, and turn the whole frame accordingly."""
    left, top, right, bottom = _text_region(frame, found)
    return turn(frame, engine.quarter_turns(frame.pixels[top:bottom, left:right]))


def turn(frame: Frame, quarter_turns: int) -> Upright:
    """The frame after `quarter_turns` anticlockwise quarter turns, and the way back to viewer pixels."""
    height, width = frame.pixels.shape[:2]
    pixels = np.ascontiguousarray(np.rot90(frame.pixels, quarter_turns))
    pixels.flags.writeable = False
    return Upright(pixels, turned(width, height, quarter_turns, frame.width / width), frame.number)


def _text_region(frame: Frame, found: Triage) -> tuple[int, int, int, int]:
    height, width = frame.pixels.shape[:2]
    corners = np.array(found.quads, np.float64).reshape(-1, 2)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    across, down = MARGIN * width, MARGIN * height
    return (
        int(max(0, left - across)),
        int(max(0, top - down)),
        int(min(width, right + across + 1)),
        int(min(height, bottom + down + 1)),
    )
