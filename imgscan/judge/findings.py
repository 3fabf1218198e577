"""Turns a settled match into a finding: its mark, its place on the picture, its reasons, severity and confidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from imgscan.judge.boxes import box_of, narrowed
from imgscan.judge.layout import Layout
from imgscan.judge.lowering import Surroundings, lowering
from imgscan.judge.matching import Match, span_of
from imgscan.judge.records import CLASS_ORDER, Rulebook
from imgscan.normalise import canonical_term, canonical_text, chinese_number, digits
from imgscan.types import Finding, FindingClass, Level, Quad, Reason, Severity

SOLID_STAR = "★"
MARK_READER = "mark"
"""Readings by the network for marks alone (imgscan.mark_reader): evidence, not an oracle."""
EVEN = 0.5
"""Joint probability below which what only the mark reader read is a clue and no more."""
SAME_PLACE = 0.3
"""Share of the smaller polygon from which two readings of one place are one mark."""


def finding_of(match: Match, layout: Layout, rulebook: Rulebook, surroundings: Surroundings) -> Finding:
    """The finding that a match makes."""
    rule = match.rule
    assert rule.cls is not None, "ordinary words make no finding"  # noqa: S101 - narrows the type
    mark = mark_of(match)
    level, told = _level(match, layout)
    reasons = [Reason(f"rule:{rule.id}", polygon=_first(match, layout)), *told]
    reasons += _signals(match, rulebook.weights) + list(_repairs(match, layout, rulebook.weights))
    severity = match.severity if level is match.level else min(match.severity, Severity.HIGH)
    for context, cue in lowering(match, mark, rulebook, surroundings):
        if context.to < severity or context.weight:
            reasons.append(Reason(f"context:{context.id}", detail=cue, weight=context.weight))
        severity = min(severity, context.to)
    confidence = _confidence(match, layout, reasons)
    if _by_mark_reader_alone(match, layout):  # an unsure one is kept, and LOW is not queued
        severity = min(severity, Severity.HIGH if confidence >= EVEN else Severity.LOW)
    return Finding(
        rule=rule.id,
        cls=rule.cls,
        level=level,
        severity=severity,
        confidence=confidence,
        text=_raw(match, layout),
        mark=mark,
        polygons=_polygons(match, layout),
        reasons=tuple(reasons),
        page=layout.page.number,
    )


def mark_of(match: Match) -> str:
    """The mark as it was printed, whatever OCR made of its star, brackets, digits and blanks."""
    if match.group("year") and match.group("serial"):
        year = digits(match.group("year"))
        year = "".join(chinese_number(c) if c not in "〇○" else "0" for c in year)
        return f"{canonical_text(match.group('organ'))}〔{year}〕{_serial(match.group('serial'))}号"
    level = match.level.value if match.level else ""
    term = canonical_term(match.group("term"))
    if level and match.rule.cls is FindingClass.NATIONAL_SECRET:
        return f"{level}★{term}" if term else level
    if term:
        lead = match.found[0][: span_of(match.found, "term")[0] - match.found.start()]
        return f"{canonical_text(lead)}★{term}"
    return canonical_text(match.found[0]) or match.found[0]  # a blacked-out mark has no letters


def _serial(text: str) -> str:
    number = digits(text)
    return number.lstrip("0") or "0" if number.isdigit() else chinese_number(number)


def _level(match: Match, layout: Layout) -> tuple[Level | None, list[Reason]]:
    """A lone 機密 in traditional script is the second level here, but the third in Taiwan: no level, and why."""
    if match.level is Level.JIMI and match.rule.cls is FindingClass.NATIONAL_SECRET and not match.group("term"):
        raw = "".join(layout.page.lines[line].text[i] for line, i in sorted(match.core))
        starred = any(c in match.found[0] for c in "★☆⭐")
        if "機" in raw and not starred:
            return None, [Reason("script")]
    return match.level, []


def _signals(match: Match, weights: Mapping[str, float]) -> list[Reason]:
    return [Reason(f"signal:{name}", weight=weights.get(name, 0.0)) for name in match.signals]


def _repairs(match: Match, layout: Layout, weights: Mapping[str, float]) -> Iterator[Reason]:
    """What had to be overlooked or put right to read the mark."""

    def told(code: str, detail: str = "") -> Reason:
        return Reason(code, detail=detail, weight=weights.get(code, 0.0))

    if match.level is not None and match.rule.cls is FindingClass.NATIONAL_SECRET and match.group("term"):
        star = match.group("star")
        if star != SOLID_STAR:
            yield told("star:misread" if star else "star:lost", star)
    if match.group("fuzzy"):
        yield told("fuzzy", match.group("fuzzy"))
    misread = [text for name in ("year", "serial") if digits(text := match.group(name)) != text]
    if misread:
        yield told("digits", " ".join(misread))
    if not match.supported:
        yield told("unsupported")
    if len(match.lines) > 1:
        yield told("split")
    for reading in sorted(_readings(match, layout) - {"plain"}):
        code = f"reading:{reading}"
        yield told(code) if reading != MARK_READER or _by_mark_reader_alone(match, layout) else Reason(code)
    for beside in match.with_handling:
        yield told("handling", beside.found[0])


def _readings(match: Match, layout: Layout) -> set[str]:
    return {layout.page.lines[line].reading for line in match.lines}


def _by_mark_reader_alone(match: Match, layout: Layout) -> bool:
    return _readings(match, layout) == {MARK_READER}


def _confidence(match: Match, layout: Layout, reasons: Sequence[Reason]) -> float:
    """The rule's own confidence moved by the weights of the reasons on the scale of log odds, and by the reader's.

    The mark reader's probability is calibrated, so it stands in the place of the rule's where nobody else read the
    mark; the weight of its reason is what marks are rarer by in albums than among the lines it was calibrated on.
    """
    read = min((layout.page.lines[line].confidence for line in match.lines), default=1.0)
    moved = sum(reason.weight for reason in reasons)
    if _by_mark_reader_alone(match, layout):
        return _bounded(1 / (1 + math.exp(-_log_odds(read) - moved)))
    return _bounded(math.sqrt(min(1.0, max(0.0, read))) / (1 + math.exp(-_log_odds(match.rule.confidence) - moved)))


def _log_odds(probability: float) -> float:
    kept = min(0.999, max(0.001, probability))
    return math.log(kept / (1 - kept))


def _bounded(sure: float) -> float:
    return round(min(0.995, max(0.005, sure)), 3)


def _characters(match: Match) -> dict[int, list[int]]:
    by_line: dict[int, list[int]] = {}
    for line, index in sorted(match.places):
        by_line.setdefault(line, []).append(index)
    return {line: by_line[line] for line in match.sight.lines if line in by_line}


def _polygons(match: Match, layout: Layout) -> tuple[Quad, ...]:
    page = layout.page
    quads = (narrowed(page.lines[line], chars, page.to_picture) for line, chars in _characters(match).items())
    return tuple(quad for quad in quads if quad)


def _first(match: Match, layout: Layout) -> Quad | None:
    return next(iter(_polygons(match, layout)), None)


def _raw(match: Match, layout: Layout) -> str:
    """The text as read, from the first to the last character of the match in each line."""
    parts = []
    for line, chars in _characters(match).items():
        parts.append(layout.page.lines[line].text[chars[0] : chars[-1] + 1])
    return "\n".join(parts)


def merged(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings gravest first; readings of one place become one finding with the best confidence."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=_gravest):
        same = next((i for i, other in enumerate(kept) if _is_same(finding, other)), None)
        if same is None:
            kept.append(finding)
        else:
            kept[same] = _together(kept[same], finding)
    return tuple(kept)


def with_level_of_page(findings: Sequence[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """Findings gravest first; those whose rule says so, like a cipher telegram, take the level of their page's mark."""
    asking = {rule.id for rule in rulebook.rules if rule.level_of_page}
    told = [_with_level_beside(one, findings) if one.rule in asking and not one.level else one for one in findings]
    return tuple(sorted(told, key=_gravest))


def _with_level_beside(finding: Finding, others: Sequence[Finding]) -> Finding:
    """With the level of the gravest finding of its class that no context lowered."""
    marks = (one for one in others if one.cls is finding.cls and one.level and one.severity >= Severity.MEDIUM)
    mark = next(marks, None)
    if mark is None:
        return finding
    beside = Reason("level:beside", mark.mark, polygon=next(iter(mark.polygons), None))
    return replace(finding, level=mark.level, reasons=(*finding.reasons, beside))


def _gravest(finding: Finding) -> tuple[int, int, bool, float]:
    return -finding.severity.rank, CLASS_ORDER.index(finding.cls), finding.level is None, -finding.confidence


def _is_same(one: Finding, other: Finding) -> bool:
    if one.cls is not other.cls:
        return False
    return any(box_of(a).shares(box_of(b)) > SAME_PLACE for a in one.polygons for b in other.polygons)


def _together(kept: Finding, other: Finding) -> Finding:
    known = {reason.code for reason in kept.reasons}
    readings = tuple(r for r in other.reasons if r.code.startswith("reading:") and r.code not in known)
    return replace(kept, confidence=max(kept.confidence, other.confidence), reasons=(*kept.reasons, *readings))
