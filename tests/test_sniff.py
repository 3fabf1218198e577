from __future__ import annotations

import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from imgscan.sniff import (
    ARCHIVE,
    AUDIO,
    HEAD_BYTES,
    OFFICE,
    OTHER,
    TEXT,
    VIDEO,
    WECHAT,
    WXGF,
    Archive,
    Kind,
    archive_kind,
    carries_video,
    refusal,
    sniff,
    undisguised,
)
from imgscan.types import Status
from tests.fakes.documents import with_video


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("JPEG", Kind.JPEG),
        ("PNG", Kind.PNG),
        ("GIF", Kind.GIF),
        ("WEBP", Kind.WEBP),
        ("BMP", Kind.BMP),
        ("TIFF", Kind.TIFF),
        ("JPEG2000", Kind.JPEG2000),
        ("AVIF", Kind.AVIF),
    ],
)
def test_what_pillow_writes_is_known(written: str, kind: Kind) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, written)
    assert sniff(out.getvalue()[:HEAD_BYTES]) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", Kind.HEIF),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", Kind.AVIF),
        (b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41", None),  # a film
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00heic", Kind.HEIF),
        (b"\x00\x00\x00\x10ftypqt  \x00\x00\x00\x00heic", None),  # what follows the box is no brand
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"%PDF-1.7", Kind.PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.7", Kind.PDF),
        (b"<svg xmlns=", None),
        (b"PK\x03\x04", None),
        (b"", None),
        (b"\xff\xd8", None),
    ],
)
def test_by_first_bytes(head: bytes, kind: Kind | None) -> None:
    assert sniff(head) is kind


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_answered(head: bytes) -> None:
    assert sniff(head) in (*Kind, None)


def written(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, kind)
    return out.getvalue()


def xored(content: bytes, key: int) -> bytes:
    return bytes(value ^ key for value in content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("key", [0x01, 0x2B, 0x88, 0xFF])
def test_a_picture_of_wechats_old_cache_is_undone(kind: str, key: int) -> None:
    plain = written(kind)
    disguised = xored(plain, key)
    assert sniff(disguised[:HEAD_BYTES]) is Kind.WECHAT
    assert undisguised(disguised) == plain
    assert undisguised(plain) == plain


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff\xdb\x00\x43\x00", b"\xff\xd8\xff\xe1\x10\x00Exif\x00\x00", b"\xff\xd8\xff\xfe\x00\x10Lavc"]
)
def test_other_beginnings_of_a_jpeg_are_undone(start: bytes) -> None:
    assert sniff(xored(start, 0x51)) is Kind.WECHAT


@given(st.binary(min_size=64, max_size=HEAD_BYTES))
def test_what_is_no_picture_is_not_taken_for_a_disguised_one(head: bytes) -> None:
    assume(sniff(head) is None)
    assert undisguised(head) == head


@pytest.mark.parametrize("magic", [b"\xff\xd8\xff\x00\x00\x00abcd", b"BM" + bytes(range(1, 30)), b"RIFF1234WAVE"])
def test_two_bytes_in_common_make_no_picture(magic: bytes) -> None:
    assert sniff(xored(magic, 0x51)) is None


@pytest.mark.parametrize(
    ("head", "status", "problem"),
    [
        (b"\x07\x08V1\x08\x07" + bytes(26), Status.ENCRYPTED, WECHAT),
        (b"\x07\x08V2\x08\x07" + bytes(26), Status.ENCRYPTED, WECHAT),
        (b"\x07\x08V3\x08\x07" + bytes(26), Status.UNSUPPORTED, OTHER),
        (b"wxgf\x13\x00", Status.ENCRYPTED, WXGF),
        (xored(b"wxgf\x13\x00", 0x51), Status.ENCRYPTED, WXGF),
        (b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41", Status.UNSUPPORTED, VIDEO),
        (b"\x00\x00\x00\x14ftypM4A \x00\x00\x02\x00", Status.UNSUPPORTED, AUDIO),
        (b"RIFF\x00\x00\x00\x00AVI LIST", Status.UNSUPPORTED, VIDEO),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", Status.UNSUPPORTED, AUDIO),
        (b"#!AMR\n", Status.UNSUPPORTED, AUDIO),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Status.UNSUPPORTED, OFFICE),
        (b"7z\xbc\xaf\x27\x1c", Status.UNSUPPORTED, ARCHIVE),
        ("云岫市示例局".encode(), Status.UNSUPPORTED, TEXT),
        ("云岫市示例局".encode()[:-1], Status.UNSUPPORTED, TEXT),
        ("云岫市示例局".encode("gb18030"), Status.UNSUPPORTED, TEXT),
        (b"\xff\xfe\x91\x4e", Status.UNSUPPORTED, TEXT),
        (b"\x00\x01\x02\x03", Status.UNSUPPORTED, OTHER),
        (b"\xff\xff\xff\xff", Status.UNSUPPORTED, OTHER),
    ],
)
def test_what_is_no_picture_is_named(head: bytes, status: Status, problem: str) -> None:
    assert sniff(head) is None
    assert refusal(head) == (status, problem)


@given(st.binary(max_size=HEAD_BYTES))
def test_any_other_file_ends_with_words(head: bytes) -> None:
    status, problem = refusal(head)
    assert status in (Status.UNSUPPORTED, Status.ENCRYPTED)
    assert problem


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04", Archive.ZIP),
        (b"PK\x05\x06", Archive.ZIP),
        (b"a.jpg".ljust(257, b"\0") + b"ustar\x0000", Archive.TAR),
        (b"\x1f\x8b\x08", Archive.GZIP),
        (b"BZh9", Archive.BZIP2),
        (b"\xfd7zXZ\x00", Archive.XZ),
        (b"7z\xbc\xaf\x27\x1c", None),
        (b"", None),
    ],
)
def test_archives_that_are_opened(head: bytes, kind: Archive | None) -> None:
    assert archive_kind(head) is kind


def test_a_video_behind_a_photo_is_noticed() -> None:
    photo = written("JPEG")
    assert carries_video(with_video(photo))
    assert not carries_video(photo)
    assert not carries_video(photo + b"\x00\x00\x00\x18ftypheic" + bytes(20))
    assert not carries_video(photo + b"12ftypmp42 as words")
    assert not carries_video(with_video(written("PNG")))
