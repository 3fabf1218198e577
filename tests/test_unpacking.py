from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imgscan import archive as archives
from imgscan.archive import Member
from imgscan.fingerprint import FileError
from imgscan.sandbox import Bounds
from imgscan.types import INSIDE, FoundFile, Status
from imgscan.unpacking import Opener, Unpacker
from tests.fakes.documents import tarred, zipped

LIMIT = 2**24
FILES = {"a.jpg": b"\xff\xd8\xff" + bytes(100), "notes.txt": b"text", "云岫/b.jpg": b"\xff\xd8\xff" + bytes(200_000)}


def crashes(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    """Gives one member and dies, each time."""
    yield next(archives.members(archive, max_bytes))
    os.kill(os.getpid(), signal.SIGSEGV)


def crashes_once(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    marker = Path(os.fsdecode(archive.path)).parent / "tmp" / "marker"
    for member in archives.members(archive, max_bytes):
        yield member
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGSEGV)


def hangs(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    yield next(archives.members(archive, max_bytes))
    time.sleep(3600)


def lies(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    """Claims to have found a file that is not in the archive."""
    yield Member(replace(archive, path=b"/etc/passwd"), b"x")


def swells(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    yield Member(replace(archive, path=archive.path + INSIDE + b"a.jpg"), bytes(max_bytes + 1))


def names_itself(archive: FoundFile, max_bytes: int) -> Iterator[Member]:
    """Says which process it is."""
    yield Member(replace(archive, status=Status.CLEAN, problem=str(os.getpid())))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "a.zip").write_bytes(zipped(FILES))
    return tmp_path


def found(path: Path) -> FoundFile:
    return FoundFile(bytes(path.parent), bytes(path), path.stat().st_size, 5, ctime_ns=7)


def unpacker(album: Path, opener: Opener = archives.members, seconds: float = 30.0) -> Unpacker:
    return Unpacker(Bounds(2**32, (album,), (album / "tmp",)), seconds, opener)


def ends(members: list[Member]) -> dict[str, Status | None]:
    return {one.found.display.rpartition("!/")[2].rpartition("/")[2]: one.found.status for one in members}


def test_members_come_as_they_do_without_a_process(album: Path) -> None:
    (album / "b.tgz").write_bytes(tarred(FILES, "gz"))
    (album / "c.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with unpacker(album) as apart:
        for name in ("a.zip", "b.tgz", "c.zip", "a.zip"):
            archive = found(album / name)
            assert list(apart.members(archive, LIMIT)) == list(archives.members(archive, LIMIT))


def test_names_of_every_kind_come_through(album: Path) -> None:
    names = [b"\xff\xfe.jpg", b"new\nline.jpg", "\u202egpj.jpg".encode(), b"<b>\x1b[31m.jpg", b"..", b"/etc/passwd"]
    (album / "b.tar").write_bytes(tarred({os.fsdecode(name): b"\xff\xd8\xff" for name in names}))
    with unpacker(album) as apart:
        paths = [one.found.path for one in apart.members(found(album / "b.tar"), LIMIT)]
    assert paths == [*(bytes(album / "b.tar") + INSIDE + name for name in names), bytes(album / "b.tar")]


def test_an_archive_that_is_gone_says_so(album: Path) -> None:
    archive = found(album / "a.zip")
    (album / "a.zip").unlink()
    with unpacker(album) as apart, pytest.raises(FileError) as error:
        list(apart.members(archive, LIMIT))
    assert error.value.status is Status.VANISHED


@pytest.mark.parametrize("opener", [crashes, lies, swells])
def test_an_archive_that_takes_its_process_with_it_is_crashed(album: Path, opener: Opener) -> None:
    with unpacker(album, opener) as apart:
        members = list(apart.members(found(album / "a.zip"), LIMIT))
    assert members[-1].found.path == bytes(album / "a.zip")
    assert members[-1].found.status is Status.CRASHED
    assert ends(members) == {"a.zip": Status.CRASHED} | ({"a.jpg": None} if opener is crashes else {})


def test_a_process_that_died_of_something_else_costs_nothing(album: Path) -> None:
    with unpacker(album, crashes_once) as apart:
        assert ends(list(apart.members(found(album / "a.zip"), LIMIT))) == {
            "a.jpg": None, "notes.txt": Status.UNSUPPORTED, "b.jpg": None, "a.zip": Status.CLEAN
        }  # fmt: skip


def test_an_archive_that_takes_too_long_is_a_timeout(album: Path) -> None:
    with unpacker(album, hangs, 3.0) as apart:
        assert ends(list(apart.members(found(album / "a.zip"), LIMIT))) == {"a.jpg": None, "a.zip": Status.TIMEOUT}


def test_whoever_leaves_early_spoils_nothing_for_the_next(album: Path) -> None:
    (album / "b.zip").write_bytes(zipped({"c.jpg": b"\xff\xd8\xff"}))
    with unpacker(album) as apart:
        members = apart.members(found(album / "a.zip"), LIMIT)
        next(members)
        members.close()
        assert ends(list(apart.members(found(album / "b.zip"), LIMIT))) == {"c.jpg": None, "b.zip": Status.CLEAN}


def test_one_process_opens_all_archives(album: Path) -> None:
    """Also for the scan, which leaves as soon as it has met the archive itself."""
    processes = set()
    with unpacker(album, names_itself) as apart:
        for _archive in range(3):
            members = apart.members(found(album / "a.zip"), LIMIT)
            processes.add(next(members).found.problem)
            members.close()
    assert len(processes) == 1
