"""Runs `imgscan scan` as a child process of the server, and tells how the newest scan is getting on.

The child holds the scan lock and writes to the store as any scan does; the page learns how far it is from the store.
Pausing is the SIGINT of a Ctrl-C: the pictures in hand are finished. Going on is the same command again, for a scan
goes on where it stopped.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from api.pace import Pace
from imgscan.errors import AlreadyRunningError, ExitCode, UsageError
from imgscan.i18n import _
from imgscan.store.database import Database
from imgscan.store.progress import ScanSoFar, newest_scan, newest_scan_id
from imgscan.store.scanning import Labels

COMMAND = (sys.executable, "-P", "-m", "imgscan")
"""-P: nothing in the folder where the server was started is ever imported."""
SECONDS_TO_FINISH = 20.0
"""So long the pictures in hand may take when the server ends; what is not finished is read again."""
MOST_SAID = 4000
FINE = (ExitCode.OK, ExitCode.NOT_FULLY_READ)
"""Without --fail-on a scan never ends with FINDINGS: 1 is then the exit of an interpreter that failed."""


@dataclass(frozen=True, slots=True)
class ScanState:
    """How things stand. `state`: idle, running, pausing, paused, ended, failed, or elsewhere (not our child).

    A scan that runs on another machine, in a store shared by several, cannot be told from one that was killed: neither
    is "elsewhere", and `so_far` says "running" of both. `folder` is what was chosen here. `so_far` is of our scan, or
    of the newest where we started none, or of a newer one that is not ours: `ours` then says how our own stands, else
    it is "". `total` is None while files are counted, `rate` is in files a second, `left` in seconds; both None while
    nothing can be said. `said` is what a failed scan of ours wrote to standard error.
    """

    state: str
    folder: Path | None = None
    so_far: ScanSoFar | None = None
    ours: str = ""
    total: int | None = None
    rate: float | None = None
    left: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    folder: Path
    labels: Labels


class _Run:
    """Our child, and which of the scans in the store is its: newer than `before`, there when the child ended.

    No second scan runs beside it: whichever comes later is refused. Numbers are compared and no times: a colleague's
    computer may have another clock.
    """

    def __init__(self, process: subprocess.Popen[bytes], before: int, newest: Callable[[], int]) -> None:
        self.process = process
        self.before = before
        self._newest = newest
        self._last: int | None = None
        self._watch = Thread(target=self._wait, daemon=True)
        self._watch.start()

    def ended(self) -> bool:
        """Whether the child has ended."""
        if self.process.poll() is None:
            return False
        self._watch.join()
        return True

    def made(self, scan: ScanSoFar) -> bool:
        """Whether `scan` is this child's."""
        return scan.id > self.before and (self._last is None or scan.id <= self._last)

    def _wait(self) -> None:
        self.process.wait()
        self._last = self._newest()


