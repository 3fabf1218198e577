from __future__ import annotations

import random
import shutil
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imgscan.errors import StoreError, UsageError, WrongKeyError
from imgscan.store.audit import lost, verify
from imgscan.store.backup import backup, restore
from imgscan.store.keys import LockedBy, Locksmith
from imgscan.store.opening import Place, open_store, rekey
from tests.fakes.runs import rows
from tests.store.test_grouping import hit
from tests.store.test_purging import scan, secret


@pytest.fixture(params=["encrypted", "plain"])
def place(request: pytest.FixtureRequest, home: Path) -> Place:
    smith = Locksmith(home / "imgscan.key", lambda _new: "")
    return Place(home / "imgscan.db", home / "imgscan.keys.json", smith, plain=request.param == "plain")


def elsewhere(place: Place, tmp_path: Path) -> Place:
    folder = tmp_path / "elsewhere"
    return replace(place, database=folder / "imgscan.db", lock=folder / "imgscan.keys.json")


def test_backups_of_a_store_in_use_come_back_row_for_row(place: Place, tmp_path: Path) -> None:
    """Ten backups while a scan writes; each is a moment of it, and restored it is the same."""
    with closing(open_store(place)) as database:
        scan(database, "spring", *(secret(number) for number in range(5)))
        stop = threading.Event()

        def write() -> None:
            number = 5
            while not stop.is_set():
                number = number % 200 + 1
                scan(database, "spring", secret(number))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(10):
                backup(place, tmp_path / f"backup{number}")
        finally:
            stop.set()
            writer.join()
    seen = []
    for number in range(10):
        other = elsewhere(place, tmp_path / str(number))
        restore(other, tmp_path / f"backup{number}", replace=False)
        kept = replace(
            place,
            database=tmp_path / f"backup{number}" / "imgscan.db",
            lock=tmp_path / f"backup{number}" / "imgscan.keys.json",
        )
        with closing(open_store(other)) as one, closing(open_store(kept)) as two:
            assert rows(one) == rows(two)
            seen.append(len(rows(one)["files"]))
            verify(one)
    assert seen == sorted(seen)
    assert seen[0] >= 5


def test_a_backup_is_for_its_owner_only_and_without_the_key(place: Place, tmp_path: Path) -> None:
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
    backup(place, tmp_path / "backup")
    names = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()}
    assert names == {"imgscan.db": 0o600} | ({} if place.plain else {"imgscan.keys.json": 0o600})
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700


def test_a_restore_writes_nothing_to_the_backup(place: Place, tmp_path: Path) -> None:
    """It may lie on a medium that cannot be written."""
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        before = rows(database)
    folder = tmp_path / "backup"
    backup(place, folder)
    times = {path.name: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
    other = elsewhere(place, tmp_path)
    restore(other, folder, replace=False)
    assert {path.name: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())} == times
    with closing(open_store(other)) as database:
        assert rows(database) == before


def test_a_store_that_was_copied_while_in_use_is_no_backup(place: Place, tmp_path: Path) -> None:
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        shutil.copytree(place.database.parent, tmp_path / "copied")
    with pytest.raises(UsageError, match="db-wal"):
        restore(elsewhere(place, tmp_path), tmp_path / "copied", replace=False)


def test_a_store_that_somebody_has_open_is_not_replaced(place: Place, tmp_path: Path) -> None:
    """A page would go on writing verdicts to a file that is no longer there."""
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        backup(place, tmp_path / "backup")
        scan(database, "spring", secret(2))
        before = rows(database)
        with pytest.raises(StoreError):
            restore(place, tmp_path / "backup", replace=True)
        assert rows(database) == before
    restore(place, tmp_path / "backup", replace=True)
    with closing(open_store(place)) as database:
        assert len(rows(database)["files"]) == 1
        assert not lost(database)


def test_nothing_is_overwritten_unasked(place: Place, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        backup(place, tmp_path / "backup")
    with closing(open_store(place)) as database:
        scan(database, "spring", hit(1, 0))
        before = rows(database)
    backup(place, tmp_path / "backup")
    with pytest.raises(UsageError):
        backup(place, tmp_path / "backup")
    with pytest.raises(UsageError):
        restore(place, tmp_path / "backup", replace=False)
    with pytest.raises(UsageError):
        restore(place, tmp_path / "no backup", replace=True)
    with closing(open_store(place)) as database:
        scan(database, "winter", hit(2, 0))
    restore(place, tmp_path / "backup", replace=True)
    with closing(open_store(place)) as database:
        assert rows(database) == before
    assert not list(place.database.parent.glob("*.restored"))


def test_a_damaged_backup_is_refused_and_the_store_stays(place: Place, tmp_path: Path) -> None:
    with closing(open_store(place)) as database:
        scan(database, "spring", *(secret(number) for number in range(30)))
        before = rows(database)
    backup(place, tmp_path / "backup")
    path = tmp_path / "backup" / "imgscan.db"
    content = bytearray(path.read_bytes())
    rng = random.Random(3)
    refused = 0
    for _trial in range(12):
        at = rng.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        try:
            restore(place, tmp_path / "backup", replace=True)
        except StoreError:
            refused += 1
        with closing(open_store(place)) as database:
            after = rows(database)
        if not place.plain:
            assert after == before
    assert refused == 12 or place.plain  # a plain store has no checksums; see docs/store.md


def test_a_backup_opens_with_the_key_of_its_time_only(home: Path, tmp_path: Path) -> None:
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))
    with closing(open_store(place)) as database:
        scan(database, "spring", hit(1, 0))
    backup(place, tmp_path / "backup")
    rekey(place, LockedBy.FILE)
    with pytest.raises(WrongKeyError):
        restore(place, tmp_path / "backup", replace=True)
    with closing(open_store(place)) as database:
        assert len(rows(database)["files"]) == 1
