"""Files around pictures: PDF written by hand (no library here writes a locked one), archives, motion photos, WeChat."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence

from PIL import Image

from imgscan.frames import Pixels
from tests.fakes.pages import encode

# The page height in points at which a page of `tests.fakes.pages` comes out pixel for pixel at 200 dpi.
POINTS_A_PIXEL = 72 / 200


def pdf(pages: Sequence[Pixels], *, rotate: int = 0) -> bytes:
    """A document with one picture a page, as large as the page; each page notes a clockwise turn by `rotate`."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for pixels in pages:
        height, width = pixels.shape[:2]
        across, down = width * POINTS_A_PIXEL, height * POINTS_A_PIXEL
        jpeg = encode(pixels, quality=92)
        number = len(objects) + 1
        kids.append(b"%d 0 R" % number)
        drawing = b"q %.3f 0 0 %.3f 0 0 cm /I Do Q" % (across, down)
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.3f %.3f]/Rotate %d/Contents %d 0 R"
            b"/Resources<</XObject<</I %d 0 R>>>>>>" % (across, down, rotate, number + 1, number + 2),
            b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing),
            b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
            b"/Filter/DCTDecode/Length %d>>stream\n%b\nendstream" % (width, height, len(jpeg), jpeg),
        ]
    objects[1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(kids), b" ".join(kids))
    return _written(objects, b"")


def blank_pdf(count: int, side: float = 20) -> bytes:
    """A document of `count` empty pages of `side` x `side` points."""
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.1f %.1f]>>" % (side, side)
    tree = b"<</Type/Pages/Count %d/Kids[%b]>>" % (count, kids)
    return _written([b"<</Type/Catalog/Pages 2 0 R>>", tree, *[page] * count], b"")


def locked_pdf() -> bytes:
    """A document that asks for a password: its digests (ISO 32000-1, 7.6.3) belong to none."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 20]>>",
        b"<</Filter/Standard/V 2/R 3/Length 128/P -44/O<%b>/U<%b>>>" % (b"11" * 32, b"22" * 32),
    ]
    return _written(objects, b"/Encrypt 4 0 R/ID[<00><00>]")


def _written(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    starts = []
    for number, content in enumerate(objects, 1):
        starts.append(out.tell())
        out.write(b"%d 0 obj%b\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % start for start in starts))
    out.write(b"trailer<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table))
    return out.getvalue()


def wechat(content: bytes, key: int = 0x51) -> bytes:
    """`content` as WeChat for PC before 4.0 kept it."""
    return bytes(value ^ key for value in content)


def gif(count: int) -> bytes:
    """A GIF of `count` different frames."""
    images = [Image.new("L", (8, 8), number % 256) for number in range(count)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:])
    return out.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of `files`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def locked_zip(files: Mapping[str, bytes]) -> bytes:
    """A ZIP whose files ask for a password (bit 0 of the flags; APPNOTE.TXT 4.4.4)."""
    content = bytearray(zipped(files))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(magic, at + 4)
    return bytes(content)


def tarred(files: Mapping[str, bytes], packing: str = "") -> bytes:
    """A TAR of `files`; `packing` is gz, bz2, xz or nothing."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def with_video(photo: bytes) -> bytes:
    """A motion photo: an MP4 behind the picture."""
    return photo + b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + b"\x00\x00\x04\x00mdat" + bytes(1016)
