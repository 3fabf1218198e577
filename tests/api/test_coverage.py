"""Found = read + not read, by status and reason: the summary, the JSON lines, the report and the page say the same."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from imgscan.console import print_summary
from imgscan.i18n import set_language
from imgscan.report.forms import Report
from imgscan.report.jsonl import write_jsonl
from imgscan.review import Ending
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.types import Severity, Status
from imgscan.wording import STATUSES
from tests.api.conftest import MakeClient
from tests.fakes import engine as engines
from tests.fakes.documents import gif, locked_pdf, locked_zip, wechat, with_video, zipped
from tests.fakes.pages import encode, page, write_page
from tests.fakes.runs import Bench

MARK = ["机密★10年"]
Told = Counter[tuple[str, str]]
"""How many files ended with a status, for a reason."""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """What phones leave: pictures, halves of pictures, archives, videos, links, and what kills its reader."""
    folder = tmp_path / "album"
    for number in range(3):
        write_page(folder / f"mark{number}.jpg", MARK, salt=number)
        write_page(folder / "inner" / f"plain{number}.jpg", ["正文"], salt=number)
    whole = encode(page(["正文"], salt=9))
    for name, content in {
        "cut.jpg": whole[: len(whole) // 2], "empty.jpg": b"", "broken.png": b"\x89PNG\r\n\x1a\nnothing",
        "long.gif": gif(250), "locked.pdf": locked_pdf(), "locked.zip": locked_zip({"a.jpg": whole, "b.jpg": whole}),
        "new.dat": b"\x07\x08V2\x08\x07" + bytes(99), "old.dat": wechat(whole), "moving.jpg": with_video(whole),
        "chat.txt": b"text", "song.mp3": b"ID3" + bytes(99), "film.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(99),
        "a.zip": zipped({"x.jpg": whole, "y.txt": b"text", "z.zip": zipped({"deep.jpg": encode(page(MARK, salt=5))})}),
        "big.jpg": whole + bytes(3_000_000), "killer.jpg": encode(page([engines.CRASH])),
    }.items():  # fmt: skip
        (folder / name).write_bytes(content)
    (folder / "link.jpg").symlink_to(folder / "mark0.jpg")
    os.mkfifo(folder / "pipe.jpg")
    return folder


def test_four_ways_of_saying_it_agree(database: Database, client: MakeClient, album: Path, tmp_path: Path) -> None:
    set_language("en")
    bench = Bench(database, tmp_path / "work", engine=engines.CrashingEngine, max_bytes=2_000_000)
    outcome = bench.scan(album)
    results = list(bench.store().results(outcome.scan_id))
    coverage = {status.value: count for status, count in outcome.coverage.items()}
    assert set(coverage) >= {
        "clean", "hit", "partial", "unreadable", "unsupported", "too_large", "crashed", "special_file", "symlink",
        "encrypted",
    }  # fmt: skip
    links, found = coverage["symlink"], sum(coverage.values())
    unread = sum(count for status, count in outcome.coverage.items() if not status.fully_read)

    lines = io.StringIO()
    write_jsonl(results, lambda reason: reason.code, lines, Ending.COMPLETE)
    objects = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert Counter(one["status"] for one in objects) == coverage
    told: Told = Counter((one["status"], one["problem"]) for one in objects if not Status(one["status"]).fully_read)
    assert sum(told.values()) == unread
    assert all(problem for _status, problem in told)

    summary = io.StringIO()
    print_summary(Console(file=summary, width=200), outcome, results, 1.0, Severity.MEDIUM)
    said = summary.getvalue()
    assert (
        f"Found {found} files = {found - unread - links} fully read + {unread} not fully read + {links} links" in said
    )
    assert dict(_rows(said)) == coverage
    assert _listed(said) == told

    browser = client()
    answer = browser.get("/api/v1/coverage").json()
    assert {one["status"]: one["count"] for one in answer["statuses"]} == coverage
    assert (answer["found"], answer["not_fully_read"]) == (found, unread)
    files = browser.get("/api/v1/unread", params={"limit": 500}).json()["files"]
    assert Counter((one["status"], one["problem"]) for one in files) == told

    report = Report(database, load((BUILT_IN,)), "test", full=True)
    written = io.BytesIO()
    report.write("csv", "unread", written)
    rows = csv.reader(io.StringIO(written.getvalue().decode("utf-8-sig")))
    assert Counter((WORDS[row[-3]], row[-2]) for row in rows if len(row) > 3 and row[-3] in WORDS) == told
    printed = io.BytesIO()
    report.write("html", "unread", printed)
    page_said = re.sub(r"<[^>]*>", " ", printed.getvalue().decode())
    assert re.search(rf"\b{found}\b.*\b{unread}\b", page_said, re.DOTALL)


WORDS = {STATUSES[status]: status.value for status in Status}


def _rows(said: str) -> list[tuple[str, int]]:
    """The table of the summary."""
    return [(status, int(count)) for count, status in re.findall(r"^ +(\d+) +([a-z_]+)  ", said, re.MULTILINE)]


def _listed(said: str) -> Told:
    """What the summary lists as not fully read: kinds of files with their number, the others one by one."""
    listed: Told = Counter()
    lines = said.partition("Not fully read")[2].splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if kind := re.match(r"^  (\d+) × (.*)$", line):
            listed["unsupported", kind[2].strip()] += int(kind[1])
        elif one := re.match(r"^  (.+?) · /", line):
            listed[WORDS[one[1]], following.strip()] += 1
    return listed
