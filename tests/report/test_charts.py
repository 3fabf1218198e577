from __future__ import annotations

from dataclasses import replace
from datetime import date

from imgscan.i18n import set_language
from imgscan.report.charts import MOST_BARS, MOST_DAYS, charts
from imgscan.review import Coverage
from imgscan.store.overview import Day, Group, Overview, Tally
from imgscan.types import Level, Status

NOTHING = Overview(Coverage(()), (), Tally(), 0, (), (), (), (), ())


def test_nothing_counted_is_no_picture() -> None:
    assert charts(NOTHING) == ()


def test_bars_hold_what_was_counted() -> None:
    set_language("en")
    counts = replace(
        NOTHING,
        coverage=Coverage(((Status.CLEAN, 5), (Status.SYMLINK, 2), (Status.OOM, 1))),
        levels=((Level.JIMI, Tally(new=1, confirmed=2, dismissed=3, unsure=4)), (None, Tally(new=7))),
    )
    coverage, levels = charts(counts)
    assert [(bar.label, bar.values) for bar in coverage.bars] == [
        ("Read, nothing found", (5, 0)),
        ("Too little memory", (0, 1)),
    ]
    assert [(bar.label, bar.values) for bar in levels.bars] == [("机密", (2, 1, 4, 3)), ("no level", (0, 7, 0, 0))]
    assert levels.longest == 10


def test_the_longest_lists_are_drawn_in_part_and_told_in_full() -> None:
    people = tuple(Group("处", f"人{n}", 10, 0, Tally(new=100 - n)) for n in range(50))
    (chart,) = charts(replace(NOTHING, people=people))
    assert len(chart.bars) == 50
    assert [bar.label for bar in chart.drawn] == [f"处 · 人{n}" for n in range(MOST_BARS)]


def test_days_without_anything_stand_between_others() -> None:
    days = (Day(date(2026, 3, 1), 4, 0), Day(date(2026, 3, 4), 0, 9), Day(date(2026, 9, 1), 1, 1))
    (chart,) = charts(replace(NOTHING, days=days))
    assert [(bar.label, bar.values) for bar in chart.bars] == [
        ("2026-03-01", (4, 0)),
        ("2026-03-02", (0, 0)),
        ("2026-03-03", (0, 0)),
        ("2026-03-04", (0, 9)),
        ("2026-09-01", (1, 1)),
    ]
    assert chart.longest == 9
    assert len(chart.drawn) <= MOST_DAYS


def test_people_without_hits_or_names() -> None:
    set_language("en")
    groups = (Group("", "", 3, 0, Tally(new=1)), Group("处", "", 3, 0, Tally()))
    (chart,) = charts(replace(NOTHING, departments=groups))
    assert [bar.label for bar in chart.bars] == ["not named"]
