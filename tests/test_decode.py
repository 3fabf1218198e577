from __future__ import annotations

import io
import os
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from imgscan.complaints import listening
from imgscan.decode import FULL_SCALE_PIXELS, MAX_FRAMES, OVERWRITTEN, RAW, DecodeError, decode, read_header
from imgscan.frames import Frame, Pixels
from imgscan.sniff import Kind
from imgscan.types import Status
from tests.fakes.documents import blank_pdf, locked_pdf, pdf, wechat
from tests.fakes.formats import Make, by_opencv, by_pillow
from tests.fakes.pages import as_stored, encode, page, text_of
from tests.fakes.runs import REPOSITORY

LIMIT = 600_000_000
LINES = ["机密★10年", "云岫市示例局"]


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A page in colour: blocks, a red bar, and a grey ramp."""
    drawn = page(LINES)
    drawn[-60:-30, 40:200] = (40, 40, 200)
    drawn[-60:-30, 220:380] = np.linspace(0, 255, 160).astype(np.uint8)[None, :, None]
    return drawn


def frames(content: bytes) -> list[Frame]:
    return list(decode(content, read_header(content, LIMIT)))


def outcome(content: bytes) -> list[Frame] | DecodeError:
    """All frames, or what was raised instead."""
    try:
        return frames(content)
    except DecodeError as error:
        return error


def only(content: bytes) -> Frame:
    found = frames(content)
    assert len(found) == 1
    return found[0]


def difference(one: Pixels, other: Pixels) -> float:
    """Mean difference of two pictures of one size, in levels."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def grey(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


COLOUR: dict[str, tuple[Kind, Make]] = {
    "jpeg": (Kind.JPEG, lambda p: by_pillow(p, "JPEG", quality=95)),
    "jpeg progressive": (Kind.JPEG, lambda p: by_pillow(p, "JPEG", quality=95, progressive=True)),
    "jpeg cmyk": (Kind.JPEG, lambda p: by_pillow(p, "JPEG", "CMYK", quality=95)),
    "png": (Kind.PNG, lambda p: by_pillow(p, "PNG")),
    "png palette": (Kind.PNG, lambda p: by_pillow(p, "PNG", "P")),
    "png alpha": (Kind.PNG, lambda p: by_pillow(p, "PNG", "RGBA")),
    "png 16 bit": (Kind.PNG, lambda p: by_opencv(p.astype(np.uint16) * 257, ".png")),
    "webp": (Kind.WEBP, lambda p: by_pillow(p, "WEBP", quality=95)),
    "webp lossless": (Kind.WEBP, lambda p: by_pillow(p, "WEBP", lossless=True)),
    "webp alpha": (Kind.WEBP, lambda p: by_pillow(p, "WEBP", "RGBA", lossless=True)),
    "bmp": (Kind.BMP, lambda p: by_pillow(p, "BMP")),
    "tiff": (Kind.TIFF, lambda p: by_pillow(p, "TIFF")),
    "tiff lzw": (Kind.TIFF, lambda p: by_pillow(p, "TIFF", compression="tiff_lzw")),
    "tiff cmyk": (Kind.TIFF, lambda p: by_pillow(p, "TIFF", "CMYK")),
    "tiff 16 bit": (Kind.TIFF, lambda p: by_opencv(p.astype(np.uint16) * 257, ".tiff")),
    "gif": (Kind.GIF, lambda p: by_pillow(p, "GIF")),
    "avif": (Kind.AVIF, lambda p: by_pillow(p, "AVIF", quality=95)),
    "jpeg 2000": (Kind.JPEG2000, lambda p: by_pillow(p, "JPEG2000")),
}
GREY: dict[str, Make] = {
    "jpeg": lambda p: by_pillow(p, "JPEG", "L", quality=95),
    "png": lambda p: by_pillow(p, "PNG", "L"),
    "png alpha": lambda p: by_pillow(p, "PNG", "LA"),
    "png 16 bit": lambda p: by_opencv(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257, ".png"),
    "tiff 16 bit": lambda p: by_opencv(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257, ".tiff"),
    "jpeg 2000": lambda p: by_pillow(p, "JPEG2000", "L"),
}


@pytest.mark.parametrize("name", COLOUR)
def test_one_picture_in_every_format(picture: Pixels, name: str) -> None:
    kind, make = COLOUR[name]
    content = make(picture)
    header = read_header(content, LIMIT)
    assert (header.kind, header.width, header.height) == (kind, picture.shape[1], picture.shape[0])
    frame = only(content)
    assert (frame.width, frame.height, frame.problem) == (picture.shape[1], picture.shape[0], "")
    # A palette of 256 colours and JPEG's quarter colour resolution are what the widest tolerance is for.
    assert difference(frame.pixels, picture) < 6.0
    assert not frame.pixels.flags.writeable


