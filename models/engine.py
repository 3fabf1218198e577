"""Opens the database: SQLite through the library that sqlcipher3 bundles, one IMMEDIATE transaction a writer."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine, QueuePool, create_engine, event

# The WAL-reset bug of SQLite 3.7.0 to 3.51.2 can corrupt a database that two processes write
# (sqlite.org release notes 3.51.3); Debian's and CPython's own libraries are older.
MINIMUM_SQLITE = (3, 51, 3)

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # about 3 ms a commit, reading a picture costs far more
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "journal_size_limit=16777216",
    # 64 MiB instead of 2: the queue of 20,000 hits stays in memory, and deciphered (tests.measure_page: a search of all
    # kept text takes a fifth of the time).
    "cache_size=-65536",
)
BUSY_SECONDS = 30.0
PAUSE_SECONDS = (0.001, 0.005)


def make_engine(path: Path, key: bytes | None = None) -> Engine:
    """An engine on the SQLite file `path`, which is created when absent.

    `key` is 32 bytes; without one the file is plain. Raises RuntimeError on an unsafe library.
    """
    if sqlite.sqlite_version_info < MINIMUM_SQLITE:
        raise RuntimeError(f"SQLite {sqlite.sqlite_version} is older than {MINIMUM_SQLITE}")

    engine = create_engine("sqlite+pysqlite://", creator=lambda: connect(path, key), module=sqlite, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that will only read says so, lest readers queue behind the writer.
        if connection.get_execution_options().get("read_only", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection.connection.driver_connection)

    return engine


def _begin_writing(connection: Any) -> None:
    """BEGIN IMMEDIATE. Raises sqlcipher3.dbapi2.OperationalError where others write for BUSY_SECONDS.

    SQLite's own waiting makes its pauses longer and longer, up to 100 ms: of nine that write without a pause, who has
    waited longest is the least likely to be next, and was seen to wait for more than 30 s. So all ask equally often.
    """
    until = time.monotonic() + BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite.OperationalError as error:
                if error.sqlite_errorcode != sqlite.SQLITE_BUSY or time.monotonic() > until:
                    raise
            else:
                return
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 (so that waiting writers do not ask in step)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")


def connect(path: Path, key: bytes | None, *, at_rest: bool = False) -> Any:
    """A connection of the driver's own, ready to use. Raises sqlcipher3.dbapi2.Error; a wrong key writes nothing.

    `at_rest` is a file that nobody writes, perhaps on a medium that cannot be written: no lock is taken, no log made.
    """
    place = f"{path.absolute().as_uri()}?immutable=1" if at_rest else str(path)
    # isolation_level=None: the driver starts no transaction of its own, `begin` above does.
    connection = sqlite.connect(place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=at_rest)
    try:
        if key is not None:
            connection.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is told by the error, not on stderr
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")  # the key itself: nothing is derived from it
            connection.execute("SELECT count(*) FROM sqlite_schema")  # fails here with the wrong one
        for pragma in () if at_rest else PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def export(path: Path, copy: Path, key: bytes) -> None:
    """Write the plain SQLite file `path` to `copy`, encrypted. Raises sqlcipher3.dbapi2.Error, or in use."""
    connection = connect(path, None)
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA journal_mode = DELETE")  # refused while anybody else has it open
        connection.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", [str(copy)])
        connection.execute("SELECT sqlcipher_export('copy')")
        connection.execute("DETACH DATABASE copy")
    finally:
        connection.close()


def copy(path: Path, goal: Path, key: bytes | None, *, at_rest: bool = False) -> None:
    """Copy the SQLite file `path` as it stands at one moment; others may be writing it. Same key, new file.

    The copy is one file, at rest: it has no log, and none is needed to read it. So may `path` be (`at_rest`).
    """
    source, target = connect(path, key, at_rest=at_rest), connect(goal, key)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
        source.close()


def problems(path: Path, key: bytes | None) -> list[str]:
    """What SQLite and SQLCipher find wrong with a file at rest: every page, index and reference is looked at."""
    connection = connect(path, key, at_rest=True)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if key is not None:
            found += [row[0] for row in connection.execute("PRAGMA cipher_integrity_check")]
        return found + [f"{row[0]}: reference" for row in connection.execute("PRAGMA foreign_key_check")]
    finally:
        connection.close()


def compact(path: Path, key: bytes | None) -> bool:
    """Write the file anew without what was deleted, and empty its log. False where somebody else was reading."""
    connection = connect(path, key)
    try:
        connection.execute("VACUUM")
        busy, _log, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        connection.close()


def claim(path: Path, key: bytes | None) -> None:
    """Fold the log in and remove it. Raises sqlcipher3.dbapi2.Error while anybody else has the file open."""
    connection = connect(path, key)
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
