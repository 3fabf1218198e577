"""Where a line stands on its page: zones, columns, sizes, seals, copy numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from imgscan.judge.boxes import Box, around, box_of
from imgscan.judge.places import Place, placed
from imgscan.normalise import View, folded_view, scan_form, tight
from imgscan.types import Page, Quad, TextLine

# GB/T 9704-2012 puts copy number, level and urgency into the first rows of the type area; a photo adds a margin.
HEAD_SHARE = 0.25
FOOT_SHARE = 0.8
SIDE_SHARE = 1 / 3
RED_HEAD_SHARE = 0.5
"""Of a sheet whose outline shows: a red head with its number ends above the middle (GB/T 9704-2012, 7.2: 35 mm under
the top of the type area, characters of up to 22 mm, two rows, a number, a line)."""
HEAD_BOXES = 4
"""A cropped first page has no top margin: its first boxes in reading order stand for the head."""
EDGE = 0.01
"""Of the long side: so near to the picture's edge a sheet is cut off by it."""
BESIDE = 0.05
"""Of the sheet's width: so far beside its outline, which is measured in a small picture, a line still stands on it."""
LARGE = 1.25
"""Glyph height against the page's median from which a line is set larger than the body (3rd against 4th size)."""
FIRST = ("plain", "strong")
"""Readings that stand in reading order: the stronger reader's line takes the place of the quick one's."""
PATCH = "patch"
"""Reading of a line that stands for a cover (imgscan.judge.covers)."""
SHORT_CHARS, SHORT_LINES = 80, 8
"""Up to here a text without boxes is a label or a corner, not an article."""
RED = 0.5
SEAL_LINES = 4
"""Boxes of body text that a seal is at least high: 38 to 50 mm against some 7 (GB/T 9704-2012, 7.3.5 and 5.2.2)."""
UNDER = 3
"""Line heights within which a red line counts as standing right under a number; the standard has 4 mm."""
SAME_LINE = 0.5
"""Share of the smaller box from which two readings are of one line."""

CELLS = 3
"""Level words alone, one under the other, from which they are a column of a list and not the marks of a page."""
COLUMNS = 4
"""Lines between two level cells of a list of which only the text is known: number, matter, level and term."""
ROWS = 6
"""Line heights within which the next cell of a column follows; a cell of a printed list is two to three high."""

LEAN = 0.1
"""Share of the way down by which a column of a photographed table leans to one side (some 6 degrees)."""
REPEATED = 3
"""Places from which the same words are a watermark or a running head."""
BEGINNING = 4
"""Characters by which they are known: a level and the surname behind it."""

