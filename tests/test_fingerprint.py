from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from imgscan.fingerprint import FileError, fingerprint
from imgscan.types import FoundFile, Status
from tests.fakes.pages import write_page

LIMIT = 2**28


def found(path: Path) -> FoundFile:
    return FoundFile(bytes(path.parent), bytes(path))


def refusal(path: Path, limit: int = LIMIT) -> Status:
    with pytest.raises(FileError) as refused:
        fingerprint(found(path), limit)
    assert refused.value.problem
    return refused.value.status


def test_bytes_and_their_digest(tmp_path: Path) -> None:
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])
    content = fingerprint(found(page), LIMIT)
    assert content.data == page.read_bytes()
    assert content.sha256 == hashlib.sha256(page.read_bytes()).hexdigest()
    assert "data" not in repr(content)  # a picture has no business in a traceback


def test_what_gives_no_bytes(tmp_path: Path) -> None:
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.jpg").write_text("no picture at all")
    (tmp_path / "link.jpg").symlink_to(page)
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "folder.jpg").mkdir()
    assert refusal(tmp_path / "gone.jpg") is Status.VANISHED
    assert refusal(tmp_path / "a.jpg" / "inside.jpg") is Status.VANISHED
    assert refusal(tmp_path / "empty.jpg") is Status.UNREADABLE
    assert refusal(tmp_path / "notes.jpg") is Status.UNSUPPORTED
    assert refusal(tmp_path / "link.jpg") is Status.SYMLINK
    assert refusal(tmp_path / "fifo.jpg") is Status.SPECIAL_FILE
    assert refusal(tmp_path / "folder.jpg") in (Status.SPECIAL_FILE, Status.IO_ERROR)
    assert refusal(page, page.stat().st_size - 1) is Status.TOO_LARGE


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.EIO, Status.IO_ERROR),
        (errno.ESTALE, Status.VANISHED),
        (errno.EACCES, Status.PERMISSION_DENIED),
        (errno.EPERM, Status.PERMISSION_DENIED),
        (errno.ENAMETOOLONG, Status.IO_ERROR),
    ],
)
def test_failures_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: Status) -> None:
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])

    def failing(*_arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("imgscan.fingerprint.os.open", failing)
    assert refusal(page) is status


def test_a_file_that_grows_while_it_is_read_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of it must not be taken for the whole."""
    page = write_page(tmp_path / "a.jpg", ["机密★10年"])
    size = page.stat().st_size

    class Small:
        st_mode, st_size = page.stat().st_mode, 100

    monkeypatch.setattr("imgscan.fingerprint.os.fstat", lambda _descriptor: Small)
    assert refusal(page, size - 70) is Status.TOO_LARGE


def test_a_folder_in_a_files_place_is_no_disk_error(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(FileError) as error:
        fingerprint(FoundFile(bytes(tmp_path), bytes(tmp_path / "a.jpg")), 2**20)
    assert error.value.status is Status.SPECIAL_FILE
