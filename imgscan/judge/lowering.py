"""The contexts that lower a finding: exam paper, law text, news, negation, everyday words. They never delete it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgscan.judge.layout import Layout
from imgscan.judge.matching import Match
from imgscan.judge.records import Context, Rulebook, Scope
from imgscan.normalise import View, spacings

ITSELF = "\ufffc"
"""Stands for the match in the texts that contexts read, so that they can say `原{它}` and never take it for a cue."""


class Surroundings:
    """The texts of a page in which contexts look for their cues; made once a page, and only where something matched."""

    def __init__(self, layout: Layout) -> None:
        lines = layout.page.lines
        self._tight = [layout.tight(i) for i in range(len(lines))]
        self._spaced = [spacings(layout.folded(i))[0] for i in range(len(lines))]
        self._order = [i for i, line in enumerate(lines) if line.text.strip()]

    def around(self, match: Match) -> dict[Scope, tuple[str, ...]]:
        """What contexts may look at for this match, by scope; the match itself is one sign."""
        tight_lines = [_without(view, match) for view in self._tight]
        spaced_lines = [_without(view, match) for view in self._spaced]
        return {
            Scope.LINE: tuple(tight_lines[i] for i in match.lines),
            # The second text has no breaks and no blanks, for cues that are split over a line.
            Scope.PAGE: (
                "\n".join(spaced_lines[i] for i in self._order),
                "".join(tight_lines[i] for i in self._order),
            ),
        }


def _without(view: View, match: Match) -> str:
    if not any(at in match.places for at in view.at):
        return view.text
    text = "".join(ITSELF if at in match.places else c for c, at in zip(view.text, view.at, strict=True))
    return re.sub(f"{ITSELF}+", ITSELF, text)


def lowering(match: Match, mark: str, rulebook: Rulebook, surroundings: Surroundings) -> Iterator[tuple[Context, str]]:
    """The contexts that hold for a match, each with the words that showed it."""
    concerned = [context for context in rulebook.contexts if _concerns(context, match, mark)]
    texts = surroundings.around(match) if concerned else {}
    for context in concerned:
        cues = _cues(context, texts[context.scope])
        if len(cues) >= context.at_least:
            yield context, " ".join(cues[:3])


def _concerns(context: Context, match: Match, mark: str) -> bool:
    if not context.is_about(match.rule):
        return False
    if context.needs and set(context.needs).isdisjoint(match.signals):
        return False
    if any(set(spared.split("+")) <= set(match.signals) for spared in context.spares):
        return False
    return context.marks is None or bool(context.marks.search(mark))


def _cues(context: Context, texts: tuple[str, ...]) -> list[str]:
    """Different cues found: one a pattern, the words as they stand."""
    cues: list[str] = []
    for pattern in context.patterns:
        found = next((hit for text in texts if (hit := pattern.search(text))), None)
        cue = found[0].replace(ITSELF, "…").strip() if found else ""
        if found and cue not in cues:
            cues.append(cue)
    return cues
