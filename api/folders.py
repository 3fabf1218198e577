"""The folders that a scan may be started on: listed by the server below its allowed roots, named by opaque ids alone.

No path ever comes from a request. An id is known only after the server listed that folder, and before it is used the
folder must still be what was listed: a real folder, reached without a single symbolic link.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imgscan.errors import UsageError
from imgscan.i18n import _

MOST_LISTED = 1000
"""A folder with more folders in it than this is an album, not a place to choose one."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder that may be chosen; `path` is absolute and free of links."""

    id: str
    path: bytes

    @property
    def name(self) -> str:
        """Its own name; invalid UTF-8 as surrogate escapes."""
        return os.fsdecode(self.path.rpartition(b"/")[2] or self.path)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in `inside` (None: the roots); `above` leads from the root to it. `more` are left out."""

    inside: Folder | None
    above: tuple[Folder, ...]
    folders: tuple[Folder, ...]
    more: int = 0


class NoSuchFolderError(UsageError):
    """The folder was not listed, or is no longer what it was."""

    def __init__(self) -> None:
        super().__init__(_("There is no such folder any more."), _("Choose it from the list again."))


class Folders:
    """The folders below `roots`, without those in `own` (the data folder and the weights).

    `configured` are the roots as they were named, for people.
    """

    def __init__(self, roots: Sequence[Path], own: Sequence[Path] = ()) -> None:
        self.configured = tuple(roots)
        self._secret = secrets.token_bytes(32)
        self._own = {os.path.realpath(os.fsencode(path)) for path in own}
        self._listed: dict[str, bytes] = {}
        self._roots = tuple(dict.fromkeys(os.path.realpath(os.fsencode(root)) for root in roots))

    def listing(self, folder_id: str | None = None) -> Listing:
        """The roots, or the folders in a listed one, by name. Raises NoSuchFolderError."""
        if folder_id is None:
            return Listing(None, (), tuple(self._note(root) for root in self._roots if _is_real(root)))
        path = self._real(folder_id)
        try:
            with os.scandir(path) as entries:
                found = sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError as error:
            raise NoSuchFolderError from error
        found = [each for each in found if each not in self._own]
        shown = tuple(self._note(each) for each in found[:MOST_LISTED])
        return Listing(self._note(path), self._above(path), shown, max(0, len(found) - MOST_LISTED))

    def path(self, folder_id: str) -> Path:
        """Where a listed folder lies. Raises NoSuchFolderError, also where a link has taken its place."""
        return Path(os.fsdecode(self._real(folder_id)))

    def _above(self, path: bytes) -> tuple[Folder, ...]:
        root = max((root for root in self._roots if _within(path, root)), key=len)
        steps = path[len(root) :].strip(b"/").split(b"/")[:-1] if path != root else []
        paths = [root] if path != root else []
        for step in steps:
            paths.append(paths[-1].rstrip(b"/") + b"/" + step)
        return tuple(self._note(each) for each in paths)

    def _note(self, path: bytes) -> Folder:
        folder_id = hmac.new(self._secret, path, hashlib.sha256).hexdigest()[:32]
        self._listed[folder_id] = path
        return Folder(folder_id, path)

    def _real(self, folder_id: str) -> bytes:
        path = self._listed.get(folder_id)
        if path is None or not _is_real(path) or not any(_within(path, root) for root in self._roots):
            raise NoSuchFolderError
        return path


def _is_real(path: bytes) -> bool:
    return os.path.realpath(path) == path and os.path.isdir(path)  # noqa: PTH112 (bytes: names need not be text)


def _within(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")
