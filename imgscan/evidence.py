"""Cuts the marks out of a hit, small, for when the picture itself is gone (read -> judge -> **store**).

Only the mark with a little paper around it, only of findings that need a review, only the worst few.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2

from imgscan.frames import Frame, part_of
from imgscan.types import Crop, Finding, Quad, Severity

MOST_CROPS = 4
LONG_SIDE = 480
"""Pixels: a mark of ten characters keeps glyphs of 40."""
QUALITY = 70
MARGIN = 0.5
"""Of the mark's short side, on each side."""


def crops_of(frame: Frame, findings: Iterable[Finding], review_from: Severity) -> tuple[Crop, ...]:
    """JPEGs of the marks on this frame that need a review, the worst first; overlapping ones once."""
    worth = [one for one in findings if one.severity >= review_from and one.page == frame.number and one.polygons]
    worth.sort(key=lambda one: (one.severity, one.confidence), reverse=True)
    crops: list[Crop] = []
    for finding in worth:
        rect = _around(finding.polygons, frame)
        if len(crops) < MOST_CROPS and not any(_holds(crop.rect, rect) for crop in crops):
            crops.append(Crop(frame.number, rect, (frame.width, frame.height), _jpeg(frame, rect)))
    return tuple(crops)


def _around(polygons: tuple[Quad, ...], frame: Frame) -> tuple[int, int, int, int]:
    xs, ys = zip(*(point for polygon in polygons for point in polygon), strict=True)
    margin = MARGIN * min(max(xs) - min(xs), max(ys) - min(ys)) + 2
    left, top = max(0, int(min(xs) - margin)), max(0, int(min(ys) - margin))
    right, bottom = min(frame.width, int(max(xs) + margin)), min(frame.height, int(max(ys) + margin))
    return min(left, frame.width - 1), min(top, frame.height - 1), max(1, right - left), max(1, bottom - top)


def _holds(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    left, top, width, height = inner
    x, y = left + width / 2, top + height / 2
    return outer[0] <= x <= outer[0] + outer[2] and outer[1] <= y <= outer[1] + outer[3]


def _jpeg(frame: Frame, rect: tuple[int, int, int, int]) -> bytes:
    part = part_of(frame, rect, LONG_SIDE)
    _encoded, jpeg = cv2.imencode(".jpg", part.pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(jpeg.tobytes())
