"""Checks rule packs as their authors need it: schema, ids, examples, and patterns that a long line would choke."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from imgscan.i18n import _
from imgscan.judge import judge, page_of_text
from imgscan.judge.records import Context, Example, Rule, Rulebook, Signal, Told
from imgscan.judge.watching import forms_of, only_watching
from imgscan.rulebook.loading import compose
from imgscan.rulebook.reaching import unreached
from imgscan.rulebook.reading import BUILT_IN, Problem
from imgscan.types import Finding, FindingClass, Severity
from imgscan.watchlist import Watchlist

LONG_LINE = 10_000
"""Characters of the longest adversarial line."""
TIME_LIMIT = 0.5
"""Seconds that one search in one adversarial line may take."""

_FILLERS = ("中", "9", "a", "A ", "机密", "★", "〔2026〕", "《", "不得", "第1")
_UNBOUNDED = re.compile(r"[+*]|\{\d*,\}")
_LITERAL = re.compile(r"[^\W_]")


def check(packs: Sequence[Path] = (BUILT_IN,)) -> list[Problem]:
    """Everything that is wrong with the packs; empty when they may be used."""
    rulebook, problems = compose(packs)
    if problems:
        return problems
    for rule in rulebook.rules:
        judged_by = _with_list(rule, rulebook)
        problems.extend(_of_rule(rule, judged_by))
        problems.extend(_untried(rule, judged_by))
    for context in rulebook.contexts:
        problems.extend(_of_context(context, rulebook))
        problems.extend(_untried(context, rulebook))
    every: tuple[Rule | Context | Signal, ...] = (*rulebook.rules, *rulebook.contexts, *rulebook.signals)
    for entry in every:
        for pattern in entry.patterns:
            if is_slow(pattern, _fillers(pattern, entry)):
                cure = _("Bound every repetition ({{0,20}} instead of *) and nest none").format()
                message = _("The pattern {pattern} takes too long on a long line").format(pattern=pattern.pattern[:80])
                problems.append(_problem(entry, entry.line, message, cure))
    return problems


def _with_list(rule: Rule, rulebook: Rulebook) -> Rulebook:
    """For a rule of the watch-list, one that holds the first example: the others are further readings of it."""
    if rule.cls is not FindingClass.WATCHLIST:
        return rulebook
    watching = only_watching(rulebook)
    listed = Watchlist().with_these(forms_of(rule.examples[0].text, watching), date.min)
    return replace(watching, watchlist=listed)


def _of_rule(rule: Rule, rulebook: Rulebook) -> Iterator[Problem]:
    for example in rule.examples:
        fired = [finding for finding in _found(example, rulebook) if finding.rule == rule.id]
        if rule.cls is None:
            if not any(pattern.search(line) for pattern in rule.patterns for line in example.text.split("\n")):
                yield _unlike(rule, example, _("does not fire"))
        elif not fired:
            yield _unlike(rule, example, _("does not fire"))
        elif example.level is not None and all(finding.level is not example.level for finding in fired):
            yield _unlike(rule, example, _("fires with another level"))
        elif example.severity is not None and all(finding.severity is not example.severity for finding in fired):
            yield _unlike(rule, example, _("fires with severity {found}").format(found=fired[0].severity.value))
    for example in rule.counter_examples:
        allowed = example.severity or None
        fired = [finding for finding in _found(example, rulebook) if finding.rule == rule.id]
        if any(allowed is None or finding.severity > allowed for finding in fired):
            yield _unlike(rule, example, _("fires though it must not"))


def _of_context(context: Context, rulebook: Rulebook) -> Iterator[Problem]:
    code = f"context:{context.id}"
    for example in context.examples:
        found = _found(example, rulebook)
        lowered = [finding for finding in found if any(reason.code == code for reason in finding.reasons)]
        if not lowered:
            yield _unlike(context, example, _("is not lowered"))
        elif any(finding.severity > max(context.to, Severity.INFO) for finding in lowered):
            yield _unlike(context, example, _("is not lowered far enough"))
    for example in context.counter_examples:
        found = _found(example, rulebook)
        if any(reason.code == code for finding in found for reason in finding.reasons):
            yield _unlike(context, example, _("is lowered though it must not"))


def _untried(entry: Rule | Context, rulebook: Rulebook) -> Iterator[Problem]:
    """Patterns that nobody has seen at work; `rules check` says so, loading does not: a site goes on with its pack."""
    for pattern in unreached(entry, rulebook):
        number = entry.patterns.index(pattern) + 1
        message = _("No example reaches pattern number {number}").format(number=number)
        cure = _("Give an example that it finds, or take the pattern away; keywords must let it be tried")
        yield _problem(entry, entry.line, message, cure)


def _found(example: Example, rulebook: Rulebook) -> tuple[Finding, ...]:
    return judge(page_of_text(example.text), rulebook)


def _unlike(entry: Told, example: Example, what: str) -> Problem:
    message = _("The example {text}: {what}").format(text=repr(example.text), what=what)
    return _problem(entry, example.line, message, _("Correct the patterns or keywords, or the example"))


def _problem(entry: Told, line: int, message: str, cure: str) -> Problem:
    return Problem(entry.file, line, entry.id, message, cure)


def _fillers(pattern: re.Pattern[str], entry: Told) -> tuple[str, ...]:
    """What to repeat: the pattern's own characters too where a repetition of it has no bound."""
    own = tuple(dict.fromkeys(_LITERAL.findall(pattern.pattern)))[:60] if _UNBOUNDED.search(pattern.pattern) else ()
    return (*_FILLERS, *own, *(example.text for example in entry.examples[:1]))


def is_slow(pattern: re.Pattern[str], fillers: Sequence[str]) -> bool:
    """Whether the pattern exceeds TIME_LIMIT on any filler repeated up to LONG_LINE characters.

    The line grows step by step, so that a pattern that explodes is caught while it still takes seconds, not years.
    """
    return any(_chokes(pattern, filler) for filler in fillers)


def _chokes(pattern: re.Pattern[str], filler: str) -> bool:
    size = 12
    while size < LONG_LINE:
        line = (filler * (size // len(filler) + 1))[:size] + "!"
        start = time.thread_time()  # of this thread, because others may keep the machine busy
        for _found_one in pattern.finditer(line):
            pass
        if time.thread_time() - start > TIME_LIMIT * max(size / LONG_LINE, 0.1):
            return True
        size = size + 3 if size < 40 else size * 2
    return False
