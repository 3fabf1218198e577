"""The two records that hold pixels: a decoded picture, and the same turned upright for reading; and their parts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.types import Matrix, Point, Quad

Pixels = NDArray[np.uint8]
"""H x W x 3, BGR, read-only."""

TALL = 2.5  # a picture this many times as long as wide (a chat screenshot) is searched in tiles
OVERLAP = 0.15  # of a tile's length, so that a line on a seam is whole in one of the two


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture (or one page or frame of a file) as a viewer shows it: EXIF orientation applied, 8 bits, BGR.

    `width` x `height` is the full size in viewer pixels; `pixels` may be smaller where it was decoded at reduced
    scale. `problem` says what is missing where the file was decoded in part only.
    """

    pixels: Pixels
    width: int
    height: int
    number: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A frame turned so that its text stands upright. `to_picture` maps its pixels to viewer pixels of the frame.

    `sheets` are the outlines of paper and screens on it, in its own pixels (imgscan.sheets).
    """

    pixels: Pixels
    to_picture: Matrix
    number: int = 0
    sheets: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a frame. It begins at `x`, `y` in the pixels of the frame and was reduced to `scale` of them."""

    pixels: Pixels
    scale: float
    x: int
    y: int


def part_of(frame: Frame, rect: tuple[int, int, int, int], long_side: int) -> Part:
    """What `rect` (left, top, width, height in viewer pixels) shows, reduced to a long side of at most `long_side`."""
    left, top, width, height = rect
    across, down = frame.pixels.shape[1] / frame.width, frame.pixels.shape[0] / frame.height
    x, y = int(left * across), int(top * down)
    part = frame.pixels[
        y : max(round((top + height) * down), y + 1),
        x : max(round((left + width) * across), x + 1),
    ]
    scale = min(1.0, long_side / max(part.shape[:2]))
    if scale < 1.0:
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Part(part, scale, x, y)


def apply(matrix: Matrix, point: Point) -> Point:
    """`point` through the homography `matrix`."""
    x, y = point
    (a, b, c), (d, e, f), (g, h, i) = matrix
    w = g * x + h * y + i
    return ((a * x + b * y + c) / w, (d * x + e * y + f) / w)


def apply_quad(matrix: Matrix, quad: Quad) -> Quad:
    """The four corners of `quad` through the homography `matrix`."""
    a, b, c, d = (apply(matrix, corner) for corner in quad)
    return (a, b, c, d)


def turned(width: float, height: float, quarter_turns: int, scale: float = 1.0) -> Matrix:
    """The matrix that undoes `quarter_turns` anticlockwise turns (numpy.rot90) of a `width` x `height` picture.

    It maps (x, y) of the turned picture to the unturned one and then multiplies by `scale`.
    """
    s = scale
    return (
        ((s, 0.0, 0.0), (0.0, s, 0.0), (0.0, 0.0, 1.0)),
        ((0.0, -s, s * width), (s, 0.0, 0.0), (0.0, 0.0, 1.0)),
        ((-s, 0.0, s * width), (0.0, -s, s * height), (0.0, 0.0, 1.0)),
        ((0.0, s, 0.0), (-s, 0.0, s * height), (0.0, 0.0, 1.0)),
    )[quarter_turns % 4]


def tiles(pixels: Pixels) -> list[tuple[int, int, Pixels]]:
    """A long picture (a chat screenshot) in overlapping parts, others whole: top, left, and the part."""
    height, width = pixels.shape[:2]
    short, long = sorted((height, width))
    if long <= TALL * short:
        return [(0, 0, pixels)]
    length = min(long, 2 * short)
    count = math.ceil((long - length) / (length * (1.0 - OVERLAP))) + 1
    starts = [round(index * (long - length) / max(1, count - 1)) for index in range(count)]
    if height >= width:
        return [(start, 0, pixels[start : start + length]) for start in starts]
    return [(0, start, pixels[:, start : start + length]) for start in starts]
