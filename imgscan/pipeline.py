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

from imgscan.discover import FOLDER_PROBLEMS, discover
from imgscan.errors import AlreadyRunningError, ReaderStartError, StoreError
from imgscan.fingerprint import ArchiveFoundError, FileError, content_of, fingerprint
from imgscan.line import judge_again
from imgscan.rulebook import Rulebook
from imgscan.sniff import MOTION, carries_video
from imgscan.store.scanning import KnownFile, KnownPicture, Labels, ScanStore
from imgscan.types import INSIDE, FoundFile, Page, ScanResult, Status
from imgscan.unpacking import Unpacker
from imgscan.workers import WorkerConfig, Workers

HASHING_THREADS = 2  # hashing overlaps reading and lets go of the interpreter
HASHED_AHEAD = 16
TOUCHED_AT_ONCE = 500
VIDEO_PART = b"motion.mp4"


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
    """How the scan as a whole went. `read` counts pictures that OCR looked at, `gone` files met before and not now."""

    scan_id: int
    coverage: dict[Status, int]
    read: int
    interrupted: bool
    gone: int = 0


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
        raise AlreadyRunningError.held_by(who) from error
    except OSError as error:
        lock.release()
        raise StoreError.unwritable(lock_path, error) from error
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
    unlisted: list[tuple[int, bytes]] = []
    try:
        with ExitStack() as stack:
            readers = replace(readers, config=replace(readers.config, albums=tuple(roots)))
            run = _Run(scan_id, store, rulebook, readers, progress, stack, unlisted)
            for root in roots:
                run.album(root, labels, own, stop)
        state = "interrupted" if stop.requested else "complete"
    finally:
        gone = store.finish(scan_id, state, unlisted)
    return ScanOutcome(scan_id, store.coverage(scan_id), run.read, stop.requested, gone)


