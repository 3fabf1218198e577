"""Opens the store that the settings name: finds out whether it is encrypted, and by which key (**store**)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imgscan.errors import AlreadyRunningError, UsageError, WrongKeyError
from imgscan.i18n import _
from imgscan.store import acknowledged, audit, evidence
from imgscan.store.database import Database, not_for_postgresql, translated
from imgscan.store.durable import blank, sync_folder
from imgscan.store.keys import Keys, Lock, LockedBy, Locksmith, new_master
from models.engine import claim, export
from models.postgresql import holding_scan, shown

RESTORED, ENCRYPTED = ".restored", ".encrypted"
"""Behind the database's name while a restore or a rekey is not done: what is there was left by one that was killed."""
PLAIN_SQLITE = b"SQLite format 3\0"  # sqlite.org/fileformat.html, 1.3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store lies and how one is made where there is none."""

    database: Path
    lock: Path
    smith: Locksmith
    locked_by: LockedBy = LockedBy.FILE
    plain: bool = False
    url: str = ""
    """Of a PostgreSQL database, which then holds the store; lock and key stay where they are."""

    @property
    def on_files(self) -> Place:
        """The place itself, where the store is an SQLite file. Raises UsageError."""
        if self.url:
            raise not_for_postgresql()
        return self


@contextmanager
def only_scan_of(place: Place) -> Iterator[None]:
    """Hold the lock of the one scan in a PostgreSQL database, whoever else may use it. Raises AlreadyRunningError."""
    if not place.url:
        yield
        return
    with ExitStack() as stack:
        with translated(shown(place.url)):
            holder = f"imgscan pid {os.getpid()}, {os.uname().nodename}"
            who = stack.enter_context(holding_scan(place.url, holder))
        if who is not None:
            raise AlreadyRunningError.held_by(who)
        yield


def is_plain(path: Path) -> bool:
    """True for a database that anybody can open who can read the file."""
    try:
        with path.open("rb") as file:
            return file.read(len(PLAIN_SQLITE)) == PLAIN_SQLITE
    except FileNotFoundError:
        return False


def exists(place: Place) -> bool:
    """True where something was stored."""
    if place.url:
        return place.lock.exists()
    return place.database.exists() and place.database.stat().st_size > 0


def require(place: Place) -> None:
    """Raise UsageError where nothing was stored: a mistyped data folder would pass for one without findings."""
    if not exists(place):
        raise UsageError(
            _("The data folder {path} holds no store yet.").format(path=place.lock.parent),
            _("Run: imgscan scan FOLDER; or name the data folder of that scan with IMGSCAN_HOME."),
        )


def open_store(place: Place) -> Database:
    """The store at `place`, made when absent. Raises WrongKeyError before a byte is written, StoreError, UsageError."""
    if place.url:
        return _open_postgresql(place)
    if is_plain(place.database) or (place.plain and not place.lock.exists() and not exists(place)):
        return Database(place.database)
    if place.plain:
        raise UsageError(
            _("The store {path} is encrypted; it cannot be opened as a plain one.").format(path=place.database),
            _("Leave --plain-store (plain_store) out, or name another data folder with IMGSCAN_HOME."),
        )
    return Database(place.database, Keys.of(_master(place)))


def _open_postgresql(place: Place) -> Database:
    """The evidence and the trail are keyed here, too: what protects the rest is the server's matter."""
    database = Database(place.url, Keys.of(_master(place)))
    if not audit.fits(database):
        database.close()
        raise WrongKeyError(
            _("The store {name} belongs to other keys.").format(name=database.name),
            _("Copy {lock} and its key from the workstation that made the store.").format(lock=place.lock),
        )
    return database


def keys_of(place: Place) -> Keys | None:
    """The keys of a store that exists; None where it is plain. Raises WrongKeyError."""
    return None if is_plain(place.database) else Keys.of(_master(place))


def be_alone(place: Place) -> None:
    """Make sure that nobody else has the file open: its log is folded in. Raises WrongKeyError, StoreError."""
    keys = keys_of(place)
    with translated(place.database):
        claim(place.database, keys.database if keys else None)


@contextmanager
def blanking(place: Place) -> Iterator[None]:
    """Overwrite a plain store and its log at the end, under whatever name they lie then, or under none."""
    with ExitStack() as stack:
        paths = (place.database, Path(f"{place.database}-wal"))
        files = [stack.enter_context(path.open("r+b")) for path in paths if path.exists()]
        yield
        for file in files:
            blank(file)


def rekey(place: Place, locked_by: LockedBy) -> None:
    """Lock the store with a new key. What was plain is encrypted. Raises WrongKeyError, StoreError, UsageError.

    The caller holds the scan lock. The data of an encrypted store stay as they are: its master key is locked anew.
    """
    require(place)
    if not place.url and is_plain(place.database):
        _encrypt(place, locked_by)
    else:
        Lock.changed(locked_by, _master(place), place.smith, place.lock)


def _encrypt(place: Place, locked_by: LockedBy) -> None:
    """Put an encrypted copy in the place of a plain store; until the last step the plain one is the store."""
    with closing(Database(place.database)) as plain_store:
        audit.verify(plain_store)  # what does not fit now would be made to fit
    place.lock.unlink(missing_ok=True)  # of an attempt that was interrupted
    master = new_master()
    Lock.made(locked_by, master, place.smith).write(place.lock, first=True)
    keys = Keys.of(master)
    copy = place.database.with_name(place.database.name + ENCRYPTED)
    copy.unlink(missing_ok=True)
    with blanking(place):
        with translated(place.database):
            copy.touch(mode=0o600)
            export(place.database, copy, keys.database)
        with closing(Database(copy, keys)) as database, database.writing() as session:
            audit.chain_anew(session, keys)
            evidence.seal_anew(session, keys)
        acknowledged.forget(copy)
        acknowledged.forget(place.database)
        copy.replace(place.database)
        sync_folder(place.database.parent)


def _master(place: Place) -> bytes:
    lock = Lock.read(place.lock)
    if lock is not None:
        return lock.master(place.smith)
    if exists(place) and not place.url:
        raise WrongKeyError(
            _("{lock} is missing: without it {path} cannot be opened.").format(lock=place.lock, path=place.database),
            _("Put it back from a backup. Nothing was changed."),
        )
    master = new_master()
    try:
        Lock.made(place.locked_by, master, place.smith).write(place.lock, first=True)
    except FileExistsError:  # another process made the store meanwhile
        return _master(place)
    return master
