"""Writes a small file so that it is there whole or not at all, whatever is pulled or killed meanwhile (**store**)."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from imgscan.errors import StoreError

BLOCK = 2**20  # bytes
UNFINISHED = ".imgscan-"
"""How the name of a file begins that is not whole yet; one that stays was left by a process that was killed."""


def _link(temporary: str, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP) or path.exists():
            raise
        Path(temporary).replace(path)  # a stick formatted for Windows knows no links


@contextmanager
def replacing(path: Path, *, first: bool = False) -> Iterator[IO[bytes]]:
    """A file of 0600 beside `path` that takes its place at the end, on the disk before it does. Raises OSError.

    With `first` it takes no place that is taken: FileExistsError.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if first:
            _link(temporary, path)
        else:
            Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)  # gone already where it was moved


def put_whole(path: Path, content: bytes, *, first: bool = False) -> None:
    """Write a file of 0600 whole and durably, or not at all. With `first`, FileExistsError where there is one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(path, first=first) as out:
            out.write(content)
        sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreError.unwritable(path, error) from error


def blank(file: IO[bytes]) -> None:
    """Overwrite what a file holds; a snapshot or the spare blocks of an SSD may still keep it. Raises OSError."""
    left = file.seek(0, os.SEEK_END)
    file.seek(0)
    while left > 0:
        left -= file.write(bytes(min(left, BLOCK)))
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Make durable which names a folder holds. Raises OSError."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
