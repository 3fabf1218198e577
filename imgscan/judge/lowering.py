"""The contexts that lower a finding: exam paper, law text, news, negation, everyday words. They never delete it."""

from __future__ import annotations

from collections.abc import Iterator

from imgscan.judge.layout import Layout
from imgscan.judge.matching import Match
from imgscan.judge.records import Context, Rulebook, Scope
from imgscan.normalise import folded_view, spacings, tight


class Surroundings:
    """The texts of a page in which contexts look for their cues; made once a page, and only where something matched."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines = [tight(folded_view(line.text, i)) for i, line in enumerate(layout.page.lines)]
        spaced = [spacings(folded_view(line.text, i))[0].text for i, line in enumerate(layout.page.lines)]
        order = [i for i, line in enumerate(layout.page.lines) if line.text.strip()]
        self._page = "\n".join(spaced[i] for i in order)
        # Once more without breaks and blanks, for cues that are split over a line.
        self._run_on = "".join(self._lines[i].text for i in order)

    def texts(self, context: Context, match: Match) -> tuple[str, ...]:
        """What a context may look at for this match."""
        if context.scope is Scope.PAGE:
            return self._page, self._run_on
        if context.scope is Scope.LINE:
            return tuple(self._lines[line].text for line in match.lines)
        return tuple(self._near(match, line, context.reach) for line in match.lines)

    def _near(self, match: Match, line: int, reach: int) -> str:
        view = self._lines[line]
        inside = [i for i, at in enumerate(view.at) if at in match.places]
        return view.text[max(0, inside[0] - reach) : inside[-1] + 1 + reach] if inside else ""


def lowering(match: Match, mark: str, rulebook: Rulebook, surroundings: Surroundings) -> Iterator[tuple[Context, str]]:
    """The contexts that hold for a match, each with the words that showed it."""
    for context in rulebook.contexts:
        if not _concerns(context, match, mark):
            continue
        cues = _cues(context, surroundings.texts(context, match))
        if len(cues) >= context.at_least:
            yield context, " ".join(cues[:3])


def _concerns(context: Context, match: Match, mark: str) -> bool:
    rule = match.rule
    if context.rules or context.classes:
        named = rule.id in context.rules or (rule.cls is not None and rule.cls in context.classes)
        if not named:
            return False
    if rule.id in context.spares_rules:
        return False
    if context.spares and set(context.spares) <= set(match.signals):
        return False
    return context.marks is None or bool(context.marks.search(mark))


def _cues(context: Context, texts: tuple[str, ...]) -> list[str]:
    """Different cues found: one a pattern, the words as they stand."""
    cues: list[str] = []
    for pattern in context.patterns:
        found = next((hit for text in texts if (hit := pattern.search(text))), None)
        if found and found[0] not in cues:
            cues.append(found[0])
    return cues
