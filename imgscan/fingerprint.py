"""Opens one file safely, reads its bytes once and names them by SHA-256. Second step of the line."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field

from imgscan.i18n import N_
from imgscan.sniff import EMPTY, HEAD_BYTES, refusal, sniff
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


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a picture file as they were at one moment, and their SHA-256 in hex."""

    found: FoundFile
    data: bytes = field(repr=False)
    sha256: str


def fingerprint(found: FoundFile, max_bytes: int) -> Content:
    """Read `found` once. Raises FileError for what is no picture, too large, gone, or may not be read."""
    try:
        data = _read(found.path, max_bytes)
    except PermissionError as error:
        raise FileError(Status.PERMISSION_DENIED, MAY_NOT_READ) from error
    except OSError as error:
        raise _file_error(error) from error
    return Content(found, data, hashlib.sha256(data).hexdigest())


def _file_error(error: OSError) -> FileError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
        return FileError(Status.VANISHED, VANISHED)
    if error.errno == errno.ELOOP:  # O_NOFOLLOW met a link where a file was a moment ago
        return FileError(Status.SYMLINK, CHANGED_KIND)
    return FileError(Status.IO_ERROR, IO_ERROR)


def _read(path: bytes, max_bytes: int) -> bytes:
    # O_NONBLOCK: a FIFO put in the file's place must not block us; O_NOFOLLOW: nor a link lead us elsewhere.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(Status.SPECIAL_FILE, CHANGED_KIND)
        head = stream.read(HEAD_BYTES)
        if not head:
            raise FileError(Status.UNREADABLE, EMPTY)
        if sniff(head) is None:
            raise FileError(*refusal(head))
        if status.st_size > max_bytes:
            raise FileError(Status.TOO_LARGE, TOO_LARGE)
        data = head + stream.read(max_bytes)  # never more, even if the file grows meanwhile
        if len(data) > max_bytes:
            raise FileError(Status.TOO_LARGE, TOO_LARGE)
        return data
