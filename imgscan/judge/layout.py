"""Where a line stands on its page: zones, rows, columns, sizes, and the way from characters back to the picture."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from imgscan.types import Matrix, Page, Point, Quad, TextLine

# GB/T 9704-2012 puts copy number, level and urgency into the first rows of the type area; a photo adds a margin.
HEAD_SHARE = 0.25
FOOT_SHARE = 0.8
SIDE_SHARE = 1 / 3
HEAD_BOXES = 4
"""A cropped first page has no top margin: its first boxes in reading order stand for the head."""
LARGE = 1.25
"""Glyph height against the page's median from which a line is set larger than the body (3rd against 4th size)."""
FIRST = ("plain", "strong")
"""Readings that stand in reading order: the stronger reader's line takes the place of the quick one's."""
SHORT_CHARS, SHORT_LINES = 80, 8
"""Up to here a text without boxes is a label or a corner, not an article."""
RED = 0.5
SEAL_LINES = 4
"""Boxes of body text that a seal is at least high: 38 to 50 mm against some 7 (GB/T 9704-2012, 7.3.5 and 5.2.2)."""
UNDER = 3
"""Line heights within which a red line counts as standing right under a number; the standard has 4 mm."""
SAME_LINE = 0.5
"""Share of the smaller box from which two readings are of one line."""

_COPY_NUMBER = re.compile(r"(?:No\.?|№|份号:?)? ?[0-9OoIl]{6,7}", re.IGNORECASE)
_DATE = re.compile(r"[0-9OoIl〇○]{4} ?年 ?[0-9OoIl]{1,2} ?月 ?[0-9OoIl]{1,2} ?日")
_OTHERWISE_WRITTEN = re.compile(r"[^\W_]")


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


@dataclass(frozen=True, slots=True)
class Layout:
    """What is known of a page's geometry. `boxes[i]` belongs to `page.lines[i]`; None where only text is known."""

    page: Page
    boxes: tuple[Box | None, ...]
    order: tuple[int, ...]
    """The lines of the first reading that say anything, in reading order."""
    extent: Box | None
    body_height: float
    short: bool
    seals: tuple[Box, ...] = ()
    red_lines: tuple[Box, ...] = ()

    @classmethod
    def of(cls, page: Page) -> Layout:
        """Measures a page once."""
        boxes = tuple(box_of(line.quad) if line.quad else None for line in page.lines)
        order = tuple(i for i in range(len(page.lines)) if _is_first(i, page, boxes))
        known = [boxes[i] for i in order if boxes[i]] or [box for box in boxes if box]
        heights = [glyph_height(page.lines[i], boxes[i]) for i in order]
        return cls(
            page=page,
            boxes=boxes,
            order=order,
            extent=_around([box for box in known if box]),
            body_height=median(heights) if heights else 0.0,
            short=not any(boxes)
            and len(order) <= SHORT_LINES
            and sum(len(page.lines[i].text) for i in order) <= SHORT_CHARS,
            seals=tuple(_seals(page, [box.height for box in known if box])),
            red_lines=tuple(Box(*rule) for rule in page.red_ink.rules),
        )

    def zones(self, line: int) -> tuple[str, ...]:
        """The zones a line stands in: head, head_left, head_right, foot."""
        box = self.boxes[line]
        if box is None or self.extent is None:
            return ("head",) if line in self.order[:HEAD_BOXES] else ()
        x, y = box.middle
        if self._is_head(line, y):
            across = (x - self.extent.left) / self.extent.width
            side = ("head_left",) if across < SIDE_SHARE else ("head_right",) if across > 1 - SIDE_SHARE else ()
            return ("head", *side)
        return ("foot",) if (y - self.extent.top) / self.extent.height > FOOT_SHARE else ()

    def _is_head(self, line: int, y: float) -> bool:
        if self.extent is None:
            return False
        in_text = (y - self.extent.top) / self.extent.height < HEAD_SHARE
        in_page = self.page.height > 0 and y / self.page.height < HEAD_SHARE
        return in_text or in_page or line in self.order[:HEAD_BOXES]

    def is_large(self, line: int) -> bool:
        """Whether the glyphs are clearly higher than the page's median."""
        height = glyph_height(self.page.lines[line], self.boxes[line])
        return self.body_height > 0 and len(self.order) > 2 and height >= LARGE * self.body_height

    def seal_near(self, line: int) -> bool:
        """Whether a seal lies over a line, or no further from it than half its own size."""
        box = self.boxes[line]
        return box is not None and any(seal.grown(0.5).shares(box) > 0 for seal in self.seals)

    def sealed(self) -> bool:
        """Whether a seal lies over a date, as it does on a signed original (GB/T 9704-2012, 7.3.5)."""
        return any(
            box is not None and _DATE.search(line.text) and any(seal.shares(box) > 0 for seal in self.seals)
            for line, box in zip(self.page.lines, self.boxes, strict=True)
        )

    def red_line(self, line: int) -> bool:
        """Whether a long red line stands right under a line, or anywhere under one of the head."""
        box = self.boxes[line]
        if box is None:
            return False
        reach = float("inf") if "head" in self.zones(line) else UNDER * box.height
        return any(-box.height / 2 < rule.top - box.bottom < reach for rule in self.red_lines)

    def copy_number(self, line: int) -> bool:
        """Whether a copy number (份号: six digits, seven in old Party papers) stands right above or before a line."""
        box = self.boxes[line]
        if box is None:
            here = self.order.index(line) if line in self.order else 0
            return any(is_copy_number(self.page.lines[i].text) for i in self.order[max(0, here - 2) : here])
        return any(
            other is not None
            and other.top < box.bottom
            and box.top - other.bottom < 5 * box.height
            and (abs(other.left - box.left) < 8 * box.height or other.same_row(box))
            and is_copy_number(self.page.lines[i].text)
            for i, other in enumerate(self.boxes)
            if i != line
        )


def _seals(page: Page, heights: Sequence[float]) -> Iterator[Box]:
    """Round red things that are large enough against the text: the characters of a red head are not."""
    least = SEAL_LINES * median(heights) if heights else 0.0
    return (box for box in (Box(*seal) for seal in page.red_ink.seals) if box.height >= least)


def _is_first(line: int, page: Page, boxes: Sequence[Box | None]) -> bool:
    """Whether a line belongs to the first reading: plain, or read by the stronger reader with no plain one below it."""
    here, box = page.lines[line], boxes[line]
    if here.reading not in FIRST or not here.text.strip():
        return False
    if here.reading == "plain" or box is None:
        return True
    return not any(
        other.reading == "plain" and other.text.strip() and there and box.shares(there) > SAME_LINE
        for other, there in zip(page.lines, boxes, strict=True)
    )


def is_copy_number(text: str) -> bool:
    """Whether the text is nothing but a copy number."""
    return bool(_COPY_NUMBER.fullmatch(text.strip()))


def glyph_height(line: TextLine, box: Box | None) -> float:
    """Height of a line's glyphs: as the reader measured it, else that of its box (its width for a column)."""
    if line.height > 0 or box is None:
        return line.height
    return min(box.height, box.width) if len(line.text) > 1 else box.height


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return Box(min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes),
               max(b.bottom for b in boxes))  # fmt: skip


def is_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing but signs stands beside `text[start:end]`."""
    return not _OTHERWISE_WRITTEN.search(text[:start]) and not _OTHERWISE_WRITTEN.search(text[end:])


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
