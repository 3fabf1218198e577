"""Boxes of lines, page pixels: how they lie to each other, and the way from characters back to the picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imgscan.types import Matrix, Point, Quad, TextLine


@dataclass(frozen=True, slots=True)
class Box:
    """A line's quad as an upright rectangle, page pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """At least one pixel."""
        return max(self.bottom - self.top, 1.0)

    @property
    def width(self) -> float:
        """At least one pixel."""
        return max(self.right - self.left, 1.0)

    @property
    def middle(self) -> Point:
        """The centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def shares(self, other: Box) -> float:
        """Common area as a share of the smaller box."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        if wide <= 0 or high <= 0:
            return 0.0
        return wide * high / min(self.width * self.height, other.width * other.height)

    def same_row(self, other: Box) -> bool:
        """Whether more than half of the lower box's height is common (domain reference, 6.3)."""
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return high > 0.5 * min(self.height, other.height)

    def grown(self, share: float) -> Box:
        """The box with a margin of `share` of its size on every side."""
        across, down = share * self.width, share * self.height
        return Box(self.left - across, self.top - down, self.right + across, self.bottom + down)

    def next_to(self, other: Box) -> bool:
        """Whether `other` follows closely enough to go on with the same words: same row, or the next line down."""
        unit = max(self.height, other.height)
        if self.width < self.height and other.width < other.height:  # upright single characters
            unit = max(self.width, other.width)
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return across < 3 * unit and down < 2 * unit


def box_of(quad: Quad) -> Box:
    """The upright rectangle around a quad."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return Box(min(xs), min(ys), max(xs), max(ys))


def around(boxes: Sequence[Box]) -> Box | None:
    """The smallest box around all of them; None for none."""
    if not boxes:
        return None
    return Box(min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes),
               max(b.bottom for b in boxes))  # fmt: skip


def narrowed(line: TextLine, indexes: Iterable[int], to_picture: Matrix) -> Quad | None:
    """The part of a line's quad that the characters with these raw indexes fill, in picture pixels.

    Full-width characters count two, others one, and half a character is left over at either end, because a
    recogniser tells no positions.
    """
    if line.quad is None:
        return None
    wanted = sorted(set(indexes))
    widths = [2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line.text]
    total = sum(widths) or 1
    start = max(0.0, (sum(widths[: wanted[0]]) - 0.5) / total)
    end = min(1.0, (sum(widths[: wanted[-1] + 1]) + 0.5) / total)
    top_left, top_right, bottom_right, bottom_left = line.quad
    box = box_of(line.quad)
    if box.height > 1.5 * box.width and len(line.text) > 1:  # a column
        part = (_between(top_left, bottom_left, start), _between(top_right, bottom_right, start),
                _between(top_right, bottom_right, end), _between(top_left, bottom_left, end))  # fmt: skip
    else:
        part = (_between(top_left, top_right, start), _between(top_left, top_right, end),
                _between(bottom_left, bottom_right, end), _between(bottom_left, bottom_right, start))  # fmt: skip
    a, b, c, d = (mapped(point, to_picture) for point in part)
    return a, b, c, d


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def mapped(point: Point, matrix: Matrix) -> Point:
    """A point through a homography."""
    x, y = point
    u, v, w = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return (u / w, v / w) if w else (u, v)
