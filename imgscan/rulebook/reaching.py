"""Tells which patterns of a pack no example of their own entry reaches: a pattern nobody tried may be wrong unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from imgscan.judge import page_of_text
from imgscan.judge.layout import Layout
from imgscan.judge.lowering import Surroundings
from imgscan.judge.matching import Match, matches
from imgscan.judge.records import Context, Rule, Rulebook
from imgscan.judge.views import sights

Pattern = re.Pattern[str]


def unreached(entry: Rule | Context, rulebook: Rulebook) -> tuple[Pattern, ...]:
    """The patterns of a rule or context that find nothing in any example of it.

    `rulebook` holds what the examples are judged by; for a rule of the watch-list, a list.
    """
    find = _reached_by_rule if isinstance(entry, Rule) else _reached_by_context
    reached = {pattern for example in entry.examples for pattern in find(entry, example.text, rulebook)}
    return tuple(pattern for pattern in entry.patterns if pattern not in reached)


def _reached_by_rule(rule: Rule | Context, text: str, rulebook: Rulebook) -> Iterator[Pattern]:
    assert isinstance(rule, Rule)  # noqa: S101 - narrows the type
    for match in _matches(text, replace(rulebook, rules=(rule,))):
        yield match.found.re


def _reached_by_context(context: Rule | Context, text: str, rulebook: Rulebook) -> Iterator[Pattern]:
    assert isinstance(context, Context)  # noqa: S101 - narrows the type
    surroundings = Surroundings(Layout.of(page_of_text(text)))
    for match in _matches(text, rulebook):
        if context.is_about(match.rule):
            texts = surroundings.around(match)[context.scope]
            yield from (pattern for pattern in context.patterns if any(map(pattern.search, texts)))


def _matches(text: str, rulebook: Rulebook) -> Iterator[Match]:
    layout = Layout.of(page_of_text(text))
    return matches(rulebook, sights(layout, range(len(layout.page.lines)), rulebook.trigger))
