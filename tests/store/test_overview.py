from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from imgscan.review import Decision, DismissReason, Ending, Verdict
from imgscan.store.database import Database
from imgscan.store.ledger import Holder, album_roots, campaigns, checked, confirmed, coverage_of, unread_files, used
from imgscan.store.overview import Tally, overview
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Level, Severity, Status
from models import Album, FileRow, HitRow, ScanRow
from tests.api.builders import StoreBuilder, finding
from tests.fakes.stores import fill

CONFIRM = Verdict(Decision.CONFIRM, note="属实")
DISMISS = Verdict(Decision.DISMISS, DismissReason.MISREAD)


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def counted(database: Database) -> Counter[str]:
    """An independent count: row by row in Python."""
    with database.reading() as session:
        return Counter(hit.state for hit in session.scalars(select(HitRow)))


def decide(queue: ReviewQueue, hit: str, verdict: Verdict) -> None:
    queue.decide(hit, queue.item(hit).version, verdict, "王复核")


def test_an_empty_store_counts_nothing(database: Database) -> None:
    counts = overview(database)
    assert counts.coverage.found == 0
    assert counts.hits == Tally()
    assert (counts.levels, counts.classes, counts.departments, counts.days) == ((), (), (), ())
    assert checked(database) == ()


def test_every_sum_agrees_with_a_count_by_hand(database: Database) -> None:
    fill(database, 1000, 300)
    counts, by_hand = overview(database), counted(database)
    assert counts.coverage.found == 1000
    for state in ("new", "confirmed", "dismissed", "unsure"):
        assert getattr(counts.hits, state) == by_hand[state]
        for rows in (counts.levels, counts.classes):
            assert sum(getattr(tally, state) for _what, tally in rows) == by_hand[state]
        for groups in (counts.departments, counts.people):
            assert sum(getattr(group.hits, state) for group in groups) == by_hand[state]
    assert counts.hits.total == counts.hits.confirmed + counts.hits.dismissed + counts.hits.waiting == 300
    assert sum(group.found for group in counts.people) == sum(group.found for group in counts.departments) == 1000
    assert sum(each.count for each in counts.unread) == counts.coverage.not_fully_read == 7
    assert sum(day.found for day in counts.days) == 300
    holders = checked(database)
    assert len(holders) == 40
    assert sum(row.pictures for row in holders) == 1000
    assert all(row.pictures == row.read + sum(each.count for each in row.unread) for row in holders)
    assert sum(tally.confirmed for row in holders for tally in row.hits.values()) == by_hand["confirmed"]
    assert len(list(confirmed(database))) == by_hand["confirmed"]
    assert len(list(unread_files(database))) == 7
    assert [(each.engine, each.pictures) for each in used(database)] == [("fake-1", 300)]


def test_a_picture_on_two_phones_is_one_hit_and_counts_for_both(build: StoreBuilder, database: Database) -> None:
    hit = build.hit(content=b"same", owner="甲")
    with database.writing() as session:
        other = Album(root=b"/other", department="示例局一处", owner="乙", begun=build.scan, completed=build.scan)
        session.add(other)
        session.flush()
        sha256 = session.get_one(HitRow, hit).sha256
        session.add(FileRow(album_id=other.id, scan_id=build.scan, path=b"/other/a.jpg", sha256=sha256, status="hit"))
    counts = overview(database)
    assert counts.hits.total == 1
    assert [(group.owner, group.hits.total) for group in counts.people] == [("乙", 1), ("甲", 1)]
    assert [(group.department, group.hits.total) for group in counts.departments] == [("示例局一处", 1)]


def test_links_are_no_pictures(build: StoreBuilder, database: Database) -> None:
    build.file("a.jpg", Status.CLEAN)
    build.file("l.jpg", Status.SYMLINK)
    build.file("x.dat", Status.ENCRYPTED, "The file is encrypted by its app.")
    (row,) = checked(database)
    assert (row.pictures, row.read) == (2, 1)
    assert overview(database).people[0].found == 2
    assert overview(database).coverage.found == 3


def test_a_confirmed_picture_stays_counted_when_its_file_is_gone(
    build: StoreBuilder, database: Database, queue: ReviewQueue
) -> None:
    decide(queue, build.hit(), CONFIRM)
    build.new_scan()
    build.file("other.jpg", Status.CLEAN)
    counts = overview(database)
    assert counts.coverage.found == 1
    assert counts.hits.confirmed == 1
    assert counts.departments[0].hits.confirmed == 1
    assert [row.item.occurrences[0].owner for row in confirmed(database)] == ["张示例"]


