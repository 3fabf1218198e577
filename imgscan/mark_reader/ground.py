"""The spotter's view of a picture and of its own answer: even light in, quads out. Training uses both ends, too."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels
from imgscan.types import Quad

STRIDE = 4
"""Pixels of the picture a cell of the heat map."""
REACH = 8.0
"""Unit of the distances that the map holds, in pixels."""
NEIGHBOURHOOD = 48
"""Side, in pixels, of the surroundings that light and contrast are evened out over."""
CORE = 0.5
"""Share of a mark's height whose cells answer: marks that touch in the picture do not in the map."""
END = 0.25
"""Glyph heights at both ends of a mark whose cells do not answer."""
FLATTEST = 6.0

Planes = NDArray[np.float32]


def even(pixels: Pixels) -> Planes:
    """`pixels` (H x W x 3, BGR) as 3 x H x W, each place less the mean of its surroundings, over their deviation."""
    size, small = pixels.shape[1::-1], (max(1, pixels.shape[1] // 4), max(1, pixels.shape[0] // 4))
    side = (NEIGHBOURHOOD // 4 * 2 + 1,) * 2
    mean = cv2.blur(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), side)
    around = cv2.resize(mean, size, interpolation=cv2.INTER_LINEAR)
    away = cv2.resize(
        cv2.cvtColor(cv2.absdiff(pixels, around), cv2.COLOR_BGR2GRAY), small, interpolation=cv2.INTER_AREA
    )
    # 1.25 times the mean distance is the deviation where the values are normally distributed.
    spread = 1.25 * cv2.blur(away.astype(np.float32), side) + FLATTEST
    scale = cv2.resize(1.0 / spread, size, interpolation=cv2.INTER_LINEAR)
    evened = np.empty((3, *pixels.shape[:2]), np.float32)
    for plane, light, ground in zip(evened, cv2.split(pixels), cv2.split(around), strict=True):
        cv2.subtract(light, ground, dst=plane, dtype=cv2.CV_32F)
        cv2.multiply(plane, scale, dst=plane)
    return evened


def quads_of(answer: Planes, threshold: float) -> list[tuple[Quad, float]]:
    """The marks in `answer` (5 x h x w; scores as probabilities) with their score, the surest first.

    Cells above `threshold` that touch are one mark. Each tells where the edges above and below it are; the smallest
    rectangle around those points, longer by END, is the mark.
    """
    sure = (answer[0] >= threshold).astype(np.uint8)
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(sure, connectivity=8)
    found = []
    for label in range(1, count):
        left, top, wide, high, area = stats[label]
        if area < 2:
            continue
        part = labels[top : top + high, left : left + wide] == label
        cells = answer[:, top : top + high, left : left + wide][:, part]
        rows, columns = np.nonzero(part)
        at = np.column_stack([(columns + left + 0.5) * STRIDE, (rows + top + 0.5) * STRIDE]).astype(np.float32)
        quad = _around(at, cells[1:3].T * REACH, cells[3:5].T * REACH)
        strongest = np.sort(cells[0])[-max(2, len(at) // 3) :]
        found.append((quad, float(strongest.mean())))
    return sorted(found, key=lambda one: -one[1])


def _around(at: NDArray[np.float32], up: NDArray[np.float32], down: NDArray[np.float32]) -> Quad:
    """The quad of a mark from its cells (N x 2) and the ways from them to its upper and lower edge."""
    across = np.median(down - up, axis=0)
    height = max(2.0, float(np.hypot(*across)))
    v = across / height
    u = np.array([v[1], -v[0]])
    if u[0] < 0:
        u, v = -u, -v
    along = at @ u
    low, high = float(along.min()) - STRIDE / 2 - END * height, float(along.max()) + STRIDE / 2 + END * height
    above, below = float(np.median((at + up) @ v)), float(np.median((at + down) @ v))
    if len(at) >= 6 and high - low > 2.5 * height:
        # The edges of a long mark are lines that may run askew to the direction that its cells tell on average.
        upper, lower = (np.polyfit(along, (at + way) @ v, 1) for way in (up, down))
        corners = [float(np.polyval(line, s)) for line, s in ((upper, low), (upper, high), (lower, high), (lower, low))]
    else:
        corners = [above, above, below, below]
    ends = zip((low, high, high, low), corners, strict=True)
    a, b, c, d = ((float(s * u[0] + t * v[0]), float(s * u[1] + t * v[1])) for s, t in ends)
    return (a, b, c, d)
