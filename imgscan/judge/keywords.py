"""The keyword filter: which lines are worth a look, and which rules are worth trying on a text; first part of judge.

All keywords of all rules are looked for at once, so that ordinary text costs one search and a look-alike only the
patterns of the rules it concerns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KeywordFilter:
    """Finds keywords in the scan form of a text. Frozen and picklable, as the rulebook it belongs to."""

    pattern: re.Pattern[str] = re.compile("(?!)")
    """Any keyword; alternatives are grouped by first character, so that `re` can skip with a character set."""
    by_first: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = field(default_factory=dict)
    """First character: the keywords that begin with it, each with the ids of the rules it calls."""

    @classmethod
    def of(cls, keywords: Iterable[tuple[str, str]]) -> KeywordFilter:
        """The filter of (rule id, keyword in scan form) pairs."""
        called: dict[str, set[str]] = {}
        for rule, word in keywords:
            called.setdefault(word, set()).add(rule)
        by_first: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for word in sorted(called):
            by_first.setdefault(word[0], []).append((word, frozenset(called[word])))
        branches = [_branch(first, [word[1:] for word, _ in words]) for first, words in sorted(by_first.items())]
        return cls(re.compile("|".join(branches) or "(?!)"), {first: tuple(words) for first, words in by_first.items()})

    def places(self, scan: str) -> Iterator[tuple[int, int]]:
        """Where keywords begin and end, one for each beginning."""
        found = self.pattern.search(scan)
        while found:
            yield found.span()
            found = self.pattern.search(scan, found.start() + 1)

    def rules(self, scan: str) -> frozenset[str]:
        """The ids of the rules of which a keyword occurs."""
        called = NOTHING
        for start, _ in self.places(scan):
            for word, rules in self.by_first[scan[start]]:
                if not rules <= called and scan.startswith(word, start):
                    called |= rules
        return called


def _branch(first: str, rests: list[str]) -> str:
    return re.escape(first) + ("" if "" in rests else f"(?:{'|'.join(map(re.escape, rests))})")