@pytest.mark.parametrize("name", GREY)
def test_one_grey_picture_in_every_format(picture: Pixels, name: str) -> None:
    assert difference(only(GREY[name](picture)).pixels, grey(picture)) < 3.0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_orientation_gives_the_same_picture(picture: Pixels, kind: str, orientation: int) -> None:
    tall = np.ascontiguousarray(picture[:, :320])
    frame = only(encode(tall, kind, orientation, quality=95))
    assert (frame.width, frame.height) == (tall.shape[1], tall.shape[0])
    assert difference(frame.pixels, tall) < 6.0


@pytest.mark.parametrize("orientation", [3, 6])
def test_exif_orientation_of_a_tiff_with_16_bits(picture: Pixels, orientation: int) -> None:
    tall = grey(np.ascontiguousarray(picture[:, :320]))
    image = Image.fromarray(as_stored(tall, orientation)[:, :, 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[274] = orientation
    out = io.BytesIO()
    image.save(out, "TIFF", exif=exif)
    frame = only(out.getvalue())
    assert (frame.width, frame.height) == (tall.shape[1], tall.shape[0])
    assert difference(frame.pixels, tall) < 3.0


@pytest.mark.parametrize("orientation", [3, 6])
def test_exif_orientation_of_a_tiff_with_pages(picture: Pixels, orientation: int) -> None:
    tall = np.ascontiguousarray(picture[:, :320])
    first = Image.open(io.BytesIO(encode(tall, "PNG", orientation)))
    first.load()
    out = io.BytesIO()
    exif = first.getexif()
    first.save(out, "TIFF", save_all=True, append_images=[first.copy()], exif=exif)
    found = frames(out.getvalue())
    assert len(found) == 2
    for frame in found:
        assert (frame.width, frame.height) == (tall.shape[1], tall.shape[0])
        assert difference(frame.pixels, tall) < 6.0


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "PNG", "WEBP"])
def test_every_page_or_frame_is_given(kind: str) -> None:
    texts = ["第一页", "机密★10年", "第三页"]
    images = [Image.fromarray(np.ascontiguousarray(page([text])[:, :, ::-1])) for text in texts]
    out = io.BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:])
    found = frames(out.getvalue())
    assert [frame.number for frame in found] == [0, 1, 2]
    assert [text_of(frame.pixels) for frame in found] == texts
    assert not any(frame.problem for frame in found)


def test_more_frames_than_are_read_are_told() -> None:
    images = [Image.new("L", (8, 8), number % 256) for number in range(MAX_FRAMES + 1)]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:])
    found = frames(out.getvalue())
    assert len(found) == MAX_FRAMES
    assert found[-1].problem


def test_dark_text_on_nothing_stays_visible(picture: Pixels) -> None:
    drawn = page(LINES)
    ink = drawn[:, :, 0] < 128
    for colour, ground in ((0, 255), (255, 0)):  # dark writing needs a light ground, light writing a dark one
        rgba = np.zeros((*ink.shape, 4), np.uint8)
        rgba[ink] = (colour, colour, colour, 255)
        out = io.BytesIO()
        Image.fromarray(rgba).save(out, "PNG")
        shown = only(out.getvalue()).pixels
        assert set(np.unique(shown[ink])) == {colour}
        assert set(np.unique(shown[~ink])) == {ground}


@pytest.mark.parametrize("name", ["jpeg", "jpeg progressive", "png", "png alpha", "webp", "bmp", "tiff", "gif", "avif",
                                  "jpeg 2000"])  # fmt: skip
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.98])
def test_a_truncated_file_is_never_taken_for_a_whole_one(picture: Pixels, name: str, share: float) -> None:
    _kind, make = COLOUR[name]
    content = make(picture)
    cut = content[: int(len(content) * share)]
    found = outcome(cut)
    if isinstance(found, DecodeError):
        assert found.status is Status.UNREADABLE
        assert found.problem
    else:
        whole = only(content).pixels
        same = [frame.pixels.shape == whole.shape and difference(frame.pixels, whole) < 0.01 for frame in found]
        assert any(frame.problem for frame in found) or all(same)