class Scanner:
    """The one scan that the page may start. `own` are folders that no scan looks into, as `imgscan scan` has them.

    `environment` is what the child is given beside what this process has.
    """

    def __init__(
        self,
        database: Database,
        lock_path: Path,
        *,
        own: Sequence[Path] = (),
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._holder = lock_path.with_name(f"{lock_path.name}.holder")
        self._command = tuple(command)
        self._environment = {**os.environ, **(environment or {})}
        self._pace = Pace(own, clock)
        self._lock = Lock()
        self._order: _Order | None = None
        self._run: _Run | None = None
        self._complaints: IO[bytes] | None = None
        self._pausing = False

    def start(self, folder: Path, labels: Labels) -> None:
        """Start scanning `folder`. Raises AlreadyRunningError where any scan of the store runs."""
        with self._lock:
            self._refuse_second()
            self._order = _Order(folder, labels)
            self._spawn(self._order)

    def pause(self) -> None:
        """Ask our scan to finish the pictures in hand and stop. Raises UsageError where none runs."""
        with self._lock:
            if self._run is None or self._run.ended():
                raise UsageError(_("No scan runs that was started here."), _("Stop others where they were started."))
            self._pausing = True
            self._run.process.send_signal(signal.SIGINT)

    def go_on(self) -> None:
        """Start the paused scan again. Raises UsageError where there is none, AlreadyRunningError as `start`."""
        with self._lock:
            if self._order is None:
                raise UsageError(_("There is no scan to go on with."), _("Choose a folder."))
            self._refuse_second()
            self._spawn(self._order)

    def state(self) -> ScanState:
        """How things stand now; cheap enough to be asked every second."""
        with self._lock:
            state, said = self._own_state()
            held = self._somebody_scans()
            folder, run = (self._order.folder if self._order else None), self._run
        so_far = newest_scan(self._database)  # after the looks at who scans: a scan that ends between has noted its end
        ours = ""
        if run is not None and so_far is not None and not run.made(so_far):
            if so_far.id > run.before or (so_far.state == "running" and state not in ("running", "pausing")):
                ours = state if state not in ("running", "pausing") else ""  # it ended while we looked
            else:
                so_far = None  # it ended before ours was started
        if held and state not in ("running", "pausing") and so_far is not None and so_far.state == "running":
            state = "elsewhere"
        if state not in ("running", "pausing", "elsewhere") or so_far is None or so_far.state != "running":
            self._pace.rest()
            return ScanState(state, folder, so_far, ours, said=said)
        roots = so_far.roots or ((os.fsencode(folder),) if folder and not ours else ())
        total, rate, left = self._pace.look(so_far.id, so_far.coverage.found, roots, so_far.began)
        return ScanState(state, folder, so_far, ours, total, rate, left, said)

    def close(self) -> None:
        """Stop our scan politely, then surely, with all its reading processes."""
        self._pace.close()
        with self._lock:
            run, self._run = self._run, None
            if self._complaints is not None:
                self._complaints.close()
                self._complaints = None
        if run is None or run.ended():
            return
        process = run.process
        try:
            process.send_signal(signal.SIGINT)
            process.wait(SECONDS_TO_FINISH)
        except subprocess.TimeoutExpired:
            pass  # what was in hand is read again by the next scan
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            run.ended()  # the last look at the store is over before the store is closed

    def _refuse_second(self) -> None:
        if (self._run is not None and not self._run.ended()) or self._somebody_scans():
            raise AlreadyRunningError(_("A scan is running already."), _("Wait for it to end, or pause it."))

    def _spawn(self, order: _Order) -> None:
        labels = [f"--{name}={getattr(order.labels, name)}" for name in ("campaign", "department", "owner", "device")]
        if self._complaints is not None:
            self._complaints.close()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the next scan starts)
        self._pausing = False
        before = newest_scan_id(self._database)
        process = subprocess.Popen(  # noqa: S603 (our own program; the folder was listed by `api.folders`)
            [*self._command, "scan", *labels, "--", str(order.folder)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            start_new_session=True,  # a Ctrl-C in the terminal is for the server, which then stops its child itself
        )
        self._run = _Run(process, before, partial(newest_scan_id, self._database))

    def _own_state(self) -> tuple[str, str]:
        if self._run is None:
            return "idle", ""
        if not self._run.ended():
            return ("pausing" if self._pausing else "running"), ""
        status = self._run.process.returncode
        if status == ExitCode.INTERRUPTED or self._pausing:
            return "paused", ""
        return ("ended", "") if status in FINE else ("failed", self._said())

    def _said(self) -> str:
        """The end of what the child complained of."""
        if self._complaints is None:
            return ""
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - MOST_SAID))
        return self._complaints.read().decode(errors="replace").strip()

    def _somebody_scans(self) -> bool:
        """True where the process that noted itself beside the scan lock is alive."""
        try:
            match = re.match(r"pid (\d+),", self._holder.read_text(encoding="utf-8"))
        except OSError:
            return False
        if match is None:
            return False
        try:
            os.kill(int(match[1]), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
