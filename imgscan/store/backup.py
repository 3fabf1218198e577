"""Copies a store that is in use, and puts such a copy back (**store**). Both are looked through page by page."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from imgscan.errors import DamagedError, StoreError, UsageError, WrongKeyError
from imgscan.i18n import _
from imgscan.store import acknowledged
from imgscan.store.database import Database, translated
from imgscan.store.durable import put_whole, sync_folder
from imgscan.store.opening import RESTORED, Place, be_alone, exists, keys_of, require
from models.engine import copy, problems


def backup(place: Place, folder: Path) -> None:
    """Copy the store as it stands at this moment, and its locked keys, into a new `folder`. The key file stays here.

    Raises UsageError, StoreError, WrongKeyError.
    """
    require(place.on_files)
    keys = keys_of(place)
    key = keys.database if keys else None
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise UsageError(
            _("{path} is there already.").format(path=folder), _("Name a folder that is not there yet.")
        ) from error
    made = _in(folder, place)
    made.database.touch(mode=0o600)
    try:
        with translated(made.database):
            copy(place.database, made.database, key)
        if keys is not None:
            put_whole(made.lock, place.lock.read_bytes())
        require_sound(made.database, key)
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(folder)  # half a backup is none
        raise


def restore(place: Place, folder: Path, *, replace: bool) -> None:
    """Put the backup in `folder` in the place of the store. The caller holds the scan lock.

    Raises UsageError, StoreError, WrongKeyError.
    """
    kept = _in(folder, place.on_files)
    if not exists(kept):
        raise UsageError(
            _("There is no backup in {path}.").format(path=folder), _("Name a folder that `imgscan backup` made.")
        )
    if exists(place) and not replace:
        raise UsageError(
            _("There is a store already: {path}").format(path=place.database),
            _("Make a backup of it, then add --replace; or name another data folder with IMGSCAN_HOME."),
        )
    log = Path(f"{kept.database}-wal")
    if log.exists() and log.stat().st_size > 0:
        raise UsageError(
            _("{path} was in use when it was copied: {log} belongs to it.").format(path=kept.database, log=log),
            _("Make a backup of it: IMGSCAN_HOME={folder} imgscan backup FOLDER").format(folder=folder),
        )
    keys = keys_of(kept)
    key = keys.database if keys else None
    require_sound(kept.database, key)
    if exists(place):
        with suppress(WrongKeyError, DamagedError):  # what is replaced need not be sound
            be_alone(place)
    place.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.database.with_name(place.database.name + RESTORED)
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with translated(fresh):
        copy(kept.database, fresh, key, at_rest=True)
    for ending in ("-wal", "-shm"):  # a log must not be found beside another database
        Path(f"{place.database}{ending}").unlink(missing_ok=True)
    if keys is not None:
        put_whole(place.lock, kept.lock.read_bytes())
    else:
        place.lock.unlink(missing_ok=True)
    acknowledged.forget(place.database)
    fresh.replace(place.database)
    sync_folder(place.database.parent)
    Database(place.database, keys).close()  # brings an older schema up


def require_sound(path: Path, key: bytes | None) -> None:
    """Look through every page. Raises StoreError."""
    with translated(path):
        found = problems(path, key)
    if found:
        raise StoreError(
            _("{path} is damaged: {what}").format(path=path, what=found[0]),
            _("Use another backup: imgscan restore --help"),
        )


def _in(folder: Path, place: Place) -> Place:
    return Place(folder / place.database.name, folder / place.lock.name, place.smith)
