from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from imgscan.review import Decision, Filter, HitState, Verdict
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import LISTED, SETTLED, Labels, ScanStore, latest_results
from imgscan.types import FoundFile, Level, Page, ScanResult, Severity, Status, TextLine
from models import Album, FindingRow, HitRow, Picture, Reading, ScanRow
from tests.api.builders import finding

SHA = "ab" * 32
OTHER = "cd" * 32
TEXT = (Page((TextLine("机密★10年", 0.9), TextLine("正文甲乙丙", 0.9)), 10, 10),)
Make = Callable[..., ScanStore]


@pytest.fixture
def make(database: Database) -> Make:
    def made(engine: str = "e1", rules: str = "r1", *, keep_all: bool = False) -> ScanStore:
        return ScanStore(database, engine, rules, review_from=Severity.MEDIUM, keep_all=keep_all)

    return made


def result(name: bytes = b"a.jpg", status: Status = Status.HIT, sha256: str = SHA, **other: object) -> ScanResult:
    found = FoundFile(b"/album", b"/album/" + name, 10, 20, 30, 40)
    findings = (finding(),) if status in (Status.HIT, Status.PARTIAL) else ()
    base = ScanResult(found, status, sha256, 10, 800, 600, findings=findings, pages=TEXT, ms=5)
    return replace(base, **other)  # type: ignore[arg-type]


def scanned(store: ScanStore, *results: ScanResult) -> int:
    """One whole scan of one album that ends with `results`."""
    scan_id = store.begin()
    album = store.album(scan_id, b"/album", Labels())
    for one in results:
        store.record(scan_id, album, one, judged=True)
    store.finish(scan_id, "complete")
    return scan_id


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_recorded_comes_back(make: Make) -> None:
    store = make()
    written = result()
    (back,) = store.results(scanned(store, written))
    assert back == replace(written, pages=(), engine="e1", rules="r1")
    assert store.worst(1) is Severity.CRITICAL
    assert store.coverage(1) == {Status.HIT: 1}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.HIT])
def test_every_status_is_kept(make: Make, status: Status) -> None:
    store = make()
    unread = "" if status in (Status.VANISHED, Status.SYMLINK, Status.SPECIAL_FILE) else SHA
    scan_id = scanned(store, result(status=status, sha256=unread, problem="why"))
    assert store.coverage(scan_id) == {status: 1}
    (back,) = store.results(scan_id)
    assert (back.status, back.problem, back.sha256) == (status, "why", unread)
    (known,) = store.known_files(1).values()
    assert known.settled == (status in (SETTLED if unread else LISTED))


def test_known_until_anything_changes(make: Make) -> None:
    store = make()
    scanned(store, result())
    known = store.known_files(1)[b"/album/a.jpg"]
    found = result().found
    assert known.same(found)
    assert not known.same(replace(found, size=11))
    assert not known.same(replace(found, mtime_ns=21))
    assert not known.same(replace(found, ctime_ns=21))
    assert not known.same(replace(found, inode=31))
    assert store.known_files(2) == {}
    assert not make("e2").known_files(1)[b"/album/a.jpg"].settled
    assert not make("e1", "r2").known_files(1)[b"/album/a.jpg"].settled
    picture = make("e1", "r2").known_picture(SHA)
    assert picture is not None
    assert (picture.judged, picture.pages) == (False, None)
    assert make("e2").known_picture(SHA) is None


def test_a_picture_judged_anew_elsewhere_is_looked_at_again(make: Make) -> None:
    scanned(make(), result(status=Status.CLEAN))
    newer = make("e1", "r2")
    scan_id = newer.begin()
    other = newer.album(scan_id, b"/other", Labels())
    newer.record(scan_id, other, result(), judged=True)
    assert not any(known.settled for known in newer.known_files(1).values())


def test_text_is_kept_as_far_as_allowed(make: Make, database: Database) -> None:
    scanned(make(), result(), result(b"b.jpg", Status.CLEAN, OTHER))
    with database.reading() as session:
        kept = {row.sha256.hex(): (row.kept, row.text) for row in session.scalars(select(Reading))}
    assert kept[OTHER] == ("none", None)
    assert kept[SHA][0] == "matched"
    assert [line["text"] for page in kept[SHA][1] or () for line in page["lines"]] == ["机密★10年"]
    all_ = make("e1", "r1", keep_all=True)
    scanned(all_, result(b"b.jpg", Status.CLEAN, OTHER))
    picture = all_.known_picture(OTHER)
    assert picture is not None
    assert picture.pages == TEXT


def test_a_scan_that_died_is_noted_by_the_next(make: Make, database: Database) -> None:
    make().begin()
    make().begin()
    with database.reading() as session:
        assert list(session.scalars(select(ScanRow.state).order_by(ScanRow.id))) == ["interrupted", "running"]


