"""Runs the line (`imgscan.line`) over whole albums: many reading processes, one writer, nothing done twice."""

from __future__ import annotations

import os
import queue
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from imgscan.discover import discover
from imgscan.errors import AlreadyRunningError, ReaderStartError, StoreError
from imgscan.fingerprint import FileError, fingerprint
from imgscan.i18n import _
from imgscan.line import judge_again
from imgscan.rulebook import Rulebook
from imgscan.store.scanning import KnownFile, KnownPicture, Labels, ScanStore
from imgscan.types import FoundFile, Page, ScanResult, Status
from imgscan.workers import WorkerConfig, Workers

HASHING_THREADS = 2  # hashing overlaps reading and lets go of the interpreter
HASHED_AHEAD = 16
TOUCHED_AT_ONCE = 500


class Progress(Protocol):
    """Told what happens, as it happens; always from the thread that called `scan`."""

    def found(self) -> None:
        """One more file was found."""

    def ended(self, result: ScanResult) -> None:
        """One file ended: read now, known from an earlier scan, or not readable."""


@dataclass(slots=True)
class Stop:
    """Set `requested` to make a scan finish the pictures in hand and return."""

    requested: bool = False


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """How the scan as a whole went; `read` counts the pictures that OCR looked at."""

    scan_id: int
    coverage: dict[Status, int]
    read: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Readers:
    """How to start the reading processes; they are started only if there is something to read."""

    config: WorkerConfig
    count: int
    timeout_seconds: float


@contextmanager
def only_scan(lock_path: Path) -> Iterator[None]:
    """Hold the store's scan lock, or raise AlreadyRunningError naming who holds it. It dies with the process."""
    holder = lock_path.with_name(f"{lock_path.name}.holder")
    lock = FileLock(lock_path, mode=0o600)
    try:
        lock.acquire(timeout=0)
        holder.write_text(f"pid {os.getpid()}, {os.uname().nodename}\n", encoding="utf-8")
    except Timeout as error:
        who = holder.read_text(encoding="utf-8").strip() if holder.exists() else "?"
        raise AlreadyRunningError(
            _("Another scan of this store is running ({who}).").format(who=who),
            _("Wait for it to end, or stop it with Ctrl-C there; what it has read is kept."),
        ) from error
    except OSError as error:
        lock.release()
        raise StoreError(
            _("{path} cannot be written: {why}").format(path=lock_path, why=error.strerror),
            _("Check that the volume has space and can be written, then run the same command again: it goes on."),
        ) from error
    try:
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def scan(
    roots: Sequence[Path],
    labels: Labels,
    store: ScanStore,
    rulebook: Rulebook,
    readers: Readers,
    *,
    own: Sequence[Path] = (),
    progress: Progress,
    stop: Stop,
) -> ScanOutcome:
    """Scan `roots` into `store`. Interrupted or failed, it can be run again and goes on where it stopped."""
    scan_id = store.begin()
    state = "failed"
    try:
        with ExitStack() as stack:
            run = _Run(scan_id, store, rulebook, readers, progress, stack)
            for root in roots:
                run.album(root, labels, own, stop)
        state = "interrupted" if stop.requested else "complete"
    finally:
        store.finish(scan_id, state)
    return ScanOutcome(scan_id, store.coverage(scan_id), run.read, stop.requested)


