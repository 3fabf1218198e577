"""Finds sheets of paper and screens in a picture: four-cornered things that stand out. Used by `triage` and `read`.

A page that lies small or at a slant on a desk is searched for text in a view of its own, straightened and enlarged,
instead of drowning in the whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels
from imgscan.quads import from_top_left
from imgscan.types import Quad

SIDE = 360  # a sheet is large against its text: its outline shows in a small picture
SMALLEST = 0.01  # of the picture's area
LARGEST = 0.93  # more is the picture itself
LONGEST = 4.0  # sides; chat windows are long, strips of light are longer
STRAIGHT = 0.9  # share of its four-cornered outline that a sheet fills; folds and fingers take a little
SAME = 0.7  # common area from which two outlines are of one sheet
MOST = 4
THRESHOLDS = 6
STRONG_EDGES = 0.85  # of the picture changes less from pixel to pixel than the edge of a sheet

Grey = NDArray[np.uint8]


def find_sheets(pixels: Pixels) -> tuple[Quad, ...]:
    """The outlines of sheets and screens in pixels of BGR `pixels`, largest first, corners clockwise from top left."""
    shrink = min(1.0, SIDE / max(pixels.shape[:2]))
    size = (max(1, round(shrink * pixels.shape[1])), max(1, round(shrink * pixels.shape[0])))
    # Averaging over areas is slow unless it shrinks much, and then only it keeps noise down.
    how = cv2.INTER_AREA if shrink < 0.5 else cv2.INTER_LINEAR
    small = cv2.GaussianBlur(cv2.resize(pixels, size, interpolation=how), (3, 3), 0)
    blue, green, red = (np.asarray(channel, np.uint8) for channel in cv2.split(small))
    brightest = np.asarray(cv2.max(cv2.max(blue, green), red), np.uint8)
    found: list[NDArray[np.float32]] = []
    for mask in (*_brighter(brightest), _edged(brightest), _edged(blue)):
        for outline in _outlines(mask):
            if all(_common(outline, other) < SAME for other in found):
                found.append(outline)
    found.sort(key=cv2.contourArea, reverse=True)
    return tuple(_quad(outline / shrink) for outline in found[:MOST])


def _brighter(grey: Grey) -> Iterator[Grey]:
    """What is brighter than a threshold, at several: paper in shade is darker than a desk in light."""
    levels = np.quantile(grey[::2, ::2], np.linspace(0.15, 0.92, THRESHOLDS))  # a quarter says as much
    otsu, _mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    kernel = np.ones((5, 5), np.uint8)
    for level in sorted({round(float(level)) for level in (*levels, otsu)}):
        mask = cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)[1]
        # Text and thin lines are closed up so that they do not cut the sheet in pieces.
        yield np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), np.uint8)


def _edged(grey: Grey) -> Grey:
    """Edges, a little thickened so that they close: a sheet among things as bright, or of another colour."""
    rise = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strong = float(np.quantile(rise[::2, ::2], STRONG_EDGES))
    edges = cv2.Canny(grey, strong, 2.0 * strong, L2gradient=True)
    return np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8)), np.uint8)


def _outlines(mask: Grey) -> Iterator[NDArray[np.float32]]:
    area = mask.size
    contours, _tree = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        hull = cv2.convexHull(contour)
        size = cv2.contourArea(hull)
        if not SMALLEST * area <= size <= LARGEST * area or cv2.contourArea(contour) < STRAIGHT * size:
            continue
        outline = _four_corners(hull)
        if outline is not None and _is_sheet(outline, size):
            yield outline


def _four_corners(hull: NDArray[Any]) -> NDArray[np.float32] | None:
    around = cv2.arcLength(hull, True)
    for share in (0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, True)
        if len(corners) <= 4:
            return corners.reshape(-1, 2).astype(np.float32) if len(corners) == 4 else None
    return None


def _is_sheet(outline: NDArray[np.float32], hull_size: float) -> bool:
    size = cv2.contourArea(outline)
    if not STRAIGHT <= size / hull_size <= 1.0 / STRAIGHT:
        return False
    lengths = [math.dist(outline[index], outline[index - 1]) for index in range(4)]
    return max(lengths) <= LONGEST * min(lengths)


def _common(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    common, _outline = cv2.intersectConvexConvex(one, other)
    return float(common / min(cv2.contourArea(one), cv2.contourArea(other)))


def _quad(outline: NDArray[np.float32]) -> Quad:
    """Corners clockwise from the one nearest to the picture's top left."""
    middle = outline.mean(axis=0)
    angle = np.arctan2(outline[:, 1] - middle[1], outline[:, 0] - middle[0])
    corners: Sequence[Sequence[float]] = outline[np.argsort(angle)].tolist()  # y grows downwards: clockwise
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return from_top_left((a, b, c, d))
