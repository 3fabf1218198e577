"""Pictures whose text is written in blocks: read exactly by machine, after JPEG, EXIF and any quarter turn.

One line of text is a strip: a blue frame, a green block at the beginning of the line, then one column of eight black
or white cells a byte of its UTF-8 text. White columns fill a short line up.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image

from imgscan.frames import Pixels
from imgscan.types import Quad

CELL = 6
FRAME = 6
START = 24
HEIGHT = 8 * CELL + 2 * FRAME
LEAST_COLUMNS = 24  # a strip must be wider than high, or it would be taken for a column of text
FILL = 0x00
GREEN, BLUE = (60, 200, 60), (230, 90, 60)


def strip(text: str) -> Pixels:
    """One line of text in blocks."""
    content = text.encode()
    columns = content + bytes([FILL]) * max(0, LEAST_COLUMNS - len(content))
    bits = np.unpackbits(np.frombuffer(columns, np.uint8)).reshape(len(columns), 8).T
    cells = np.kron(np.where(bits, 0, 255), np.ones((CELL, CELL))).astype(np.uint8)
    picture = np.zeros((HEIGHT, cells.shape[1] + START + 2 * FRAME, 3), np.uint8)
    picture[:] = BLUE
    picture[FRAME:-FRAME, FRAME : FRAME + START] = GREEN
    picture[FRAME:-FRAME, FRAME + START : -FRAME] = cells[:, :, None]
    return picture


def strips(pixels: Pixels) -> list[Quad]:
    """Boxes of the strips on a page that stands or lies any way up, from top to bottom."""
    blue, green, red = (pixels[:, :, channel].astype(np.int16) for channel in range(3))
    frame = ((blue - red > 80) & (blue - green > 60)).astype(np.uint8)
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(frame)
    boxes = [tuple(float(value) for value in row[:4]) for row in stats[1:] if min(row[2], row[3]) > 0.6 * HEIGHT]
    found: list[Quad] = [((x, y), (x + w, y), (x + w, y + h), (x, y + h)) for x, y, w, h in boxes]
    return sorted(found, key=lambda quad: (quad[0][1], quad[0][0]))


def cut(pixels: Pixels, quad: Quad) -> Pixels:
    """The part of `pixels` in an upright box."""
    (left, top), _b, (right, bottom), _d = quad
    return pixels[int(top) : int(bottom), int(left) : int(right)]


def quarter_turns(picture: Pixels) -> int:
    """How many anticlockwise quarter turns bring the green block of a strip to its left."""
    blue, green, red = (picture[:, :, channel].astype(np.int16) for channel in range(3))
    ys, xs = np.nonzero((green - red > 60) & (green - blue > 60))
    height, width = picture.shape[:2]
    if width >= height:
        return 0 if xs.mean() < width / 2 else 2
    return 1 if ys.mean() < height / 2 else 3


def text_of(picture: Pixels) -> str:
    """The text of one upright strip; "" where it cannot be read."""
    found = strips(picture)
    if not found:
        return ""
    inner = cut(picture, found[0])
    height, width = inner.shape[:2]
    scale = height / HEIGHT
    count = round((width / scale - START - 2 * FRAME) / CELL)
    if count < LEAST_COLUMNS:
        return ""
    ys = ((FRAME + CELL * (np.arange(8) + 0.5)) * scale).astype(int)
    xs = ((FRAME + START + CELL * (np.arange(count) + 0.5)) * scale).astype(int)
    grey = inner.mean(axis=2)
    bits = (grey[ys][:, xs] < 128).astype(np.uint8)
    try:
        return bytes(np.packbits(bits, axis=0)[0]).rstrip(bytes([FILL])).decode()
    except UnicodeDecodeError:
        return ""


def page(lines: Sequence[str], salt: int = 0) -> Pixels:
    """An upright page with those lines; `salt` changes its bytes and not its text."""
    drawn = [strip(line) for line in lines]
    width = max([400, *(one.shape[1] + 80 for one in drawn)])
    height = max(560, 2 * HEIGHT * (len(lines) + 1))
    picture = np.full((height, width, 3), 235, np.uint8)
    for number, one in enumerate(drawn):
        top = HEIGHT + 2 * HEIGHT * number
        picture[top : top + HEIGHT, 40 : 40 + one.shape[1]] = one
    for bit in range(24):  # grey specks along the bottom edge
        if salt >> bit & 1:
            picture[-12:-6, 8 + 12 * bit : 14 + 12 * bit] = 120
    return picture


def as_stored(picture: Pixels, orientation: int) -> Pixels:
    """How a camera that notes EXIF `orientation` stores `picture`, by Pillow's own table backwards."""
    methods = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    method = methods[orientation]
    image = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    return np.ascontiguousarray(np.asarray(image if method is None else image.transpose(method))[:, :, ::-1])


def encode(picture: Pixels, kind: str = "JPEG", orientation: int = 1, **options: object) -> bytes:
    """`picture` (BGR) as a file, turned and noted as EXIF `orientation` says."""
    image = Image.fromarray(np.ascontiguousarray(as_stored(picture, orientation)[:, :, ::-1]))
    if orientation != 1:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        options["exif"] = exif
    if kind == "JPEG":
        options.setdefault("quality", 90)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def write_page(path: Path, lines: Sequence[str], *, turns: int = 0, orientation: int = 1, salt: int = 0) -> Path:
    """A JPEG of quality 90 (or what the suffix says), its page lying `turns` clockwise quarter turns from upright."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.ascontiguousarray(np.rot90(page(lines, salt), -turns))
    kind = {".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".bmp": "BMP"}.get(path.suffix, "JPEG")
    path.write_bytes(encode(picture, kind, orientation))
    return path
