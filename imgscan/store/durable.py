"""Writes a small file so that it is there whole or not at all, whatever is pulled or killed meanwhile (**store**)."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from imgscan.errors import StoreError
from imgscan.i18n import _


def _link(temporary: str, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP) or path.exists():
            raise
        Path(temporary).replace(path)  # a stick formatted for Windows knows no links


def put_whole(path: Path, content: bytes, *, first: bool = False) -> None:
    """Write a file of 0600 whole and durably, or not at all. With `first`, FileExistsError where there is one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            if first:
                _link(temporary, path)
            else:
                Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)  # gone already where it was moved
        sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreError(
            _("{path} cannot be written: {why}").format(path=path, why=error.strerror),
            _("Check that the volume has space and can be written, then run the same command again: it goes on."),
        ) from error


def sync_folder(path: Path) -> None:
    """Make durable which names a folder holds. Raises OSError."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
