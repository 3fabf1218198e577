"""Opens archives in an expendable process, walled in like one that reads: their bytes are as untrusted as pictures'.

What comes back is JSON and the bytes of members, never a pickle: a process that an archive has taken over can tell lies
about that archive and nothing else. Beside `workers`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType

from imgscan import archive as archives
from imgscan import sandbox
from imgscan.archive import Member
from imgscan.fingerprint import FileError
from imgscan.i18n import N_
from imgscan.types import INSIDE, FoundFile, Status

TOOK_TOO_LONG = N_("Opening the archive took longer than the setting timeout_seconds allows.")
CRASHED = N_("The process that opens archives ended on this one, twice: unpack it, then scan the folder.")
READY = b"ready"
START_SECONDS = 120.0
LONGEST_LINE = 2**20  # bytes; a path of a TAR may have some thousand


Opener = Callable[[FoundFile, int], Iterator[Member]]


class _GoneError(Exception):
    """The process that opens archives answers no more."""


class Unpacker:
    """Gives the members of archives, one archive after the other. A context manager; starts with the first archive."""

    def __init__(self, bounds: sandbox.Bounds, timeout_seconds: float, opener: Opener = archives.members) -> None:
        self._bounds = bounds
        self._opener = opener
        self._timeout = timeout_seconds
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def members(self, archive: FoundFile, max_bytes: int) -> Generator[Member]:
        """As `imgscan.archive.members`. An archive that ends its process is tried once more in a fresh one."""
        given, over = 0, False
        try:
            for _attempt in range(2):
                try:
                    for number, member in enumerate(self._asked(archive, max_bytes)):
                        if number >= given:
                            given += 1
                            over = member.found.path == archive.path
                            yield member
                except _GoneError:
                    self._end()
                    continue
                return
            yield Member(replace(archive, status=Status.CRASHED, problem=CRASHED))
        except TimeoutError:
            self._end()
            yield Member(replace(archive, status=Status.TIMEOUT, problem=TOOK_TOO_LONG))
        except GeneratorExit:
            if not over:  # the rest of its answer is of no use to whoever asks next
                self._end()
            raise

    def _asked(self, archive: FoundFile, max_bytes: int) -> Iterator[Member]:
        try:
            line = self._start()
            line.send((archive, max_bytes))
            found = None
            while found is not archive:  # which comes last
                told = json.loads(self._received(line, LONGEST_LINE))
                path, problem = os.fsencode(told["path"]), told["problem"]
                status = Status(told["status"]) if told["status"] else None
                if told["refused"]:
                    raise FileError(status or Status.UNREADABLE, problem)
                if path == archive.path:
                    found = archive
                elif path.startswith(archive.path + INSIDE):
                    found = FoundFile(archive.root, path, told["size"], archive.mtime_ns, ctime_ns=archive.ctime_ns)
                else:
                    raise _GoneError
                data = self._received(line, max_bytes) if told["data"] else None
                yield Member(replace(found, status=status, problem=problem), data)
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise _GoneError from error

    def _received(self, line: Connection, most: int) -> bytes:
        if not line.poll(self._timeout):
            raise TimeoutError
        return line.recv_bytes(most)

    def _start(self) -> Connection:
        if self._line is None:
            spawn = multiprocessing.get_context("spawn")
            self._line, there = spawn.Pipe()
            self._process = spawn.Process(
                target=_serve, args=(there, self._bounds, self._opener, os.getpid()), daemon=True
            )
            self._process.start()
            there.close()
            if not self._line.poll(START_SECONDS):  # starting is no archive's time
                raise EOFError
            self._line.recv_bytes(len(READY))
        return self._line

    def _end(self) -> None:
        if self._line is not None and self._process is not None:
            self._line.close()
            self._process.kill()
            self._process.join()
            self._process.close()
            self._line = self._process = None

    def __enter__(self) -> Unpacker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()


def _serve(line: Connection, bounds: sandbox.Bounds, opener: Opener, parent: int) -> None:
    sandbox.settle(bounds, parent)
    line.send_bytes(READY)
    while True:
        try:
            archive, max_bytes = line.recv()
        except EOFError:
            return
        try:
            for member in opener(archive, max_bytes):
                found, data = member.found, member.data
                _tell(line, found.path, found.size, found.status, found.problem, data=data is not None)
                if data is not None:
                    line.send_bytes(data)
        except FileError as error:
            _tell(line, archive.path, 0, error.status, error.problem, refused=True)


def _tell(
    line: Connection,
    path: bytes,
    size: int,
    status: Status | None,
    problem: str,
    *,
    data: bool = False,
    refused: bool = False,
) -> None:
    told = {
        "path": os.fsdecode(path), "size": size, "status": status, "problem": problem, "data": data, "refused": refused,
    }  # fmt: skip
    line.send_bytes(json.dumps(told).encode())
