"""Large words laid over the text of a page: stamped across it in red, or set behind it as a watermark. Used by `read`.

The detector takes them for a part of the lines that they cross. So they are looked for in pictures in which that text
is gone: one of how red the ink is, and one whose thin strokes are closed, since a watermark's are many times as broad.
"""

from __future__ import annotations

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.red_ink import redness

# Pixels of a picture whose long side is 800 (imgscan.red_ink). Body text has strokes of one or two there and glyphs of
# some 11 (16 points on a page of 297 mm); a watermark across the page has strokes of eight and more.
LARGE = 18.0  # glyphs from which words are looked for here
THIN = 5  # strokes up to here are closed
AROUND = 120  # what lies around a stroke tells how bright the paper is there
PALEST = 0.8  # of the paper's brightness; shows as black
RED_INK, MOST_RED = 30, 99.5  # of 255 at least; percentile that shows as black


def behind_text(small: Pixels) -> Pixels:
    """A small BGR picture without thin dark strokes, its paper evened out, and what is left darkened."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THIN, THIN)))
    closed = cv2.medianBlur(closed, THIN)
    height, width = closed.shape
    few = cv2.resize(closed, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.medianBlur(few, AROUND // 4 | 1), (width, height), interpolation=cv2.INTER_LINEAR)
    share = closed.astype(np.float32) / np.maximum(paper, 1)
    return _shown((share - PALEST) / (1.0 - PALEST))


def stamped(small: Pixels) -> Pixels:
    """How red a small BGR picture is: red ink is dark, and black ink as bright as paper."""
    red = redness(small)
    return _shown(1.0 - red / max(float(np.percentile(red, MOST_RED)), RED_INK))


def _shown(bright: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Pixels:
    grey = np.clip(255.0 * bright, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
