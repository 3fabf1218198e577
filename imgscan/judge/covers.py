"""Turns patches that lie where a mark belongs into lines of full blocks, so that a rule can say what they mean.

A red head without a mark is what most public documents have; only something laid over the place of the mark is a trace.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median

from imgscan.judge.boxes import Box
from imgscan.judge.layout import PATCH, Layout
from imgscan.types import Page, Quad, TextLine

BLOCKS = "████"
"""What stands for a cover: as a typist blacks out words."""
HIGH, WIDE = (0.7, 5.0), (2.0, 18.0)
"""Of a line's height: a slip over `机密★10年` is one to two lines high and six to nine characters wide, or slanted."""

MOST_ABOVE = 2
"""Lines above a mark, where a photograph shows only the head: copy number and urgency (GB/T 9704-2012, 7.2.1-7.2.3)."""


def with_covers(page: Page) -> Page:
    """The page with a line of BLOCKS, reading `patch`, for every patch in a corner of its head that holds no text."""
    if not page.patches:
        return page
    layout = Layout.of(page)
    boxes = [box for box in layout.boxes if box is not None]
    if not boxes:
        return page
    unit = median(max(1.0, math.dist(line.quad[0], line.quad[3])) for line in page.lines if line.quad)
    covers = [box for box in (Box(*patch) for patch in page.patches) if _is_cover(box, unit, boxes, layout)]
    return replace(page, lines=(*page.lines, *(_line(box) for box in covers)))


def _is_cover(patch: Box, unit: float, boxes: list[Box], layout: Layout) -> bool:
    if not (HIGH[0] <= patch.height / unit <= HIGH[1] and WIDE[0] <= patch.width / unit <= WIDE[1]):
        return False
    above = [line for line in layout.first if (box := layout.boxes[line]) and box.middle[1] < patch.middle[1]]
    zones = layout.zones_of(patch, is_first=len(above) <= MOST_ABOVE)
    if {"head_left", "head_right"}.isdisjoint(zones):
        return False
    return not any(patch.holds(box.middle) for box in boxes)


def _line(box: Box) -> TextLine:
    quad: Quad = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return TextLine(BLOCKS, 1.0, quad, box.height, reading=PATCH)
