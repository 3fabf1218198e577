"""In turn: every tool reads every slice, at another place in each round, and is judged as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.album import Picture
from benchmarks.rounds import order, take_turns, turn_of

COST = {"cpu": 2.0, "wall": 3.0, "peak_mib": 100}


class FakeTool:
    """Answers every picture with the same."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = {**COST, **told}

    def ask(self, picture: Picture) -> Mapping[str, Any]:
        return self.told


def test_a_b_a_b() -> None:
    slices = [[Picture(Path(f"{round_}{n}.jpg"), "hard") for n in range(2)] for round_ in range(4)]
    told: list[tuple[int, str]] = []
    tools = {"a": FakeTool({"lines": []}), "b": FakeTool({"lines": []})}
    turns = take_turns(tools, slices, lambda round_, name: told.append((round_, name)))
    assert told == [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b"), (3, "b"), (3, "a")]
    assert [(turn.round, turn.tool) for turn in turns] == [turn for turn in told for _picture in range(2)]
    for name in tools:
        assert [turn.picture for turn in turns if turn.tool == name] == [one for pictures in slices for one in pictures]


def test_on_ctrl_c_the_complete_rounds_are_kept() -> None:
    class Interrupted(FakeTool):
        def ask(self, picture: Picture) -> Mapping[str, Any]:
            if picture.path.name == "2.jpg":
                raise KeyboardInterrupt
            return super().ask(picture)

    slices = [[Picture(Path(f"{round_}.jpg"), "hard")] for round_ in range(4)]
    tools = {"a": FakeTool({"lines": []}), "b": Interrupted({"lines": []})}
    turns = take_turns(tools, slices, lambda round_, name: None)
    assert [(turn.round, turn.tool) for turn in turns] == [(0, "a"), (0, "b"), (1, "b"), (1, "a")]


def test_everybody_is_first_once() -> None:
    rounds = [order(["a", "b", "c"], round_) for round_ in range(3)]
    assert rounds == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]


def test_plain_patterns_follow_a_peer_and_nothing_follows_a_tool_that_judges() -> None:
    picture = Picture(Path("a.jpg"), "hard")
    lines = ["机密★10年"]
    assert turn_of(0, "peer", picture, {**COST, "lines": lines, "classes": None}).classes == {"national_secret"}
    assert turn_of(0, "ours", picture, {**COST, "lines": lines, "classes": []}).classes == frozenset()
    assert turn_of(0, "ours", picture, {**COST, "lines": [], "classes": ["internal"]}).classes == {"internal"}


def test_what_could_not_be_read_keeps_its_reason() -> None:
    turn = turn_of(0, "peer", Picture(Path("a.jpg"), "hard"), {**COST, "failed": "ValueError: no"})
    assert (turn.failed, turn.classes) == ("ValueError: no", frozenset())
