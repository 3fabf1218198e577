"""Opens the store's database for one process, and turns its failures into StoreError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from imgscan.errors import StoreError
from imgscan.i18n import _
from imgscan.store.keys import Keys
from imgscan.store.volumes import refuse_network_file_system
from models import make_engine, upgrade
from models.engine import compact
from models.migrate import NewerSchemaError


class Database:
    """The store's database file. `reading` and `writing` give a session in one transaction each.

    Without `keys` the file is plain. Use `imgscan.store.opening` to open the
    store that the settings name.
    """

    def __init__(self, path: Path, keys: Keys | None = None) -> None:
        refuse_network_file_system(path.parent)
        self.path = path
        self.keys = keys
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.engine: Engine = make_engine(path, keys.database if keys else None)
        with translated(self.path):
            upgrade(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and waits for nobody."""
        with (
            translated(self.path),
            self.engine.connect().execution_options(read_only=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises."""
        with translated(self.path), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def compact(self) -> bool:
        """Write the file anew without the bytes of what was deleted. False where somebody else was reading."""
        with translated(self.path):
            return compact(self.path, self.keys.database if self.keys else None)

    def close(self) -> None:
        """Give back all connections; the write-ahead log is folded in by the last one."""
        self.engine.dispose()


@contextmanager
def translated(path: Path) -> Iterator[None]:
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
        if getattr(cause, "sqlite_errorcode", 0) == sqlite.SQLITE_NOTADB:
            raise StoreError(
                _("{path} is damaged, is no database, or belongs to other keys.").format(path=path),
                _("Put the database and its keys back from one backup: imgscan restore --help"),
            ) from error
        raise StoreError(
            _("The database {path} refused: {cause}").format(path=path, cause=cause),
            _("Check that the volume has space and can be written, then run the same command again: it goes on."),
        ) from error
