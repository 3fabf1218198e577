from __future__ import annotations

import ctypes.util
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from unittest.mock import patch

import numpy as np
import pytest

from imgscan import env, memory
from imgscan.memory import make_room, peak, resident
from imgscan.settings import Settings

TRANSPARENT = Path("/sys/kernel/mm/transparent_hugepage/enabled")
KNOWS_HUGE_PAGES = platform.libc_ver()[0] == "glibc" and tuple(map(int, platform.libc_ver()[1].split("."))) >= (2, 35)


@pytest.mark.skipif(sys.platform != "linux", reason="what is resident is known on Linux")
def test_what_was_freed_is_given_back_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces that the C library keeps in its heap, every second one freed: like what many pictures leave."""
    pieces = [np.ones(60_000, np.uint8) for _n in range(4000)]
    used = resident()
    del pieces[1::2]
    monkeypatch.setattr(memory, "MOST_RESIDENT", 2 * used)
    make_room(used // 2)
    assert resident() > used - 4000 * 60_000 // 4  # little enough to keep
    make_room(2 * used)
    assert resident() < used - 4000 * 60_000 // 4
    assert all(piece.all() for piece in pieces)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is known on Linux")
def test_the_peak_is_of_the_process_asked_for_and_not_of_the_one_that_started_it() -> None:
    ballast = np.ones(2**28, np.uint8)  # 256 MiB
    code = "import numpy; numpy.ones(2**26, numpy.uint8); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        seen = peak(other.pid)
        other.communicate(b"\n")
    assert 2**26 < seen < ballast.nbytes < peak()
    assert peak(other.pid) == 0  # it has ended


def test_a_system_without_either_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PROC", Path("/nowhere"))
    assert resident() == peak() == 0
    monkeypatch.setattr(memory, "_trim", lambda: pytest.fail("nothing is known of what is resident"))
    make_room(2**40)


def test_the_c_library_here_has_it() -> None:
    if ctypes.util.find_library("c") == "libc.so.6":
        assert memory._trim() is not None


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `env.prepare` changes is as it was afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    with patch.dict(os.environ):
        os.environ.pop("GLIBC_TUNABLES", None)
        yield


@pytest.mark.skipif(not KNOWS_HUGE_PAGES, reason="the setting came with glibc 2.35")
@pytest.mark.skipif(
    not TRANSPARENT.exists() or "[madvise]" not in TRANSPARENT.read_text(), reason="no page is huge here, or every one"
)
def test_a_process_started_after_prepare_allocates_in_huge_pages(tmp_path: Path, environment: None) -> None:
    allocate = "ballast = bytearray(2**26); ballast[::4096] = b'1' * 2**14"  # numpy would ask for them by itself
    code = f"{allocate}; print(open('/proc/self/smaps_rollup').read(), end='')"

    def huge() -> int:
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        return next(int(line.split()[1]) >> 10 for line in told.splitlines() if line.startswith("AnonHugePages:"))

    before = huge()
    env.prepare(Settings(home=tmp_path))
    assert before < 30 < huge() <= 66


def test_what_the_user_told_the_c_library_is_kept(tmp_path: Path, environment: None) -> None:
    told = "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=8388608"
    os.environ["GLIBC_TUNABLES"] = "glibc.malloc.arena_max=1"
    env.prepare(Settings(home=tmp_path))
    assert os.environ["GLIBC_TUNABLES"] == told
    env.prepare(Settings(home=tmp_path))
    assert os.environ["GLIBC_TUNABLES"] == told
    os.environ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=0"
    env.prepare(Settings(home=tmp_path))
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=0"
