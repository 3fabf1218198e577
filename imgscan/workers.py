"""Runs the reading steps in expendable processes: one that hangs, crashes or swells costs one file its status.

Each is walled in (`imgscan.sandbox`) before it loads the engine. A file that ends its process is tried once more, alone
in a fresh one: a neighbour may have spoilt the first. One that takes too long is not: it had a process to itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import resource_tracker
from pathlib import Path
from types import TracebackType

import pebble

from imgscan import rulebook, sandbox
from imgscan.engine import Engine
from imgscan.errors import ReaderStartError
from imgscan.i18n import N_, _
from imgscan.line import Limits, Line, read_one
from imgscan.memory import make_room
from imgscan.read import PROFILES
from imgscan.types import FoundFile, ScanResult, Status

TOOK_TOO_LONG = N_("Reading took longer than the setting timeout_seconds allows.")
FAILED = N_("The reader failed on this file, twice.")
ENDED = N_("The reader ended on this file, twice, with an exit code that says nothing.")
OUT_OF_MEMORY = N_("Reading needs more memory than the setting worker_memory_mib allows.")
CRASHES = {
    signal.SIGSEGV: N_("The reader crashed on this file, twice, by using memory that is not its own (SIGSEGV)."),
    signal.SIGBUS: N_("The reader crashed on this file, twice, by using memory that is not there (SIGBUS)."),
    signal.SIGABRT: N_("The reader crashed on this file, twice: a library gave up (SIGABRT)."),
    signal.SIGFPE: N_("The reader crashed on this file, twice, by a wrong calculation (SIGFPE)."),
    signal.SIGILL: N_("The reader crashed on this file, twice, on an unknown instruction (SIGILL)."),
    signal.SIGSYS: N_("The reader crashed on this file, twice, by asking for what it may not do (SIGSYS)."),
    signal.SIGKILL: N_("The reader was killed on this file, twice (SIGKILL): perhaps the machine had no memory left."),
    signal.SIGTERM: N_("The reader was told to end on this file, twice (SIGTERM)."),
}
"""What a process that a signal ended says of its file."""

# A worker is replaced after so many files, so that what a library leaks stays small.
FILES_A_WORKER = 1000
SWOLLEN = 71  # exit code of a process that ran out of memory; EX_OSERR of sysexits.h
POOLS_TRIED = 5

Done = Callable[[ScanResult | ReaderStartError], None]


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """All that a reading process is told. Hashable and picklable: it travels with every file.

    It may read `albums` beside the program, `weights` and `packs`, and write below `temporary` alone.
    """

    engine: Callable[[Path], Engine]
    weights: Path
    packs: tuple[Path, ...]
    profile: str
    limits: Limits
    memory_mib: int
    rules: str = ""  # the digest that the scan files its judgements under; unchecked when empty
    albums: tuple[Path, ...] = ()
    temporary: Path | None = None

    @property
    def bounds(self) -> sandbox.Bounds:
        """The walls around a process that reads."""
        writable = () if self.temporary is None else (self.temporary,)
        return sandbox.Bounds(self.memory_mib * 2**20, (self.weights, *self.packs, *self.albums), writable)


class Workers:
    """A pool of reading processes. Use as a context manager; `submit` never raises for a bad file."""

    def __init__(self, config: WorkerConfig, count: int, timeout_seconds: float) -> None:
        self._config = config
        self._timeout = timeout_seconds
        self._pools = _Pools(config, count)
        # Second tries, one after the other. Its processes live no longer than this thread (sandbox.settle).
        self._again = ThreadPoolExecutor(1)
        self._alone: _Pools | None = None
        self._lock = threading.Lock()
        self._given_up = False

    def submit(self, found: FoundFile, done: Done, data: bytes | None = None) -> None:
        """Read `found` in some process; `done` is called once, from another thread, with how it ended.

        It gets a ReaderStartError where no file can be read at all. `data` is the bytes of a member of an archive.
        """

        def finished(future: Future[ScanResult]) -> None:
            try:
                done(future.result())
            except CancelledError:
                return  # the scan is being given up; the file is found again next time
            except ReaderStartError as error:
                done(error)
            except FutureTimeoutError as error:
                done(given_up(found, error))
            except Exception:  # noqa: BLE001 (every other way a process can die is tried again)
                with suppress(RuntimeError):  # the scan is being given up
                    self._again.submit(self._try_alone, found, data, done)

        try:
            future = self._pools.schedule([found, data, self._config], self._timeout)
        except ReaderStartError as error:
            done(error)
        else:
            if future is not None:
                future.add_done_callback(finished)

    def _try_alone(self, found: FoundFile, data: bytes | None, done: Done) -> None:
        with self._lock:
            if self._given_up:
                return
            self._alone = _Pools(self._config, 1)
        try:
            future = self._alone.schedule([found, data, self._config], self._timeout)
            result = None if future is None else future.result()
        except CancelledError:
            return
        except ReaderStartError as error:
            done(error)
        except Exception as error:  # noqa: BLE001 (every way a process can die ends as a status)
            done(given_up(found, error))
        else:
            if result is not None:
                done(result)
        finally:
            self._alone.stop()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._given_up = True
        self._pools.stop()
        if self._alone is not None:
            self._alone.stop()
        self._again.shutdown()


class _Pools:
    """Pools of reading processes that follow each other: pebble gives one up when a process dies that was not reading.

    `stop` ends all of it; nothing is scheduled after that.
    """

    def __init__(self, config: WorkerConfig, count: int) -> None:
        self._config = config
        self._count = count
        self._lock = threading.Lock()
        self._stopped = False
        # Pools are made in a thread that lives as long as this object: sandbox.settle goes by thread.
        self._maker = ThreadPoolExecutor(1, initializer=_hold_interrupts)
        self._pools = [self._new_pool()]

    def schedule(self, task: list[object], timeout: float) -> Future[ScanResult] | None:
        """Hand `task` to a pool that works; None after `stop`. Raises ReaderStartError where none will."""
        with self._lock:
            if self._stopped:
                return None
            for _attempt in range(POOLS_TRIED):
                # Asking starts a new pool.
                if self._maker.submit(lambda: self._pools[-1].active).result():
                    try:
                        return self._pools[-1].schedule(_read_in_worker, args=task, timeout=timeout)
                    except RuntimeError:  # it broke since it was asked
                        pass
                self._pools[-1].stop()  # type: ignore[no-untyped-call]
                self._pools.append(self._new_pool())
        raise ReaderStartError(_("The reading processes keep dying before they start."), _("Run: imgscan doctor"))

    def stop(self) -> None:
        """End every process; what was scheduled and is not done is cancelled."""
        with self._lock:
            stopped, self._stopped = self._stopped, True
        if stopped:  # by the thread that reads again, or by the one that leaves: two at once would close a pipe twice
            return
        for pool in self._pools:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()
        self._maker.shutdown()

    def _new_pool(self) -> pebble.ProcessPool:
        # spawn: a fresh interpreter shares no lock, thread or open database with the one that writes.
        return pebble.ProcessPool(
            max_workers=self._count,
            max_tasks=FILES_A_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=[self._config, os.getpid()],
        )


def _hold_interrupts() -> None:
    """Let SIGINT wait in this thread and in what it starts, which inherits that.

    Ctrl-C reaches the whole group, and a process that is still importing would tell a trace of it (sandbox.settle).
    """
    resource_tracker.ensure_running()  # it lets SIGINT through again where it is started by the first process
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def given_up(found: FoundFile, error: Exception) -> ScanResult:
    """How a file ends whose process ended with `error`."""
    if isinstance(error, FutureTimeoutError):
        return ScanResult(found, Status.TIMEOUT, problem=TOOK_TOO_LONG)
    if not isinstance(error, pebble.ProcessExpired):
        return ScanResult(found, Status.CRASHED, problem=FAILED)
    if error.exitcode == SWOLLEN:
        return ScanResult(found, Status.OOM, problem=OUT_OF_MEMORY)
    ended_by = next((number for number in CRASHES if error.exitcode == -number), None)
    return ScanResult(found, Status.CRASHED, problem=CRASHES[ended_by] if ended_by else ENDED)


def _prepare_worker(config: WorkerConfig, parent: int) -> None:
    sandbox.settle(config.bounds, parent)
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
        result = read_one(found, line, data)
    except MemoryError:
        os._exit(SWOLLEN)  # a fresh process reads the next file: this one may have no memory left for it
    make_room()
    return result


@cache
def _line(config: WorkerConfig) -> Line:
    """Built when a process starts and kept for the rest of its life."""
    rules = rulebook.load(config.packs)
    if config.rules not in ("", rules.digest):
        raise ReaderStartError(_("The rules were changed while the scan ran."), _("Run the same command again."))
    return Line(
        engine=config.engine(config.weights), rulebook=rules, profile=PROFILES[config.profile], limits=config.limits
    )
