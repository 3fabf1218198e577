from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import TextIO

import pytest

from imgscan.errors import StoreError
from imgscan.i18n import set_language
from imgscan.report import finding_object, to_object, write_file, write_jsonl
from imgscan.review import Ending
from imgscan.types import Finding, FindingClass, FoundFile, Level, Quad, Reason, ScanResult, Severity, Status

BOX: Quad = ((1.04, 2.0), (3.0, 2.0), (3.0, 4.06), (1.0, 4.0))
FINDING = Finding(
    "ns.mark", FindingClass.NATIONAL_SECRET, Level.JIMI, Severity.CRITICAL, 0.98765, "机密★10年", "机密★10年",
    (BOX, BOX), (Reason("star"), Reason("zone:head_left")), 2,
)  # fmt: skip


def describe(reason: Reason) -> str:
    return reason.code.upper()


def test_the_object_of_a_finding() -> None:
    assert finding_object(FINDING, describe) == {
        "rule": "ns.mark",
        "class": "national_secret",
        "level": "机密",
        "severity": "critical",
        "confidence": 0.988,
        "text": "机密★10年",
        "polygon": [[1.0, 2.0], [3.0, 2.0], [3.0, 4.1], [1.0, 4.0]],
        "polygons": [[[1.0, 2.0], [3.0, 2.0], [3.0, 4.1], [1.0, 4.0]]] * 2,
        "page": 2,
        "reasons": ["STAR", "ZONE:HEAD_LEFT"],
    }


def test_the_object_of_a_file_that_was_not_read() -> None:
    set_language("en")
    result = ScanResult(FoundFile(b"/a", b"/a/b.jpg"), Status.VANISHED, problem="The file is empty.")
    assert to_object(result, describe, Ending.COMPLETE) == {
        "path": "/a/b.jpg",
        "sha256": None,
        "status": "vanished",
        "problem": "The file is empty.",
        "width": 0,
        "height": 0,
        "engine": "",
        "rules": "",
        "ms": 0,
        "scan": "complete",
        "findings": [],
    }


def test_each_line_says_whether_the_list_is_whole() -> None:
    out = io.StringIO()
    write_jsonl([ScanResult(FoundFile(b"/a", b"/a/b.jpg"), Status.CLEAN)], describe, out, Ending.INTERRUPTED)
    assert json.loads(out.getvalue())["scan"] == "interrupted"


@pytest.mark.parametrize("function", [to_object, write_jsonl])
def test_nobody_claims_a_whole_list_by_saying_nothing(function: Callable[..., object]) -> None:
    assert signature(function).parameters["ending"].default is Parameter.empty


def test_lines_are_ascii_and_bring_every_path_back() -> None:
    paths = [b"/a/\xff\xfe.jpg", "/a/照片\n.jpg".encode(), b'/a/"quoted".jpg', "/a/\u2028.jpg".encode()]
    out = io.StringIO()
    write_jsonl([ScanResult(FoundFile(b"/a", path), Status.CLEAN) for path in paths], describe, out, Ending.COMPLETE)
    lines = out.getvalue().split("\n")
    assert out.getvalue().isascii()
    assert [os.fsencode(json.loads(line)["path"]) for line in lines if line] == paths


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "report.jsonl"
    place.write_text("old")

    def failing(out: TextIO) -> None:
        out.write("half")
        raise LookupError

    def new(out: TextIO) -> None:
        out.write("new")

    with pytest.raises(LookupError):
        write_file(place, failing)
    assert place.read_text() == "old"
    write_file(place, new)
    assert place.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["report.jsonl"]
    with pytest.raises(StoreError, match="nowhere"):
        write_file(tmp_path / "nowhere" / "report.jsonl", new)
