"""Runs the reading steps in expendable processes: one that hangs, crashes or swells costs one file its status."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import pebble

from imgscan import rulebook
from imgscan.engine import Engine
from imgscan.errors import ReaderStartError
from imgscan.i18n import N_, _
from imgscan.line import Limits, Line, read_one
from imgscan.read import PROFILES
from imgscan.types import FoundFile, ScanResult, Status

TOOK_TOO_LONG = N_("Reading took longer than the setting timeout_seconds allows.")
CRASHED = N_("The reader crashed on this file, twice.")
FAILED = N_("The reader failed on this file, twice.")
OUT_OF_MEMORY = N_("Reading needs more memory than the setting worker_memory_mib allows.")

# A worker is replaced after so many files, so that what a library leaks stays small.
FILES_A_WORKER = 1000
SWOLLEN = 71  # exit code of a process that ran out of memory; EX_OSERR of sysexits.h
POOLS_TRIED = 5
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Done = Callable[[ScanResult | ReaderStartError], None]


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """All that a reading process is told. Hashable and picklable: it travels with every file."""

    engine: Callable[[Path], Engine]
    weights: Path
    packs: tuple[Path, ...]
    profile: str
    limits: Limits
    memory_mib: int
    rules: str = ""  # the digest that the scan files its judgements under; unchecked when empty


class Workers:
    """A pool of reading processes. Use as a context manager; `submit` never raises for a bad file."""

    def __init__(self, config: WorkerConfig, count: int, timeout_seconds: float) -> None:
        self._config = config
        self._count = count
        self._timeout = timeout_seconds
        self._given_up = False
        self._lock = threading.Lock()
        # Pools are made in a thread that lives as long as this object: PR_SET_PDEATHSIG below goes by thread.
        self._maker = ThreadPoolExecutor(1)
        self._pools = [self._new_pool()]

    def submit(self, found: FoundFile, done: Done, data: bytes | None = None) -> None:
        """Read `found` in some process; `done` is called once, from another thread, with how it ended.

        It gets a ReaderStartError where no file can be read at all. `data` is the bytes of a member of an archive.
        """
        self._try(found, data, done, first=True)

    def _new_pool(self) -> pebble.ProcessPool:
        # spawn: a fresh interpreter shares no lock, thread or open database with the one that writes.
        return pebble.ProcessPool(
            max_workers=self._count,
            max_tasks=FILES_A_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=[self._config, os.getpid()],
        )

    def _schedule(self, found: FoundFile, data: bytes | None) -> Future[ScanResult] | None:
        """Hand `found` to a pool that works; None when the scan is being given up."""
        with self._lock:
            if self._given_up:
                return None
            for _attempt in range(POOLS_TRIED):
                # Asking starts a new pool; pebble gives its whole pool up when a process dies that was not reading.
                if self._maker.submit(lambda: self._pools[-1].active).result():
                    try:
                        return self._pools[-1].schedule(
                            _read_in_worker, args=[found, data, self._config], timeout=self._timeout
                        )
                    except RuntimeError:  # it broke since it was asked
                        pass
                self._pools[-1].stop()  # type: ignore[no-untyped-call]
                self._pools.append(self._new_pool())
        raise ReaderStartError(_("The reading processes keep dying before they start."), _("Run: imgscan doctor"))

    def _try(self, found: FoundFile, data: bytes | None, done: Done, *, first: bool) -> None:
        try:
            future = self._schedule(found, data)
        except ReaderStartError as error:
            done(error)
            return
        if future is None:
            return

        def finished(future: Future[ScanResult]) -> None:
            try:
                done(future.result())
            except CancelledError:
                return  # the scan is being given up; the file is found again next time
            except ReaderStartError as error:
                done(error)
            except Exception as error:  # noqa: BLE001 (every way a process can die ends as a status)
                if first:  # perhaps a neighbour's memory or the machine was to blame: once more
                    self._try(found, data, done, first=False)
                else:
                    done(_given_up(found, error))

        future.add_done_callback(finished)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._given_up = True
        for pool in self._pools:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()
        self._maker.shutdown()


def _given_up(found: FoundFile, error: Exception) -> ScanResult:
    if isinstance(error, FutureTimeoutError):
        return ScanResult(found, Status.TIMEOUT, problem=TOOK_TOO_LONG)
    crashed = isinstance(error, pebble.ProcessExpired)
    if isinstance(error, pebble.ProcessExpired) and error.exitcode == SWOLLEN:
        return ScanResult(found, Status.OOM, problem=OUT_OF_MEMORY)
    return ScanResult(found, Status.CRASHED, problem=CRASHED if crashed else FAILED)


def _prepare_worker(config: WorkerConfig, parent: int) -> None:
    if sys.platform == "linux":  # a worker that hangs never notices that the scan was killed
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed before the call above
            os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what it means
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # decoders written in C tell the terminal about every broken file; the status says it better
        os.dup2(nowhere, stream)
    limit = config.memory_mib * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pictures
    # Loading takes seconds that are not the first picture's. What goes wrong here is raised again, and told, there.
    with suppress(Exception):
        _line(config)


def _read_in_worker(found: FoundFile, data: bytes | None, config: WorkerConfig) -> ScanResult:
    try:
        line = _line(config)
    except ReaderStartError:
        raise
    except Exception as error:
        raise ReaderStartError(
            _("The reader cannot start: {error!r}").format(error=error), _("Run: imgscan doctor")
        ) from error
    try:
        return read_one(found, line, data)
    except MemoryError:
        os._exit(SWOLLEN)  # a fresh process reads the next file: this one may have no memory left for it


@cache
def _line(config: WorkerConfig) -> Line:
    """Built when a process starts and kept for the rest of its life."""
    rules = rulebook.load(config.packs)
    if config.rules not in ("", rules.digest):
        raise ReaderStartError(_("The rules were changed while the scan ran."), _("Run the same command again."))
    return Line(
        engine=config.engine(config.weights), rulebook=rules, profile=PROFILES[config.profile], limits=config.limits
    )
