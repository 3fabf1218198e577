"""Counts as bars with words: what templates/charts.html draws as SVG, for the overview page and the printed report.

Drawn by a template of our own and not by a chart library: pygal, the one that was tried, writes its style and the
address of a script into each picture, which the page's Content-Security-Policy refuses; its colours do not follow
light, dark and print, and it lays no table under a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from imgscan.i18n import N_, _
from imgscan.report.cells import cell
from imgscan.store.overview import Day, Group, Overview, Tally
from imgscan.types import Level, Status
from imgscan.wording import CLASSES, STATUSES

MOST_BARS = 10
"""More bars than this are no picture any more, and do not fit on a printed page with their table."""
MOST_DAYS = 31

Kind = TypeVar("Kind")

STATES = (
    ("confirmed", N_("Confirmed")),
    ("new", N_("To review")),
    ("unsure", N_("Unsure")),
    ("dismissed", N_("Dismissed")),
)
READ = (("read", N_("Fully read")), ("unread", N_("Not fully read")))
DONE = (("found", N_("Found")), ("decided", N_("Decided")))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `values` are the lengths of its parts, in the order of the chart's `parts`."""

    label: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """The length of the bar."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the table under it. `parts` are (style, name) of what each bar is made of.

    `upright` draws columns, one part beside the other, as for days. `drawn` is what fits into the picture.
    """

    key: str
    title: str
    first: str
    parts: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    upright: bool = False
    least: float = 0.8
    """Per cent of the width: one file not read among thousands still shows."""

    @property
    def drawn(self) -> tuple[Bar, ...]:
        """What fits into the picture: the first bars, or the last days."""
        return self.bars[-MOST_DAYS:] if self.upright else self.bars[:MOST_BARS]

    @property
    def longest(self) -> int:
        """The value that fills the picture, at least 1."""
        values = (bar.values if self.upright else (bar.total,) for bar in self.drawn)
        return max((value for each in values for value in each), default=0) or 1


def charts(counts: Overview) -> tuple[Chart, ...]:
    """Every picture of the overview, in the current language."""
    every = (
        _chart("coverage", _("How the files ended"), _("Status"), READ, _statuses(counts)),
        _chart("levels", _("Suspected level"), _("Level"), STATES, _tallied(counts.levels, _level)),
        _chart("classes", _("Kind of mark"), _("Kind"), STATES, _tallied(counts.classes, lambda cls: _(CLASSES[cls]))),
        _chart("departments", _("Departments"), _("Department"), STATES, _people(counts.departments)),
        _chart("people", _("People"), _("Person"), STATES, _people(counts.people)),
        _chart("days", _("Day by day"), _("Day"), DONE, _days(counts.days), upright=True),
    )
    return tuple(chart for chart in every if chart.bars)


def _chart(
    key: str, title: str, first: str, parts: tuple[tuple[str, str], ...], bars: Iterable[Bar], *, upright: bool = False
) -> Chart:
    return Chart(key, title, first, tuple((style, _(name)) for style, name in parts), tuple(bars), upright)


def _statuses(counts: Overview) -> Iterable[Bar]:
    for status, count in counts.coverage.statuses:
        if status is not Status.SYMLINK:  # told beside the picture: its target counts where it lies
            yield Bar(_(STATUSES[status]), (count, 0) if status.fully_read else (0, count))


def _tallied(rows: Iterable[tuple[Kind, Tally]], name: Callable[[Kind], str]) -> Iterable[Bar]:
    for what, counted in rows:
        yield Bar(name(what), _states(counted))


def _people(groups: Iterable[Group]) -> Iterable[Bar]:
    for group in groups:
        if group.hits.total:
            names = [name for name in (group.department, group.owner) if name]
            yield Bar(cell(" · ".join(names)) or _("not named"), _states(group.hits))


def _days(days: tuple[Day, ...]) -> Iterable[Bar]:
    """Each day, and those in between on which nothing happened as far as they fit into the picture."""
    last = None
    for day in days:
        if last is not None and (day.day - last).days <= MOST_DAYS:
            for between in range(1, (day.day - last).days):
                yield Bar((last + timedelta(days=between)).isoformat(), (0, 0))
        yield Bar(day.day.isoformat(), (day.found, day.decided))
        last = day.day


def _states(counted: Tally) -> tuple[int, ...]:
    return (counted.confirmed, counted.new, counted.unsure, counted.dismissed)


def _level(level: Level | None) -> str:
    return level.value if level else _("no level")
