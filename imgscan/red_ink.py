"""Red ink: how much of a line is red, where on the page it is, and the picture as it looks without red. Used by `read`.

In the red channel red ink is as bright as paper while black ink stays black; text under a seal that no rule could
mend is then read as if the seal were not there (docs/design.md, facts: 75-83 % without, 98-99 % with).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels

Region = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

SEARCH_SIDE = 800  # seals are large: looking for them in a small picture is enough
SMALLEST = 0.012  # of the long side; smaller red spots are no part of a seal
MARGIN = 0.03  # of the long side: a mark sticks out from under its seal


def _is_red(pixels: Pixels) -> NDArray[np.bool_]:
    """Red against its own brightness, so that a photograph taken in the dark has red ink too."""
    blue, green, red = (pixels[:, :, channel].astype(np.int16) for channel in range(3))
    return np.asarray((red - np.maximum(blue, green)) > np.maximum(0.22 * red, 14))


def red_share(crop: Pixels) -> float:
    """The share of red among the inked pixels of a line, 0..1."""
    is_red = _is_red(crop)
    brightest = crop.max(axis=2)
    is_dark = (brightest < 0.6 * float(np.percentile(brightest, 90))) & ~is_red
    ink = int(is_red.sum() + is_dark.sum())
    return float(is_red.sum()) / ink if ink else 0.0


def without_red(pixels: Pixels) -> Pixels:
    """The red channel as a grey picture with its contrast stretched."""
    red = pixels[:, :, 2]
    low, high = (float(value) for value in np.percentile(red, (1, 95)))
    stretched = np.clip((red.astype(np.float32) - low) * (255.0 / max(high - low, 1.0)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(stretched, cv2.COLOR_GRAY2BGR), np.uint8)


def red_region(pixels: Pixels) -> Region | None:
    """The smallest region that holds all red ink, with a margin: seals, and what they are stamped on. None without."""
    height, width = pixels.shape[:2]
    shrink = min(1.0, SEARCH_SIDE / max(height, width))
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    mask = np.asarray(_is_red(np.asarray(small, np.uint8)), np.uint8)
    _count, _labels, boxes, _centres = cv2.connectedComponentsWithStats(mask)
    smallest = SMALLEST * max(small.shape[:2])
    large = [box for box in boxes[1:].tolist() if max(box[2], box[3]) >= smallest]
    if not large:
        return None
    margin = MARGIN * max(small.shape[:2])
    left = min(box[0] for box in large) - margin
    top = min(box[1] for box in large) - margin
    right = max(box[0] + box[2] for box in large) + margin
    bottom = max(box[1] + box[3] for box in large) + margin
    return (
        max(0, int(left / shrink)),
        max(0, int(top / shrink)),
        min(width, int(right / shrink + 1)),
        min(height, int(bottom / shrink + 1)),
    )
