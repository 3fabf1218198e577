from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imgscan.errors import ExitCode
from tests.fakes.runs import REPOSITORY, environment, tree_digest

pytestmark = pytest.mark.ocr
DEMO = REPOSITORY / "imgscan" / "specimens" / "demo"
PICTURES = ("IMG_20260312_091502.jpg", "IMG_20260312_091548.jpg")
NETWORK = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?,.*")
CREATING = re.compile(
    r"^\d+\s+(?:(?P<open>openat|open|creat)|(?P<other>mkdirat|mkdir|renameat2|renameat|rename|linkat|link|symlinkat|symlink"
    r"|mknodat|mknod))\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)"
)
# POSIX semaphores of multiprocessing: linked for a moment, then known by descriptor only.
PASSING = re.compile(r"^/dev/(null|tty|shm/(sem\.)?[A-Za-z0-9_.-]+)$")


def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed")
    return found


def unshared() -> list[str]:
    """The prefix that runs a command without any network."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    for prefix in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    pytest.skip("this system gives no network namespaces")


@dataclass(frozen=True)
class Traced:
    """What a traced command did."""

    home: Path
    work: Path
    code: int
    out: str
    calls: list[str]


@dataclass(frozen=True)
class Place:
    """A folder with an album in it, to run commands in."""

    folder: Path
    weights: Path

    @property
    def album(self) -> Path:
        return self.folder / "album"

    def environment(self, home: Path) -> dict[str, str]:
        nowhere = self.folder / "user"  # whoever writes into the user's own folders is seen to do it
        nowhere.mkdir(exist_ok=True)
        kept = environment(home, IMGSCAN_WEIGHTS=str(self.weights), PYTHONDONTWRITEBYTECODE="1", HOME=str(nowhere))
        return {name: value for name, value in kept.items() if not name.startswith("XDG_") and name != "TMPDIR"}

    def run(self, command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment(home),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def traced(self, home: Path, command: list[str], trace: Path) -> Traced:
        calls = "%network,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
        calls += ",mknod,mknodat"
        prefix = [strace(), "-f", "--seccomp-bpf", "-s", "4096", "-o", str(trace), "-e", f"trace={calls}"]
        if command[0] == "visit":
            done = self.run([sys.executable, str(REPOSITORY / "tests" / "fakes" / "visit.py"), *prefix], home)
        else:
            done = self.run([*prefix, *command], home)
        assert trace.exists(), done.stderr
        return Traced(home, self.folder, done.returncode, done.stdout, joined(trace))


def joined(trace: Path) -> list[str]:
    """The calls of a trace; one that another interrupted is put together again."""
    waiting: dict[str, str] = {}
    calls = []
    for line in trace.read_text(errors="replace").splitlines():
        pid, _blank, call = line.partition(" ")
        if call.endswith("<unfinished ...>"):
            waiting[pid] = call.removesuffix("<unfinished ...>").strip()
        elif found := re.match(r"\s*<\.\.\. \w+ resumed>(.*)", call):
            calls.append(f"{pid} {waiting.pop(pid, '')}{found[1]}")
        else:
            calls.append(line)
    return calls


def created(traced: Traced) -> list[Path]:
    """Every path that the command made, outside what passes with the process."""
    paths = []
    for call in traced.calls:
        found = CREATING.match(call)
        if not found or int(found["result"]) < 0:
            continue
        if found["open"] and found["open"] != "creat" and "O_CREAT" not in found["arguments"]:
            continue
        named = re.findall(r'"((?:[^"\\]|\\.)*)"', found["arguments"])
        if named and not PASSING.match(named[-1]):
            paths.append(Path(os.path.normpath(traced.work / named[-1])))
    return paths


def outward(traced: Traced, own_port: int | None = None) -> list[str]:
    """Every call that sent or connected somewhere over IP, but to the own port on the loopback address."""
    found = [call for call in traced.calls if NETWORK.search(call)]
    return [call for call in found if f"sin_port=htons({own_port})" not in call or '"127.0.0.1"' not in call]


def objects(text: str) -> list[dict[str, Any]]:
    return [{**json.loads(line), "ms": 0} for line in text.splitlines()]


SCAN = [sys.executable, "-m", "imgscan", "scan", "album", "--workers", "1", "--jsonl", "-"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, real_weights: Path) -> Place:
    folder = tmp_path_factory.mktemp("offline")
    (folder / "album").mkdir()
    for name in PICTURES:
        if not (DEMO / name).is_file():
            pytest.skip("the demo album is not there")
        shutil.copy(DEMO / name, folder / "album" / name)
    return Place(folder, real_weights)


@pytest.fixture(scope="module")
def scanned(place: Place) -> Iterator[Traced]:
    before = tree_digest(place.album)
    yield place.traced(place.folder / "home", SCAN, place.folder / "scan.trace")
    assert tree_digest(place.album) == before


def test_a_scan_reaches_for_no_network(scanned: Traced) -> None:
    assert scanned.code in (ExitCode.OK, ExitCode.NOT_FULLY_READ)
    assert any("execve" in call or "openat" in call for call in scanned.calls)  # the trace is no empty one
    assert [one["findings"][0]["level"] for one in objects(scanned.out)] == ["绝密", "机密"]
    assert outward(scanned) == []


def test_a_scan_writes_into_the_data_folder_alone(scanned: Traced) -> None:
    paths = created(scanned)
    assert scanned.home / "imgscan.db" in paths
    outside = [path for path in paths if path != scanned.home and scanned.home not in path.parents]
    assert outside == []


def test_a_scan_without_network_says_the_same(place: Place, scanned: Traced) -> None:
    done = place.run([*unshared(), *SCAN], place.folder / "home-unshared")
    assert done.returncode == scanned.code, done.stderr
    assert objects(done.stdout) == objects(scanned.out)


@pytest.fixture(scope="module")
def reviewed(place: Place, scanned: Traced) -> Traced:
    return place.traced(scanned.home, ["visit"], place.folder / "review.trace")


def test_a_review_talks_to_its_own_port_alone(reviewed: Traced) -> None:
    assert reviewed.code == 0, reviewed.out
    link, code, page = reviewed.out.split("\n", 2)
    assert int(code) == ExitCode.OK
    assert "<html" in page
    port = re.search(r":(\d+)/", link)
    assert port is not None
    assert any("listen(" in call for call in reviewed.calls)
    assert outward(reviewed, int(port[1])) == []


def test_a_review_writes_into_the_data_folder_alone(reviewed: Traced) -> None:
    outside = [path for path in created(reviewed) if path != reviewed.home and reviewed.home not in path.parents]
    assert outside == []


def test_a_review_works_without_network(place: Place, scanned: Traced) -> None:
    visit = [sys.executable, str(REPOSITORY / "tests" / "fakes" / "visit.py"), "--raise-loopback"]
    done = place.run([*unshared(), *visit], scanned.home)
    assert done.returncode == 0, done.stderr
    _link, code, page = done.stdout.split("\n", 2)
    assert (int(code), "<html" in page) == (ExitCode.OK, True)
