"""Hides what is no mark (review's eyes): a picture as a reviewer sees it before he takes the blur off.

What is hidden is gone from the pixels that leave the child process, not merely covered in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

from imgscan.framing import grown, short_side
from imgscan.types import Quad

CELLS = 32
"""What is left of the long side, in grains: paper, seal and table stay to be seen, a line of text is half a grain."""
GRAINS_A_GLYPH = 2.0
"""No glyph as large as a mark's keeps more grains than this: at 6 pixels a Chinese character begins to be read."""


class Veil:
    """One page with all but `clear` hidden. Polygons are in the pixels of `pixels`."""

    def __init__(self, pixels: MatLike, clear: Sequence[Quad]) -> None:
        height, width = pixels.shape[:2]
        glyph = max((short_side(polygon) for polygon in clear), default=0.0)
        self._grain = max(max(width, height) / CELLS, glyph / GRAINS_A_GLYPH, 1.0)
        size = (max(1, round(width / self._grain)), max(1, round(height / self._grain)))
        self._coarse = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        self._across, self._down = width / size[0], height / size[1]
        self._clear = [np.array(grown(polygon), np.float64) for polygon in clear]

    def over(self, shown: MatLike, left: float, top: float, scale: float) -> MatLike:
        """`shown`, the part of the page that begins at `left`, `top`, reduced to `scale`, with the veil on it."""
        height, width = shown.shape[:2]
        # From the middle of a grain to the middle of the pixels it covers.
        across, down = self._across * scale, self._down * scale
        place = np.array(
            [
                [across, 0.0, (across - 1) / 2 - left * scale],
                [0.0, down, (down - 1) / 2 - top * scale],
            ]
        )
        hidden = cv2.warpAffine(
            self._coarse, place, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        mask = np.zeros((height, width), np.uint8)
        for polygon in self._clear:
            cv2.fillPoly(mask, [np.round((polygon - (left, top)) * scale).astype(np.int32)], (255,))
        cv2.copyTo(shown, mask, hidden)
        return hidden
