"""Which part of a picture to look at (review's eyes): around a mark, or the mark and hardly more. Geometry, records."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imgscan.types import Quad

Rect = tuple[int, int, int, int]
"""Left, top, width and height in picture pixels."""
Polygons = tuple[Quad, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A JPEG of the part `rect` of the picture, perhaps reduced."""

    jpeg: bytes
    rect: Rect


@dataclass(frozen=True, slots=True)
class Views:
    """One page of `width` x `height` picture pixels: as a whole, and sharp around its worst mark.

    Of both there is a veiled one, in which all but the marks is hidden (imgscan.veil). `crop` is the mark alone, small.
    """

    width: int
    height: int
    full: View
    mark: View
    veiled_full: View
    veiled_mark: View
    crop: View


def crop_of(polygons: Polygons, width: int, height: int) -> Rect:
    """The marks and hardly more: half a glyph on each side, the first 16 glyphs of what is longer."""
    if not polygons:
        return (0, 0, width, height)
    glyph = min(short_side(polygon) for polygon in polygons)
    xs, ys = zip(*(point for point in polygons[0]), strict=True)
    wide, tall = min(max(xs) - min(xs), 16 * glyph) + glyph, min(max(ys) - min(ys), 16 * glyph) + glyph
    left, wide = _within(min(xs) - glyph / 2 + wide / 2, wide, width)
    top, tall = _within(min(ys) - glyph / 2 + tall / 2, tall, height)
    return (left, top, wide, tall)


def area_around(polygons: Polygons, width: int, height: int) -> Rect:
    """The part of a `width` x `height` picture to look at first: the marks with enough around them to judge by.

    The marks fill two fifths of its width, or a glyph an eighth of its height; it is at least 160 pixels wide.
    """
    if not polygons:
        return (0, 0, width, height)
    xs, ys = zip(*(point for polygon in polygons for point in polygon), strict=True)
    glyph = min(short_side(polygon) for polygon in polygons)
    wide = max(2.5 * (max(xs) - min(xs)), 12.0 * glyph, 160.0)
    tall = max(1.5 * (max(ys) - min(ys)), 8.0 * glyph, 0.6 * wide)
    wide = max(wide, tall)
    left, wide = _within((min(xs) + max(xs)) / 2, wide, width)
    top, tall = _within((min(ys) + max(ys)) / 2, tall, height)
    return (left, top, wide, tall)


def grown(polygon: Quad, by: float = 0.25) -> Quad:
    """`polygon` moved outwards by `by` of its short side, so that no stroke at its edge is cut."""
    away = by * short_side(polygon)
    middle = (sum(x for x, _y in polygon) / 4, sum(y for _x, y in polygon) / 4)

    def moved(x: float, y: float) -> tuple[float, float]:
        dx, dy = x - middle[0], y - middle[1]
        return x + away * _sign(dx), y + away * _sign(dy)

    a, b, c, d = (moved(x, y) for x, y in polygon)
    return (a, b, c, d)


def scaled(polygon: Quad, across: float, down: float) -> Quad:
    """`polygon` in a picture of another size."""
    a, b, c, d = ((x * across, y * down) for x, y in polygon)
    return (a, b, c, d)


def short_side(polygon: Quad) -> float:
    """The shorter of the two sides of a box that is upright in its own direction: the height of its glyphs."""
    a, b, c, _d = polygon
    return min(math.dist(a, b), math.dist(b, c))


def _sign(value: float) -> float:
    return float((value > 0) - (value < 0))


def _within(centre: float, length: float, limit: int) -> tuple[int, int]:
    """Start and length of the stretch around `centre`, moved (and if need be cut) to lie inside 0..limit."""
    whole = min(max(1, round(length)), limit)
    return min(max(0, round(centre - whole / 2)), limit - whole), whole
