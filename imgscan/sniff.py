"""What a file is, by its first bytes and never by its name: what the decoder is given, and words for all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from imgscan.i18n import N_
from imgscan.types import Status

FORMATS = 3
"""Raise it when the program learns to read more kinds of files, or to tell that one is damaged.

It is part of the reading key (`imgscan.line`).
"""
HEAD_BYTES = 512  # a tar names itself at byte 257

EMPTY = N_("The file is empty.")
WECHAT = N_(
    "A picture of WeChat's PC cache, encrypted with a key of the account: open the chat in WeChat and save the picture "
    "from there, then scan what was saved."
)
WXGF = N_(
    "A picture in WeChat's own format (wxgf): open the chat in WeChat and save the picture from there, then scan what "
    "was saved."
)
VIDEO = N_("A video: only pictures are read.")
MOTION = N_("The video part of a motion photo: only its still was read.")
AUDIO = N_("A sound file: only pictures are read.")
OFFICE = N_("An office document: print it to PDF, then scan that.")
ARCHIVE = N_("An archive of a kind that is not opened: unpack it, then scan the folder.")
TEXT = N_("A text file: only pictures are read.")
OTHER = N_("The file is no picture of a kind that can be read.")


class Kind(StrEnum):
    """A format whose pictures the decoder can give."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    BMP = "bmp"
    TIFF = "tiff"
    JPEG2000 = "jpeg2000"
    AVIF = "avif"
    HEIF = "heif"
    PDF = "pdf"
    WECHAT = "wechat"
    """One of the others, each byte of it XORed with one key: the picture cache of WeChat for PC before 4.0."""


class Archive(StrEnum):
    """An archive that is opened (`imgscan.archive`); the last three where a TAR is in them."""

    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


# The one table of first bytes: pictures, archives that are opened, and what is only named. What needs more than first
# bytes (RIFF, ISO base media, TAR, PDF, text) is told in the functions below.
_FIRST: tuple[tuple[bytes, Kind | Archive | str], ...] = (
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
    (b"PK\x03\x04", Archive.ZIP),
    (b"PK\x05\x06", Archive.ZIP),
    (b"\x1f\x8b", Archive.GZIP),
    (b"BZh", Archive.BZIP2),
    (b"\xfd7zXZ\x00", Archive.XZ),
    *((magic, ARCHIVE) for magic in (b"PK", b"Rar!\x1a\x07", b"7z\xbc\xaf'\x1c", b"(\xb5/\xfd")),
    *((magic, OFFICE) for magic in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),  # Word, Excel, WPS up to 2003
    *((magic, VIDEO) for magic in (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"0&\xb2u\x8ef\xcf\x11")),
    (b"\x00\x00\x00\x14moov", VIDEO),
    *((magic, AUDIO) for magic in (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"OggS", b"fLaC", b"#!AMR")),
    *((magic, AUDIO) for magic in (b"\x02#!SILK_V3", b"#!SILK_V3")),
)
_VIDEO_BRANDS = {
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ", b"MSNV", b"3gp4", b"3gp5",
}  # fmt: skip
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"MiHE", b"MiHB", b"MiPr"}
# The named segments that cameras and encoders begin a JPEG with: APP0, APP1, APP2. Else a short one: table or comment.
_JPEG_FIRST = {
    b"\xe0": (b"JFIF", b"JFXX"),
    b"\xe1": (b"Exif", b"http"),
    b"\xe2": (b"ICC_", b"MPF\x00"),
}


def sniff(head: bytes) -> Kind | None:
    """The kind of picture whose first HEAD_BYTES bytes are `head`; None for anything else."""
    return _plain_kind(head) or (Kind.WECHAT if _xor_key(head) else None)


def _first(head: bytes) -> Kind | Archive | str | None:
    """What the first bytes alone say."""
    return next((meaning for magic, meaning in _FIRST if head.startswith(magic)), None)


def _plain_kind(head: bytes) -> Kind | None:
    told = _first(head)
    if isinstance(told, Kind):
        return told
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _iso_kind(head)
    # Viewers accept some bytes before the mark (ISO 32000-1, annex H.3.4.1).
    return Kind.PDF if b"%PDF-" in head else None


