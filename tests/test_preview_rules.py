"""`imgscan rules preview`: differences between two rulebooks over kept text, and the review they would cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imgscan.review import Decision, Filter, Verdict
from imgscan.rule_preview import ASSUMED_SECONDS, Kind, RulePreview, preview
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.store.rejudging import KeptTexts
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Severity
from tests.fakes.pages import write_page
from tests.fakes.runs import WORDS, Bench, fake_imgscan, rows, watchlist

MARK = "机密★10年"
WORK = FindingClass.WORK_SECRET


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path / "work", keep_all=True)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return watchlist(tmp_path / "rules")


def pack(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "site.yml").write_text(text, encoding="utf-8")
    return folder


def compare(bench: Bench, now: tuple[Path, ...], then: tuple[Path, ...]) -> RulePreview:
    kept = KeptTexts(bench.database, Severity.MEDIUM)
    return preview(kept, load((BUILT_IN, *now)), load((BUILT_IN, *then)), Severity.MEDIUM)


def test_a_new_rule_adds_and_a_missing_one_drops(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    write_page(tmp_path / "album" / "b.jpg", [f"还有{WORDS}", MARK])
    write_page(tmp_path / "album" / "c.jpg", ["今天天气很好"])
    bench.scan(tmp_path / "album")
    before = rows(bench.database)
    more = compare(bench, (), (site,))
    assert (more.whole, more.matched_only, more.without_text) == (3, 0, 0)
    assert dict(more.groups) == {(Kind.ADDED, WORK, None, Severity.HIGH): 2}
    assert (more.entering, more.leaving) == (1, 0)  # b waits already
    assert [one.finding.text for one in more.first_examples()] == [WORDS, WORDS]
    fewer = compare(bench, (site,), ())
    assert dict(fewer.groups) == {(Kind.DROPPED, WORK, Severity.HIGH, None): 2}
    assert (fewer.entering, fewer.leaving) == (0, 1)
    assert rows(bench.database) == before


def test_the_same_rules_differ_in_nothing(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [MARK, f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    told = compare(bench, (site,), (site,))
    assert (told.groups, told.entering, told.leaving, told.minutes) == ({}, 0, 0, 0)


def test_another_severity_is_a_regrading(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    text = (site / "watch.yml").read_text(encoding="utf-8")
    milder = pack(tmp_path / "milder", text.replace("severity: high", "severity: low"))
    told = compare(bench, (site,), (milder,))
    assert dict(told.groups) == {(Kind.REGRADED, WORK, Severity.HIGH, Severity.LOW): 1}
    assert (told.entering, told.leaving) == (0, 1)


def test_a_decided_picture_waits_again_only_for_a_new_mark(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [MARK, f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    queue = ReviewQueue(bench.database)
    (item,) = queue.page(Filter()).items
    queue.decide(item.id, item.version, Verdict(Decision.CONFIRM), "reviewer")
    assert compare(bench, (), (site,)).entering == 1
    assert compare(bench, (), (pack(tmp_path / "less", "switch_off: [in.keeping]"),)).entering == 0


def test_matched_lines_alone_are_said_to_be_so(bench: Bench, site: Path, tmp_path: Path) -> None:
    bench.keep_all = False
    write_page(tmp_path / "album" / "a.jpg", [MARK, f"这里有{WORDS}"])
    write_page(tmp_path / "album" / "b.jpg", [f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    told = compare(bench, (), (site,))
    assert (told.whole, told.matched_only, told.without_text) == (0, 1, 1)
    assert not told.groups


def decide_all(database: Database, seconds: float) -> None:
    """One decision every so many seconds, and a long break in the middle."""
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    queue = ReviewQueue(database, now=lambda: now)
    for number, item in enumerate(queue.page(Filter()).items):
        queue.decide(item.id, item.version, Verdict(Decision.CONFIRM), "reviewer")
        now += timedelta(seconds=seconds if number != 10 else 3600)


@pytest.mark.parametrize(("decided", "pace"), [(10, (ASSUMED_SECONDS, 0)), (24, (9.0, 22))])
def test_minutes_go_by_the_pace_of_this_store(
    decided: int, pace: tuple[float, int], bench: Bench, site: Path, tmp_path: Path
) -> None:
    for number in range(decided):
        write_page(tmp_path / "album" / f"{number}.jpg", [MARK], salt=number + 1)
    bench.scan(tmp_path / "album")
    decide_all(bench.database, 9.0)
    write_page(tmp_path / "album" / "new.jpg", [f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    told = compare(bench, (), (site,))
    assert (told.seconds_a_picture, told.measured_on) == pace
    assert told.minutes == pace[0] / 60


def test_the_command(home: Path, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    write_page(tmp_path / "album" / "b.jpg", [MARK])
    fake_imgscan("scan", tmp_path / "album", home=home, IMGSCAN_KEEP_TEXT="all")
    done = fake_imgscan("rules", "preview", site, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "on all their text: 2" in done.stdout
    assert "added · High · Work secret mark · 云岫暗号 · site.watch" in done.stdout
    assert str(tmp_path / "album" / "a.jpg") in done.stdout
    assert "1 pictures more, 0 fewer; about 1 min" in done.stdout
    assert "assumed 6 s a picture" in done.stdout
    assert fake_imgscan("rules", "preview", tmp_path / "nowhere", home=home).returncode == 2
    mistyped = fake_imgscan("rules", "preview", site, home=tmp_path / "hoem")
    assert mistyped.returncode == 2
    assert not list((tmp_path / "hoem").glob("imgscan.db*"))
