from __future__ import annotations

import io
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from imgscan.console import ScanProgress, console, print_summary, say_error
from imgscan.errors import StoreError
from imgscan.i18n import set_language
from imgscan.pipeline import ScanOutcome
from imgscan.sniff import OFFICE, VIDEO
from imgscan.types import Finding, FindingClass, FoundFile, Level, ScanResult, Severity, Status
from imgscan.wording import harmless


@pytest.fixture(autouse=True)
def english_messages() -> None:
    set_language("en")


@given(st.text(st.characters()))
def test_no_name_can_move_the_cursor_or_turn_the_text(name: str) -> None:
    shown = harmless(name)
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in shown)
    shown.encode()


def test_ordinary_names_stay() -> None:
    assert harmless("/相册/IMG 1.jpg") == "/相册/IMG 1.jpg"
    assert harmless("a\nb\u202e\udcff") == "a\\u000ab\\u202e\\udcff"


def summary(results: list[ScanResult], *, interrupted: bool = False, gone: int = 0) -> str:
    coverage: dict[Status, int] = {}
    for result in results:
        coverage[result.status] = coverage.get(result.status, 0) + 1
    out = console()
    out.file = io.StringIO()
    print_summary(out, ScanOutcome(1, coverage, len(results), interrupted, gone), iter(results), 1.0, Severity.MEDIUM)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def result(name: str, status: Status, *findings: Finding, problem: str = "") -> ScanResult:
    return ScanResult(FoundFile(b"/a", name.encode()), status, findings=findings, problem=problem)


def finding(severity: Severity, text: str) -> Finding:
    return Finding("r", FindingClass.NATIONAL_SECRET, Level.JIMI, severity, 0.9, text, text)


def test_links_are_not_called_read() -> None:
    told = summary([result("/a/1.jpg", Status.CLEAN), result("/a/2.jpg", Status.SYMLINK)])
    assert "Found 2 files = 1 fully read + 0 not fully read + 1 links, not followed" in told
    assert "Nothing found in the 1 files that were fully read; 0 were not." in told


def test_an_emptied_folder_is_not_one_in_which_nothing_was_found() -> None:
    told = summary([], gone=27)
    assert "27 files that the last scan found are no longer there" in told
    assert "There was no file to look at." in told
    assert "Nothing found" not in told
    assert "no longer there" not in summary([result("/a/1.jpg", Status.CLEAN)])


def test_nothing_found_is_never_said_without_the_coverage() -> None:
    told = summary([result("/a/1.jpg", Status.CLEAN), result("/a/2.jpg", Status.TIMEOUT, problem="Took too long")])
    assert "Found 2 files = 1 fully read + 1 not fully read" in told
    assert "links" not in told
    assert "Nothing found in the 1 files that were fully read; 1 were not." in told
    assert "/a/2.jpg" in told


def test_the_worst_come_first_with_what_was_found_and_the_next_command() -> None:
    told = summary(
        [
            result("/a/low.jpg", Status.HIT, finding(Severity.MEDIUM, "内部资料")),
            result("/a/high.jpg", Status.HIT, finding(Severity.CRITICAL, "机密★10年")),
        ]
    )
    assert told.index("/a/high.jpg") < told.index("/a/low.jpg")
    assert "机密★10年" in told
    assert "imgscan review" in told.replace("\n", "")


def test_a_hit_in_a_file_read_in_part_is_told_twice() -> None:
    told = summary([result("/a/cut.jpg", Status.PARTIAL, finding(Severity.HIGH, "秘密★5年"), problem="incomplete")])
    assert told.count("/a/cut.jpg") == 2
    assert "Of these, not fully read: 1." in told


def test_files_of_no_readable_kind_are_counted_by_kind() -> None:
    unread = [result(f"/a/{n}.mp4", Status.UNSUPPORTED, problem=VIDEO) for n in range(30)]
    unread += [
        result("/a/a.doc", Status.UNSUPPORTED, problem=OFFICE),
        result("/a/b.jpg", Status.TIMEOUT, problem="slow"),
    ]
    told = summary(unread)
    assert f"30 × {VIDEO}" in told
    assert f"1 × {OFFICE}" in told
    assert ".mp4" not in told
    assert "/a/a.doc" in told
    assert "/a/b.jpg" in told
    assert "Found 32 files = 0 fully read + 32 not fully read" in told


def test_hostile_text_and_names_cannot_forge_the_summary() -> None:
    told = summary([result("/a/\x1b[2Jx\n.jpg", Status.HIT, finding(Severity.HIGH, "[bold]机密[/bold]\x1b[31m"))])
    assert "\x1b" not in told
    assert "[bold]机密[/bold]" in told


def test_an_interrupted_scan_says_how_to_go_on() -> None:
    told = summary([result("/a/1.jpg", Status.CLEAN)], interrupted=True)
    assert "Interrupted" in told
    assert "run the same command again" in told


def test_an_error_says_what_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    say_error(StoreError("the disk [is] full", "make room"))
    out, error = capsys.readouterr()
    assert out == ""
    assert "the disk [is] full" in error
    assert "make room" in error


def test_progress_is_silent_where_nobody_watches() -> None:
    out = Console(file=io.StringIO())
    with ScanProgress(out) as progress:
        progress.found()
        progress.ended(result("/a/1.jpg", Status.HIT))
    assert isinstance(out.file, io.StringIO)
    assert out.file.getvalue() == ""
    assert (progress.files, progress.done, progress.hits) == (1, 1, 1)


def test_what_is_left_is_of_the_whole_album_and_not_of_what_was_met(tmp_path: Path) -> None:
    """The scan has met seven files of forty when the fifth one ends."""
    for number in range(40):
        (tmp_path / f"{number}.jpg").touch()
    out = Console(file=io.StringIO(), force_terminal=True, width=120)
    with ScanProgress(out, [tmp_path]) as progress:
        while progress.counted is None:
            time.sleep(0.01)
        progress.started -= 10
        for _ in range(7):
            progress.found()
        for _ in range(5):
            progress.ended(result("/a/2.jpg", Status.CLEAN))
        assert progress.bar
        assert progress.bar.tasks[0].total == 40
        assert "about 1 minute left" in progress.bar.tasks[0].description


def test_progress_on_a_terminal_tells_the_rate_and_the_hits() -> None:
    out = Console(file=io.StringIO(), force_terminal=True, width=120)
    with ScanProgress(out) as progress:
        for _ in range(90):
            progress.found()
        progress.ended(result("/a/1.jpg", Status.HIT))
        assert progress.bar
        assert progress.bar.tasks[0].description == "hits so far: 1"  # no basis yet for more
        progress.started -= 10
        for _ in range(4):
            progress.ended(result("/a/2.jpg", Status.CLEAN))
        assert progress.bar.tasks[0].description == "0.5 files/s, about 3 minutes left, hits so far: 1"
