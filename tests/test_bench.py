"""What the bench counts: found, missed, raised, level right."""

from __future__ import annotations

import json

from imgscan.bench import score
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