_LEVEL = re.compile("(?:绝密|机密|秘密)级?")
_LEVEL_HEAD = re.compile("(?:文件|原)?密级(?:[/和及与、]?(?:保密)?期限)?")
LONGEST_CELL, LONGEST_HEAD = 8, 20  # characters, blanks among them
_COPY_NUMBER = re.compile(r"(?:No\.?|№|份号:?)? ?[0-9OoIl]{6,7}", re.IGNORECASE)
_DATE = re.compile(r"[0-9OoIl〇○]{4} ?年 ?[0-9OoIl]{1,2} ?月 ?[0-9OoIl]{1,2} ?日")
_OTHERWISE_WRITTEN = re.compile(r"[^\W_]")


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
    level_cells: frozenset[int] = frozenset()
    """The lines that say nothing but a level, in any reading."""
    level_heads: tuple[Box, ...] = ()
    """The cells that head a column of levels."""
    first: tuple[int, ...] = ()
    """The first lines in reading order: of the sheet where its outline shows."""
    _folded: dict[int, View] = field(default_factory=dict, compare=False, repr=False)
    _tight: dict[int, View] = field(default_factory=dict, compare=False, repr=False)

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
            extent=around([box for box in known if box]),
            body_height=median(heights) if heights else 0.0,
            short=not any(boxes)
            and len(order) <= SHORT_LINES
            and sum(len(page.lines[i].text) for i in order) <= SHORT_CHARS,
            seals=tuple(_seals(page, [box.height for box in known if box])),
            red_lines=tuple(Box(*rule) for rule in page.red_ink.rules),
            level_cells=frozenset(i for i, line in enumerate(page.lines) if _is_level(line.text)),
            level_heads=tuple(
                box for box, line in zip(boxes, page.lines, strict=True) if box and _is_level_head(line.text)
            ),
            first=_first_on_sheet(page, order, boxes),
        )

    def folded(self, line: int) -> View:
        """A line's text folded; made once a page."""
        if line not in self._folded:
            self._folded[line] = folded_view(self.page.lines[line].text, line)
        return self._folded[line]

    def tight(self, line: int) -> View:
        """A line's text folded and without blanks; made once a page."""
        if line not in self._tight:
            self._tight[line] = tight(self.folded(line))
        return self._tight[line]

    def zones(self, line: int) -> tuple[str, ...]:
        """The zones a line stands in: head, head_left, head_right, foot.

        Measured on the sheet where its outline shows: of a page that lies small on a desk, or at a slant, the picture
        says nothing. Lines beside the sheet stand in no zone. Otherwise the picture, the extent of the text and the
        order of reading decide together, so that no head is missed.
        """
        box = self.boxes[line]
        if box is None or self.extent is None:
            return ("head",) if line in self.first else ()
        is_cover = self.page.lines[line].reading == PATCH  # where it stands was looked into when it was put in
        return self.zones_of(box, is_first=line in self.first or is_cover)

    def zones_of(self, box: Box, *, is_first: bool = False) -> tuple[str, ...]:
        """The zones of a box; `is_first`: it is one of the first in reading order."""
        on_sheet = _on_sheet(box, self.page.sheet)
        if on_sheet is not None:
            across, down = on_sheet
            if _is_beside(across):
                return ()
            head = down < HEAD_SHARE or (is_first and (down < RED_HEAD_SHARE or _is_cut(self.page)))
        elif self.extent is not None:
            x, y = box.middle
            across = (x - self.extent.left) / self.extent.width
            down = (y - self.extent.top) / self.extent.height
            in_page = self.page.height > 0 and y / self.page.height < HEAD_SHARE
            head = down < HEAD_SHARE or in_page or is_first
        else:
            return ()
        if head:
            side = ("head_left",) if across < SIDE_SHARE else ("head_right",) if across > 1 - SIDE_SHARE else ()
            return ("head", *side)
        return ("foot",) if down > FOOT_SHARE else ()

    def in_column(self, line: int) -> bool:
        """Whether a line is a level word in a column of them, as in a list of secret matters.

        The column may lean as the page does: each cell is compared with the next one only.
        """
        column, ends = {line}, [line] if line in self.level_cells else []
        while ends:
            here = ends.pop()
            more = {other for other in self.level_cells if other not in column and self._is_next_cell(here, other)}
            column |= more
            ends += more
        return self._places(column, CELLS)

    def under_level_head(self, line: int) -> bool:
        """Whether a line stands in the column of a table that is headed 密级: what it says is the level of a paper."""
        cell = self.boxes[line]
        return cell is not None and any(
            head.bottom < cell.middle[1]
            and abs(head.middle[0] - cell.middle[0]) < max(head.width, cell.width) + LEAN * (cell.top - head.top)
            for head in self.level_heads
        )

    def repeated(self, line: int) -> bool:
        """Whether the same words stand in several places, as those of a watermark do; their ends are often cut off."""
        words = self.tight(line).text[:BEGINNING]
        return self._places({i for i in range(len(self.boxes)) if words and self._begins(i, words)}, REPEATED)

    def _begins(self, line: int, words: str) -> bool:
        return self.tight(line).text.startswith(words)

    def _places(self, lines: Collection[int], least: int) -> bool:
        """Whether these lines are readings of at least so many places; no more are looked for."""
        each = (one for one in lines if not any(self._same_place(one, other) for other in lines if other < one))
        return len(list(islice(each, least))) == least

    def _same_place(self, one: int, other: int) -> bool:
        """Whether two lines are readings of one place."""
        a, b = self.boxes[one], self.boxes[other]
        return a is not None and b is not None and a.shares(b) > SAME_LINE

    def _is_next_cell(self, one: int, other: int) -> bool:
        a, b = self.boxes[one], self.boxes[other]
        if a is None or b is None:
            return abs(one - other) <= COLUMNS
        if a.same_row(b):
            return False
        across, down = abs(a.middle[0] - b.middle[0]), abs(a.middle[1] - b.middle[1])
        return across < max(a.width, b.width) and down < ROWS * max(a.height, b.height)

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


def _is_level(text: str) -> bool:
    return len(text) <= LONGEST_CELL and _LEVEL.fullmatch(scan_form(text)) is not None


def _is_level_head(text: str) -> bool:
    return len(text) <= LONGEST_HEAD and _LEVEL_HEAD.fullmatch(tight(folded_view(text, 0)).text) is not None


def _on_sheet(box: Box, sheet: Quad | None) -> Place | None:
    """Where the middle of a box stands on the sheet: (0, 0) its top left, (1, 1) its bottom right corner."""
    return placed(box.middle, sheet) if sheet is not None else None


def _is_beside(across: float) -> bool:
    return not -BESIDE <= across <= 1 + BESIDE


def _first_on_sheet(page: Page, order: Sequence[int], boxes: Sequence[Box | None]) -> tuple[int, ...]:
    def is_on(line: int) -> bool:
        box = boxes[line]
        place = _on_sheet(box, page.sheet) if box is not None else None
        return place is None or not _is_beside(place[0])

    first: list[int] = []
    for i in order:
        if len(first) == HEAD_BOXES:
            break
        here = boxes[i]
        again = here is not None and any((b := boxes[j]) and here.shares(b) > SAME_LINE for j in first)
        if not again and is_on(i):
            first.append(i)
    return tuple(first)


def _is_cut(page: Page) -> bool:
    """Whether the sheet goes on beyond the picture: then its shares say less than the order of its lines."""
    near = EDGE * max(page.width, page.height)
    return page.sheet is not None and any(
        not (near < x < page.width - near and near < y < page.height - near) for x, y in page.sheet
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


def is_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing but signs stands beside `text[start:end]`."""
    return not _OTHERWISE_WRITTEN.search(text[:start]) and not _OTHERWISE_WRITTEN.search(text[end:])
