"""What the bench counts: found, missed, raised, level right."""

from __future__ import annotations

import json
import multiprocessing
import sys
from threading import Event

import numpy as np
import pytest

from imgscan.bench import score
from imgscan.commands.bench import WatchedProgress
from imgscan.console import console
from imgscan.specimens.truth import Truth
from imgscan.types import Finding, FindingClass, FoundFile, Level, ScanResult, Severity, Status


def result(name: str, *findings: Finding) -> ScanResult:
    return ScanResult(FoundFile(b"/a", f"/a/{name}".encode()), Status.CLEAN, findings=findings, ms=5)


def finding(level: Level, severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding("r", FindingClass.NATIONAL_SECRET, level, severity, 0.9, "x", "x")


def test_found_missed_raised_and_level() -> None:
    mark = {"kind": "positive", "layout": "gb2012", "tier": "hard", "classes": ("national_secret",), "level": "机密"}
    truths = [
        Truth(file="right.jpg", tags=("moire",), **mark),  # type: ignore[arg-type]
        Truth(file="wrong_level.jpg", **mark),  # type: ignore[arg-type]
        Truth(file="too_low.jpg", **mark),  # type: ignore[arg-type]
        Truth(file="novel.jpg", kind="negative", layout="novel", tier="standard"),
        Truth(file="chat.jpg", kind="negative", layout="chat", tier="standard"),
    ]
    results = [
        result("right.jpg", finding(Level.JIMI)),
        result("wrong_level.jpg", finding(Level.MIMI)),
        result("too_low.jpg", finding(Level.JIMI, Severity.LOW)),
        result("novel.jpg", finding(Level.MIMI)),
        result("chat.jpg"),
        result("unknown_to_the_truth.jpg", finding(Level.MIMI)),
    ]
    told = json.loads(json.dumps(score(truths, results).as_json()))
    assert told["recall_by_tier"] == {"hard": {"hits": 2, "of": 3}}
    assert told["recall_by_tag"] == {"hard moire": {"hits": 1, "of": 1}}
    assert told["level_right"] == {"hits": 1, "of": 2}
    assert told["false_alarms"] == {"novel": {"hits": 1, "of": 1}, "chat": {"hits": 0, "of": 1}}
    assert [line.split(":")[0] for line in told["missed"] + told["raised"]] == ["too_low.jpg", "novel.jpg"]
    assert told["photos"] == 5


def test_an_ordinary_commercial_mark_is_found_where_it_is_graded_low() -> None:
    truth = Truth(file="a.jpg", kind="positive", layout="commercial", tier="hard", classes=("commercial",))
    for severity, hits in ((Severity.LOW, 1), (Severity.INFO, 0)):
        found = Finding("r", FindingClass.COMMERCIAL, None, severity, 0.9, "普通商密★3年", "普通商密★3年")
        assert score([truth], [result("a.jpg", found)]).recall_by_tier["hard"].hits == hits


def swell(ready: Event, enough: Event) -> None:
    pixels = np.ones(2**28, np.uint8)  # 256 MiB
    del pixels
    ready.set()
    enough.wait(60)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is known on Linux")
def test_the_peak_is_what_a_reading_process_took_and_not_what_this_one_did() -> None:
    """The memory of the reader counts as it was at its most, and that of this process, which rendered, does not."""
    ballast = np.ones(2**29, np.uint8)
    spawn = multiprocessing.get_context("spawn")
    ready, enough = spawn.Event(), spawn.Event()
    with WatchedProgress(console()) as progress:
        progress.ended(result("before.jpg"))
        assert progress.peak < 2**28
        reader = spawn.Process(target=swell, args=(ready, enough))
        reader.start()
        assert ready.wait(60)
        progress.ended(result("swollen.jpg"))
        enough.set()
        reader.join()
        progress.ended(result("after.jpg"))
    assert 2**28 < progress.peak < ballast.nbytes
    assert progress.done == 3
