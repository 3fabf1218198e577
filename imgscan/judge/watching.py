"""Compares numbers and titles of a page with the site's watch-list, of which only salted hashes are known.

Numbers and quoted titles are matches of the rules of class `watchlist`; a title that stands as a line of its own, or
runs over up to three, is tried here. Misread brackets and digits are put right first; a misread character is not:
a hash knows no likeness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from imgscan.judge.findings import mark_of
from imgscan.judge.keywords import KeywordFilter
from imgscan.judge.layout import Layout
from imgscan.judge.matching import Match, matches, span_of
from imgscan.judge.records import Rule, Rulebook
from imgscan.judge.views import Sight, follows, layers, sights
from imgscan.normalise import canonical_text, digits, fold, join
from imgscan.types import FindingClass, Page, TextLine
from imgscan.watchlist import Kind, Watchlist

TITLE_LINES = 3
SHORTEST_TITLE = 6
"""Canonical characters; a shorter one (会议通知) would stand on any page."""

_BESIDE_DIGIT = re.compile(r"(?<=\d)[OoQIl|]|[OoQIl|](?=\d)")
_ALL = re.compile(r".+", re.DOTALL)


def title_form(text: str) -> str:
    """A title as it is hashed: folded, letters beside digits as digits, no blanks or punctuation."""
    return canonical_text(_BESIDE_DIGIT.sub(lambda found: digits(found[0]), fold(text)))


def forms_of(text: str, rulebook: Rulebook) -> tuple[tuple[Kind, str], ...]:
    """What a line of a list in clear says: the numbers in it, the titles in 《》, or where it has neither, a title.

    Titles under SHORTEST_TITLE characters are left out.
    """
    layout = Layout.of(Page((TextLine(text),)))
    found: dict[tuple[Kind, str], None] = {}
    taken: set[tuple[int, int]] = set()
    watching = only_watching(rulebook)
    for match in matches(watching, sights(layout, [0], watching.trigger)):
        if taken.isdisjoint(match.places):
            taken |= match.places
            found[_form(match)] = None
    every = tuple(found) or ((Kind.TITLE, title_form(text)),)
    return tuple((kind, form) for kind, form in every if kind is Kind.NUMBER or len(form) >= SHORTEST_TITLE)


def only_watching(rulebook: Rulebook) -> Rulebook:
    """The rulebook with the rules of the watch-list only, and with a list, so that they are tried."""
    rules = tuple(rule for rule in rulebook.rules if rule.cls is FindingClass.WATCHLIST)
    trigger = KeywordFilter.of((rule.id, keyword) for rule in rules for keyword in rule.keywords)
    return replace(rulebook, rules=rules, trigger=trigger, watchlist=Watchlist())


def on_list(found: Iterable[Match], watchlist: Watchlist) -> Iterator[Match]:
    """The matches without those of class `watchlist` that are not on the list."""
    for match in found:
        if match.rule.cls is not FindingClass.WATCHLIST:
            yield match
        elif match.group("serial"):
            yield from _number_on_list(match, watchlist)
        elif watchlist.holds(*_form(match)):
            yield match


def _form(match: Match) -> tuple[Kind, str]:
    if match.group("serial"):
        return Kind.NUMBER, mark_of(match)
    return Kind.TITLE, title_form(match.group("title"))


def _number_on_list(match: Match, watchlist: Watchlist) -> Iterator[Match]:
    """The number with as much of the words before it as is on the list: `昨天收到云岫委发…` is glued to its organ."""
    whole = mark_of(match)
    start, end = span_of(match.found, "organ")
    for cut in range(end - start):
        again = match.found.re.match(match.found.string, start + cut)
        if again is None:
            continue
        shorter = replace(match, found=again)
        form = mark_of(shorter)
        if form == whole[len(whole) - len(form) :] and watchlist.holds(Kind.NUMBER, form):
            places = match.sight.view.places(start + cut, again.end())
            yield replace(shorter, places=places, core=places)
            return


def titles(layout: Layout, rulebook: Rulebook, watchlist: Watchlist) -> Iterator[Match]:
    """Lines, and up to three in a row, that say nothing but a title of the list."""
    lengths = watchlist.lengths[Kind.TITLE]
    rule = next((rule for rule in rulebook.rules if rule.cls is FindingClass.WATCHLIST and _is_of_titles(rule)), None)
    if not lengths or rule is None:
        return
    forms = [title_form(line.text) for line in layout.page.lines]
    for lines in _stretches(layout, [len(form) for form in forms], max(lengths)):
        if watchlist.holds(Kind.TITLE, "".join(forms[i] for i in lines)):
            view = join([layout.tight(i) for i in lines])
            found = _ALL.fullmatch(view.text)
            assert found is not None, "a form has at least one character"  # noqa: S101 - narrows the type
            places = view.places(0, len(view.text))
            sight = Sight(view, frozenset({rule.id}), lines)
            yield Match(rule, sight, found, places, places, None, alone=True, leads=True)


def _is_of_titles(rule: Rule) -> bool:
    return any("title" in pattern.groupindex for pattern in rule.patterns)


def _stretches(layout: Layout, sizes: list[int], longest: int) -> Iterator[tuple[int, ...]]:
    for order in layers(layout):
        for first in range(len(order)):
            size = 0
            for last in range(first, min(first + TITLE_LINES, len(order))):
                size += sizes[order[last]]
                if size > longest or (last > first and not follows(layout, order[last - 1], order[last])):
                    break
                yield order[first : last + 1]
