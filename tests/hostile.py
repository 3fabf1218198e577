"""Hostile files, made from a fixed seed, each with the statuses it may end as: for tests/test_hostile.py.

Exactly one status is right wherever the format says what a cut or an altered byte does: before the first pixel nothing
can be shown, behind it part of the picture; an altered pixel is a pixel, a chunk with a wrong check sum is not shown.
Elsewhere a class of statuses is right, for a decoder may or may not notice the damage.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from imgscan.types import Status
from tests.fakes.documents import blank_pdf, gif, locked_pdf, locked_zip, pdf, tarred, wechat, with_video, zipped

SEED = 20261122
CUTS = 20
FLIPS = 50

CLEAN = frozenset({Status.CLEAN})
UNREADABLE = frozenset({Status.UNREADABLE})
UNSUPPORTED = frozenset({Status.UNSUPPORTED})
TOO_LARGE = frozenset({Status.TOO_LARGE})
ENCRYPTED = frozenset({Status.ENCRYPTED})
PARTIAL = frozenset({Status.PARTIAL})
EITHER = UNREADABLE | PARTIAL
NOTICED_OR_NOT = frozenset({Status.CLEAN, Status.PARTIAL, Status.UNREADABLE})
"""One byte of packed pixels: any decoder may show a slightly different picture without a word."""
ANYTHING = NOTICED_OR_NOT | UNSUPPORTED | TOO_LARGE | ENCRYPTED
"""One byte of a header: another kind of file, another size, or what nobody looks at. A crash it never is."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file, and the statuses that are right for it."""

    name: str
    content: bytes
    statuses: frozenset[Status]


def files() -> Iterator[Hostile]:
    """All of them; equal at each call."""
    dice = random.Random(SEED)
    whole = {kind: make(dice) for kind, make in FORMATS.items()}
    for kind, content in whole.items():
        yield Hostile(f"{kind}_whole", content, CLEAN)
        yield from cuts(kind, content)
        yield from flips(kind, content, dice)
    yield from named(whole)
    for number in range(100):
        size = dice.randrange(1, 3000)
        yield Hostile(f"noise_{number:03}", b"\x00" + dice.randbytes(size), UNSUPPORTED)
    for kind in ("jpeg", "png", "gif", "webp", "bmp", "tiff", "pdf", "zip"):
        # A check sum, a length or a list at the end is missing, or else noise is taken for a header.
        statuses = UNREADABLE if kind in ("png", "webp", "pdf", "zip") else UNREADABLE | TOO_LARGE | PARTIAL
        for number in range(10):  # the right beginning, and noise
            content = whole[kind][:12] + dice.randbytes(dice.randrange(0, 2000))
            yield Hostile(f"{kind}_noise_{number}", content, statuses)


def first_pixel(kind: str, content: bytes) -> int:
    """Where the pixels begin, behind all headers; the whole length where a decoder needs the file to its end.

    WebP and AVIF tell their length at the beginning, LZW strips of TIFF end in a code, ZIP, TGZ and PDF have their list
    at the end.
    """
    match kind:
        case "jpeg" | "progressive":
            scan = content.index(b"\xff\xda")
            return scan + 2 + int.from_bytes(content[scan + 2 : scan + 4], "big")
        case "png":
            return content.index(b"IDAT") + 4
        case "gif":
            return palette_of(content).stop + 10 + 1
        case "bmp":
            return int.from_bytes(content[10:14], "little")
        case "tiff":
            return strip_of(content).start
        case "jpeg2000":
            return content.index(b"\xff\x52")  # behind the size; tiles that are missing are shown empty
        case _:
            return len(content)


def palette_of(content: bytes) -> range:
    """The bytes of a GIF's global palette (GIF89a, 18 and 19)."""
    return range(13, 13 + 3 * 2 ** ((content[10] & 7) + 1))


def strip_of(content: bytes) -> range:
    """The bytes of the only strip of a TIFF."""
    with Image.open(BytesIO(content)) as image:
        tags = image.tag_v2  # type: ignore[attr-defined]
        return range(tags[273][0], tags[273][0] + tags[279][0])