def _iso_kind(head: bytes) -> Kind | None:
    brands = set(_brands(head))
    if b"avif" in brands or b"avis" in brands:
        return Kind.AVIF
    return Kind.HEIF if brands & _HEIF_BRANDS else None


def _brands(head: bytes) -> Iterator[bytes]:
    # ISO base media: the box says how many compatible brands follow the major one (ISO/IEC 14496-12, 4.3).
    yield head[8:12]
    for at in range(16, min(int.from_bytes(head[:4], "big"), len(head)), 4):
        yield head[at : at + 4]


def archive_kind(head: bytes) -> Archive | None:
    """The kind of archive whose first HEAD_BYTES bytes are `head`; None for anything else."""
    if head[257:262] == b"ustar":
        return Archive.TAR
    told = _first(head)
    return told if isinstance(told, Archive) else None


def carries_video(content: bytes) -> bool:
    """Whether a photo has a video behind it: a motion photo (Google, Samsung, and whoever else appends an MP4).

    Found by the box that every MP4 begins with, wherever it stands: makers note its place each in their own way.
    """
    if sniff(content[:HEAD_BYTES]) not in (Kind.JPEG, Kind.HEIF):
        return False
    at = content.find(b"ftyp", HEAD_BYTES)
    while at >= 0:
        size = int.from_bytes(content[at - 4 : at], "big")
        if 16 <= size <= 256 and size % 4 == 0 and content[at + 4 : at + 8] in _VIDEO_BRANDS:
            return True
        at = content.find(b"ftyp", at + 4)
    return False


def undisguised(content: bytes) -> bytes:
    """The picture behind a WeChat XOR; any other bytes as they are."""
    head = content[:HEAD_BYTES]
    key = None if _plain_kind(head) else _xor_key(head)
    return _xored(content, key) if key else content


def _xored(content: bytes, key: int) -> bytes:
    return content.translate(bytes(value ^ key for value in range(256)))


def _xor_key(head: bytes) -> int | None:
    """The one-byte key under which `head` begins as a picture does; None without one. No keys are tried."""
    for magic in (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM"):
        key = head[0] ^ magic[0] if head else 0
        if key and _xored(head[: len(magic)], key) == magic and _plausible(_xored(head, key)):
            return key
    return None


def _plausible(head: bytes) -> bool:
    """Whether `head` is more of a picture's beginning than two or three bytes, which chance would make as well."""
    if head.startswith(b"\xff\xd8\xff"):
        short = head[3:4] in (b"\xdb", b"\xfe") and 4 <= int.from_bytes(head[4:6], "big") < 1024
        return short or head[6:10].startswith(_JPEG_FIRST.get(head[3:4], ()))
    if head.startswith(b"BM"):  # two reserved words of 0, then the size of a known header (Windows bitmap formats)
        return head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 108, 124)
    return _plain_kind(head) is not None


def refusal(head: bytes) -> tuple[Status, str]:
    """How a file ends that is no picture, and why, by its first HEAD_BYTES bytes."""
    if head[:6] in (b"\x07\x08V1\x08\x07", b"\x07\x08V2\x08\x07"):
        return Status.ENCRYPTED, WECHAT
    if head[:4] == b"wxgf" or (head and _xored(head[:4], head[0] ^ ord("w")) == b"wxgf"):
        return Status.ENCRYPTED, WXGF
    return Status.UNSUPPORTED, _other(head)


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return AUDIO if head[8:11] in (b"M4A", b"M4B") else VIDEO
    if head[:4] == b"RIFF":
        return VIDEO if head[8:12] == b"AVI " else AUDIO
    told = _first(head)
    if isinstance(told, Archive):
        return ARCHIVE
    if told and not isinstance(told, Kind):
        return told
    return TEXT if _is_text(head) else OTHER


def _is_text(head: bytes) -> bool:
    if not head or head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        return bool(head)
    if any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in head):
        return False
    for encoding in ("utf-8", "gb18030"):
        for end in range(len(head), max(len(head) - 4, 0), -1):  # the last letter may be cut
            try:
                head[:end].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False
