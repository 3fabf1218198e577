"""The texts that rules are tried on: every line, boxes of one row joined, and words that a line break splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imgscan.judge.keywords import KeywordFilter
from imgscan.judge.layout import SAME_LINE, Layout
from imgscan.normalise import View, join, scan_form, spacings

LONGEST_SPLIT = 5
"""Boxes that one mark may be spread over (秘 密 ★ 5 年, one character each)."""
SPLIT_CHARS = 30
"""Three boxes or more hold one mark only where all of them together are short."""
SINGLE = 2
"""Characters of a box that may be part of a column of single characters."""
BREAK_REACH = 40
"""Characters either side of a line break that are joined."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One text to try.

    `rules`: the ids of the rules that a keyword in it calls; `lines`: the lines it is made of; `order`: 0 for the most
    natural reading of its blanks.
    """

    view: View
    rules: frozenset[str]
    lines: tuple[int, ...]
    order: int = 0

    @property
    def joined(self) -> bool:
        """Whether several boxes were put together: then only what crosses a border is new."""
        return len(self.lines) > 1


def sights(layout: Layout, live: Iterable[int], trigger: KeywordFilter) -> Iterator[Sight]:
    """Every text worth trying around the lines of `live` (those where the keyword filter saw something)."""
    wanted = frozenset(live)
    scans: dict[int, str] = {}
    seen: set[tuple[int, ...]] = set()
    for group in _groups(layout, wanted):
        if group in seen or wanted.isdisjoint(group):
            continue
        seen.add(group)
        scans.update((i, scan_form(layout.page.lines[i].text)) for i in group if i not in scans)
        rules = trigger.rules("".join(scans[i] for i in group))
        if rules:
            for order, view in enumerate(_readings(layout, group)):
                yield Sight(view, rules, group, order)


def _groups(layout: Layout, wanted: frozenset[int]) -> Iterator[tuple[int, ...]]:
    for order in layers(layout):
        yield from ((i,) for i in order)
        yield from _rows(layout, order, wanted)
        yield from _runs(layout, order, wanted)
        for zone in ("head_left", "head_right"):
            if any(zone in layout.zones(i) for i in wanted):
                yield from _runs(layout, tuple(i for i in order if zone in layout.zones(i)), wanted)
        yield from _columns(layout, order, wanted)


def layers(layout: Layout) -> Iterator[tuple[int, ...]]:
    """Lines in reading order: the first reading; for each further one of the same places the page with it put in."""
    yield layout.order
    lines = layout.page.lines
    others = [i for i, line in enumerate(lines) if line.text.strip() and i not in layout.order]
    for reading in dict.fromkeys(lines[i].reading for i in others):
        again = [i for i in others if lines[i].reading == reading]
        kept = [i for i in layout.order if not any(_same_place(layout, i, j) for j in again)]
        yield tuple(sorted((*kept, *again), key=lambda i: _reading_order(layout, i)))


def _same_place(layout: Layout, one: int, other: int) -> bool:
    a, b = layout.boxes[one], layout.boxes[other]
    return a is not None and b is not None and a.shares(b) > SAME_LINE


def _reading_order(layout: Layout, line: int) -> tuple[float, float]:
    """Where a line comes in: after the plain line it covers or follows."""
    if line in layout.order:
        return float(layout.order.index(line)), 0.0
    box = layout.boxes[line]
    for place, other in enumerate(layout.order):
        there = layout.boxes[other]
        if box and there and (box.shares(there) > 0.5 or there.top >= box.bottom):
            return place - 0.5, box.left
    return float(len(layout.order)), 0.0


def _rows(layout: Layout, order: tuple[int, ...], wanted: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Boxes that stand beside each other, left to right."""
    boxes = {i: box for i in order if (box := layout.boxes[i]) is not None}
    for i in order:
        if i not in boxes or i not in wanted:
            continue
        box = boxes[i]
        near = [(j, there) for j, there in boxes.items() if there.top < box.bottom and there.bottom > box.top]
        row = [j for j, there in near if box.same_row(there)]
        if len(row) > 1:
            yield tuple(sorted(row, key=lambda j: boxes[j].left))


def _runs(layout: Layout, order: tuple[int, ...], wanted: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Two lines that follow each other, and up to five where they are short."""
    lines = layout.page.lines
    for first in range(len(order)):
        if wanted.isdisjoint(order[first : first + LONGEST_SPLIT]):
            continue
        length = len(lines[order[first]].text)
        for last in range(first + 1, min(first + LONGEST_SPLIT, len(order))):
            if not follows(layout, order[last - 1], order[last]):
                break
            length += len(lines[order[last]].text)
            if last > first + 1 and length > SPLIT_CHARS:
                break
            yield order[first : last + 1]


def follows(layout: Layout, one: int, other: int) -> bool:
    """Whether line `other` may go on with the words of line `one`; always where boxes are unknown."""
    a, b = layout.boxes[one], layout.boxes[other]
    return a is None or b is None or a.next_to(b)


def _columns(layout: Layout, order: tuple[int, ...], wanted: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Vertical writing that came as one box a character, top to bottom."""
    single = [i for i in order if layout.boxes[i] is not None and len(layout.page.lines[i].text.strip()) <= SINGLE]
    boxes = {i: box for i in single if (box := layout.boxes[i]) is not None}
    for here in boxes.values():
        column = [j for j, there in boxes.items() if abs(there.middle[0] - here.middle[0]) < 0.5 * here.width]
        if len(column) > 1:
            yield from _runs(layout, tuple(sorted(column, key=lambda j: boxes[j].top)), wanted)


def _readings(layout: Layout, group: tuple[int, ...]) -> tuple[View, ...]:
    if len(group) == 1:
        return spacings(layout.folded(group[0]))
    a, b = layout.boxes[group[0]], layout.boxes[group[1]]
    if a is not None and b is not None and a.same_row(b):
        return spacings(join([layout.folded(i) for i in group], " "))
    views = [layout.tight(i) for i in group]
    if len(views) == 2:
        first, second = views
        views = [_cut(first, -BREAK_REACH), _cut(second, BREAK_REACH)]
    return (join(views),)


def _cut(view: View, chars: int) -> View:
    size = len(view.text)
    kept = range(max(0, size + chars), size) if chars < 0 else range(min(size, chars))
    return view.keep(kept)
