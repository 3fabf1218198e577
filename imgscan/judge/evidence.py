"""What stands around a match: its zone, size and colour, and words elsewhere on the page that speak for a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from imgscan.judge.dates import taken_before
from imgscan.judge.layout import RED, Layout, is_alone
from imgscan.judge.matching import Match
from imgscan.judge.records import SEVERITY_OF_LEVEL, Rulebook, Signal, Where

LAYOUT_SIGNALS = (
    "head", "head_left", "head_right", "foot", "own_box", "leads", "size", "red", "copy_number", "short_page",
    "seal", "sealed", "red_line", "column", "level_column", "repeated",
)  # fmt: skip
"""Signals that the layout gives; every other one is an entry of `rules/signals.yml`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The signals of one page, found once: for each signal of the pack the lines it stands on."""

    layout: Layout
    found: tuple[tuple[Signal, frozenset[int]], ...]

    @classmethod
    def of(cls, layout: Layout, rulebook: Rulebook) -> Evidence:
        """Looks for every signal of the pack on every line."""
        texts = [layout.tight(i).text for i in range(len(layout.page.lines))]
        found = ((signal, frozenset(_lines_with(signal, texts, layout))) for signal in rulebook.signals)
        return cls(layout, tuple((signal, lines) for signal, lines in found if lines))

    def around(self, match: Match) -> tuple[str, ...]:
        """The signals that hold for a match: the layout's, then the pack's (on other lines, or `same_line`)."""
        return (*self._of_layout(match), *self._of_pack(match))

    def _of_layout(self, match: Match) -> Iterator[str]:
        layout, lines, first = self.layout, match.lines, match.lines[0]
        yield from layout.zones(first)
        told = {
            "own_box": match.alone,
            "leads": match.leads and not match.alone,
            "size": any(map(layout.is_large, lines)),
            "red": any(layout.page.lines[line].red >= RED for line in lines),
            "copy_number": layout.copy_number(first),
            "short_page": layout.short,
            "seal": any(map(layout.seal_near, lines)),
            "sealed": layout.sealed(),
            "red_line": layout.red_line(first),
            "column": any(map(layout.in_column, lines)),
            "level_column": any(map(layout.under_level_head, lines)),
            "repeated": any(map(layout.repeated, lines)),
        }
        yield from (name for name, holds in told.items() if holds)

    def _of_pack(self, match: Match) -> Iterator[str]:
        for signal, lines in self.found:
            if signal.same_line or lines - set(match.lines):
                yield signal.id


def _lines_with(signal: Signal, texts: list[str], layout: Layout) -> Iterator[int]:
    for line, text in enumerate(texts):
        if signal.head and "head" not in layout.zones(line):
            continue
        for pattern in signal.patterns:
            found = pattern.search(text)
            if found and _holds(signal, found, text, layout.page.taken_at):
                yield line
                break


def _holds(signal: Signal, found: re.Match[str], text: str, taken_at: str) -> bool:
    if signal.before and not taken_before(taken_at, found, signal.before):
        return False
    return not signal.own_box or is_alone(text, *found.span())


def graded(found: Iterable[Match], evidence: Evidence) -> Iterator[Match]:
    """Gives every match its signals and severity; drops those that do not count where they stand."""
    for match in found:
        rule = match.rule
        if rule.cls is None:
            yield match
            continue
        signals = evidence.around(match)
        if rule.where is Where.HEAD and "head" not in signals:
            continue
        severity = rule.severity or SEVERITY_OF_LEVEL[match.level]
        supported = not rule.needs or any(set(need.split("+")) <= set(signals) for need in rule.needs)
        if not supported:
            if rule.otherwise is None:
                continue
            severity = min(severity, rule.otherwise)
        yield replace(match, signals=signals, severity=severity, supported=supported)
