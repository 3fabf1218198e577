"""Renders the views of one decoded page as JPEGs (review's eyes); runs in the child process of `imgscan.preview`."""

from __future__ import annotations

import cv2
from cv2.typing import MatLike

from imgscan.frames import Frame
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

    def reduced(rect: Rect, long_side: int = LONG_SIDE) -> tuple[MatLike, float, int, int]:
        """A part, how far it is reduced, and where it begins in the pixels of the frame."""
        left, top, width, height = rect
        x, y = int(left * across), int(top * down)
        part = frame.pixels[
            y : max(round((top + height) * down), y + 1),
            x : max(round((left + width) * across), x + 1),
        ]
        scale = min(1.0, long_side / max(part.shape[:2]))
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        return cv2.resize(part, size, interpolation=cv2.INTER_AREA) if scale < 1.0 else part, scale, x, y

    whole, close = (0, 0, frame.width, frame.height), area_around(around, frame.width, frame.height)
    full, scale, _x, _y = reduced(whole)
    # The veil is woven from the reduced page: what is coarse enough to hide a line needs no twelve megapixels.
    veil = Veil(full, [scaled(polygon, across * scale, down * scale) for polygon in (*around, *clear)])

    def veiled(part: MatLike, by: float, x: int, y: int) -> MatLike:
        return veil.over(part, x * scale, y * scale, by / scale)

    mark = reduced(close)
    crop_rect = crop_of(around, frame.width, frame.height)
    return Views(
        frame.width,
        frame.height,
        full=_view(full, whole),
        mark=_view(mark[0], close),
        veiled_full=_view(veiled(full, scale, 0, 0), whole),
        veiled_mark=_view(veiled(*mark), close),
        crop=_view(veiled(*reduced(crop_rect, CROP_SIDE)), crop_rect),
    )


def _view(pixels: MatLike, rect: Rect) -> View:
    encoded, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise MemoryError
    return View(jpeg.tobytes(), rect)
