"""Geometry of quads: sides, places, common area, and what they enclose cut out straight. Used along the line."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels
from imgscan.types import Matrix, Point, Quad

REACH = 4  # pixels around a place that are looked at when it is interpolated


def bounds(quad: Quad) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of `quad`."""
    across, down = [x for x, _y in quad], [y for _x, y in quad]
    return min(across), min(down), max(across), max(down)


def sides(quad: Quad) -> tuple[float, float]:
    """Length along the text and across it, in the quad's pixels."""
    a, b, c, d = quad
    return max(math.dist(a, b), math.dist(d, c)), max(math.dist(a, d), math.dist(b, c))


def is_column(quad: Quad) -> bool:
    """True for a box clearly higher than wide: text written downwards, or a page on its side."""
    along, across = sides(quad)
    return across >= 1.5 * along


def glyph_height(quad: Quad) -> float:
    """Height of the glyphs in a detected box: its short side less the detector's unclipping (ratio 1.4)."""
    return min(sides(quad)) / 1.4


def centre(quad: Quad) -> Point:
    """The mean of its corners."""
    return sum(x for x, _y in quad) / 4.0, sum(y for _x, y in quad) / 4.0


def holds(quad: Quad, point: Point) -> bool:
    """True where `point` lies in the convex `quad`."""
    return bool(cv2.pointPolygonTest(np.array(quad, np.float32), point, False) >= 0)


def covered(inner: Quad, outer: Quad) -> float:
    """The share of `inner` that lies in `outer`; of the quads, not their bounding boxes, which a slant makes huge."""
    left, top, right, bottom = bounds(inner)
    other_left, other_top, other_right, other_bottom = bounds(outer)
    if left >= other_right or other_left >= right or top >= other_bottom or other_top >= bottom:
        return 0.0
    quad, other = np.array(inner, np.float32), np.array(outer, np.float32)
    area = cv2.contourArea(quad)
    return float(cv2.intersectConvexConvex(quad, other)[0] / area) if area else 0.0


def moved(quad: Quad, left: float, top: float) -> Quad:
    """`quad` shifted to the right and down."""
    a, b, c, d = ((x + left, y + top) for x, y in quad)
    return (a, b, c, d)


def scaled(quad: Quad, factor: float) -> Quad:
    """`quad` in pixels `factor` times as small."""
    a, b, c, d = ((x * factor, y * factor) for x, y in quad)
    return (a, b, c, d)


def from_top_left(quad: Quad) -> Quad:
    """The corners of `quad` in their order, from the one nearest to the picture's top left on."""
    first = min(range(4), key=lambda index: sum(quad[index]))
    a, b, c, d = (*quad[first:], *quad[:first])
    return (a, b, c, d)


def _around(pixels: Pixels, quad: Quad) -> tuple[Pixels, NDArray[np.float32]]:
    """The part of `pixels` that holds `quad` and what interpolation looks at, and where it begins (x, y).

    OpenCV warps no picture with a side of 32,767 pixels or more; a long chat has one.
    """
    height, width = pixels.shape[:2]
    left, top, right, bottom = bounds(quad)
    x = min(max(0, int(left) - REACH), width - 1)
    y = min(max(0, int(top) - REACH), height - 1)
    part = pixels[y : max(y + 1, int(bottom) + REACH + 1), x : max(x + 1, int(right) + REACH + 1)]
    return part, np.array((x, y), np.float32)


def warped(pixels: Pixels, quad: Quad, width: int, height: int) -> Pixels:
    """What `quad` encloses as an upright rectangle of `width` x `height`."""
    part, offset = _around(pixels, quad)
    matrix = cv2.getPerspectiveTransform(np.array(quad, np.float32) - offset, _rectangle(width, height))
    crop = cv2.warpPerspective(part, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)


def straighten(pixels: Pixels, quad: Quad, enlarge: float = 1.0) -> tuple[Pixels, Matrix]:
    """What `quad` encloses as an upright rectangle, `enlarge` times as large, and the way back to `pixels`."""
    along, across = (max(1, round(enlarge * side)) for side in sides(quad))
    back = cv2.getPerspectiveTransform(_rectangle(along, across), np.array(quad, np.float32))
    first, second, third = back.tolist()
    return warped(pixels, quad, along, across), (tuple(first), tuple(second), tuple(third))


def _rectangle(width: int, height: int) -> NDArray[np.float32]:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def view_of(pixels: Pixels, quad: Quad, scale: float) -> tuple[Pixels, Matrix]:
    """What `quad` encloses, straightened and `scale` times as large without loss, and the way back to `pixels`."""
    # Shrunk first, because a warp looks at few pixels only; enlarged by the warp itself.
    before = min(scale, 1.0)
    shown = cv2.resize(pixels, None, fx=before, fy=before, interpolation=cv2.INTER_AREA) if before < 1.0 else pixels
    view, back = straighten(np.asarray(shown, np.uint8), scaled(quad, before), scale / before)
    first, second, third = back
    return view, (_times(first, 1.0 / before), _times(second, 1.0 / before), third)


def _times(row: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    a, b, c = row
    return (a * factor, b * factor, c * factor)
