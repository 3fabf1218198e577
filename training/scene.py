"""A small window of a photograph that was never taken in full: as many training crops a second as a core can draw.

A specimen of three megapixels takes half a second to render, and a mark fills a thousandth of it. The plan of the
photograph (imgscan.specimens.shot) is kept, its frame is cut down to a window, and only that is drawn, lit, blurred,
compressed and decoded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from imgscan.frames import Pixels
from imgscan.specimens.camera import photograph
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import SHEETS
from imgscan.specimens.sheet import Corners, Sheet, Text
from imgscan.specimens.shot import Shot, Wish, glyph_height, plan, project

UPRIGHT = Wish(turn=0, exif=1)
Rect = tuple[int, int, int, int]


class QuickDice(Dice):
    """Dice that cut their Gaussian noise out of one large field: drawing it anew took half the time of a window."""

    _SIDE = 1024

    def __init__(self, *entropy: int) -> None:
        super().__init__(*entropy)
        self._field = _noise_field()

    def normal(self, shape: tuple[int, ...], sigma: float) -> npt.NDArray[np.float32]:
        """See Dice.normal; up to 640 x 640 x 3."""
        if len(shape) != 3 or max(shape[:2]) > self._SIDE - 384:
            return super().normal(shape, sigma)
        top, left = self.integer(0, self._SIDE - shape[0]), self.integer(0, self._SIDE - shape[1])
        channel = self.integer(0, 4 - shape[2])
        cut = self._field[top : top + shape[0], left : left + shape[1], channel : channel + shape[2]]
        return np.asarray(cut * np.float32(sigma), np.float32)


@cache
def _noise_field() -> npt.NDArray[np.float32]:
    return Dice(5).normal((QuickDice._SIDE, QuickDice._SIDE, 4), 1.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A sheet and how it is photographed."""

    layout: str
    sheet: Sheet
    shot: Shot

    def quad(self, text: Text) -> Corners:
        """The corners of the ink of `text`, in pixels of the whole picture."""
        corners = text.corners()
        bend = self.shot.bend
        return project(self.shot.to_picture, corners if bend is None else bend.bend(corners, self.sheet))

    def in_frame(self, quad: Corners) -> bool:
        """True where the whole line is in the picture."""
        return bool((quad > 1).all() and (quad < (self.shot.width - 1, self.shot.height - 1)).all())

    def window(self, rect: Rect, dice: Dice) -> Pixels:
        """The pixels (BGR) of `rect` (left, top, right, bottom) of the picture, as the file would give them back."""
        left, top, right, bottom = rect
        shift = np.array([(1, 0, -left), (0, 1, -top), (0, 0, 1)], np.float64)
        # A plain scan or screenshot is drawn as a photograph without faults: the camera draws those in full only.
        shot = replace(
            self.shot, to_picture=shift @ self.shot.to_picture, width=right - left, height=bottom - top, flat=False
        )
        sheet = replace(self.sheet, items=list(self.sheet.items))  # the camera adds the seal to it
        shown = photograph(sheet, shot, dice)
        quality = shot.wechat[-1] if shot.wechat else shot.quality
        coded = cv2.imencode(".jpg", np.ascontiguousarray(shown[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def stage(seed: int, index: int, layout: str, tier: str, sheet: Sheet | None = None) -> Scene:
    """Plan an upright photograph of `layout` (or of `sheet` made from it) in `tier`."""
    drawn = sheet or SHEETS[layout](Dice(seed, index, 1))
    return Scene(layout, drawn, plan(drawn, tier, Dice(seed, index, 2), UPRIGHT))


def around(quad: Corners, margin: float, shot: Shot) -> Rect:
    """The window around `quad`, `margin` glyph heights wider on each side, within the picture."""
    spare = margin * glyph_height(quad)
    low, high = np.floor(quad.min(axis=0) - spare), np.ceil(quad.max(axis=0) + spare)
    return (
        int(max(0, low[0])),
        int(max(0, low[1])),
        int(min(shot.width, high[0])),
        int(min(shot.height, high[1])),
    )
