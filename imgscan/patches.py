"""Covers on a page: dark boxes, coloured slips and notes, boxes drawn in an editor, that hide print. Used by `read`.

A cover is one even, four-cornered patch that differs from the paper around it and shows no text. What differs is its
colour, or, where an editor filled it, that it has no grain at all or is whiter than any photographed paper. Whether it
hides a mark is judged by where it stands (imgscan.judge). A white paper slip on white paper is not found.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.frames import Pixels
from imgscan.types import Rect

SIDE = 800  # pixels: a cover of 30 mm on a page of 210 that fills half the picture is then some 50 wide
SIZE = (0.02, 0.35)  # of the long side: its longer side
FLATTEST = 9.0  # sides; a longer one is a bar of a screen or a line of a table
LOWEST = 5  # pixels of the shrunk picture
DIFFERENT = (
    28.0  # of 255 in one of lightness and the two colour axes of CIE Lab: ink, tape and notes are clear of paper
)
PAPER = 0.11  # of the long side: the paper around is the median over such a window
FULL = 0.85  # of the slanted box around it; letters and drawings have holes and notches
DRAWN = 0.97  # of the pixels behind one of the shrunk picture: filled by an editor, but for the edges
WHITE = 251  # of 255 in every channel: white as an editor fills it, after JPEG; photographed paper stays below
GRAIN = 1  # of 255 between neighbours: an even filling stays within, after JPEG; a sensor's noise does not
MOST_DRAWN = 0.25  # of the picture: beyond that it is a screenshot, a clean scan or smoothed paper, and tells nothing
EVEN = 14.0  # standard deviation of lightness within: a photograph or a seal with text is not even
MOST = 8

Lab = NDArray[np.uint8]


def find_patches(pixels: Pixels) -> tuple[Rect, ...]:
    """The upright boxes of covers in pixels of BGR `pixels`, largest first."""
    shrink = min(1.0, SIDE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), np.uint8)
    drawn = (_shrunk(of(pixels), lab) for of in (_pure_white, _without_grain))
    boxes = {box for mask in (_unlike_paper(lab), *drawn) for box in _even_boxes(mask, lab)}
    found = sorted(boxes, key=lambda box: ((box[0] - box[2]) * (box[3] - box[1]), box))
    return tuple(
        (left / shrink, top / shrink, right / shrink, bottom / shrink) for left, top, right, bottom in found[:MOST]
    )


def _unlike_paper(lab: Lab) -> Lab:
    """What differs from the median of its surroundings, without thin strokes: text is thinner than any cover."""
    window = round(PAPER * max(lab.shape[:2])) | 1
    # The median of a quarter-size picture is the same paper at a sixteenth of the cost.
    quarter = cv2.resize(lab, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(quarter, max(3, (window // 2) | 1))
    around = cv2.resize(paper, (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_LINEAR)
    apart = _most(cv2.absdiff(lab, np.asarray(around, np.uint8)))
    mask = np.asarray(apart > DIFFERENT, np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((LOWEST, LOWEST), np.uint8)), np.uint8)


def _pure_white(pixels: Pixels) -> Lab:
    return np.asarray(cv2.inRange(pixels, (WHITE,) * 3, (255,) * 3), np.uint8)


def _without_grain(pixels: Pixels) -> Lab:
    """255 where a pixel differs from its right and lower neighbour by GRAIN at most."""
    grain = np.zeros(pixels.shape[:2], np.uint8)
    grain[:, :-1] = _most(cv2.absdiff(pixels[:, 1:], pixels[:, :-1]))
    grain[:-1] = cv2.max(grain[:-1], _most(cv2.absdiff(pixels[1:], pixels[:-1])))
    return np.asarray(cv2.inRange(grain, 0, GRAIN), np.uint8)


def _most(pixels: Any) -> Lab:
    """The largest of the three channels; NumPy takes ten times as long for it."""
    first, second, third = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(first, second), third), np.uint8)


def _shrunk(drawn: Lab, lab: Lab) -> Lab:
    """The mask in the shrunk picture's size, without thin parts; empty where it holds too much of the picture."""
    share = cv2.resize(drawn, (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_AREA)
    mask = np.asarray(share > DRAWN * 255, np.uint8)
    if mask.mean() > MOST_DRAWN:
        return np.zeros_like(mask)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((LOWEST, LOWEST), np.uint8)), np.uint8)


def _even_boxes(mask: Lab, lab: Lab) -> list[Rect]:
    contours, _tree = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = mask.shape
    found = []
    for contour in contours:
        _middle, sides, _angle = cv2.minAreaRect(contour)
        shorter, longer = min(sides), max(sides)
        if shorter < LOWEST or longer > FLATTEST * shorter:
            continue
        if not SIZE[0] <= longer / max(width, height) <= SIZE[1] or cv2.contourArea(contour) < FULL * shorter * longer:
            continue
        left, top, wide, high = cv2.boundingRect(contour)
        at_edge = left <= 1 or top <= 1 or left + wide >= width - 1 or top + high >= height - 1
        inside = cv2.drawContours(np.zeros_like(mask), [contour], -1, 1, cv2.FILLED)
        within = cv2.erode(inside, np.ones((3, 3), np.uint8)) > 0
        if not at_edge and within.any() and float(lab[:, :, 0][within].std()) < EVEN:
            found.append((float(left), float(top), float(left + wide), float(top + high)))
    return found
