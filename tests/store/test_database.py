from __future__ import annotations

import re
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from imgscan.errors import ExitCode, StoreError
from imgscan.store.database import Database
from imgscan.store.volumes import refuse_network_file_system
from models import Album, Base, FileRow, FindingRow, Picture, Reading, ScanRow

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def filled(database: Database) -> None:
    """One scan, album, picture and reading with one finding."""
    with database.writing() as session:
        session.add(ScanRow(id=1, engine="e", rules="r", started_at=NOW))
        session.add(Album(id=1, root=b"/album"))
        session.add(Picture(sha256=bytes(32), size=1))
        session.flush()
        reading = Reading(id=1, sha256=bytes(32), engine="e", rules="r", status="hit", read_at=NOW)
        session.add(reading)
        session.add(FileRow(album_id=1, scan_id=1, path=b"/album/a", sha256=bytes(32), status="hit"))
        reading.findings.append(finding())


def finding(**other: object) -> FindingRow:
    values: dict[str, object] = {
        "rule": "ns.mark", "cls": "national_secret", "level": "机密", "severity": 4, "confidence": 0.9,
        "text": "机密★10年", "mark": "机密★10年", "mark_key": "k", "polygons": [], "reasons": [],
    }  # fmt: skip
    return FindingRow(**{**values, **other})


@pytest.mark.on_files
def test_every_table_is_strict(database: Database) -> None:
    with database.reading() as session:
        listed = session.execute(text("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")).all()
    strict = {name: bool(flag) for name, flag in listed if not name.startswith("sqlite_")}
    assert strict.pop("alembic_version") is False
    assert set(strict) == set(Base.metadata.tables)
    assert all(strict.values())


@pytest.mark.on_files
def test_what_the_connection_promises(database: Database) -> None:
    with database.reading() as session:
        told = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store", "trusted_schema")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "trusted_schema": 0,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE file SET status = 'tidy'",
        "UPDATE scan SET state = 'paused'",
        "UPDATE reading SET kept = 'some'",
        "UPDATE reading SET status = 'HIT'",
        "UPDATE finding SET cls = 'secret'",
        "UPDATE finding SET level = '秘'",
        "UPDATE finding SET severity = 5",
        "UPDATE finding SET severity = -1",
        "UPDATE finding SET confidence = 1.5",
        "UPDATE finding SET severity = 'high'",
        "UPDATE picture SET size = 'large'",
        "UPDATE picture SET sha256 = x'00'",
        "UPDATE file SET scan_id = 99",
        "UPDATE file SET sha256 = x'" + "11" * 32 + "'",
        "DELETE FROM picture",
        "DELETE FROM album",
        "INSERT INTO album (root, campaign, department, owner, device) VALUES (x'2f616c62756d', '', '', '', '')",
        "INSERT INTO file (album_id, scan_id, path, size, mtime_ns, ctime_ns, inode, device, status, problem)"
        " VALUES (1, 1, x'2f616c62756d2f61', 0, 0, 0, 0, 0, 'clean', '')",
    ],
)
def test_the_schema_refuses(database: Database, statement: str) -> None:
    filled(database)
    with pytest.raises(StoreError) as refused, database.writing() as session:
        session.execute(text(spoken_to(database, statement)))
    assert isinstance(refused.value.__cause__, IntegrityError | DataError)
    assert refused.value.exit_code == ExitCode.STORE


def spoken_to(database: Database, statement: str) -> str:
    """The statement with its bytes as that database writes them."""
    if database.engine.dialect.name == "sqlite":
        return statement
    return re.sub(r"x'([0-9a-f]*)'", r"'\\x\1'::bytea", statement)


def test_findings_go_with_their_reading(database: Database) -> None:
    filled(database)
    with database.writing() as session:
        session.execute(text("DELETE FROM reading"))
        assert session.execute(text("SELECT count(*) FROM finding")).scalar() == 0


def test_a_block_that_raises_is_undone(database: Database) -> None:
    filled(database)

    def failing() -> None:
        with database.writing() as session:
            session.execute(text("DELETE FROM file"))
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM file")).scalar() == 1


