from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from imgscan.store.database import Database
from imgscan.store.progress import FIRST_HITS, newest_scan
from imgscan.types import Level, Status
from models import HitRow, ScanRow
from tests.api.builders import EPOCH, StoreBuilder, finding


def begin(build: StoreBuilder, state: str, hours: float) -> int:
    scan = build.new_scan(state)
    with build.database.writing() as session:
        began = EPOCH + timedelta(hours=hours)
        session.execute(update(ScanRow).where(ScanRow.id == scan).values(started_at=began))
    return scan


def hit_at(build: StoreBuilder, hours: float, level: Level = Level.JIMI) -> str:
    hit = build.hit(finding(level=level))
    with build.database.writing() as session:
        session.execute(update(HitRow).where(HitRow.id == hit).values(found_at=EPOCH + timedelta(hours=hours)))
    return hit


def test_nothing_was_ever_scanned(database: Database) -> None:
    assert newest_scan(database) is None


def test_the_newest_scan_counts_by_itself(database: Database, build: StoreBuilder) -> None:
    begin(build, "complete", 1)
    hit_at(build, 1.5)
    begin(build, "running", 2)
    newer = hit_at(build, 2.5)
    build.file("x.dat", Status.ENCRYPTED)
    scan = newest_scan(database)
    assert scan
    assert (scan.state, scan.hits, scan.coverage.found, scan.coverage.not_fully_read) == ("running", 1, 2, 1)
    assert [item.id for item in scan.first] == [newer]
    assert scan.roots == (bytes(build.root / "示例局一处-张示例"),)


def test_a_scan_that_goes_on_counts_with_those_before_it(database: Database, build: StoreBuilder) -> None:
    begin(build, "complete", 1)
    hit_at(build, 1.5)
    begin(build, "interrupted", 2)
    hit_at(build, 2.5)
    begin(build, "interrupted", 3)
    hit_at(build, 3.5)
    begin(build, "running", 4)
    scan = newest_scan(database)
    assert scan
    assert scan.hits == 2
    assert scan.began == EPOCH + timedelta(hours=4)


def test_only_the_worst_are_shown(database: Database, build: StoreBuilder) -> None:
    begin(build, "running", 1)
    for n in range(FIRST_HITS):
        hit_at(build, 2 + n, Level.MIMI)
    worst = hit_at(build, 9, Level.JUEMI)
    scan = newest_scan(database)
    assert scan
    assert scan.hits == FIRST_HITS + 1
    assert len(scan.first) == FIRST_HITS
    assert scan.first[0].id == worst
