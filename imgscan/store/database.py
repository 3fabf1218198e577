"""Opens the store's database for one process, and turns its failures into StoreError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from imgscan.errors import DamagedError, StoreError, UsageError
from imgscan.i18n import _
from imgscan.store import acknowledged
from imgscan.store.keys import Keys
from imgscan.store.volumes import refuse_network_file_system
from models import make_engine, upgrade
from models.engine import compact
from models.migrate import NewerSchemaError
from models.postgresql import compact_postgresql, make_postgresql_engine, shown

HEAD = "head"
"""In `Session.info`: the newest row of the audit trail, as text."""
PRIMARY = 0xFF  # the part of an extended result code that names its kind (sqlite.org/rescode.html)


class Database:
    """The store's database. `reading` and `writing` give a session in one transaction each.

    `place` is an SQLite file, which is plain without `keys`, or the address of a PostgreSQL database. Use
    `imgscan.store.opening` to open the store that the settings name.
    """

    def __init__(self, place: Path | str, keys: Keys | None = None) -> None:
        self.place = place
        self.keys = keys
        if isinstance(place, Path):
            refuse_network_file_system(place.parent)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.touch(mode=0o600)
            self.name = str(place)
            self.engine: Engine = make_engine(place, keys.database if keys else None)
        else:
            self.engine = make_postgresql_engine(place)
            self.name = shown(place)
        with translated(self.name):
            upgrade(self.engine)

    @property
    def path(self) -> Path:
        """The SQLite file. Raises UsageError where the store is on PostgreSQL."""
        if isinstance(self.place, Path):
            return self.place
        raise not_for_postgresql()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and waits for nobody."""
        with (
            translated(self.name),
            self.engine.connect().execution_options(read_only=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises."""
        with translated(self.name), Session(self.engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
            if isinstance(self.place, Path) and HEAD in session.info:
                acknowledged.remember(self.place, session.info[HEAD])

    def compact(self) -> bool:
        """Write the file anew without the bytes of what was deleted. False where somebody else was reading."""
        with translated(self.name):
            if isinstance(self.place, Path):
                return compact(self.place, self.keys.database if self.keys else None)
            return compact_postgresql(self.engine)

    def close(self) -> None:
        """Give back all connections; the write-ahead log is folded in by the last one."""
        self.engine.dispose()


@contextmanager
def translated(path: Path | str) -> Iterator[None]:
    """Turn what the driver raises about the database `path` into StoreError."""
    try:
        yield
    except NewerSchemaError as error:
        raise StoreError(
            _("{path} was made by a newer imgscan (schema {revision})").format(path=path, revision=error),
            _("Use that newer version, or name another data folder with IMGSCAN_HOME."),
        ) from error
    except (DBAPIError, sqlite.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if getattr(cause, "sqlite_errorcode", 0) & PRIMARY in (sqlite.SQLITE_NOTADB, sqlite.SQLITE_CORRUPT):
            raise DamagedError(
                _("{path} is damaged, is no database, or belongs to other keys.").format(path=path),
                _("Put the database and its keys back from one backup: imgscan restore --help"),
            ) from error
        if getattr(cause, "sqlite_errorcode", 0) & PRIMARY == sqlite.SQLITE_BUSY:
            raise StoreError(
                _("Another program has the store {path} open.").format(path=path),
                _("Close the review page, then run the same command again."),
            ) from error
        if isinstance(cause, sqlite.Error) or not isinstance(error, OperationalError):
            cure = _("Check that the volume has space and can be written, then run the same command again: it goes on.")
        else:
            cure = _(
                "Check that the database server runs and lets you in, then run the same command again: it goes on."
            )
        raise StoreError(
            _("The database {path} refused: {cause}").format(path=path, cause=str(cause).strip()), cure
        ) from error


def not_for_postgresql() -> UsageError:
    """What a command answers that works on files."""
    return UsageError(
        _("The store is on PostgreSQL: that is done by the tools of the server."),
        _("For a backup: pg_dump. Keep imgscan.keys.json and its key beside it."),
    )