def cuts(kind: str, content: bytes) -> Iterator[Hostile]:
    """The file cut at CUTS places."""
    begin = first_pixel(kind, content)
    for number in range(CUTS):
        length = max(1, len(content) * number // CUTS)
        statuses = UNSUPPORTED if length == 1 else PARTIAL if length > begin else UNREADABLE
        yield Hostile(f"{kind}_cut_{number:02}", content[:length], statuses)


def flips(kind: str, content: bytes, dice: random.Random) -> Iterator[Hostile]:
    """The file with one byte altered, FLIPS times."""
    for number in range(FLIPS):
        at, value = dice.randrange(len(content)), dice.randrange(1, 256)
        flipped = content[:at] + bytes([content[at] ^ value]) + content[at + 1 :]
        yield Hostile(f"{kind}_flip_{number:02}", flipped, altered(kind, content, at))


def altered(kind: str, content: bytes, at: int) -> frozenset[Status]:
    """How a file may end one byte of which is wrong."""
    plain = {
        "bmp": lambda: range(first_pixel(kind, content), len(content)),
        "tiff": lambda: strip_of(content),
        "gif": lambda: palette_of(content),
    }
    if kind in plain and at in plain[kind]():
        return CLEAN
    if kind == "png" and content.index(b"IDAT") <= at < content.index(b"IEND") - 4:
        return PARTIAL  # its check sum is wrong
    begin = first_pixel(kind, content)
    return NOTICED_OR_NOT if begin < at < len(content) else ANYTHING


def named(whole: dict[str, bytes]) -> Iterator[Hostile]:
    """Each a trick of its own."""
    jpeg, png = whole["jpeg"], whole["png"]
    for name, content, statuses in (
        ("empty", b"", UNREADABLE),
        ("png_bomb", png_promising(60_000, 60_000), TOO_LARGE),
        ("png_flat", png_promising(1, 2**31 - 1), TOO_LARGE),
        ("gif_many_frames", gif(250), PARTIAL),
        ("pdf_many_pages", blank_pdf(201), PARTIAL),
        ("pdf_locked", locked_pdf(), ENCRYPTED),
        ("pdf_without_pages", blank_pdf(0), UNREADABLE),
        ("pdf_broken_after_a_locked_one", b"%PDF-1.7\n" + bytes(300), UNREADABLE),
        ("pdf_huge_page", blank_pdf(1, side=14_400), CLEAN),
        ("jpeg_then_zip", jpeg + zipped({"a.txt": b"text"}), CLEAN),
        ("jpeg_then_html", jpeg + b"<script>alert(1)</script>", CLEAN),
        ("gif_then_zip", whole["gif"] + zipped({"a.txt": b"text"}), CLEAN),
        ("svg_named_jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNSUPPORTED),
        ("png_with_texts", with_chunks(png, 2000), CLEAN),
        ("jpeg_with_profiles", with_segments(jpeg), CLEAN),
        ("tiff_circle", tiff_circle(), CLEAN),
        ("wechat_xor", wechat(jpeg), CLEAN),
        ("wechat_xor_cut", wechat(jpeg[: first_pixel("jpeg", jpeg) + 200]), PARTIAL),
        ("wechat_v1", b"\x07\x08V1\x08\x07" + bytes(500), ENCRYPTED),
        ("wechat_v2", b"\x07\x08V2\x08\x07" + bytes(500), ENCRYPTED),
        ("wxgf", b"wxgf" + bytes(500), ENCRYPTED),
        ("zip_cut", zipped({"a.jpg": jpeg})[:-30], UNREADABLE),
        ("zip_empty", zipped({}), CLEAN),
        ("zip_bomb", zipped({"a.txt": bytes(10_000_000)}), CLEAN),
        ("zip_locked", locked_zip({"a.jpg": jpeg}), CLEAN),
        ("docx", zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), UNSUPPORTED),
        ("tar_cut", tarred({"a.jpg": jpeg})[:700], UNREADABLE),
        ("motion", with_video(jpeg), CLEAN),
    ):
        yield Hostile(name, content, statuses)


def png_promising(width: int, height: int) -> bytes:
    """A PNG that promises `width` x `height` pixels and holds hardly any."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunks(png: bytes, count: int) -> bytes:
    """`png` with as many packed comments."""
    return png[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10_000))) * count + png[33:]


def with_segments(jpeg: bytes) -> bytes:
    """`jpeg` with the longest colour profile segments there can be, of noise."""
    segment = b"\xff\xe2\xff\xffICC_PROFILE\0\x01\x01" + bytes(0xFFFF - 16)
    return jpeg[:2] + segment * 3 + jpeg[2:]


def tiff_circle() -> bytes:
    """A TIFF whose second page is its first."""
    tags = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 8), (279, 64)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 72) + bytes(64) + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 72)


def _picture(dice: random.Random) -> Image.Image:
    noise = np.random.default_rng(dice.randrange(2**32)).integers(0, 256, (24, 32, 3), np.uint8)
    return Image.fromarray(noise)


def _written(kind: str, **options: object) -> Callable[[random.Random], bytes]:
    def make(dice: random.Random) -> bytes:
        out = BytesIO()
        _picture(dice).save(out, kind, **options)
        return out.getvalue()

    return make


FORMATS: dict[str, Callable[[random.Random], bytes]] = {
    "jpeg": _written("JPEG", quality=80),
    "progressive": _written("JPEG", quality=80, progressive=True),
    "png": _written("PNG"),
    "gif": _written("GIF"),
    "webp": _written("WEBP", quality=80),
    "lossless": _written("WEBP", lossless=True),
    "bmp": _written("BMP"),
    "tiff": _written("TIFF"),
    "lzw": _written("TIFF", compression="tiff_lzw"),
    "jpeg2000": _written("JPEG2000"),
    "avif": _written("AVIF"),
    "pdf": lambda dice: pdf([np.asarray(_picture(dice))]),
    "zip": lambda dice: zipped({"a.jpg": _written("JPEG")(dice)}),
    "tgz": lambda dice: tarred({"a.jpg": _written("JPEG")(dice)}, "gz"),
}
