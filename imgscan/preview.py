"""Shows a picture of the review queue: its bytes become fresh JPEGs in a process that may be killed (review's eyes).

The original is only read, and only where its SHA-256 is still that of the picture that was scanned. What leaves here
is re-encoded from decoded pixels: no EXIF, no second image behind the first, nothing of the file itself.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from imgscan.archive import read_member
from imgscan.errors import ImgscanError
from imgscan.fingerprint import FileError
from imgscan.framing import Polygons, Views
from imgscan.i18n import _
from imgscan.review import Original
from imgscan.sandbox import Bounds, enter
from imgscan.types import INSIDE

MEMORY_BYTES = 6 << 30  # decoded twice over, the largest picture that a scan accepts still fits


class OriginalMissingError(ImgscanError):
    """No file that held the picture is there any more, or each was changed since."""

    def __init__(self) -> None:
        super().__init__(
            _("The original cannot be found: it was moved, changed or deleted, or its medium is not connected."),
            _("Connect the medium or restore the folder, then press R. You can decide without the picture."),
        )


class NotShownError(ImgscanError):
    """The picture is there but gives no view in the time and memory allowed."""

    def __init__(self) -> None:
        super().__init__(
            _("This picture cannot be shown: it is damaged or needs too much time or memory."),
            _("Open it from its folder on a computer set apart for that. You can decide without the picture."),
        )


class _Trouble(Enum):
    MISSING = OriginalMissingError
    NOT_SHOWN = NotShownError


_Job = tuple[Original, int, Polygons, Polygons]
Render = Callable[[Original, int, Polygons, Polygons], Views | _Trouble]


class Previewer:
    """Makes views in child processes and keeps the last few. Starts with the first view or `warm_up`; close it."""

    def __init__(self, seconds: float = 20.0, workers: int = 2, keep: int = 48, render: Render | None = None) -> None:
        self._seconds = seconds
        self._workers = workers
        self._keep = keep
        self._render = render or render_views
        self._kept: OrderedDict[_Job, ProcessFuture[Any]] = OrderedDict()
        self._unfinished: set[Future[Any]] = set()
        self._lock = Lock()
        # spawn: the server has threads, and a fork of it could inherit a held lock.
        self._pool = ProcessPool(
            max_workers=workers, initializer=_confine, context=multiprocessing.get_context("spawn")
        )

    def warm_up(self) -> None:
        """Start the processes now, so that the first picture does not wait for them."""
        self._pool.schedule(_nap)

    def views(self, original: Original, page: int = 0, around: Polygons = (), clear: Polygons = ()) -> Views:
        """The views of one page, around its worst mark, with what is in `clear` as well seen through the veil.

        Raises OriginalMissingError, NotShownError.
        """
        job = (original, page, around, clear)
        try:
            future = self._future(job)
            outcome: Views | _Trouble = future.result()
        except (ProcessExpired, TimeoutError, MemoryError, CancelledError, RuntimeError) as error:
            self._forget(job)  # RuntimeError: closed meanwhile
            raise NotShownError from error
        if isinstance(outcome, _Trouble):
            self._forget(job)
            raise outcome.value
        return outcome

    def close(self) -> None:
        """End the processes; whoever waits for a view is told that there is none."""
        with self._lock:
            unfinished = list(self._unfinished)
        for future in unfinished:
            future.cancel()
        self._wait_until_started()
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def _wait_until_started(self, seconds: float = 5.0) -> None:
        """Give every process the time to begin: one that is stopped half started complains on standard error."""
        up: set[int] = set()
        end = time.monotonic() + seconds
        while self._pool.active and len(up) < self._workers and time.monotonic() < end:
            naps = [self._pool.schedule(_nap) for _worker in range(self._workers)]
            done, _late = wait(naps, end - time.monotonic())
            up |= {nap.result() for nap in done if nap.exception() is None}

    def _future(self, job: _Job) -> ProcessFuture[Any]:
        with self._lock:
            known = self._kept.get(job)
            if known is not None:
                self._kept.move_to_end(job)
                return known
            future = self._kept[job] = self._pool.schedule(self._render, job, timeout=self._seconds)
            self._unfinished.add(future)
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, future: Future[Any]) -> None:
        with self._lock:
            self._unfinished.discard(future)

    def _forget(self, job: _Job) -> None:
        with self._lock:
            self._kept.pop(job, None)


def read_original(original: Original) -> bytes | None:
    """The bytes of the first file that still holds the picture; None where there is none."""
    for path in original.paths:
        content = _read_inside(path, original.size) if INSIDE in path else _read_regular(path, original.size)
        if content is not None and hashlib.sha256(content).digest() == original.sha256:
            return content
    return None


def _read_inside(path: bytes, size: int) -> bytes | None:
    """The bytes of a member of an archive; None where it is gone or larger than `size`."""
    try:
        return read_member(path, size)
    except FileError:
        return None


def _read_regular(path: bytes, size: int) -> bytes | None:
    """The bytes of a regular file of `size` bytes, not through a final symlink; None for anything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        try:
            return file.read(size)
        except OSError:  # the stick was pulled while it was read
            return None


def render_views(original: Original, page: int, around: Polygons, clear: Polygons) -> Views | _Trouble:
    """Read, decode and encode; runs in the child process."""
    import cv2  # noqa: PLC0415 (only the child needs OpenCV and the decoders)

    from imgscan.decode import DecodeError, decode  # noqa: PLC0415
    from imgscan.rendering import views_of  # noqa: PLC0415

    content = read_original(original)
    if content is None:
        return _Trouble.MISSING
    try:
        frame = next((frame for frame in decode(content) if frame.number == page), None)
    except (DecodeError, MemoryError, cv2.error):
        return _Trouble.NOT_SHOWN
    if frame is None:
        return _Trouble.NOT_SHOWN

    try:
        return views_of(frame, around, clear)
    except (MemoryError, cv2.error):
        return _Trouble.NOT_SHOWN


def _nap() -> int:
    """Leave a job to the next process that is ready; this one's id."""
    time.sleep(0.05)
    return os.getpid()


def _confine() -> None:
    """What the child may use: no network, no file writes, and not all of the memory. An original may lie anywhere."""
    enter(Bounds(MEMORY_BYTES, readable=(Path("/"),)))
