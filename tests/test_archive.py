from __future__ import annotations

import errno
import io
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgscan import archive as archives
from imgscan.archive import members, read_member
from imgscan.fingerprint import FileError
from imgscan.types import INSIDE, FoundFile, Status
from tests.fakes.documents import locked_zip, tarred, zipped
from tests.fakes.pages import encode, page

PICTURE = encode(page(["机密★10年"]))
LIMIT = 2**24


def listed(path: Path, content: bytes, limit: int = LIMIT) -> dict[str, Status | None]:
    """How each file of an archive ends, by its path; the archive is "". None: a picture to be read."""
    path.write_bytes(content)
    found = {}
    for member in members(FoundFile(bytes(path.parent), bytes(path)), limit):
        name = member.found.display.removeprefix(str(path)).removeprefix("!/")
        assert name not in found
        assert (member.data is None) == (member.found.status is not None)
        assert member.found.status in (None, Status.CLEAN, Status.SYMLINK) or member.found.problem
        found[name] = member.found.status
    assert list(found)[-1] == ""
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.bin"


@pytest.mark.parametrize("packing", ["zip", "", "gz", "bz2", "xz"])
def test_members_are_given_in_place(path: Path, packing: str) -> None:
    files = {"a.jpg": PICTURE, "云岫/b.jpg": PICTURE + b"2", "notes.txt": b"nothing", "empty.jpg": b""}
    content = zipped(files) if packing == "zip" else tarred(files, packing)
    assert listed(path, content) == {
        "a.jpg": None,
        "云岫/b.jpg": None,
        "notes.txt": Status.UNSUPPORTED,
        "empty.jpg": Status.UNREADABLE,
        "": Status.CLEAN,
    }
    inner = bytes(path) + INSIDE + "云岫/b.jpg".encode()
    assert read_member(inner, LIMIT) == PICTURE + b"2"
    assert read_member(inner + b"x", LIMIT) is None
    assert list(path.parent.iterdir()) == [path]  # nothing is unpacked


def test_archives_in_archives_are_opened_to_a_depth(path: Path) -> None:
    content = PICTURE
    for depth in range(1, 6):
        content = zipped({f"{depth}.zip" if depth > 1 else "a.jpg": content, f"beside{depth}.jpg": PICTURE})
    assert listed(path, content) == {
        "beside5.jpg": None,
        "5.zip!/beside4.jpg": None,
        "5.zip!/4.zip!/beside3.jpg": None,
        "5.zip!/4.zip!/3.zip": Status.TOO_LARGE,
        "5.zip!/4.zip": Status.CLEAN,
        "5.zip": Status.CLEAN,
        "": Status.CLEAN,
    }
    assert read_member(bytes(path) + INSIDE.join([b"", b"5.zip", b"4.zip", b"beside3.jpg"]), LIMIT) == PICTURE
    tar = tarred({"b.tgz": tarred({"c.zip": zipped({"d.jpg": PICTURE})}, "gz")})
    assert listed(path, tar)["b.tgz!/c.zip!/d.jpg"] is None


