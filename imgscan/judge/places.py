"""Where a point of a page stands on its sheet of paper, seen at a slant: used by `layout` for zones."""

from __future__ import annotations

from imgscan.types import Point, Quad

Place = tuple[float, float]
"""Across and down a sheet: (0, 0) is its top left corner, (1, 1) its bottom right one; outside, less or more."""
_FLAT = 1e-9


def placed(point: Point, sheet: Quad) -> Place | None:
    """The place of a point (page pixels) on a sheet; None for a degenerate sheet, or on its horizon and beyond.

    The projective map of the unit square to a quadrilateral (Heckbert, Fundamentals of Texture Mapping and Image
    Warping, 1989, section 2.2.3), inverted by its adjoint: the scale of a homography does not matter.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = sheet
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    sum_x, sum_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    corner = dx1 * dy2 - dx2 * dy1
    if abs(corner) < _FLAT:
        return None
    g = (sum_x * dy2 - dx2 * sum_y) / corner
    h = (dx1 * sum_y - sum_x * dy1) / corner
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    x, y = point
    across = (e - f * h) * x + (c * h - b) * y + (b * f - c * e)
    down = (f * g - d) * x + (a - c * g) * y + (c * d - a * f)
    away = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d)
    here = a * (e - f * h) - b * (d - f * g) + c * (d * h - e * g)  # `away` of the top left corner: the near side
    if away * here < _FLAT:
        return None
    return across / away, down / away
