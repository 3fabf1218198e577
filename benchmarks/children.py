"""The parent's side of benchmarks.child: starts the process of a tool, asks it, and starts it anew where it is lost."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from benchmarks.album import Picture
from benchmarks.tools import Missing

SECONDS_TO_LOAD = 300.0
SECONDS_A_PICTURE = 300.0


class LostError(Exception):
    """The process ended, or took too long."""


class Child:
    """One tool in a process of its own. A context manager; raises Missing on entering where the tool is not there.

    `command` starts it (`command_of`), `log` takes what its libraries print. It is warmed up with the picture `first`,
    uncounted, so that what is set up on first use is charged to nobody.
    """

    def __init__(self, command: Sequence[str], log: Path, first: Picture, seconds: float = SECONDS_A_PICTURE) -> None:
        self._command, self._log, self._first, self._seconds = command, log, first, seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Child:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ask(self, picture: Picture) -> dict[str, Any]:
        """Its answer. A process that is lost on a picture is started anew, and the picture counts as not read."""
        try:
            if self._process is None:
                self._start()
            return self._asked(picture)
        except (LostError, Missing) as error:
            self._end()
            return {"failed": str(error), "cpu": 0.0, "wall": 0.0, "peak_mib": 0}

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for the parent, which then reports what there is
            )
        try:
            why = self._answer(SECONDS_TO_LOAD).get("missing")
            if why is None:
                self._asked(self._first)
        except LostError as error:
            why = f"{error}; {self._last_words()}"
        if why is not None:
            self._end()
            raise Missing(why)

    def _asked(self, picture: Picture) -> dict[str, Any]:
        question = json.dumps({"file": str(picture.path)}).encode() + b"\n"
        try:
            _pipe(self._running().stdin).write(question)
        except BrokenPipeError as error:
            raise LostError("the process has ended") from error
        return self._answer(self._seconds)

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The next line. Unbuffered, and one answer a question: what is read ends with the line."""
        pipe, line = _pipe(self._running().stdout), b""
        while not line.endswith(b"\n"):
            if not select.select([pipe], [], [], seconds)[0]:
                raise LostError(f"no answer in {seconds:.0f} s")
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                raise LostError("the process has ended")
            line += part
        told: dict[str, Any] = json.loads(line)
        return told

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise LostError("the process was not started")
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()
        self._process = None

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"


def command_of(name: str, weights: Path) -> list[str]:
    """How the process of a tool is started."""
    return [sys.executable, "-m", "benchmarks.child", name, str(weights)]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise LostError("the process has no pipe")
    return pipe
