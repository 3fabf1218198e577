"""Opens the store's database for one process, and turns its failures into StoreError."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from imgscan.errors import StoreError
from imgscan.i18n import _
from models import make_engine, upgrade
from models.migrate import NewerSchemaError

# SQLite's write-ahead log needs shared memory, which these do not give (sqlite.org/wal.html, "disadvantages").
NETWORK_FILE_SYSTEMS = re.compile(r"^(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|fuse\..*)$")


class Database:
    """The store's database file. `reading` and `writing` give a session in one transaction each."""

    def __init__(self, path: Path) -> None:
        refuse_network_file_system(path.parent, Path("/proc/self/mountinfo"))
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.engine: Engine = make_engine(path)
        with self._translated():
            upgrade(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and waits for nobody."""
        with (
            self._translated(),
            self.engine.connect().execution_options(read_only=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises."""
        with self._translated(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give back all connections; the write-ahead log is folded in by the last one."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except NewerSchemaError as error:
            raise StoreError(
                _("{path} was made by a newer imgscan (schema {revision})").format(path=self.path, revision=error),
                _("Use that newer version, or name another data folder with IMGSCAN_HOME."),
            ) from error
        except (DBAPIError, sqlite.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise StoreError(
                _("The database {path} refused: {cause}").format(path=self.path, cause=cause),
                _("Check that the volume has space and can be written, then run the same command again: it goes on."),
            ) from error


def refuse_network_file_system(folder: Path, mountinfo: Path) -> None:
    """Raise StoreError where `folder` lies on a network file system, as the Linux mount table says."""
    if not mountinfo.exists():  # not Linux: nothing is known
        return
    folder = folder.resolve()
    mounts: list[tuple[int, str]] = []
    for line in mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _separator, after = line.partition(" - ")
        field = os.fsencode(before.split(" ")[4])  # blanks and the like are octal escapes (proc(5))
        point = Path(os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), field)))
        if folder == point or point in folder.parents:
            mounts.append((len(point.parts), after.split(" ")[0]))
    mounts.sort(key=lambda mount: mount[0])  # stable: of two at one point the later lies on top
    if mounts and NETWORK_FILE_SYSTEMS.match(kind := mounts[-1][1]):
        raise StoreError(
            _("The data folder {folder} lies on a network file system ({kind}).").format(folder=folder, kind=kind),
            _("Name a folder on a local disk with IMGSCAN_HOME; albums may stay on the share."),
        )
