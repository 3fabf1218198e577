"""What a changed rule pack would make of the kept texts, before it is in force: counts differences, keeps none.

Both rulebooks judge the same text, so that what is compared is the rules and not what was kept of a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from imgscan.judge import judge
from imgscan.review import mark_key
from imgscan.rulebook import Rulebook
from imgscan.store.rejudging import KeptText, KeptTexts
from imgscan.types import Finding, FindingClass, Severity

EXAMPLES = 10
ASSUMED_SECONDS = 6.0
"""A picture in review, until this store knows better: look at the marked place, press a key."""
ENOUGH_DECIDED = 20
"""Pictures whose time is known, from which the store's own pace is taken."""
PAUSE = 120.0
"""Seconds between two decisions from which the reviewer was away."""


class Kind(StrEnum):
    """What a change is."""

    ADDED = "added"
    DROPPED = "dropped"
    REGRADED = "regraded"


@dataclass(frozen=True, slots=True)
class Difference:
    """One mark of one picture that the two rulebooks do not judge alike; None where one of them sees none."""

    sha256: bytes
    before: Finding | None
    after: Finding | None

    @property
    def kind(self) -> Kind:
        """Added, dropped, or found by both with another severity or level."""
        if self.before is None:
            return Kind.ADDED
        return Kind.DROPPED if self.after is None else Kind.REGRADED

    @property
    def finding(self) -> Finding:
        """The finding to show: the new one where there is one."""
        found = self.after or self.before
        assert found is not None, "a difference has a side"  # noqa: S101 - narrows the type
        return found


Group = tuple[Kind, FindingClass, Severity | None, Severity | None]
"""What changes, in which class, from which severity to which."""


@dataclass(slots=True)
class RulePreview:
    """Pictures counted by the text kept of them, differences counted with the first of each group, and the queue."""

    whole: int = 0
    matched_only: int = 0
    without_text: int = 0
    groups: Counter[Group] = field(default_factory=Counter)
    examples: dict[Group, list[Difference]] = field(default_factory=dict)
    entering: int = 0
    leaving: int = 0
    seconds_a_picture: float = ASSUMED_SECONDS
    measured_on: int = 0

    @property
    def minutes(self) -> float:
        """How long the pictures that would wait for review then, and do not now, take a reviewer."""
        return self.entering * self.seconds_a_picture / 60.0

    def first_examples(self) -> list[Difference]:
        """Up to EXAMPLES differences, some of every group, the gravest groups first."""
        groups = sorted(self.examples, key=lambda group: max(s.rank for s in group[2:] if s is not None), reverse=True)
        longest = max(map(len, self.examples.values()), default=0)
        mixed = [self.examples[group][i] for i in range(longest) for group in groups if i < len(self.examples[group])]
        return mixed[:EXAMPLES]


def preview(kept: KeptTexts, now: Rulebook, then: Rulebook, review_from: Severity) -> RulePreview:
    """Judge every kept text by both rulebooks. Changes nothing."""
    told = RulePreview(without_text=kept.count("none"))
    for text in kept.texts("all", "matched"):
        told.whole += text.whole
        told.matched_only += not text.whole
        before, after = _judged(text, now), _judged(text, then)
        for difference in differences(text.sha256, before, after):
            _count(told, difference)
        marks_before, marks_after = _to_decide(before, review_from), _to_decide(after, review_from)
        if marks_before != marks_after:
            waited, waits = kept.waits(text.sha256, marks_before), kept.waits(text.sha256, marks_after)
            told.entering += waits and not waited
            told.leaving += waited and not waits
    seconds, pictures = kept.pace(PAUSE)
    if pictures >= ENOUGH_DECIDED:
        told.seconds_a_picture, told.measured_on = seconds, pictures
    return told


def differences(sha256: bytes, before: Iterable[Finding], after: Iterable[Finding]) -> Iterable[Difference]:
    """What differs between two judgements of one picture: a mark is the same where class, text and page are."""
    old, new = _worst_by_mark(before), _worst_by_mark(after)
    for mark in dict.fromkeys((*new, *old)):
        one, other = old.get(mark), new.get(mark)
        if one is None or other is None or (one.severity, one.level) != (other.severity, other.level):
            yield Difference(sha256, one, other)


def _judged(text: KeptText, rulebook: Rulebook) -> tuple[Finding, ...]:
    return tuple(finding for page in text.pages for finding in judge(page, rulebook))


def _worst_by_mark(findings: Iterable[Finding]) -> dict[tuple[int, str], Finding]:
    worst: dict[tuple[int, str], Finding] = {}
    for finding in findings:
        mark = (finding.page, mark_key(finding))
        if mark not in worst or finding.severity > worst[mark].severity:
            worst[mark] = finding
    return worst


def _to_decide(findings: Iterable[Finding], review_from: Severity) -> frozenset[str]:
    return frozenset(mark_key(finding) for finding in findings if finding.severity >= review_from)


def _count(told: RulePreview, difference: Difference) -> None:
    before = difference.before.severity if difference.before else None
    after = difference.after.severity if difference.after else None
    group = (difference.kind, difference.finding.cls, before, after)
    told.groups[group] += 1
    shown = told.examples.setdefault(group, [])
    if len(shown) < EXAMPLES:
        shown.append(difference)
