"""Opens the store on PostgreSQL, where sites with many reviewers keep it: the same tables, the same one writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text

# Advisory locks count a database: whoever writes, and whoever scans. Any numbers do that nobody else uses.
WRITER, SCANNER = 1_885_693_541, 1_885_693_542
CONNECT_SECONDS = 10
BUSY_SECONDS = 30.0


def make_postgresql_engine(url: str) -> Engine:
    """An engine on the database `url` (postgresql+psycopg://...). Nothing is connected yet."""
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS}, pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("read_only", False):
            # One state for the whole transaction, as SQLite gives it; readers wait for nobody.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            # As BEGIN IMMEDIATE: whoever writes is alone, so that what it has read is still so when it writes.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")

    return engine


def compact_postgresql(engine: Engine) -> bool:
    """Write all tables anew without what was deleted. False where somebody else was using one for long."""
    connection: Any = engine.raw_connection()
    try:
        connection.driver_connection.autocommit = True
        connection.execute(f"SET lock_timeout = '{int(1000 * BUSY_SECONDS)}'")
        connection.execute("VACUUM FULL")
    except LockNotAvailable:
        return False
    else:
        return True
    finally:
        connection.detach()  # its settings were changed
        connection.close()


def shown(url: str) -> str:
    """The address of the database without its password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def holding_scan(url: str, holder: str) -> Iterator[str | None]:
    """Hold the lock of the one scan; gives None, or who holds it already. It ends with the connection."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"application_name": holder[:63]})
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.scalar(text(f"SELECT pg_try_advisory_lock({SCANNER})")):
                yield None
            else:
                yield connection.scalar(_HOLDER) or "?"
    finally:
        engine.dispose()


_HOLDER = text(
    "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
    " WHERE locktype = 'advisory' AND objid = :scanner AND granted LIMIT 1"
).bindparams(scanner=SCANNER)
