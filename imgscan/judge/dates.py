"""Whether a picture was taken before a day that stands on it: used by `evidence` for examinations still to come."""

from __future__ import annotations

import re
from datetime import date, timedelta

LONGEST = timedelta(days=366)
"""A paper is printed months before its day at most: a larger gap is a camera whose clock was never set."""

_TAKEN = re.compile(r"(\d{4}):(\d{2}):(\d{2})")


def taken_before(taken_at: str, found: re.Match[str], day: str) -> bool:
    """Whether EXIF time `taken_at` lies before the day that a match names, within LONGEST of it.

    The groups `year`, `month` and `day` name it; without a month it is `day` (MM-DD) of that year. False where either
    is unknown or no date.
    """
    taken = _TAKEN.match(taken_at)
    if taken is None:
        return False
    named = {name.partition("__")[0]: text for name, text in found.groupdict().items() if text}
    month, of_month = (named["month"], named["day"]) if {"month", "day"} <= named.keys() else day.split("-")
    until = _date(named["year"], month, of_month)
    then = _date(*taken.groups())
    return until is not None and then is not None and timedelta(0) < until - then <= LONGEST


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2026年13月, or the zeros of a camera without a clock
        return None
