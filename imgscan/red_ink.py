"""Red ink: how much of a line is red, where on the page it is, and the picture as it looks without red. Used by `read`.

In the red channel red ink is as bright as paper while black ink stays black; text under a seal that no rule could
mend is then read as if the seal were not there (docs/design.md, facts: 75-83 % without, 98-99 % with).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels
from imgscan.types import Rect, RedInk

Mask = NDArray[np.uint8]
Region = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

SEARCH_SIDE = 800  # seals are large: looking for them in a small picture is enough
SMALLEST = 0.012  # of the long side; smaller red spots are no part of a seal
MARGIN = 0.03  # of the long side: a mark sticks out from under its seal

# A seal of 38 to 50 mm on a page of 297 mm, of which a photograph may show a third or which it may show from afar.
SEAL_SIZE = (0.05, 0.5)  # of the long side
SEAL_FLATTENED = 1.45  # sides of its box, seen at a slant
CLOSE_UP = 0.006  # of the long side: worn ink is closed over so far
DIRECTIONS, ALL_AROUND = 24, 0.8
EDGE = (0.84, 1.1)  # of its radius: where the ring is
FULL = 0.75  # of the ellipse; a disc or a red thing is fuller
STRAY = 0.05  # share of ink outside the ellipse
# The line under a red head: 156 mm of a page of 210 wide, 0.5 to 1 mm thick (GB/T 9704-2012, 7.2.7).
RULE_LENGTH = 0.25  # of the width: the paper may be a part of the picture
RULE_HIGH = 7  # pixels of the shrunk picture; a bar of a screen is thicker
LEVEL = 0.12  # height of its box against its length: about 7 degrees
STRETCH = 0.03  # of the width
REDDER = 7  # of 255, on average over a stretch


def redness(pixels: Pixels) -> NDArray[np.int16]:
    """By how much each pixel of a BGR picture is more red than blue or green."""
    blue, green, red = (pixels[:, :, channel].astype(np.int16) for channel in range(3))
    return np.asarray(red - np.maximum(blue, green))


def _is_red(pixels: Pixels) -> NDArray[np.bool_]:
    """Red against its own brightness, so that a photograph taken in the dark has red ink too."""
    return np.asarray(redness(pixels) > np.maximum(0.22 * pixels[:, :, 2].astype(np.int16), 14))


def _is_brown(pixels: Pixels) -> NDArray[np.bool_]:
    """Green far above blue, as in wood and skin; red ink has little of either, in warm light too."""
    blue, green = (pixels[:, :, channel].astype(np.int16) for channel in range(2))
    return np.asarray(2 * (green - blue) > redness(pixels))


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
    levels = np.clip((np.arange(256, dtype=np.float32) - low) * (255.0 / max(high - low, 1.0)), 0, 255).astype(np.uint8)
    stretched = cv2.LUT(np.ascontiguousarray(red), levels)
    return np.asarray(cv2.cvtColor(stretched, cv2.COLOR_GRAY2BGR), np.uint8)


class Shrunk(NamedTuple):
    """A picture in which red ink is looked for, and by which factor it was shrunk."""

    pixels: Pixels
    factor: float


def shrunk(pixels: Pixels) -> Shrunk:
    """A BGR picture as small as seals and red lines still show."""
    factor = min(1.0, SEARCH_SIDE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return Shrunk(np.asarray(small, np.uint8), factor)


def red_region(page: Shrunk) -> Region | None:
    """The smallest region that holds all red ink, with a margin: seals, and what they are stamped on. None without.

    In pixels of the picture; where it reaches the right or lower edge, it may end some pixels off it.
    """
    small, shrink = page
    mask = np.asarray(_is_red(small), np.uint8)
    _count, _labels, boxes, _centres = cv2.connectedComponentsWithStats(mask)
    smallest = SMALLEST * max(mask.shape)
    large = [box for box in boxes[1:].tolist() if max(box[2], box[3]) >= smallest]
    if not large:
        return None
    margin = MARGIN * max(mask.shape)
    left = min(box[0] for box in large) - margin
    top = min(box[1] for box in large) - margin
    right = max(box[0] + box[2] for box in large) + margin
    bottom = max(box[1] + box[3] for box in large) + margin
    return (
        max(0, int(left / shrink)),
        max(0, int(top / shrink)),
        int(min(right, mask.shape[1]) / shrink + 1),
        int(min(bottom, mask.shape[0]) / shrink + 1),
    )


def red_marks(page: Shrunk) -> RedInk:
    """The seals and red lines of an upright page, in pixels of the picture."""
    small, shrink = page
    seals = _seals(np.asarray(_is_red(small) & ~_is_brown(small), np.uint8))
    rules = [rule for rule in _rules(small) if not any(_inside(rule, seal) for seal in seals)]
    return RedInk(tuple(_enlarged(seal, shrink) for seal in seals), tuple(_enlarged(rule, shrink) for rule in rules))


def _seals(mask: Mask) -> list[Rect]:
    """Boxes of red rings: a stamp is closed up to one blob, round or nearly so, with ink all around its edge."""
    long_side = max(mask.shape)
    reach = max(3, round(CLOSE_UP * long_side)) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    _count, _labels, boxes, _centres = cv2.connectedComponentsWithStats(closed)
    found = []
    for left, top, width, height, _area in boxes[1:].tolist():
        if min(width, height) < SEAL_SIZE[0] * long_side or max(width, height) > SEAL_SIZE[1] * long_side:
            continue
        if max(width, height) <= SEAL_FLATTENED * min(width, height):
            box = mask[top : top + height, left : left + width]
            if _is_ring(box):
                found.append((float(left), float(top), float(left + width), float(top + height)))
    return found


def _is_ring(box: Mask) -> bool:
    """Whether the outermost red lies on the ellipse in the box in nearly all directions, with little ink outside it.

    A character of a red head is as round as a seal on the whole, but its strokes end anywhere.
    """
    height, width = box.shape
    ys, xs = np.nonzero(box)
    across, down = (xs - (width - 1) / 2) / (width / 2), (ys - (height - 1) / 2) / (height / 2)
    radius, angle = np.hypot(across, down), np.arctan2(down, across)
    outermost = np.zeros(DIRECTIONS)
    np.maximum.at(outermost, ((angle + np.pi) / (2 * np.pi) * DIRECTIONS).astype(int) % DIRECTIONS, radius)
    on_edge = float(((outermost > EDGE[0]) & (outermost < EDGE[1])).mean())
    filled = float(box.mean()) / (np.pi / 4)
    outside = float((radius > EDGE[1]).mean())
    return on_edge >= ALL_AROUND and filled < FULL and outside < STRAY


def _rules(small: Pixels) -> list[Rect]:
    """Boxes of long, thin, level red lines.

    Pale ink counts, because a camera's colours are coarser than its brightness: what is redder than the rows above and
    below it, on average over a stretch.
    """
    width = small.shape[1]
    blue, green, red = cv2.split(small)
    redness = cv2.subtract(red, cv2.max(blue, green))
    thin = cv2.morphologyEx(redness, cv2.MORPH_TOPHAT, np.ones((RULE_HIGH, 1), np.uint8))
    stretch = max(3, round(STRETCH * width)) | 1
    mask = np.asarray(cv2.blur(thin, (stretch, 1)) > REDDER, np.uint8)
    _count, _labels, boxes, _centres = cv2.connectedComponentsWithStats(mask)
    found = []
    for left, top, wide, high, area in boxes[1:].tolist():
        if wide >= RULE_LENGTH * width and area <= RULE_HIGH * wide and high <= RULE_HIGH + LEVEL * wide:
            found.append((float(left), float(top), float(left + wide), float(top + high)))
    return found


def _inside(inner: Rect, outer: Rect) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _enlarged(box: Rect, shrink: float) -> Rect:
    left, top, right, bottom = (round(side / shrink, 1) for side in box)
    return left, top, right, bottom
