"""Turns a picture so that its text stands upright. Fifth step of the line."""

from __future__ import annotations

import numpy as np

from imgscan.engine import Engine
from imgscan.frames import Frame, Pixels, Upright, apply_quad, turned
from imgscan.quads import bounds, centre, from_top_left, holds, scaled, sides, view_of
from imgscan.triage import SHEET_SIDE, Triage
from imgscan.types import Quad

MARGIN = 0.05
MOSTLY = 0.7  # of the lines lie on one sheet: what it says is the way up


def upright(frame: Frame, found: Triage, engine: Engine) -> Upright:
    """Ask the page orientation model about the part that has text, and turn the whole frame accordingly."""
    return turn(frame, found.sheets, engine.quarter_turns(_part_with_text(frame, found)))


def turn(frame: Frame, sheets: tuple[Quad, ...], quarter_turns: int) -> Upright:
    """The frame after `quarter_turns` anticlockwise quarter turns, and the way back to viewer pixels.

    `sheets` are in viewer pixels of the picture.
    """
    height, width = frame.pixels.shape[:2]
    pixels = np.ascontiguousarray(np.rot90(frame.pixels, quarter_turns))
    pixels.flags.writeable = False
    to_picture = turned(width, height, quarter_turns, frame.width / width)
    there = turned(pixels.shape[1], pixels.shape[0], -quarter_turns)
    shrink = width / frame.width
    lying = tuple(from_top_left(apply_quad(there, scaled(sheet, shrink))) for sheet in sheets)
    return Upright(pixels, to_picture, frame.number, lying)


def _part_with_text(frame: Frame, found: Triage) -> Pixels:
    shrink = frame.pixels.shape[1] / frame.width
    for sheet in found.sheets:
        inside = sum(holds(sheet, centre(quad)) for quad in found.quads)
        if inside >= MOSTLY * len(found.quads):
            here = scaled(sheet, shrink)
            return view_of(frame.pixels, here, min(1.0, SHEET_SIDE / max(sides(here))))[0]
    left, top, right, bottom = _text_region(frame, [scaled(quad, shrink) for quad in found.quads])
    return frame.pixels[top:bottom, left:right]


def _text_region(frame: Frame, quads: list[Quad]) -> tuple[int, int, int, int]:
    height, width = frame.pixels.shape[:2]
    boxes = np.array([bounds(quad) for quad in quads])
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    across, down = MARGIN * width, MARGIN * height
    return (
        int(max(0, left - across)),
        int(max(0, top - down)),
        int(min(width, right + across + 1)),
        int(min(height, bottom + down + 1)),
    )