def test_a_truncated_jpeg_keeps_its_head_and_shows_nobody_elses_rows() -> None:
    """OpenCV before 4.12 filled the missing rows from the memory of an earlier picture (opencv#26488)."""
    rng = np.random.default_rng(7)
    kept = []
    for number in range(40):
        secret = np.full((900 + 10 * number, 1200, 3), 255, np.uint8)
        secret[rng.random(secret.shape[:2]) < 0.5] = (255, 0, 255)
        kept.append(only(encode(secret, quality=60)).pixels)
        innocent = page(["今天天气很好"] * 4)
        content = encode(innocent)
        frame = only(content[: int(len(content) * rng.uniform(0.3, 0.9))])
        assert frame.problem
        blue, green, red = (frame.pixels[:, :, channel].astype(int) for channel in range(3))
        assert ((blue > 200) & (green < 80) & (red > 200)).mean() < 0.002  # frames of the page ring a little in JPEG
        del kept[:-5]
    almost = encode(page(LINES))[:-2]
    frame = only(almost)
    assert frame.problem
    assert difference(frame.pixels, only(encode(page(LINES))).pixels) < 1.0


def natural(side: int = 700) -> Pixels:
    """Something like a photo: smooth shapes, a little noise."""
    rng = np.random.default_rng(5)
    coarse = cv2.resize(rng.integers(0, 256, (12, 12, 3), np.uint8), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(coarse + rng.normal(0, 3, coarse.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}, {"restart_marker_rows": 4}],
                         ids=["plain", "progressive", "optimised", "restarts"])  # fmt: skip
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_jpeg_that_was_overwritten_in_the_middle_is_partial(options: dict[str, object], share: float) -> None:
    content = encode(natural(), "JPEG", 1, **options)
    assert not only(content).problem
    at = int(len(content) * share)
    assert only(content[:at] + bytes(8192) + content[at + 8192 :]).problem == OVERWRITTEN


def test_padding_behind_a_jpeg_is_no_damage() -> None:
    content = encode(natural(), quality=90)
    assert content.endswith(b"\xff\xd9")
    assert not only(content[:-2] + bytes(12) + content[-2:]).problem
    assert not only(content + bytes(5000)).problem
    assert only(content[:-2] + bytes(5000) + content[-2:]).problem == OVERWRITTEN


def test_flat_pictures_are_no_damage() -> None:
    """Their data is mostly zero bits: what a long run of zeros says depends on the tables."""
    for colour in (0, 128, 255):
        plain: dict[str, object] = {}
        for options in (plain, {"optimize": True}, {"progressive": True}):
            content = encode(np.full((2000, 2000, 3), colour, np.uint8), "JPEG", 1, **options)
            assert not only(content).problem


def test_real_photographs_are_not_called_damaged(photos: Path) -> None:
    """0 of the good ones; the files of the format collection have their own test."""
    checked = 0
    for path in sorted(photos.rglob("*")):
        content = path.read_bytes() if path.is_file() and path.parent.name != "formats" else b""
        if content.startswith(b"\xff\xd8\xff"):
            checked += 1
            assert not any(frame.problem for frame in decode(content)), path.name
    assert checked >= 80


def test_nothing_is_lost_of_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with listening() as heard:
        os.write(2, b"Premature end of JPEG file\n")
    os.write(2, b"after\n")
    assert (heard.said, heard.damage) == (b"Premature end of JPEG file\n", True)
    assert capfd.readouterr().err == "after\n"


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises `width` x `height` pixels and holds a single row of them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def refusal(content: bytes, limit: int = LIMIT) -> Status:
    with pytest.raises(DecodeError) as refused:
        list(decode(content, read_header(content, limit), limit))
    return refused.value.status


def test_size_is_judged_by_the_setting_alone() -> None:
    assert refusal(png_header(60_000, 60_000)) is Status.TOO_LARGE
    assert refusal(png_header(24_500, 24_500)) is Status.TOO_LARGE  # 600.25 megapixels
    assert read_header(png_header(24_000, 24_000), LIMIT).width == 24_000  # 576: a panorama may be so large
    assert refusal(png_header(24_000, 24_000), 100_000_000) is Status.TOO_LARGE
    assert refusal(png_header(101, 100), 10_000) is Status.TOO_LARGE