def test_files_of_one_name_are_told_apart(path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, salt in (("a.jpg", 0), ("a.jpg", 1), ("a.jpg", 2), ("a.jpg#2", 7)):
            entry = tarfile.TarInfo(name)
            entry.size = len(PICTURE) + 1
            archive.addfile(entry, io.BytesIO(PICTURE + bytes([salt])))
    assert len([status for status in listed(path, out.getvalue()).values() if status is None]) == 4
    assert read_member(bytes(path) + INSIDE + b"a.jpg#3", LIMIT) == PICTURE + b"\x02"


def test_names_in_a_chinese_code_page_are_read(path: Path) -> None:
    content = zipped({"ABCDEFGH.jpg": PICTURE}).replace(b"ABCDEFGH", "云岫文件".encode("gb18030"))
    assert listed(path, content) == {"云岫文件.jpg": None, "": Status.CLEAN}


def test_names_lead_nowhere(path: Path) -> None:
    files = {"../../etc/a.jpg": PICTURE, "/etc/b.jpg": PICTURE}
    assert set(listed(path, tarred(files))) == {"../../etc/a.jpg", "/etc/b.jpg", ""}
    assert list(path.parent.iterdir()) == [path]


def test_what_asks_for_a_password_is_encrypted(path: Path) -> None:
    assert listed(path, locked_zip({"a.jpg": PICTURE, "b.txt": b"text"})) == {
        "a.jpg": Status.ENCRYPTED,
        "b.txt": Status.ENCRYPTED,
        "": Status.CLEAN,
    }


def test_no_regular_files(path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("twin", tarfile.LNKTYPE), ("fifo", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    expected = {"link": Status.SYMLINK, "twin": Status.SYMLINK, "fifo": Status.SPECIAL_FILE, "": Status.CLEAN}
    assert listed(path, out.getvalue()) == expected
    linked = zipfile.ZipInfo("link.jpg")
    linked.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zip_archive:
        zip_archive.writestr(linked, "/etc/passwd")
    assert listed(path, out.getvalue()) == {"link.jpg": Status.SYMLINK, "": Status.CLEAN}


def test_caps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = PICTURE + bytes(LIMIT)
    for content in (zipped({"a.jpg": large, "b.jpg": PICTURE}), tarred({"a.jpg": large, "b.jpg": PICTURE}, "gz")):
        assert listed(path, content) == {"a.jpg": Status.TOO_LARGE, "b.jpg": None, "": Status.CLEAN}
    monkeypatch.setattr(archives, "FREE_BYTES", 0)
    monkeypatch.setattr(archives, "MAX_RATIO", 3)
    bomb = PICTURE + bytes(LIMIT // 2)  # packs to a hundredth
    content = zipped({"a.jpg": bomb, "b.jpg": bomb})
    assert listed(path, content) == {"a.jpg": Status.TOO_LARGE, "b.jpg": Status.TOO_LARGE, "": Status.CLEAN}
    assert listed(path, tarred({"a.txt": bytes(LIMIT), "b.jpg": bomb}, "gz"))[""] is Status.TOO_LARGE
    long_list = zipped({f"{n}.txt": b"t" for n in range(30)})
    with monkeypatch.context() as patch:
        patch.setattr(archives, "LISTING_BYTES", 1000)
        assert listed(path, long_list) == {"": Status.TOO_LARGE}
    assert len(listed(path, long_list)) == 31
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    assert listed(path, zipped({f"{n}.txt": b"t" for n in range(3)}))[""] is Status.TOO_LARGE


def test_documents_and_apps_are_no_albums(path: Path) -> None:
    assert listed(path, zipped({"[Content_Types].xml": b"<", "word/media/a.jpg": PICTURE})) == {"": Status.UNSUPPORTED}
    assert listed(path, zipped({"mimetype": b"application/vnd.oasis.opendocument.text"})) == {"": Status.UNSUPPORTED}
    assert listed(path, zipped({"AndroidManifest.xml": b"\x03", "res/a.png": PICTURE})) == {"": Status.UNSUPPORTED}
    assert listed(path, b"\x1f\x8b no gzip at all") == {"": Status.UNREADABLE}
    import gzip

    assert listed(path, gzip.compress(PICTURE)) == {"": Status.UNSUPPORTED}


def test_an_unknown_packing_is_told(path: Path) -> None:
    content = zipped({"a.jpg": PICTURE}, zipfile.ZIP_STORED)
    for magic, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.find(magic) + method
        content = content[:at] + struct.pack("<H", 97) + content[at + 2 :]
    assert listed(path, content) == {"a.jpg": Status.UNSUPPORTED, "": Status.CLEAN}


@pytest.mark.parametrize("packing", ["zip", "", "gz", "bz2", "xz"])
def test_a_cut_or_damaged_archive_is_never_taken_for_a_whole_one(path: Path, packing: str) -> None:
    files = {f"{number}.jpg": PICTURE for number in range(3)}
    content = zipped(files) if packing == "zip" else tarred(files, packing)
    for share in (0.1, 0.4, 0.7, 0.95):
        if packing == "" and share == 0.95:
            continue  # only the zeros behind the last file are gone
        found = listed(path, content[: int(len(content) * share)])
        assert found[""] is Status.UNREADABLE, share
        assert all(status in (None, Status.UNREADABLE) for status in found.values())
    middle = len(content) // 2
    damaged = content[:middle] + bytes(64) + content[middle + 64 :]
    if packing == "zip":
        assert sorted(map(str, listed(path, damaged).values())) == ["None", "None", "clean", "unreadable"]
    if packing == "":
        at = content.find(b"1.jpg")
        assert listed(path, content[:at] + b"?" + content[at + 1 :])[""] is Status.UNREADABLE


def test_a_disk_that_fails_is_to_blame_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_arguments: object, **_more: object) -> zipfile.ZipFile:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path.write_bytes(zipped({"a.jpg": PICTURE}))
    monkeypatch.setattr("imgscan.archive.zipfile.ZipFile", failing)
    with pytest.raises(FileError) as refused:
        list(members(FoundFile(b"", bytes(path)), LIMIT))
    assert refused.value.status is Status.IO_ERROR


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, 1500), junk=st.binary(min_size=1, max_size=8), packing=st.sampled_from(["zip", "", "gz", "xz"])
)
def test_any_damage_ends_with_statuses(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes, packing: str
) -> None:
    files = {"a.txt": b"text" * 20, "b.gif": b"GIF89a" + bytes(90)}
    content = zipped(files) if packing == "zip" else tarred(files, packing)
    at %= len(content)
    path = tmp_path_factory.getbasetemp() / "damaged"
    listed(path, content[:at] + junk + content[at + len(junk) :])
