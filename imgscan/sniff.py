"""What a file is, by its first bytes and never by its name: the closed list of what the decoder is given."""

from __future__ import annotations

from enum import StrEnum

from imgscan.i18n import N_

HEAD_BYTES = 64
EMPTY = N_("The file is empty.")
NOT_A_PICTURE = N_("The file is no picture of a kind that can be read.")


class Kind(StrEnum):
    """A picture format that the decoder knows."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    BMP = "bmp"
    TIFF = "tiff"
    JPEG2000 = "jpeg2000"
    AVIF = "avif"
    HEIF = "heif"


_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"MiHE", b"MiHB", b"MiPr"}


def sniff(head: bytes) -> Kind | None:
    """The kind of picture whose first HEAD_BYTES bytes are `head`; None for anything else."""
    for magic, kind in (
        (b"\xff\xd8\xff", Kind.JPEG),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"GIF87a", Kind.GIF),
        (b"GIF89a", Kind.GIF),
        (b"BM", Kind.BMP),
        (b"II*\x00", Kind.TIFF),
        (b"MM\x00*", Kind.TIFF),
        (b"II+\x00", Kind.TIFF),
        (b"MM\x00+", Kind.TIFF),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", Kind.JPEG2000),
        (b"\xff\x4f\xff\x51", Kind.JPEG2000),
    ):
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _iso_kind(head)
    return None


def _iso_kind(head: bytes) -> Kind | None:
    # ISO base media: the box says how many compatible brands follow the major one (ISO/IEC 14496-12, 4.3).
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, end, 4)}
    if b"avif" in brands or b"avis" in brands:
        return Kind.AVIF
    return Kind.HEIF if brands & _HEIF_BRANDS else None
