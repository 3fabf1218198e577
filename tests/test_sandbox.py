from __future__ import annotations

import ctypes
import os
import queue
import resource
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imgscan import sandbox
from imgscan.engine import Reading
from imgscan.frames import Pixels
from imgscan.line import Limits
from imgscan.rulebook import BUILT_IN
from imgscan.sandbox import Walls, trial
from imgscan.types import FoundFile, ScanResult, Severity
from imgscan.workers import WorkerConfig, Workers
from tests.fakes.engine import FakeEngine
from tests.fakes.pages import write_page
from tests.fakes.runs import imgscan

LIMITS = Limits(2**28, 600_000_000, Severity.MEDIUM)
Deed = Callable[[Path], object]
"""What a process tries, given a folder that holds `album`, `tmp` and `secret.txt`."""
FILES: dict[str, Deed] = {
    "read a file of the user": lambda _place: Path("/etc/passwd").read_bytes(),
    "read a folder of the user": lambda _place: list(Path("/etc").iterdir()),
    "read beside the album": lambda place: (place / "secret.txt").read_bytes(),
    "write into the album": lambda place: (place / "album" / "new").write_bytes(b"x"),
    "write beside the temporary folder": lambda place: (place / "new").write_bytes(b"x"),
    "remove a photo": lambda place: (place / "album" / "unloved.jpg").unlink(),
    "stop the scan": lambda _place: os.kill(os.getppid(), 0),
}
CALLS: dict[str, Deed] = {
    "open a UDP socket": lambda _place: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "open a TCP socket": lambda _place: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close(),
    "open a local socket": lambda _place: socket.socket(socket.AF_UNIX).close(),
    "run a program": lambda _place: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
    "look into the scan": lambda _place: os.close(os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY)),
}
WITHIN: dict[str, Deed] = {
    "read the album": lambda place: (place / "album" / "other.jpg").read_bytes(),
    "write into the temporary folder": lambda place: (place / "tmp" / "note").write_bytes(b"x"),
}


def manages(deed: Deed, place: Path) -> bool:
    try:
        deed(place)
    except OSError:
        return False
    return True


class Escaper(FakeEngine):
    """Reads, in every line of text, the names of what it managed to do. Its weights folder is the `tmp` of a place."""

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        place = self._log.parent.parent
        done = [name for name, deed in {**FILES, **CALLS, **WITHIN}.items() if manages(deed, place)]
        return tuple(Reading(" · ".join(done), 0.99) for _crop in crops)


def furnished(place: Path) -> Path:
    """`place` with all in it that a deed needs."""
    (place / "tmp").mkdir()
    for name in ("page", "other", "unloved"):
        write_page(place / "album" / f"{name}.jpg", ["正文"])
    (place / "secret.txt").write_text("beside")
    return place


@pytest.fixture(scope="module")
def walls(tmp_path_factory: pytest.TempPathFactory) -> Walls:
    return trial(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a reading process managed to do while it read a picture."""
    place = furnished(tmp_path_factory.mktemp("place"))
    album, temporary, page = place / "album", place / "tmp", place / "album" / "page.jpg"
    config = WorkerConfig(
        Escaper, temporary, (BUILT_IN,), "balanced", LIMITS, 4096, albums=(album,), temporary=temporary
    )
    answers: queue.SimpleQueue[object] = queue.SimpleQueue()
    with Workers(config, 1, 30.0) as workers:
        workers.submit(FoundFile(bytes(album), bytes(page), page.stat().st_size), answers.put)
        result = answers.get(timeout=60)
    assert isinstance(result, ScanResult), result
    return set(result.pages[0].lines[0].text.split(" · "))


def test_a_reading_process_can_do_what_it_must(managed: set[str]) -> None:
    assert managed >= set(WITHIN)


@pytest.mark.parametrize("deed", FILES.keys())
def test_a_reading_process_reaches_no_file_outside_what_it_needs(walls: Walls, managed: set[str], deed: str) -> None:
    if not walls.files:
        pytest.skip("this kernel has no Landlock")
    assert deed not in managed


@pytest.mark.parametrize("deed", CALLS.keys())
def test_a_reading_process_reaches_no_network_and_no_program(walls: Walls, managed: set[str], deed: str) -> None:
    if not walls.calls:
        pytest.skip("this system has no libseccomp, or its kernel no filters")
    assert deed not in managed


@pytest.mark.enable_socket
def test_outside_all_of_it_can_be_done(tmp_path: Path) -> None:
    """Else the tests above could not fail."""
    place = furnished(tmp_path)
    for name, deed in {**FILES, **CALLS, **WITHIN}.items():
        if name == "look into the scan" and os.getppid() == 1:
            continue  # nobody looks into init
        assert manages(deed, place), name
    for name, way in sandbox.WAYS_OUT.items():
        way()
        assert name


def test_the_trial_tells_what_stands(walls: Walls) -> None:
    assert not walls.opened or not (walls.files and walls.calls)


def test_without_landlock_and_seccomp_limits_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        """A C library on a kernel without Landlock."""

        def prctl(self, *arguments: int) -> int:
            return 0

        def syscall(self, *arguments: object) -> int:
            ctypes.set_errno(38)  # ENOSYS
            return -1

    def load(name: str | None, **options: bool) -> Nothing:
        if name is not None:
            raise OSError(name)
        return Nothing()

    limits: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(resource, "setrlimit", lambda which, _pair: limits.append(which))
    assert sandbox.enter(sandbox.Bounds(2**32)) == Walls()
    assert len(limits) == 3


def test_doctor_says_which_walls_stand(home: Path, walls: Walls) -> None:
    said = " ".join(imgscan("doctor", home=home).stdout.split())
    if walls.files and walls.calls:
        assert "walled in: no network, no other program, no file but those they need" in said
    else:
        assert "walled in only in part" in said