@dataclass(slots=True)
class _Run:
    """One scan while it runs. Workers and hashing threads answer through queues; only `_record` writes."""

    scan_id: int
    store: ScanStore
    rulebook: Rulebook
    readers: Readers
    progress: Progress
    stack: ExitStack
    read: int = 0
    album_id: int = 0
    touched: list[int] = field(default_factory=list)
    hashing: list[tuple[FoundFile, Future[str]]] = field(default_factory=list)
    twins: dict[str, list[FoundFile]] = field(default_factory=lambda: defaultdict(list))
    in_hand: dict[bytes, str] = field(default_factory=dict)  # path being read -> SHA-256 it had when hashed
    answers: queue.SimpleQueue[ScanResult | ReaderStartError] = field(default_factory=queue.SimpleQueue)
    _workers: Workers | None = None
    _hasher: ThreadPoolExecutor | None = None

    def album(self, root: Path, labels: Labels, own: Sequence[Path], stop: Stop) -> None:
        self.album_id = self.store.album(os.fsencode(root), labels)
        known = self.store.known_files(self.album_id)
        for found in discover(root, own):
            if stop.requested:
                break
            self.progress.found()
            self._take(found, known.get(found.path))
        while self.hashing and not stop.requested:
            self._hashed()
        self.hashing.clear()
        while self.in_hand:
            self._answer(self.answers.get())
        self._touch(at_least=1)

    def _take(self, found: FoundFile, known: KnownFile | None) -> None:
        if found.status is not None:
            self._record(ScanResult(found, found.status, problem=found.problem))
        elif known is not None and known.same(found):
            self.touched.append(known.id)
            self._touch(at_least=TOUCHED_AT_ONCE)
            self.progress.ended(ScanResult(found, known.status))
        else:
            self.hashing.append((found, self._hash(found)))
            if len(self.hashing) >= HASHED_AHEAD:
                self._hashed()
        while not self.answers.empty():
            self._answer(self.answers.get())

    def _touch(self, at_least: int) -> None:
        if len(self.touched) >= at_least:
            self.store.touch(self.scan_id, self.touched)
            self.touched.clear()

    def _hash(self, found: FoundFile) -> Future[str]:
        if self._hasher is None:
            self._hasher = self.stack.enter_context(ThreadPoolExecutor(HASHING_THREADS))
        limit = self.readers.config.limits.max_bytes
        return self._hasher.submit(lambda: fingerprint(found, limit).sha256)

    def _hashed(self) -> None:
        """Take the oldest hashed file on: known already, the twin of one in hand, or to be read."""
        found, future = self.hashing.pop(0)
        try:
            sha256 = future.result()
        except FileError as error:
            self._record(ScanResult(found, error.status, problem=error.problem))
            return
        known = self.store.known_picture(sha256)
        if known is not None and known.judged:
            self._record(ScanResult(found, known.status, sha256, found.size, problem=known.problem))
        elif known is not None and known.pages is not None:
            self._record(self._judged_again(found, sha256, known, known.pages), judged=True)
        elif sha256 in self.twins:
            self.twins[sha256].append(found)
        else:
            self._read(found, sha256)

    def _judged_again(self, found: FoundFile, sha256: str, known: KnownPicture, pages: tuple[Page, ...]) -> ScanResult:
        """New rules over the text that was kept. Where none was kept, new rules need a new reading."""
        review_from = self.readers.config.limits.review_from
        status, findings = judge_again(pages, known.status, known.problem, self.rulebook, review_from)
        return ScanResult(found, status, sha256, found.size, pages=pages, findings=findings, problem=known.problem)

    def _read(self, found: FoundFile, sha256: str) -> None:
        if self._workers is None:
            pool = Workers(self.readers.config, self.readers.count, self.readers.timeout_seconds)
            self._workers = self.stack.enter_context(pool)
        while len(self.in_hand) >= 2 * self.readers.count:  # so that little is lost and memory stays small
            self._answer(self.answers.get())
        self.twins[sha256] = []
        self.in_hand[found.path] = sha256
        self.read += 1
        self._workers.submit(found, self.answers.put)

    def _answer(self, result: ScanResult | ReaderStartError) -> None:
        if isinstance(result, ReaderStartError):
            raise result
        expected = self.in_hand.pop(result.found.path)
        if not result.sha256 and result.status in (Status.TIMEOUT, Status.CRASHED, Status.OOM):
            result = replace(result, sha256=expected, size=result.found.size)
        self._record(result, judged=True)
        twins = self.twins.pop(expected)
        if result.sha256 == expected:
            for twin in twins:
                self._record(ScanResult(twin, result.status, expected, twin.size, problem=result.problem))
        elif twins:  # the file changed between hashing and reading: the next of its twins is read for the others
            self._read(twins[0], expected)
            self.twins[expected] += twins[1:]

    def _record(self, result: ScanResult, *, judged: bool = False) -> None:
        self.store.record(self.scan_id, self.album_id, result, judged=judged)
        self.progress.ended(result)
