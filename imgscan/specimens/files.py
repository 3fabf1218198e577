"""A picture becomes a JPEG that says in its metadata that it is a specimen (样张)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from imgscan.specimens.sheet import Pixels

NOTE = "样张 虚构 SPECIMEN: fictitious page, rendered by imgscan specimens"
HEAD_BYTES = 4096  # EXIF and comment stand before the picture
_IMAGE_DESCRIPTION, _MAKE, _MODEL, _ORIENTATION, _SOFTWARE, _DATETIME = 0x010E, 0x010F, 0x0110, 0x0112, 0x0131, 0x0132
_EXIF_IFD, _DATETIME_ORIGINAL, _USER_COMMENT = 0x8769, 0x9003, 0x9286


def stored(shown: Pixels, orientation: int) -> Pixels:
    """The pixels to store so that a viewer which honours EXIF `orientation` (1..8) shows `shown`."""
    turned: dict[int, Callable[[Pixels], Pixels]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: a.transpose(1, 0, 2)[::-1],
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    }[orientation](shown)
    return np.ascontiguousarray(turned)


def jpeg(shown: Pixels, *, quality: int, orientation: int, taken: str) -> bytes:
    """Encode `shown` (RGB, as a viewer shows it). `taken`: EXIF time `YYYY:MM:DD HH:MM:SS`."""
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = NOTE.encode()
    exif[_MAKE], exif[_MODEL], exif[_SOFTWARE] = "Xingcha", "SPECIMEN-1", "imgscan specimens"
    exif[_ORIENTATION] = orientation
    exif[_DATETIME] = taken
    exif.get_ifd(_EXIF_IFD).update({_DATETIME_ORIGINAL: taken, _USER_COMMENT: b"UNICODE\0" + NOTE.encode("utf-16-le")})
    buffer = io.BytesIO()
    image = Image.fromarray(stored(shown, orientation))
    image.save(buffer, "JPEG", quality=quality, subsampling=2, exif=exif.tobytes(), comment=NOTE.encode())
    return buffer.getvalue()


def is_specimen(path: Path) -> bool:
    """True for a file, no link, that `jpeg` made: also for one that was cut off after its head."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return NOTE.encode() in file.read(HEAD_BYTES)
