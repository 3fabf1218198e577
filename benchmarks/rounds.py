"""Lets the tools read in turn: in each round every tool reads the same slice, and the order moves on by one.

So whatever else the machine does in that time falls on all of them alike (A B A B), and nobody is always first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.album import Picture
from benchmarks.patterns import classes_in


class Asked(Protocol):
    """A tool that can be asked: the parent's side of benchmarks.child, or a fake."""

    def ask(self, picture: Picture) -> Mapping[str, Any]:
        """Its answer, as benchmarks.child tells it."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One picture read by one tool in one round. Seconds; `failed` says why it was not read, "" where it was."""

    round: int
    tool: str
    picture: Picture
    classes: frozenset[str]
    cpu: float
    wall: float
    peak_mib: int
    failed: str = ""


def order(names: Sequence[str], round_: int) -> list[str]:
    """Who reads when in a round (0 is the first)."""
    first = round_ % len(names)
    return [*names[first:], *names[:first]]


def take_turns(
    tools: Mapping[str, Asked], slices: Sequence[Sequence[Picture]], tell: Callable[[int, str], None]
) -> list[Turn]:
    """Everything that was read, in the order in which it was. `tell` is called with round and tool before each.

    On Ctrl-C it ends with the rounds that are complete: the comparison takes hours.
    """
    turns: list[Turn] = []
    for round_, pictures in enumerate(slices):
        try:
            turns += _round(round_, tools, pictures, tell)
        except KeyboardInterrupt:
            break
    return turns


def _round(
    round_: int, tools: Mapping[str, Asked], pictures: Sequence[Picture], tell: Callable[[int, str], None]
) -> list[Turn]:
    turns = []
    for name in order(list(tools), round_):
        tell(round_, name)
        turns += [turn_of(round_, name, picture, tools[name].ask(picture)) for picture in pictures]
    return turns


def turn_of(round_: int, name: str, picture: Picture, told: Mapping[str, Any]) -> Turn:
    """An answer as a turn: a tool without rules of its own is followed by the plain patterns."""
    judged = told.get("classes")
    classes = classes_in(told.get("lines", ())) if judged is None else frozenset(judged)
    failed = told.get("failed", "")
    return Turn(round_, name, picture, classes, told["cpu"], told["wall"], told["peak_mib"], failed)
