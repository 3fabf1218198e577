"""What a power cut or a bad disk makes of the files: a log that ends anywhere, a byte that is another."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from imgscan.errors import StoreError, WrongKeyError
from imgscan.review import Decision, Filter, Verdict
from imgscan.store.audit import lost, verify
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Severity
from tests.fakes.runs import rows
from tests.faults.scale import scaled
from tests.store.test_grouping import hit

KEYS = Keys.of(b"k" * 32)


def kept_files(database: Database) -> list[bytes]:
    return [row[1] for row in rows(database)["files"]]  # type: ignore[misc]


def copied(folder: Path, goal: Path) -> Path:
    """The database, its log and the note of how far it had come, as they lie there now."""
    goal.mkdir()
    for name in ("imgscan.db", "imgscan.db-wal", "imgscan.head"):
        source = folder / name
        if source.exists():
            shutil.copy(source, goal / source.name)
    return goal / "imgscan.db"


def test_a_log_cut_anywhere_is_a_prefix_of_what_was_acknowledged(tmp_path: Path) -> None:
    log = tmp_path / "home" / "imgscan.db-wal"
    acknowledged: list[tuple[int, int]] = []  # size of the log, and files kept by then
    with closing(Database(tmp_path / "home" / "imgscan.db", KEYS)) as database:
        store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
        scan_id = store.begin()
        album = store.album(scan_id, b"/album", Labels())
        for number in range(20):
            store.record(scan_id, album, hit(number, None), judged=True)
            acknowledged.append((log.stat().st_size, number + 1))
        whole = copied(tmp_path / "home", tmp_path / "whole")
    content = whole.with_name("imgscan.db-wal").read_bytes()
    rng = random.Random(20261122)
    seen = set()
    for trial in range(scaled(30, 500)):
        cut = rng.randrange(len(content))
        path = copied(tmp_path / "whole", tmp_path / f"cut{trial}")
        path.with_name("imgscan.db-wal").write_bytes(content[:cut])
        try:
            with closing(Database(path, KEYS)) as opened:
                files = kept_files(opened)
                verify(opened)
                told = lost(opened)
                assert not lost(opened)  # once is enough
                verify(opened)
        finally:
            shutil.rmtree(path.parent)
        expected = max((count for size, count in acknowledged if size <= cut), default=0)
        assert files == [b"/album/%d.jpg" % number for number in sorted(range(expected), key=str)]
        assert told == (expected < len(acknowledged))
        seen.add(expected)
    assert len(seen) > scaled(8, 18)  # the cuts were really spread over the scan


def test_a_byte_that_is_another_is_refused_or_makes_no_difference(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "home" / "imgscan.db", KEYS)) as database:
        store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
        scan_id = store.begin()
        album = store.album(scan_id, b"/album", Labels())
        for number in range(60):
            store.record(scan_id, album, hit(number, number), judged=True)
        store.finish(scan_id, "complete")
        queue = ReviewQueue(database)
        for item in queue.page(Filter()).items[:10]:
            queue.decide(item.id, item.version, Verdict(Decision.CONFIRM), "甲")
        before, head = rows(database), verify(database)
        shutil.copytree(tmp_path / "home", tmp_path / "live")  # with a log that is not folded in yet
    rng = random.Random(20261122)
    refused = 0
    trials = scaled(24, 200)
    for trial in range(trials):
        source = tmp_path / ("home" if trial % 2 else "live")
        path = copied(source, tmp_path / f"flip{trial}")
        target = path if trial % 2 or trial % 4 == 0 else path.with_name("imgscan.db-wal")
        content = bytearray(target.read_bytes())
        at = rng.randrange(len(content))
        content[at] ^= rng.randint(1, 255)
        target.write_bytes(content)
        try:
            with closing(Database(path, KEYS)) as opened:
                after, chain, told = rows(opened), verify(opened), lost(opened)
        except (StoreError, WrongKeyError):
            refused += 1
        else:
            # A log is read up to the first frame that does not fit: what is left is an earlier state, and that is told.
            assert told == (chain != head)
            assert told or after == before
            assert not told or target != path
            for name in ("files", "pictures", "readings", "findings"):
                assert set(map(repr, after[name])) <= set(map(repr, before[name]))
        shutil.rmtree(path.parent)
    assert refused > trials // 6  # the others hit free pages, and pages of which the log has newer ones


@pytest.mark.parametrize("name", ["imgscan.db", "imgscan.db-wal"])
def test_an_empty_file_in_the_place_of_one_is_no_traceback(tmp_path: Path, name: str) -> None:
    with closing(Database(tmp_path / "home" / "imgscan.db", KEYS)) as database:
        ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False).begin()
        path = copied(tmp_path / "home", tmp_path / "copy")
    path.with_name(name).write_bytes(b"")
    with closing(Database(path, KEYS)) as opened:
        assert kept_files(opened) == []
        assert lost(opened)


def test_a_note_that_is_damaged_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "imgscan.db"
    with closing(Database(path, KEYS)) as database:
        ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False).begin()
    note = path.with_name("imgscan.head")
    for content in (b"", b"no note", note.read_bytes().replace(b"1:", b"2:"), bytes(range(256))):
        note.write_bytes(content)
        with closing(Database(path, KEYS)) as database:
            assert not lost(database)