@pytest.mark.parametrize("status", sorted(set(Status) - {*SETTLED, *LISTED}))
def test_a_file_that_could_not_be_read_this_time_keeps_its_hit(make: Make, database: Database, status: Status) -> None:
    store = make()
    scanned(store, result())
    scan_id = scanned(store, result(status=status, sha256=""))
    assert store.coverage(scan_id) == {status: 1}  # not fully read, all the same
    assert store.worst(scan_id) is Severity.CRITICAL
    assert [len(one.findings) for one in store.results(scan_id)] == [1]
    (item,) = ReviewQueue(database).page(Filter()).items
    assert len(item.occurrences) == 1
    assert not store.known_files(1)[b"/album/a.jpg"].settled


@pytest.mark.parametrize("status", [Status.UNSUPPORTED, Status.SYMLINK])
def test_a_file_that_is_something_else_now_holds_the_hit_no_more(
    make: Make, database: Database, status: Status
) -> None:
    store = make()
    scanned(store, result())
    scanned(store, result(status=status, sha256=""))
    (item,) = ReviewQueue(database).page(Filter()).items
    assert item.occurrences == ()


def test_labels_are_added_and_replaced_but_never_lost(make: Make, database: Database) -> None:
    store = make()
    scan_id = store.begin()
    first = store.album(scan_id, b"/album", Labels(owner="甲"))
    assert store.album(scan_id, b"/album", Labels(department="示例局")) == first
    assert store.album(scan_id, b"/album", Labels(campaign="spring")) != first
    with database.reading() as session:
        row = session.get(Album, first)
        assert row is not None
        assert (row.owner, row.department, row.device) == ("甲", "示例局", "")


def test_twins_share_one_picture_and_one_place_in_the_queue(make: Make, database: Database) -> None:
    scanned(make(), result(), result(b"b.jpg"))
    assert [count(database, table) for table in (Picture, Reading, FindingRow, HitRow)] == [1, 1, 1, 1]


def test_a_newer_engine_replaces_what_nobody_decided_on(make: Make, database: Database) -> None:
    scanned(make("e1"), result())
    scanned(make("e2"), result(findings=(finding(), finding("秘密★5年", level=Level.MIMI, severity=Severity.HIGH))))
    assert count(database, Reading) == 1
    assert count(database, FindingRow) == 2
    scanned(make("e2"), result(status=Status.CLEAN))
    assert count(database, HitRow) == 0
    assert count(database, FindingRow) == 0


def decided(database: Database, decision: Decision) -> ReviewQueue:
    queue = ReviewQueue(database)
    (item,) = queue.page(Filter()).items
    queue.decide(item.id, item.version, Verdict(decision), reviewer="乙")
    return queue


def test_a_decision_survives_a_new_reading_of_the_same_mark(make: Make, database: Database) -> None:
    scanned(make("e1"), result())
    decided(database, Decision.CONFIRM)
    scanned(make("e2"), result())
    with database.reading() as session:
        (hit,) = session.scalars(select(HitRow))
        assert hit.state == HitState.CONFIRMED
    scanned(make("e2"), result(status=Status.CLEAN))  # a confirmed one never leaves the queue by itself
    assert count(database, HitRow) == 1


def test_a_new_mark_on_a_decided_picture_asks_again(make: Make, database: Database) -> None:
    scanned(make("e1"), result())
    decided(database, Decision.CONFIRM)
    more = finding("绝密★长期", level=Level.JUEMI)
    scanned(make("e2"), result(findings=(finding(), more)))
    with database.reading() as session:
        (hit,) = session.scalars(select(HitRow))
        assert (hit.state, hit.level) == (HitState.NEW, "绝密")


def test_the_report_holds_the_last_scan_of_each_album(make: Make, database: Database) -> None:
    store = make()
    scanned(store, result(), result(b"b.jpg", Status.CLEAN, OTHER))
    scanned(store, result(b"b.jpg", Status.CLEAN, OTHER))
    assert [one.found.path for one in latest_results(database)] == [b"/album/b.jpg"]


def test_an_album_that_was_emptied_holds_nothing_any_more(make: Make, database: Database) -> None:
    store = make()
    scanned(store, result())
    scan_id = store.begin()
    store.album(scan_id, b"/album", Labels())
    store.finish(scan_id, "interrupted")
    assert len(list(latest_results(database))) == 1  # nobody knows yet
    scanned(store)
    assert list(latest_results(database)) == []
    assert ReviewQueue(database).coverage().statuses == ()


def test_paths_are_bytes(make: Make, tmp_path: Path) -> None:
    store = make()
    names = [b"\xff\xfe.jpg", "照片.jpg".encode(), b"a\nb.jpg"]
    scan_id = scanned(store, *(result(name) for name in names))
    assert {one.found.path for one in store.results(scan_id)} == {b"/album/" + name for name in names}
