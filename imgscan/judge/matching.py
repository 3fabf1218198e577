"""Tries the rules on the texts of a page and settles who keeps a place that several claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from imgscan.judge.layout import is_alone
from imgscan.judge.records import CLASS_ORDER, Rule, Rulebook, Where
from imgscan.judge.views import Sight
from imgscan.types import FindingClass, Level, Severity

Places = frozenset[tuple[int, int]]

MOST, MOST_ALIKE = 100, 10
"""Matches of a page that are looked into further, in all and of one rule with the same words."""

# National marks give way where the level word belongs to a compound (商业秘密, 工作秘密, 極機密).
_CORE_GROUP = "level"


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's pattern found at one place. `core`: the characters of the level word, else all of it."""

    rule: Rule
    sight: Sight
    found: re.Match[str]
    places: Places
    core: Places
    level: Level | None
    alone: bool
    leads: bool
    signals: tuple[str, ...] = ()
    severity: Severity = Severity.INFO
    supported: bool = True
    with_handling: tuple[Match, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines the match stands on, in page order."""
        return tuple(sorted({line for line, _ in self.places}))

    def group(self, name: str) -> str:
        """A named group of the pattern, empty where it has none."""
        start, end = span_of(self.found, name)
        return self.found.string[start:end]


def span_of(found: re.Match[str], name: str) -> tuple[int, int]:
    """Where the group `name` matched; its twins in other alternatives are called `name__2` and so on."""
    for group in found.re.groupindex:
        if group.partition("__")[0] == name and found.start(group) >= 0:
            return found.span(group)
    return 0, 0


def matches(rulebook: Rulebook, texts: Iterable[Sight]) -> Iterator[Match]:
    """Every place where a rule's pattern and its `where` hold (HEAD is checked later: it needs the layout)."""
    for sight in texts:
        for rule in rulebook.rules:
            if rule.id in sight.rules and (rule.over_breaks or not sight.joined):
                yield from _of_rule(rule, sight, rulebook)


def _of_rule(rule: Rule, sight: Sight, rulebook: Rulebook) -> Iterator[Match]:
    for pattern in rule.patterns:
        for found in pattern.finditer(sight.view.text):
            start, end = _span(found)
            places = sight.view.places(start, end)
            if not places or (sight.joined and len({line for line, _ in places}) < 2):
                continue
            alone = is_alone(sight.view.text, start, end)
            leads = is_alone(sight.view.text[:end], start, end)
            if (rule.where is Where.OWN_BOX and not alone) or (
                rule.where is Where.APART and not _is_apart(sight.view.text, start, end)
            ):
                continue
            core = sight.view.places(*span_of(found, _CORE_GROUP)) or places
            yield Match(rule, sight, found, places, core, _level(rule, found, rulebook), alone, leads)


def _span(found: re.Match[str]) -> tuple[int, int]:
    """What a match covers: from the organ on where the pattern names one (`按照云岫政发…`), else all of it."""
    organ = span_of(found, "organ")
    return organ[0] if organ[1] else found.start(), found.end()


def _is_apart(text: str, start: int, end: int) -> bool:
    return not (start > 0 and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _level(rule: Rule, found: re.Match[str], rulebook: Rulebook) -> Level | None:
    if rule.level is not None:
        return rule.level
    for name in ("level", "fuzzy"):
        start, end = span_of(found, name)
        if end > start:
            return rulebook.fuzzy_levels.get(found.string[start:end])
    return None


def settled(found: Iterable[Match]) -> list[Match]:
    """One match a place: compounds and ordinary words take their characters first, then the stronger class keeps."""
    every = list(found)
    ordinary = _union(match.places for match in every if match.rule.cls is None)
    every = [match for match in every if match.rule.cls is not None and not match.core & ordinary]
    compounds = _union(match.places for match in every if match.rule.consumes)
    every = [
        match
        for match in every
        if match.rule.consumes or match.rule.cls is not FindingClass.NATIONAL_SECRET or not match.core & compounds
    ]
    kept: list[Match] = []
    owners: dict[tuple[int, int], list[Match]] = {}
    for match in sorted(every, key=_preference):
        rivals = {id(other): other for place in match.places for other in owners.get(place, ())}
        if any(_claimed(match, other) for other in rivals.values()):
            continue
        kept.append(match)
        for place in match.places:
            owners.setdefault(place, []).append(match)
    return _attached(_few(kept))


def _few(kept: Sequence[Match]) -> list[Match]:
    """Not more than a person looks at: a page of watermarks repeats one mark hundreds of times."""
    alike: Counter[tuple[str, str]] = Counter()
    few: list[Match] = []
    for match in kept:
        key = (match.rule.id, match.found[0])
        alike[key] += 1
        if alike[key] <= MOST_ALIKE and len(few) < MOST:
            few.append(match)
    return few


def _union(places: Iterable[Places]) -> Places:
    return frozenset().union(*places)


def _preference(match: Match) -> tuple[int, int, float, int, int, int]:
    cls = match.rule.cls
    assert cls is not None, "ordinary words were taken out before"  # noqa: S101 - narrows the type
    return (
        CLASS_ORDER.index(cls),
        -match.severity.rank,
        -match.rule.confidence,
        len(match.lines),
        match.sight.order,
        -len(match.places),
    )


def _claimed(match: Match, other: Match) -> bool:
    common = match.places & other.places
    if not common:
        return False
    return match.rule.cls is other.rule.cls or len(common) * 2 >= len(match.places)


def _attached(kept: Sequence[Match]) -> list[Match]:
    """Handling words (严禁外传) beside a mark on the same line belong to that mark.

    Behind a mere mention (公司内部文件，请勿外传), which says less than they do, they stand on their own as well.
    """
    marks = [match for match in kept if not match.rule.attaches and match.rule.cls is not FindingClass.FILE_NUMBER]
    rest = [match for match in kept if match not in marks]
    beside = [match for match in rest if match.rule.attaches and any(_owns(mark, match) for mark in marks)]
    with_handling = [
        replace(mark, with_handling=tuple(m for m in beside if not set(m.lines).isdisjoint(mark.lines)))
        for mark in marks
    ]
    return with_handling + [match for match in rest if match not in beside]


def _owns(mark: Match, handling: Match) -> bool:
    is_behind = min(handling.places) > max(mark.places)
    mere_mention = mark.rule.cls is handling.rule.cls and mark.severity < handling.severity
    return not (mere_mention and is_behind) and not set(mark.lines).isdisjoint(handling.lines)
