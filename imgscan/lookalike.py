"""What a picture looks like in 80 bytes, so that copies of one photo are shown together (read -> judge -> **store**).

Two prints of one picture lie few bits apart after recompression and scaling; those of two pages of one form do not.
Thresholds and how they were found: docs/store.md, "Look-alikes"; `python -m tests.measure_lookalikes` measures anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from imgscan.frames import Frame, Pixels

COARSE_SIDE = 32  # pixels; what OpenCV's pHash works on. Brought there by area, or a large photo would alias
COARSE_BYTES = 8
COARSE_BITS = 4
FINE_SIDE = 96
FINE_WAVES = 24
"""The coarse print is equal for many pages of one form; 24 x 24 waves also see where lines of text end."""
FINE_BITS = 24
FLAT = 4.0
"""Standard deviation in grey levels below which a picture has no print: noise decides too many of its bits there."""
RATIO = 0.02
"""Scaling rounds the sides to whole pixels, so the ratio of width to height may differ by so much."""


def likeness_of(frame: Frame) -> bytes:
    """The print of a frame: OpenCV's 64-bit pHash, then 576 signs of finer waves. Empty for a flat picture."""
    grey = np.asarray(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    small = cv2.resize(grey, (COARSE_SIDE, COARSE_SIDE), interpolation=cv2.INTER_AREA)
    if float(small.std()) < FLAT:
        return b""
    return bytes(cv2.img_hash.pHash(small).tobytes()) + _fine(grey)


def _fine(grey: Pixels) -> bytes:
    small = cv2.resize(grey, (FINE_SIDE, FINE_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:FINE_WAVES, :FINE_WAVES].ravel()
    waves[0] = 0.0  # the mean brightness says nothing
    return np.packbits(waves > np.median(waves)).tobytes()


@dataclass(frozen=True, slots=True)
class Likeness:
    """A print to compare. `ratio` is the picture's width to height."""

    coarse: int
    fine: int
    ratio: float

    @classmethod
    def of(cls, made: bytes, width: int, height: int) -> Likeness:
        """The print that `likeness_of` made of a picture of `width` x `height`."""
        return cls(int.from_bytes(made[:COARSE_BYTES]), int.from_bytes(made[COARSE_BYTES:]), width / height)

    def distance(self, other: Likeness) -> int | None:
        """In how many of the fine bits two prints of copies of one photo differ; None where they are no such copies."""
        if (self.coarse ^ other.coarse).bit_count() > COARSE_BITS or abs(self.ratio / other.ratio - 1.0) > RATIO:
            return None
        fine = (self.fine ^ other.fine).bit_count()
        return fine if fine <= FINE_BITS else None
