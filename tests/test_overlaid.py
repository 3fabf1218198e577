from __future__ import annotations

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.overlaid import behind_text, stamped

PAPER, GREY, INK, RED = (235, 238, 240), (200, 202, 204), (40, 38, 36), (70, 70, 205)
THICK, THIN = slice(300, 316), slice(200, 202)


def sheet() -> Pixels:
    """A page in uneven light with a broad pale stroke and a thin black one."""
    page = np.full((800, 600, 3), PAPER, np.uint8)
    page[THICK, 100:500] = GREY
    page[THIN, 100:500] = INK
    light = np.linspace(0.6, 1.0, 600)[None, :, None]
    return np.asarray(page * light, np.uint8)


def test_a_watermark_stays_where_text_goes() -> None:
    seen = behind_text(sheet())
    assert seen.shape == (800, 600, 3)
    assert seen[THIN, 150:450].min() > 230
    assert seen[THICK, 150:450].max() < 160
    assert seen[500:700, 50:550].min() > 230  # the light is evened out


def test_a_stamp_stays_where_black_ink_goes() -> None:
    page = np.full((800, 600, 3), PAPER, np.uint8)
    cv2.rectangle(page, (100, 300), (300, 400), RED, 12)
    page[340:350, 50:550] = INK
    seen = stamped(page)
    assert seen[300, 150:250].max() < 60
    assert seen[345, 400:550].min() > 200
    assert seen[345, 150:250].min() > 200


def test_a_page_without_either_shows_nothing() -> None:
    page = np.full((800, 600, 3), PAPER, np.uint8)
    for row in range(100, 700, 20):
        page[row : row + 2, 80:520] = INK
    assert behind_text(page).min() > 230
    assert stamped(page).min() > 200
