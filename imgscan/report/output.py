"""Where a report goes: beside its goal under another name until it is whole, and never into an album."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO, TypeVar

from imgscan.errors import StoreError, UsageError, why
from imgscan.i18n import _
from imgscan.store.durable import replacing
from imgscan.wording import harmless

Told = TypeVar("Told")


def write_file(path: Path, write: Callable[[TextIO], None]) -> None:
    """Write text to `path` whole or not at all, readable by its owner only. Raises StoreError."""
    with _whole_or_not(path) as raw, os.fdopen(os.dup(raw.fileno()), "w", encoding="utf-8", newline="\n") as out:
        write(out)


def write_bytes(path: Path, write: Callable[[IO[bytes]], Told]) -> Told:
    """The same for bytes; `write` gets a file that can be read and written anywhere. Returns what it returns."""
    with _whole_or_not(path) as raw:
        return write(raw)


def require_folder(path: Path) -> None:
    """Raise UsageError unless `path` can name a file in a folder that is there: said before the work, not after."""
    if not path.name or path.is_dir():
        raise UsageError(_("{} is a folder, no file.").format(harmless(str(path))), _("Name a file."))
    if not path.absolute().parent.is_dir():
        raise UsageError(
            _("There is no {path}.").format(path=path.parent), _("Name a file in a folder that exists and has space.")
        )


def require_outside(path: Path, albums: Iterable[bytes], home: Path) -> None:
    """Raise UsageError where `path` lies in an album or in the data folder.

    Albums are only ever read: a report among the photos could replace one, would be looked through by the next scan,
    and would go wherever the album is copied. The data folder holds the store itself.
    """
    goal = os.path.join(os.path.realpath(os.fsencode(path.parent)), os.fsencode(path.name))  # noqa: PTH118 (bytes)
    for root in albums:
        if _lies_in(goal, os.path.realpath(root)):
            raise UsageError(
                _("{path} lies in the album {root}, and albums are never written to.").format(
                    path=path, root=os.fsdecode(root)
                ),
                _("Name a file in another folder."),
            )
    if _lies_in(goal, os.path.realpath(os.fsencode(home))):
        raise UsageError(
            _("{path} lies in the data folder {home}, which holds the store.").format(path=path, home=home),
            _("Name a file in another folder."),
        )


def _lies_in(goal: bytes, folder: bytes) -> bool:
    return goal == folder or goal.startswith(folder.rstrip(b"/") + b"/")


@contextmanager
def _whole_or_not(path: Path) -> Iterator[IO[bytes]]:
    """A temporary file beside `path` that takes its place at the end, on the disk before it does."""
    try:
        with replacing(path) as out:
            yield out
    except OSError as error:
        raise StoreError(
            _("{path} cannot be written: {why}").format(path=path, why=why(error)),
            _("Name a file in a folder that exists and has space."),
        ) from error
