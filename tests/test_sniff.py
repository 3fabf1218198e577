from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgscan.sniff import HEAD_BYTES, Kind, sniff


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
        (b"%PDF-1.7", None),
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
