from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest
from pebble import ProcessExpired

from imgscan.errors import ReaderStartError
from imgscan.line import Limits
from imgscan.rulebook import BUILT_IN
from imgscan.types import FoundFile, ScanResult, Severity, Status
from imgscan.workers import (
    CRASHES,
    ENDED,
    FAILED,
    OUT_OF_MEMORY,
    SWOLLEN,
    TOOK_TOO_LONG,
    WorkerConfig,
    Workers,
    given_up,
)
from tests.fakes import engine as engines
from tests.fakes.pages import write_page
from tests.fakes.runs import running

LIMITS = Limits(2**28, 600_000_000, Severity.MEDIUM)


def found(path: Path) -> FoundFile:
    status = path.stat()
    return FoundFile(
        os.fsencode(path.parent), os.fsencode(path), status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev
    )


@pytest.fixture
def config(tmp_path: Path) -> WorkerConfig:
    work = tmp_path / "work"
    work.mkdir()
    return WorkerConfig(
        engines.DisastrousEngine, work, (BUILT_IN,), "balanced", LIMITS, 2048, albums=(tmp_path,), temporary=work
    )


@pytest.fixture
def workers(config: WorkerConfig) -> Iterator[Workers]:
    with Workers(config, 1, 10.0) as started:
        yield started


Answers = queue.SimpleQueue[ScanResult | ReaderStartError]


def answer(answers: Answers) -> ScanResult:
    result = answers.get(timeout=60)
    assert isinstance(result, ScanResult)
    return result


def read(workers: Workers, path: Path) -> ScanResult:
    answers: Answers = queue.SimpleQueue()
    workers.submit(found(path), answers.put)
    return answer(answers)


def until(condition: object, seconds: float = 60.0) -> bool:
    """Wait until `condition()` is true; False when it never was."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """True while a process with that id runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def group(process_group: int) -> list[int]:
    """Ids of the running processes of a process group."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == process_group and fields[0] != "Z":
                members.append(int(entry.name))
    return members


def test_ctrl_c_waits_from_the_first_moment_of_a_reading_process(config: WorkerConfig, tmp_path: Path) -> None:
    """Before it settles, too: a process that still imports would tell a trace."""
    page = write_page(tmp_path / "a.png", ["第一页"])
    answers: Answers = queue.SimpleQueue()
    of_others = set(active_children())
    with Workers(config, 1, 60.0) as workers:
        workers.submit(found(page), answers.put)
        (reader,) = set(active_children()) - of_others
        status = Path(f"/proc/{reader.pid}/status").read_text(encoding="ascii")
        blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
        assert answer(answers).status is Status.CLEAN
    assert int(blocked, 16) >> (signal.SIGINT - 1) & 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_reading_process_is_used_again(workers: Workers, config: WorkerConfig, tmp_path: Path) -> None:
    for number in range(3):
        assert read(workers, write_page(tmp_path / f"{number}.jpg", ["机密★10年"])).status is Status.HIT
    assert len(set((config.weights / "looked").read_bytes().splitlines())) == 1


def test_a_crash_is_tried_once_more_in_a_process_of_its_own_and_told(
    workers: Workers, config: WorkerConfig, tmp_path: Path
) -> None:
    result = read(workers, write_page(tmp_path / "a.jpg", [engines.CRASH]))
    assert (result.status, result.problem) == (Status.CRASHED, CRASHES[signal.SIGSEGV])
    assert len(set((config.weights / "looked").read_bytes().splitlines())) == engines.looked(config.weights) == 2
    assert read(workers, write_page(tmp_path / "b.jpg", ["机密★10年"])).status is Status.HIT


def test_a_process_spoilt_by_a_neighbour_costs_the_next_file_nothing(
    workers: Workers, config: WorkerConfig, tmp_path: Path
) -> None:
    assert read(workers, write_page(tmp_path / "a.jpg", [engines.SPOIL])).status is Status.CLEAN
    assert read(workers, write_page(tmp_path / "b.jpg", ["机密★10年"])).status is Status.HIT
    assert engines.looked(config.weights) == 3


def test_what_takes_too_long_is_not_tried_again(config: WorkerConfig, tmp_path: Path) -> None:
    with Workers(config, 1, 3.0) as workers:
        assert read(workers, write_page(tmp_path / "a.jpg", [engines.HANG])).status is Status.TIMEOUT
        assert read(workers, write_page(tmp_path / "b.jpg", ["机密★10年"])).status is Status.HIT
    assert engines.looked(config.weights) == 2


def expired(code: int) -> ProcessExpired:
    return ProcessExpired("", code)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "status", "problem"),
    [
        (expired(-signal.SIGBUS), Status.CRASHED, CRASHES[signal.SIGBUS]),
        (expired(-signal.SIGKILL), Status.CRASHED, CRASHES[signal.SIGKILL]),
        (expired(3), Status.CRASHED, ENDED),
        (expired(SWOLLEN), Status.OOM, OUT_OF_MEMORY),
        (ValueError(), Status.CRASHED, FAILED),
        (TimeoutError(), Status.TIMEOUT, TOOK_TOO_LONG),
    ],
)
def test_each_end_of_a_process_has_its_words(error: Exception, status: Status, problem: str, tmp_path: Path) -> None:
    result = given_up(found(write_page(tmp_path / "a.jpg", [])), error)
    assert (result.status, result.problem) == (status, problem)


def test_swelling_is_bounded(workers: Workers, tmp_path: Path) -> None:
    assert read(workers, write_page(tmp_path / "a.jpg", [engines.SWELL])).status is Status.OOM
    assert read(workers, write_page(tmp_path / "b.jpg", ["机密★10年"])).status is Status.HIT


def test_reading_goes_on_after_an_idle_process_was_killed(workers: Workers, tmp_path: Path) -> None:
    """As the kernel does when memory is short; pebble gives its whole pool up then."""
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])
    assert read(workers, page).status is Status.HIT
    victims = [child for child in active_children() if child.pid is not None]
    for child in victims:
        child.kill()
    for child in victims:
        child.join()
    time.sleep(0.5)  # pebble looks every 0.1 s
    assert read(workers, page).status is Status.HIT


def test_a_process_killed_while_it_starts_costs_nothing(config: WorkerConfig, tmp_path: Path) -> None:
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])
    answers: Answers = queue.SimpleQueue()
    with Workers(config, 1, 10.0) as workers:
        workers.submit(found(page), answers.put)
        assert until(active_children)
        for child in active_children():
            child.kill()
        assert answer(answers).status is Status.HIT


def test_leaving_early_answers_nothing_more_and_leaves_nobody(config: WorkerConfig, tmp_path: Path) -> None:
    answers: Answers = queue.SimpleQueue()
    others = set(active_children())  # a preview of an earlier test may still be about
    with Workers(config, 2, 60.0) as workers:
        workers.submit(found(write_page(tmp_path / "a.jpg", [engines.HANG])), answers.put)
        assert until(lambda: engines.looked(config.weights) > 0)
    assert answers.empty()
    assert not set(active_children()) - others


@pytest.mark.parametrize("text", [engines.HANG, engines.SLOW])
def test_no_reading_process_outlives_a_killed_scan(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home"
    for number in range(40):
        write_page(tmp_path / "album" / f"{number}.jpg", [text], salt=number)
    with running("scan", tmp_path / "album", "--workers", "2", home=home, FAKE_ENGINE="HangingEngine") as process:
        assert until(lambda: engines.looked(home / "weights") >= 2)
        before = group(process.pid)
        assert len(before) >= 3  # the scan and two reading processes
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert until(lambda: not group(process.pid)), f"left behind: {group(process.pid)}"
