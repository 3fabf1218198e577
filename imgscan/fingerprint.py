"""Opens one file safely, reads its bytes once and names them by SHA-256. Second step of the line."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from imgscan.i18n import N_
from imgscan.sniff import ARCHIVE, EMPTY, HEAD_BYTES, archive_kind, refusal, sniff
from imgscan.types import FoundFile, Status

TOO_LARGE = N_("The file is larger than the setting max_file_mib allows.")
MAY_NOT_READ = N_("The file may not be read.")
VANISHED = N_("The file vanished while the folder was read.")
IO_ERROR = N_("The disk or share failed while the file was read.")
CHANGED_KIND = N_("The file turned into something else while the folder was read.")


class FileError(Exception):
    """The file gives no bytes to read; `status` says how it ends, `problem` why (a string of the catalogue)."""

    def __init__(self, status: Status, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class ArchiveFoundError(FileError):
    """The file is an archive: `imgscan.archive` gives the files in it. `data` is its bytes where they were read."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(Status.UNSUPPORTED, ARCHIVE)
        self.data = data


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a picture file as they were at one moment, and their SHA-256 in hex."""

    found: FoundFile
    data: bytes = field(repr=False)
    sha256: str


def fingerprint(found: FoundFile, max_bytes: int) -> Content:
    """Read `found` once. Raises FileError for what is no picture, too large, gone, or may not be read.

    An archive is an ArchiveFoundError.
    """
    with open_regular(found.path) as (stream, size):
        return content_of(found, _read(stream, size, max_bytes))


def content_of(found: FoundFile, data: bytes) -> Content:
    """`data` as the bytes of `found`."""
    return Content(found, data, hashlib.sha256(data).hexdigest())


@contextmanager
def open_regular(path: bytes) -> Iterator[tuple[BinaryIO, int]]:
    """The regular file at `path` open for reading, and its size. What fails in here is raised as FileError."""
    try:
        # O_NONBLOCK: a FIFO put in the file's place must not block us; O_NOFOLLOW: nor a link lead us elsewhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):  # a folder put in its place, perhaps
            os.close(descriptor)
            raise FileError(Status.SPECIAL_FILE, CHANGED_KIND)
        with os.fdopen(descriptor, "rb") as stream:
            yield stream, status.st_size
    except PermissionError as error:
        raise FileError(Status.PERMISSION_DENIED, MAY_NOT_READ) from error
    except OSError as error:
        raise _file_error(error) from error


def require_readable(head: bytes) -> None:
    """Raise FileError where the file that begins with `head` is nothing that is read."""
    if not head:
        raise FileError(Status.UNREADABLE, EMPTY)
    if archive_kind(head):
        raise ArchiveFoundError
    if sniff(head) is None:
        raise FileError(*refusal(head))


def _file_error(error: OSError) -> FileError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
        return FileError(Status.VANISHED, VANISHED)
    if error.errno == errno.ELOOP:  # O_NOFOLLOW met a link where a file was a moment ago
        return FileError(Status.SYMLINK, CHANGED_KIND)
    return FileError(Status.IO_ERROR, IO_ERROR)


def _read(stream: BinaryIO, size: int, max_bytes: int) -> bytes:
    head = stream.read(HEAD_BYTES)
    require_readable(head)
    if size > max_bytes:
        raise FileError(Status.TOO_LARGE, TOO_LARGE)
    data = head + stream.read(max_bytes)  # never more, even if the file grows meanwhile
    if len(data) > max_bytes:
        raise FileError(Status.TOO_LARGE, TOO_LARGE)
    return data
