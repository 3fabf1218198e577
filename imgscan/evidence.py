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

Rank = tuple[Severity, float]
Place = tuple[int, int, int, int]
"""x, y, width, height in pixels of the frame."""


class Evidence:
    """JPEGs of the worst marks of one file that need a review, page by page; those that overlap once."""

    def __init__(self, review_from: Severity) -> None:
        self._review_from = review_from
        self._kept: list[tuple[Rank, Crop]] = []  # the worst first

    def add(self, frame: Frame, findings: Iterable[Finding]) -> None:
        """Cut out which of the `findings`, all of this frame, are worse than what is kept of the pages before."""
        worth = [one for one in findings if one.severity >= self._review_from and one.polygons]
        here: list[tuple[Rank, Place]] = []
        for finding in sorted(worth, key=_rank, reverse=True):
            rect = _around(finding.polygons, frame)
            if not any(_holds(taken, rect) for _rank_of, taken in here):
                here.append((_rank(finding), rect))
        worse = [(rank, rect) for rank, rect in here[:MOST_CROPS] if not self._full or rank > self._kept[-1][0]]
        size = (frame.width, frame.height)
        self._kept += [(rank, Crop(frame.number, rect, size, _jpeg(frame, rect))) for rank, rect in worse]
        self._kept.sort(key=lambda each: each[0], reverse=True)  # stable: of equals the earlier page
        del self._kept[MOST_CROPS:]

    @property
    def _full(self) -> bool:
        return len(self._kept) == MOST_CROPS

    @property
    def crops(self) -> tuple[Crop, ...]:
        """At most MOST_CROPS of them, the worst first."""
        return tuple(crop for _rank_of, crop in self._kept)


def _rank(finding: Finding) -> Rank:
    return finding.severity, finding.confidence


def _around(polygons: tuple[Quad, ...], frame: Frame) -> Place:
    xs, ys = zip(*(point for polygon in polygons for point in polygon), strict=True)
    margin = MARGIN * min(max(xs) - min(xs), max(ys) - min(ys)) + 2
    left, top = max(0, int(min(xs) - margin)), max(0, int(min(ys) - margin))
    right, bottom = min(frame.width, int(max(xs) + margin)), min(frame.height, int(max(ys) + margin))
    return min(left, frame.width - 1), min(top, frame.height - 1), max(1, right - left), max(1, bottom - top)


def _holds(outer: Place, inner: Place) -> bool:
    left, top, width, height = inner
    x, y = left + width / 2, top + height / 2
    return outer[0] <= x <= outer[0] + outer[2] and outer[1] <= y <= outer[1] + outer[3]


def _jpeg(frame: Frame, rect: Place) -> bytes:
    part = part_of(frame, rect, LONG_SIDE)
    _encoded, jpeg = cv2.imencode(".jpg", part.pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(jpeg.tobytes())