@dataclass(slots=True)
class _Run:
    """One scan while it runs. Workers and hashing threads answer through queues; only the thread that scans writes."""

    scan_id: int
    store: ScanStore
    rulebook: Rulebook
    readers: Readers
    progress: Progress
    stack: ExitStack
    unlisted: list[tuple[int, bytes]]  # folders that could not be looked into
    read: int = 0
    album_id: int = 0
    known: dict[bytes, KnownFile] = field(default_factory=dict)
    inside: dict[bytes, list[bytes]] = field(default_factory=dict)  # path of a file -> known paths of what lies in it
    opened: list[ScanResult] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)
    hashing: list[tuple[FoundFile, Future[tuple[str, bool]]]] = field(default_factory=list)
    twins: dict[str, list[FoundFile]] = field(default_factory=lambda: defaultdict(list))
    in_hand: dict[bytes, str] = field(default_factory=dict)  # path being read -> SHA-256 it had when hashed
    answers: queue.SimpleQueue[ScanResult | ReaderStartError] = field(default_factory=queue.SimpleQueue)
    _workers: Workers | None = None
    _hasher: ThreadPoolExecutor | None = None
    _unpacker: Unpacker | None = None

    def album(self, root: Path, labels: Labels, own: Sequence[Path], stop: Stop) -> None:
        self.album_id = self.store.album(self.scan_id, os.fsencode(root), labels)
        self.known = self.store.known_files(self.album_id)
        self.inside = defaultdict(list)
        for path in self.known:
            if INSIDE in path:
                self.inside[path.partition(INSIDE)[0]].append(path)
        for found in discover(root, own):
            if stop.requested:
                break
            self.progress.found()
            if found.problem in FOLDER_PROBLEMS:
                self.unlisted.append((self.album_id, found.path))
            self._take(found, stop)
        while self.hashing and not stop.requested:
            self._hashed(stop)
        self.hashing.clear()
        while self.in_hand:
            self._answer(self.answers.get())
        self._touch(at_least=1)
        # Last, so that an archive that is noted as looked through has all its files noted.
        for result in self.opened:
            self._ended_unread(result)
        self._touch(at_least=1)
        self.opened.clear()

    def _take(self, found: FoundFile, stop: Stop) -> None:
        if found.status is not None:
            self._ended_unread(ScanResult(found, found.status, problem=found.problem))
        elif (inside := self._unchanged(found)) is not None:
            self.progress.ended(ScanResult(found, self.known[found.path].status))
            for path in inside:
                self.progress.found()
                self.progress.ended(ScanResult(replace(found, path=path), self.known[path].status))
        else:
            self.hashing.append((found, self._hash(found)))
            if len(self.hashing) >= HASHED_AHEAD:
                self._hashed(stop)
        self._answers_so_far()

    def _unchanged(self, found: FoundFile) -> list[bytes] | None:
        """The paths of what lies in `found`, all of it met again; None where there is something to read."""
        known = self.known.get(found.path)
        if known is None or not known.settled or not known.same(found):
            return None
        # What an older version of an archive held was last met by an older scan.
        inside = [path for path in self.inside.get(found.path, ()) if self.known[path].scan_id >= known.scan_id]
        if not all(self.known[path].settled for path in inside):
            return None
        self.touched += [known.id, *(self.known[path].id for path in inside)]  # together, or not at all
        self._touch(at_least=TOUCHED_AT_ONCE)
        return inside

    def _answers_so_far(self) -> None:
        while not self.answers.empty():
            self._answer(self.answers.get())

    def _touch(self, at_least: int) -> None:
        if len(self.touched) >= at_least:
            self.store.touch(self.scan_id, self.touched)
            self.touched.clear()

    def _hash(self, found: FoundFile) -> Future[tuple[str, bool]]:
        if self._hasher is None:
            self._hasher = self.stack.enter_context(ThreadPoolExecutor(HASHING_THREADS))
        limit = self.readers.config.limits.max_bytes
        return self._hasher.submit(_named, found, limit)

    def _hashed(self, stop: Stop) -> None:
        """Take the oldest hashed file on."""
        found, future = self.hashing.pop(0)
        try:
            sha256, video = future.result()
        except ArchiveFoundError:
            self._look_inside(found, stop)
        except FileError as error:
            self._ended_unread(ScanResult(found, error.status, problem=error.problem))
        else:
            self._named(found, sha256, video=video)

    def _look_inside(self, archive: FoundFile, stop: Stop) -> None:
        """Take each member on as a file of its own. The archive itself ends when they have."""
        if self._unpacker is None:
            bounds = self.readers.config.bounds
            self._unpacker = self.stack.enter_context(Unpacker(bounds, self.readers.timeout_seconds))
        members = self._unpacker.members(archive, self.readers.config.limits.max_bytes)
        try:
            for member in members:
                if stop.requested:
                    return
                found, data = member.found, member.data
                if found.path == archive.path:
                    self.opened.append(ScanResult(archive, found.status or Status.CLEAN, problem=found.problem))
                    return
                self.progress.found()
                if data is None:
                    self._ended_unread(ScanResult(found, found.status or Status.CLEAN, problem=found.problem))
                else:
                    sha256, video = content_of(found, data).sha256, carries_video(data)
                    self._named(found, sha256, video=video, data=data)
                self._answers_so_far()
        except FileError as error:
            self.opened.append(ScanResult(archive, error.status, problem=error.problem))
        finally:
            members.close()

    def _named(self, found: FoundFile, sha256: str, *, video: bool, data: bytes | None = None) -> None:
        """A file whose SHA-256 is known: its picture is known already, the twin of one in hand, or to be read."""
        if video:  # a file of its own, so that it is counted and listed
            self.progress.found()
            part = replace(found, path=found.path + INSIDE + VIDEO_PART, size=0, inode=0, device=0)
            self._ended_unread(ScanResult(part, Status.UNSUPPORTED, problem=MOTION))
        known = self.store.known_picture(sha256)
        if known is not None and known.judged:
            self._record(ScanResult(found, known.status, sha256, found.size, problem=known.problem))
        elif known is not None and known.pages is not None:
            self._record(self._judged_again(found, sha256, known, known.pages), judged=True)
        elif sha256 in self.twins:
            self.twins[sha256].append(found)
        else:
            self._read(found, sha256, data)

    def _judged_again(self, found: FoundFile, sha256: str, known: KnownPicture, pages: tuple[Page, ...]) -> ScanResult:
        """New rules over the text that was kept. Where none was kept, new rules need a new reading."""
        review_from = self.readers.config.limits.review_from
        status, findings = judge_again(pages, known.status, known.problem, self.rulebook, review_from)
        return ScanResult(found, status, sha256, found.size, pages=pages, findings=findings, problem=known.problem)

    def _read(self, found: FoundFile, sha256: str, data: bytes | None = None) -> None:
        if self._workers is None:
            pool = Workers(self.readers.config, self.readers.count, self.readers.timeout_seconds)
            self._workers = self.stack.enter_context(pool)
        while len(self.in_hand) >= 2 * self.readers.count:  # so that little is lost and memory stays small
            self._answer(self.answers.get())
        self.twins[sha256] = []
        self.in_hand[found.path] = sha256
        self.read += 1
        self._workers.submit(found, self.answers.put, data)

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

    def _ended_unread(self, result: ScanResult) -> None:
        """A file of which nothing was read; where it ended the same way before, meeting it again is all there is."""
        known, told = self.known.get(result.found.path), (result.status, result.problem)
        if known is None or not known.same(result.found) or not known.settled or (known.status, known.problem) != told:
            self._record(result)
        else:
            self.touched.append(known.id)
            self._touch(at_least=TOUCHED_AT_ONCE)
            self.progress.ended(result)

    def _record(self, result: ScanResult, *, judged: bool = False) -> None:
        self.store.record(self.scan_id, self.album_id, result, judged=judged)
        self.progress.ended(result)


def _named(found: FoundFile, max_bytes: int) -> tuple[str, bool]:
    """The SHA-256 of a file, and whether it carries a video behind its picture. Raises FileError."""
    content = fingerprint(found, max_bytes)
    return content.sha256, carries_video(content.data)