BOMB = """
import resource, sys
from imgscan.decode import DecodeError, decode, read_header
content = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    problems = [frame.problem for frame in decode(content, read_header(content, 600_000_000), 600_000_000)]
except DecodeError as error:
    print(error.status.value, end=" ")
else:
    print("partial" if any(problems) else "whole", end=" ")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def tiff_bomb() -> bytes:
    """A small first page, and a second one that promises 1,600 megapixels (CCITT group 4, black or white)."""
    strip = bytes(200)

    def page_at(side: int, compression: int, following: int) -> bytes:
        tags = [
            (256, side),
            (257, side),
            (258, 1),
            (259, compression),
            (262, 0),
            (273, 8),
            (277, 1),
            (278, side),
            (279, 200),
        ]
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)

    first = 8 + len(strip)
    second = first + len(page_at(40, 1, 0))
    return b"II*\0" + struct.pack("<I", first) + strip + page_at(40, 1, second) + page_at(40_000, 4, 0)


def gif_bomb() -> bytes:
    """A picture of 65535 x 65535 pixels by its header."""
    return b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b"\x2c" + bytes(9) + b"\x02\x02\x44\x01\x00\x3b"


@pytest.mark.parametrize(
    ("make", "ends"),
    [
        (lambda: png_header(60_000, 60_000), {"too_large"}),
        (tiff_bomb, {"partial"}),
        (gif_bomb, {"too_large", "unreadable"}),
    ],
    ids=["png", "tiff page", "gif"],
)
def test_a_bomb_is_refused_before_it_takes_memory(make: Callable[[], bytes], ends: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOMB], input=make(), capture_output=True, check=True, cwd=REPOSITORY, timeout=60
    )
    how, mebibytes = done.stdout.decode().split()
    assert how in ends
    assert int(mebibytes) < 200


def test_a_panorama_is_decoded_smaller() -> None:
    wide = np.full((6_000, 12_000), 255, np.uint8)
    wide[1_000:1_500, 2_000:3_000] = 0
    frame = only(by_opencv(wide, ".jpg"))
    assert (frame.width, frame.height) == (12_000, 6_000)
    assert frame.pixels.shape == (3_000, 6_000, 3)
    assert frame.pixels[625, 1_250].max() < 20
    assert frame.pixels[100, 100].min() > 235


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", Status.UNREADABLE),
        (b"<svg and so on", Status.UNSUPPORTED),
        (b"\xff\xd8\xff\xe0nothing", Status.UNREADABLE),
        (b"\x89PNG\r\n\x1a\nnothing", Status.UNREADABLE),
        (b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic", Status.UNREADABLE),
        (b"II*\x00\x08\x00\x00\x00\xff\xff", Status.UNREADABLE),
    ],
)
def test_what_is_no_picture_says_so(content: bytes, status: Status) -> None:
    assert refusal(content) is status


def test_every_flipped_byte_ends_as_pixels_or_as_a_decode_error(picture: Pixels) -> None:
    small = np.ascontiguousarray(picture[:120, :160])
    rng = np.random.default_rng(1)
    for name, (_kind, make) in COLOUR.items():
        content = bytearray(make(small))
        for _ in range(12):
            at = int(rng.integers(len(content)))
            flipped = bytes(content[:at]) + bytes([content[at] ^ 1 << int(rng.integers(8))]) + bytes(content[at + 1 :])
            found = outcome(flipped)
            if isinstance(found, DecodeError):
                assert found.problem, name
            else:
                assert all(frame.pixels.ndim == 3 for frame in found), name


def test_memory_is_that_of_one_frame_at_a_time() -> None:
    images = [Image.new("RGB", (1_000, 1_000), (number, 0, 0)) for number in range(60)]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw")
    del images
    content = out.getvalue()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _frame in decode(content)) == 60
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < 60  # all of them together would be 180 MB


def test_exif_tells_when_and_with_what() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "星槎", "X1"
    exif.get_ifd(0x8769)[0x9003] = "2026:03:01 08:00:00"
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    header = read_header(out.getvalue(), LIMIT)
    assert (header.taken_at, header.camera.endswith("X1")) == ("2026:03:01 08:00:00", True)


def formats() -> list[tuple[str, str]]:
    """Name and expectation of each file of the format collection, where it is at hand."""
    manifest = REPOSITORY.parent / "shared" / "photos" / "manifest.tsv"
    if not manifest.is_file():
        return [("", "")]
    rows = [line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines()]
    column = rows[0].index("expected")
    return [(row[0], row[column]) for row in rows[1:] if row[0].startswith("formats/")]


@pytest.mark.parametrize(("name", "expected"), formats())
def test_the_format_collection(photos: Path, name: str, expected: str) -> None:
    found = outcome((photos / name).read_bytes())
    if isinstance(found, DecodeError):
        ended = "refused"
        assert found.problem
    else:
        ended = "partial" if any(frame.problem for frame in found) else "readable"
        assert all(frame.pixels.size for frame in found)
        assert all(frame.pixels.shape[0] * frame.pixels.shape[1] <= 64_000_000 for frame in found)
    allowed = {
        "readable": {"readable"},
        "partial": {"partial", "readable"},
        "unreadable": {"refused", "partial"},
        "bomb": {"refused", "partial", "readable"},  # at reduced scale, within the limits checked above
    }
    assert ended in allowed[expected]


def test_every_page_of_a_pdf_is_given(picture: Pixels) -> None:
    texts = ["第一页", "机密★10年", "第三页"]
    content = pdf([page([text]) for text in texts])
    header = read_header(content, LIMIT)
    assert (header.kind, header.width, header.height, header.frames) == (Kind.PDF, 400, 560, 3)
    found = frames(content)
    assert [frame.number for frame in found] == [0, 1, 2]
    assert [text_of(frame.pixels) for frame in found] == texts
    assert not any(frame.problem for frame in found)
    assert not found[0].pixels.flags.writeable
    assert difference(only(pdf([picture])).pixels, picture) < 6.0


def test_a_pdf_page_is_turned_as_a_viewer_turns_it(picture: Pixels) -> None:
    frame = only(pdf([picture], rotate=90))
    assert (frame.width, frame.height) == (picture.shape[0], picture.shape[1])
    assert difference(frame.pixels, np.rot90(picture, -1)) < 6.0


def test_a_pdf_with_more_pages_than_are_read_is_told() -> None:
    found = frames(blank_pdf(MAX_FRAMES + 1))
    assert len(found) == MAX_FRAMES
    assert [frame.problem for frame in found].count("") == MAX_FRAMES - 1
    assert found[-1].problem
    assert not any(frame.problem for frame in frames(blank_pdf(MAX_FRAMES)))


def test_a_pdf_page_of_any_size_keeps_to_the_limit() -> None:
    assert only(blank_pdf(1, side=14_400)).pixels.size <= 3 * FULL_SCALE_PIXELS
    content = blank_pdf(1, side=720)
    assert only(content).width == 2000
    small = next(iter(decode(content, read_header(content, 10_000), 10_000)))
    assert (small.width, small.height) == (100, 100)
    assert only(blank_pdf(1, side=0.1)).width >= 1


def test_a_pdf_that_asks_for_a_password_is_encrypted_and_a_broken_one_unreadable() -> None:
    assert refusal(locked_pdf()) is Status.ENCRYPTED
    content = pdf([page(LINES)])
    for broken in (b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(500), content[:200], blank_pdf(0)):
        assert refusal(broken) is Status.UNREADABLE


def test_a_truncated_pdf_is_never_taken_for_a_whole_one() -> None:
    texts = ["第一页", "机密★10年", "第三页"]
    content = pdf([page([text]) for text in texts])
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        found = outcome(content[: int(len(content) * share)])
        if isinstance(found, DecodeError):
            assert found.status is Status.UNREADABLE
        else:
            whole = [text_of(frame.pixels) for frame in found] == texts
            assert whole or any(frame.problem for frame in found)


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "bmp"])
def test_a_picture_of_wechats_old_cache_is_decoded(picture: Pixels, name: str) -> None:
    kind, make = COLOUR[name]
    content = wechat(make(picture))
    assert read_header(content, LIMIT).kind is kind
    assert difference(only(content).pixels, only(make(picture)).pixels) == 0.0
    assert len(list(decode(content))) == 1


@pytest.mark.parametrize("head", [b"\x07\x08V1\x08\x07", b"\x07\x08V2\x08\x07", b"wxgf"])
def test_what_wechat_encrypts_is_told(head: bytes) -> None:
    assert refusal(head + bytes(100)) is Status.ENCRYPTED


def test_a_raw_photo_is_partial_for_its_preview_is_all_that_is_read() -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[50706] = b"\x01\x04\x00\x00"
    tags.tagtype[50706] = 1
    raw, plain = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (160, 120), "white").save(raw, "TIFF", tiffinfo=tags)
    Image.new("RGB", (160, 120), "white").save(plain, "TIFF")
    assert [frame.problem for frame in decode(raw.getvalue())] == [RAW]
    assert [frame.problem for frame in decode(plain.getvalue())] == [""]


def test_a_broken_pdf_after_a_locked_one_is_not_taken_for_locked() -> None:
    assert refusal(locked_pdf()) is Status.ENCRYPTED
    assert refusal(blank_pdf(0)) is Status.UNREADABLE
