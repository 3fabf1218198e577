"""Judges what was read: text lines of a page become findings with their reasons. Pure; after read, before store.

Order (domain reference, section 5): normalise, take out compounds, match marks, look at zone and size, then negation
and page context, then grade. `records` says what a rule pack is, `imgscan.rulebook` reads one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

from imgscan.judge.covers import with_covers
from imgscan.judge.evidence import Evidence, graded
from imgscan.judge.findings import finding_of, merged, with_level_of_page
from imgscan.judge.layout import Layout
from imgscan.judge.lowering import Surroundings
from imgscan.judge.matching import matches, settled
from imgscan.judge.records import Rule, Rulebook
from imgscan.judge.views import SINGLE, sights
from imgscan.judge.watching import on_list, titles
from imgscan.judge.wording import describe
from imgscan.normalise import scan_form
from imgscan.types import Finding, FindingClass, Page, TextLine

__all__ = ["describe", "judge", "page_of_text"]


def judge(page: Page, rulebook: Rulebook) -> tuple[Finding, ...]:
    """What the rules find on a page, gravest first. Pure: the same page and rules give the same findings."""
    page = with_covers(page)
    live = _live_lines(page, rulebook)
    watchlist = rulebook.watchlist
    if not live and watchlist is None:
        return ()
    layout = Layout.of(page)
    found = list(matches(rulebook, sights(layout, live, rulebook.trigger)))
    if watchlist is not None:
        found = [*on_list(found, watchlist), *titles(layout, rulebook, watchlist)]
    if not found:
        return ()
    kept = settled(graded(found, Evidence.of(layout, rulebook)))
    there = {match.rule.id: match.rule.cls for match in kept}
    kept = [match for match in kept if not _gives_way(match.rule, there)]
    surroundings = Surroundings(layout)
    findings = merged([finding_of(match, layout, rulebook, surroundings) for match in kept])
    return with_level_of_page(findings, rulebook)


def _gives_way(rule: Rule, there: Mapping[str, FindingClass | None]) -> bool:
    """Whether another rule found something of a class beside which `rule` says nothing; `there` is classes by rule."""
    return any(cls in rule.unless_class for other, cls in there.items() if other != rule.id)


def page_of_text(text: str) -> Page:
    """A page of which only the text is known: one line a row, no boxes."""
    return Page(lines=tuple(TextLine(row) for row in text.split("\n")))


def _live_lines(page: Page, rulebook: Rulebook) -> frozenset[int]:
    """The lines on which any keyword begins or ends: none on an ordinary page, at the cost of one search."""
    scans = [scan_form(line.text) for line in page.lines]
    live = _hit(list(range(len(scans))), scans, rulebook)
    # Vertical writing comes as one box a character, with other boxes in between.
    single = [i for i, scan in enumerate(scans) if 0 < len(scan) <= SINGLE]
    return live | _hit(single, scans, rulebook) if len(single) > 1 else live


def _hit(lines: list[int], scans: list[str], rulebook: Rulebook) -> frozenset[int]:
    whole = "".join([scans[i] for i in lines])
    places = list(rulebook.trigger.places(whole))
    if not places:
        return frozenset()
    ends = list(accumulate(len(scans[i]) for i in lines))
    return frozenset(lines[bisect_right(ends, at)] for start, end in places for at in (start, end - 1))