def test_times_are_aware_and_sort_as_text(database: Database) -> None:
    filled(database)
    with database.reading() as session:
        row = session.get(ScanRow, 1)
        assert row is not None
        assert row.started_at == NOW
        assert session.execute(text("SELECT started_at FROM scan")).scalar() == "2026-03-01T00:00:00.000000+00:00"
    with pytest.raises(StatementError, match="naive"), database.writing() as session:
        session.add(ScanRow(engine="e", rules="r", started_at=datetime(2026, 3, 1)))


def test_reading_waits_for_nobody_and_sees_one_state(database: Database) -> None:
    filled(database)
    with database.writing() as writing:
        writing.execute(text("UPDATE file SET status = 'clean'"))
        with database.reading() as reading:
            assert reading.execute(text("SELECT status FROM file")).scalar() == "hit"


def test_two_writers_wait_for_each_other(home: Path) -> None:
    """From two threads with a database object each, as two processes have: no "database is locked"."""
    with closing(Database(home / "imgscan.db")) as one, closing(Database(home / "imgscan.db")) as other:
        filled(one)
        failures: list[Exception] = []

        def count_up(database: Database) -> None:
            try:
                for _ in range(40):
                    with database.writing() as session:
                        value = session.execute(text("SELECT size FROM picture")).scalar_one()
                        time.sleep(0.001)
                        session.execute(text("UPDATE picture SET size = :size"), {"size": value + 1})
            except StoreError as error:
                failures.append(error)

        threads = [threading.Thread(target=count_up, args=[database]) for database in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        with one.reading() as session:
            assert session.execute(text("SELECT size FROM picture")).scalar() == 81


def test_only_the_owner_may_look(home: Path) -> None:
    with closing(Database(home / "imgscan.db")) as database:
        filled(database)
        assert home.stat().st_mode & 0o777 == 0o700
        files = list(home.iterdir())
        assert {file.name for file in files} >= {"imgscan.db", "imgscan.db-wal"}
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_newer_schema_is_refused(home: Path) -> None:
    with closing(Database(home / "imgscan.db")) as database, database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = (home / "imgscan.db").read_bytes()
    with pytest.raises(StoreError, match="9999") as refused:
        Database(home / "imgscan.db")
    assert refused.value.cure
    assert (home / "imgscan.db").read_bytes() == before


def test_what_is_no_database_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "imgscan.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError) as refused:
        Database(home / "imgscan.db")
    assert refused.value.exit_code == ExitCode.STORE


def test_a_folder_in_the_databases_place_is_refused(home: Path) -> None:
    (home / "imgscan.db").mkdir(parents=True)
    with pytest.raises(StoreError):
        Database(home / "imgscan.db")


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/share rw - nfs4 server:/export rw
31 30 8:2 / /mnt/share/local rw - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/with\\040blank rw - cifs //server/share rw
33 22 0:42 / /mnt/共享 rw - cifs //server/share rw
34 22 0:43 / /mnt/over rw - nfs4 server:/export rw
35 22 8:3 / /mnt/over rw - ext4 /dev/sdc1 rw
36 22 8:4 / /mnt/under rw - ext4 /dev/sdc1 rw
37 22 0:44 / /mnt/under rw - fuse.sshfs user@server: rw
38 22 8:5 / /mnt/usb rw - fuseblk /dev/sdd1 rw
39 22 0:45 / /mnt/c rw - 9p drvfs rw
"""


@pytest.mark.parametrize(
    ("folder", "refused"),
    [
        ("/home/somebody", False),
        ("/mnt/share", True),
        ("/mnt/share/deeper/down", True),
        ("/mnt/sharemore", False),
        ("/mnt/share/local/imgscan", False),
        ("/mnt/with blank/imgscan", True),
        ("/mnt/共享/imgscan", True),
        ("/mnt/over/imgscan", False),
        ("/mnt/under/imgscan", True),
        ("/mnt/usb/imgscan", False),
        ("/mnt/c/imgscan", True),
    ],
)
def test_a_network_file_system_is_refused(tmp_path: Path, folder: str, refused: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS, encoding="utf-8")
    if refused:
        with pytest.raises(StoreError, match="/mnt/"):
            refuse_network_file_system(Path(folder), table)
    else:
        refuse_network_file_system(Path(folder), table)


def test_without_a_mount_table_nothing_is_refused(tmp_path: Path) -> None:
    refuse_network_file_system(Path("/mnt/share"), tmp_path / "absent")
