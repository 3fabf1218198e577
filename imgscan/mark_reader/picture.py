"""How a line becomes the reader's input: one height, contrast and white balance evened out. Training uses it, too."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels

HEIGHT = 32
NARROWEST, WIDEST = 32, 416
STEP = 16
"""Inputs of one batch are as wide as the widest, rounded up to this."""
FLATTEST = 8.0
"""Grey levels of contrast below which a crop is not stretched further: paper alone is no text."""

Planes = NDArray[np.float32]


def planes(crop: Pixels) -> Planes:
    """`crop` (H x W x 3, BGR, upright line) as 3 x HEIGHT x w, each colour about 0, the whole with deviation 1."""
    height, width = crop.shape[:2]
    wide = int(min(WIDEST, max(NARROWEST, round(width * HEIGHT / height))))
    method = cv2.INTER_AREA if height > 1.5 * HEIGHT else cv2.INTER_LINEAR
    shown = cv2.resize(crop, (wide, HEIGHT), interpolation=method).astype(np.float32)
    shown -= shown.mean(axis=(0, 1))
    shown /= max(FLATTEST, float(shown.std()))
    return np.ascontiguousarray(shown.transpose(2, 0, 1))


def batch(lines: list[Planes]) -> Planes:
    """Lines side by side in one N x 3 x HEIGHT x W array, each filled up at the right with 0 (its mean)."""
    wide = max(line.shape[2] for line in lines)
    wide += -wide % STEP
    filled = np.zeros((len(lines), 3, HEIGHT, wide), np.float32)
    for row, line in zip(filled, lines, strict=True):
        row[:, :, : line.shape[2]] = line
    return filled
