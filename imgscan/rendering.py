"""Renders the views of one decoded page as JPEGs (review's eyes); runs in the child process of `imgscan.preview`."""

from __future__ import annotations

import cv2
from cv2.typing import MatLike

from imgscan.frames import Frame, Part, part_of
from imgscan.framing import Polygons, Rect, View, Views, area_around, crop_of, scaled
from imgscan.veil import Veil

LONG_SIDE = 1600
"""Longest side of a view in pixels: about what a 1366x768 screen shows at twice the density."""
CROP_SIDE = 400
"""Longest side of a crop for the grid: twice the width of a tile."""
JPEG_QUALITY = 85


def views_of(frame: Frame, around: Polygons, clear: Polygons) -> Views:
    """The views of `frame` around its worst mark; `clear` is seen through the veil as well. Raises cv2.error."""
    across, down = frame.pixels.shape[1] / frame.width, frame.pixels.shape[0] / frame.height
    whole, close = (0, 0, frame.width, frame.height), area_around(around, frame.width, frame.height)
    full = part_of(frame, whole, LONG_SIDE)
    # The veil is woven from the reduced page: what is coarse enough to hide a line needs no twelve megapixels.
    by = full.scale
    veil = Veil(full.pixels, [scaled(polygon, across * by, down * by) for polygon in (*around, *clear)])

    def veiled(part: Part) -> MatLike:
        return veil.over(part.pixels, part.x * by, part.y * by, part.scale / by)

    mark = part_of(frame, close, LONG_SIDE)
    crop_rect = crop_of(around, frame.width, frame.height)
    return Views(
        frame.width,
        frame.height,
        full=_view(full.pixels, whole),
        mark=_view(mark.pixels, close),
        veiled_full=_view(veiled(full), whole),
        veiled_mark=_view(veiled(mark), close),
        crop=_view(veiled(part_of(frame, crop_rect, CROP_SIDE)), crop_rect),
    )


def _view(pixels: MatLike, rect: Rect) -> View:
    encoded, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise MemoryError
    return View(jpeg.tobytes(), rect)