def test_a_campaign_is_counted_by_itself(build: StoreBuilder, database: Database, queue: ReviewQueue) -> None:
    first, second = build.hit(owner="甲"), build.hit(owner="乙")
    decide(queue, first, CONFIRM)
    decide(queue, second, DISMISS)
    with database.writing() as session:
        session.execute(update(Album).where(Album.owner == "乙").values(campaign="回头看"))
    assert campaigns(database) == ("", "回头看")
    assert overview(database, "回头看").hits == Tally(dismissed=1)
    assert overview(database, "").hits == Tally(confirmed=1)
    assert [row.holder.owner for row in checked(database, "回头看")] == ["乙"]
    assert [row.item.id for row in confirmed(database, "")] == [first]
    assert list(confirmed(database, "回头看")) == []
    assert overview(database, "none such").coverage.found == 0


def test_confirmed_rows_carry_the_newest_confirmation(
    build: StoreBuilder, database: Database, queue: ReviewQueue
) -> None:
    hit = build.hit()
    decide(queue, hit, Verdict(Decision.CONFIRM, note="一"))
    decide(queue, hit, DISMISS)
    assert list(confirmed(database)) == []
    queue.decide(hit, queue.item(hit).version, Verdict(Decision.CONFIRM, note="二"), "李复核")
    assert [(row.reviewer, row.note) for row in confirmed(database)] == [("李复核", "二")]


def test_confirmed_rows_come_worst_first(build: StoreBuilder, database: Database, queue: ReviewQueue) -> None:
    mild = finding("内部资料", cls=FindingClass.INTERNAL, level=None, severity=Severity.MEDIUM)
    ids = [build.hit(mild), build.hit(finding(level=Level.JUEMI)), build.hit(finding(level=Level.MIMI))]
    for each in ids:
        decide(queue, each, CONFIRM)
    assert [row.item.id for row in confirmed(database)] == [ids[1], ids[2], ids[0]]


def test_a_day_is_one_by_the_clock_here(shanghai: None, build: StoreBuilder, database: Database) -> None:
    hit = build.hit()
    with database.writing() as session:
        late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # half past midnight of the next day there
        session.execute(update(HitRow).where(HitRow.id == hit).values(found_at=late))
    assert [(day.day, day.found) for day in overview(database).days] == [(date(2026, 3, 2), 1)]


def test_whose_albums_they_are(build: StoreBuilder, database: Database, tmp_path: Path) -> None:
    build.hit(owner="张示例")
    (row,) = checked(database)
    assert row.holder == Holder("", "示例局一处", "张示例", "张示例的手机")
    assert album_roots(database) == (bytes(build.root / "示例局一处-张示例"),)


@pytest.mark.parametrize(
    ("states", "ending"),
    [
        ([], Ending.NONE),
        (["complete"], Ending.COMPLETE),
        (["running"], Ending.RUNNING),
        (["interrupted"], Ending.INTERRUPTED),
        (["failed"], Ending.INTERRUPTED),
        (["complete", "interrupted"], Ending.INTERRUPTED),
        (["interrupted", "running"], Ending.RUNNING),
        (["interrupted", "complete"], Ending.COMPLETE),
    ],
)
@pytest.mark.parametrize("met", [True, False])
def test_how_the_last_scan_ended_goes_with_the_counts(
    database: Database, tmp_path: Path, states: list[str], ending: Ending, met: bool
) -> None:
    queue = ReviewQueue(database)
    if states:
        build = StoreBuilder(database, tmp_path)
        with database.writing() as session:
            session.execute(delete(ScanRow))
        for state in states:
            build.new_scan(state)
        if met:
            build.file("a.jpg", Status.CLEAN)
        else:
            build.enter_album()
    for coverage in (overview(database).coverage, queue.coverage(), coverage_of(database)):
        assert coverage.ending is ending
        assert len(coverage.broken_off) == (ending is Ending.INTERRUPTED)


def test_a_scan_that_broke_off_before_it_met_a_file_leaves_the_ledger_unfinished(
    build: StoreBuilder, database: Database
) -> None:
    build.file("a.jpg", Status.CLEAN)
    assert [row.whole for row in checked(database)] == [True]
    build.new_scan("failed")
    build.enter_album()
    assert [row.whole for row in checked(database)] == [False]


def test_an_album_stays_unfinished_until_it_is_scanned_to_the_end(build: StoreBuilder, database: Database) -> None:
    build.new_scan("interrupted")
    build.file("a.jpg", Status.CLEAN, department="甲处")
    build.new_scan("complete")
    build.file("b.jpg", Status.CLEAN, department="乙处")
    coverage = overview(database).coverage
    assert coverage.ending is Ending.INTERRUPTED
    assert coverage.broken_off == (str(build.root / "甲处-张示例"),)
    assert {row.holder.department: row.whole for row in checked(database)} == {"甲处": False, "乙处": True}
    with database.writing() as session:
        session.execute(update(Album).where(Album.department == "甲处").values(campaign="一"))
    assert overview(database, "一").coverage.ending is Ending.INTERRUPTED
    assert overview(database, "").coverage.ending is Ending.COMPLETE
    assert overview(database, "none such").coverage.ending is Ending.NONE
