"""What is counted: recall, false alarms, and ratios on the pictures that both have read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.album import Picture
from benchmarks.figures import Figures, Spread, fastest_equal, figures_of, spread
from benchmarks.rounds import Turn
from benchmarks.tables import as_json, markdown
from imgscan.bench import Share

MARK = frozenset({"national_secret"})


def turn(
    tool: str, name: str, *classes: str, kind: str = "hard", round_: int = 0, cpu: float = 1.0, failed: str = ""
) -> Turn:
    wanted = MARK if kind in ("standard", "hard", "extreme") else frozenset()
    return Turn(round_, tool, Picture(Path(name), kind, wanted), frozenset(classes), cpu, cpu * 2, 50, failed)


def test_found_is_a_finding_of_the_right_class() -> None:
    turns = [
        turn("ours", "found", "national_secret", "internal"),
        turn("ours", "wrong class", "file_number"),
        turn("ours", "lost", failed="the process has ended"),
        turn("ours", "clear", "national_secret", kind="standard"),
        turn("peer", "found"),
    ]
    ours = figures_of("ours", turns, "ours")
    assert ours.recall == {"standard": Share(1, 1), "hard": Share(1, 3), "extreme": Share(0, 0)}
    assert (ours.read, ours.failed) == (3, {"lost": "the process has ended"})
    assert ours.recall_of_all == pytest.approx(0.5)


def test_anything_raised_on_a_picture_without_a_mark_is_a_false_alarm() -> None:
    turns = [
        turn("ours", "novel", "internal", kind="negative"),
        turn("ours", "chat", kind="negative"),
        turn("ours", "street", "file_number", kind="unmarked"),
        turn("ours", "unknown", "national_secret", kind="photo"),
    ]
    ours = figures_of("ours", turns, "ours")
    assert (ours.raised_specimens, ours.raised_photos) == (Share(1, 2), Share(1, 1))


def test_ratios_are_made_round_by_round_on_what_both_have_read() -> None:
    turns = [
        turn("ours", "a", cpu=1.0),
        turn("peer", "a", cpu=2.0),
        turn("ours", "b", cpu=9.0),
        turn("peer", "b", cpu=0.0, failed="no"),
        turn("ours", "e", cpu=0.0, failed="no"),
        turn("peer", "e", cpu=9.0),
        turn("ours", "c", cpu=1.0, round_=1),
        turn("peer", "c", cpu=8.0, round_=1),
        turn("ours", "d", cpu=2.0, round_=2),
        turn("peer", "d", cpu=6.0, round_=2),
    ]
    peer = figures_of("peer", turns, "ours")
    assert peer.cpu_ratio == peer.wall_ratio == Spread(3.0, 2.0, 8.0)
    assert peer.cpu == Spread(6.0, 5.5, 8.0)
    assert peer.wall == Spread(12.0, 11.0, 16.0)
    assert figures_of("ours", turns, "ours").cpu_ratio == Spread(1.0, 1.0, 1.0)


def test_the_spread_of_nothing_is_nothing() -> None:
    assert spread([]) is None
    assert spread([4.0, 1.0, 3.0, 2.0]) == Spread(2.5, 1.0, 4.0)


def one(tool: str, hits: int, ratio: float) -> Figures:
    return Figures(tool, recall={"hard": Share(hits, 10)}, cpu_ratio=Spread(ratio, ratio, ratio))


def test_the_rival_is_the_fastest_that_finds_as_many() -> None:
    ours, quick, able, slow = one("ours", 8, 1.0), one("quick", 7, 0.5), one("able", 8, 4.0), one("slow", 9, 6.0)
    assert fastest_equal([ours, quick, slow, able], "ours") is able
    assert fastest_equal([ours, quick], "ours") is None


def test_the_report_is_a_table_and_says_who_is_not_in_it() -> None:
    turns = [turn("imgscan", "a", "national_secret"), turn("rapidocr", "a", cpu=5.0)]
    figures = [figures_of(name, turns, "imgscan") for name in ("imgscan", "rapidocr")]
    report = markdown("1 picture", figures, {"tesseract": "not installed"})
    assert "| rapidocr | - | 0/1 = 0.0 % | - | - | - | 0 |" in report
    assert "| rapidocr | 5.00 (5.00-5.00) | 5.00 (5.00-5.00) | 10.00 (10.00-10.00) | 5.00 (5.00-5.00) | 50 |" in report
    assert "no peer finds as many. The best is rapidocr with 0.0 %" in report
    assert report.endswith("Not run: tesseract: not installed\n")
    told = json.loads(json.dumps(as_json({"seed": 1}, figures, {"tesseract": "not installed"})))
    assert told["tools"][1]["cpu_ratio"] == {"median": 5.0, "low": 5.0, "high": 5.0}
    assert told["not_run"] == {"tesseract": "not installed"}
