"""Walks the folders that a person named: every directory entry once, nothing opened, no link followed. First step."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from imgscan.i18n import N_
from imgscan.types import FoundFile, Status

Identity = tuple[int, int]  # device and inode

SPECIAL = N_("Not a regular file (a device, a pipe or a socket): it is never opened.")
FOLDER_UNREADABLE = N_("The folder may not be read, so nothing in it was looked at.")
FOLDER_FAILED = N_("The folder could not be read, so nothing in it was looked at.")
FOLDER_VANISHED = N_("The folder vanished while it was read.")
FOLDER_PROBLEMS = (FOLDER_UNREADABLE, FOLDER_FAILED, FOLDER_VANISHED)


def discover(root: Path, own: Sequence[Path] = ()) -> Iterator[FoundFile]:
    """Every file under `root` (a folder, or one file), sorted by name within a folder.

    Folders in `own` (the data folder) are left out. A folder that cannot be read comes as one entry with a status. A
    folder met a second time (a bind mount, or a root inside another) is walked once; hard links to a file are
    reported each under its own name, for each is a place where the picture can be found.
    """
    own_identities = {identity for path in own if (identity := _identity(path)) is not None}
    root_bytes = os.fsencode(root)
    try:
        status = os.lstat(root_bytes)
        if stat.S_ISLNK(status.st_mode):
            # The person named this link, so what it points at is meant; links met on the way are not followed.
            root_bytes = os.path.realpath(root_bytes)
            status = os.lstat(root_bytes)
    except OSError as error:
        yield _failed(root_bytes, root_bytes, error)
        return
    if any(_identity(folder) in own_identities for folder in Path(os.fsdecode(os.path.realpath(root_bytes))).parents):
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(root_bytes, own_identities)
    else:
        yield _entry(root_bytes, root_bytes, status)


def count_files(root: Path, own: Sequence[Path], ended: Callable[[], bool]) -> int | None:
    """How many files `discover` finds, for a thread beside a scan; None where `ended` came true before the last."""
    found = 0
    for _found in discover(root, own):
        found += 1
        if ended():
            return None
    return found


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _walk(root: bytes, seen: set[Identity]) -> Iterator[FoundFile]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            status = os.lstat(folder)
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                continue
            seen.add(identity)
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield _failed(root, folder, error)
            continue
        inner: list[bytes] = []
        for entry in listed:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield _failed(root, entry.path, error)
                continue
            if stat.S_ISDIR(status.st_mode):
                inner.append(entry.path)
            else:
                yield _entry(root, entry.path, status)
        waiting += reversed(inner)


def _entry(root: bytes, path: bytes, status: os.stat_result) -> FoundFile:
    end: Status | None = None
    problem = ""
    if stat.S_ISLNK(status.st_mode):
        end = Status.SYMLINK
    elif not stat.S_ISREG(status.st_mode):
        end, problem = Status.SPECIAL_FILE, SPECIAL
    return FoundFile(
        root, path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev, end, problem, status.st_ctime_ns
    )


def _failed(root: bytes, path: bytes, error: OSError) -> FoundFile:
    if isinstance(error, PermissionError):
        return FoundFile(root, path, status=Status.PERMISSION_DENIED, problem=FOLDER_UNREADABLE)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FoundFile(root, path, status=Status.VANISHED, problem=FOLDER_VANISHED)
    return FoundFile(root, path, status=Status.IO_ERROR, problem=FOLDER_FAILED)
