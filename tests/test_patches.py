"""Covers found in pixels of drawn and photographed pages: dark boxes and coloured notes; text and seals are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgscan.frames import Pixels
from imgscan.patches import find_patches
from imgscan.specimens.camera import photograph
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import SHEETS
from imgscan.specimens.sheet import Shape, Sheet
from imgscan.specimens.shot import PLAIN, plan
from imgscan.types import Point, Rect


def paper() -> Pixels:
    """A page of 1200 x 1600 with rows of strokes like text."""
    page = np.full((1600, 1200, 3), 235, np.uint8)
    for top in range(400, 1500, 45):
        for left in range(100, 1080, 34):
            cv2.rectangle(page, (left, top), (left + 22, top + 24), (40, 40, 40), 3)
    return page


def close(found: tuple[Rect, ...], wanted: Rect) -> bool:
    return any(np.allclose(box, wanted, atol=8) for box in found)


@pytest.mark.parametrize("colour", [(20, 20, 22), (90, 225, 250), (60, 60, 200)], ids=["black", "yellow", "red"])
def test_a_patch_is_found_where_it_is(colour: tuple[int, int, int]) -> None:
    page = paper()
    cv2.rectangle(page, (100, 150), (320, 205), colour, cv2.FILLED)
    assert close(find_patches(page), (100, 150, 320, 205))


def grainy(page: Pixels) -> Pixels:
    """The page as a sensor sees it: with noise."""
    noise = np.random.default_rng(5).normal(0, 4, page.shape)
    return np.asarray(np.clip(page + noise, 0, 248), np.uint8)


def saved(page: Pixels, quality: int) -> Pixels:
    """The page after JPEG."""
    done, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("fill", [(255, 255, 255), (235, 235, 235)], ids=["white", "colour of the paper"])
@pytest.mark.parametrize("quality", [95, 85])
def test_a_box_drawn_in_an_editor_is_found(fill: tuple[int, int, int], quality: int) -> None:
    page = grainy(paper())
    cv2.rectangle(page, (100, 150), (320, 205), fill, cv2.FILLED)
    assert close(find_patches(saved(page, quality)), (100, 150, 320, 205))


def test_grainy_paper_and_a_clean_scan_have_no_drawn_box() -> None:
    assert find_patches(saved(grainy(paper()), 90)) == ()
    assert find_patches(np.where(paper() == 235, 255, paper()).astype(np.uint8)) == ()


def test_text_frames_and_seals_are_no_patches() -> None:
    page = paper()
    cv2.rectangle(page, (100, 150), (320, 205), (20, 20, 22), 3)
    cv2.circle(page, (900, 1300), 110, (60, 60, 200), 8)
    assert find_patches(page) == ()


def test_a_bar_at_the_edge_is_no_patch() -> None:
    page = paper()
    cv2.rectangle(page, (0, 0), (400, 80), (20, 20, 22), cv2.FILLED)
    assert find_patches(page) == ()


def slip(sheet: Sheet) -> Shape:
    return next(item for item in sheet.items if isinstance(item, Shape))


def shot_of(layout: str, index: int) -> tuple[Pixels, Point, bool]:
    """A photograph of the layout, the middle of the slip in it, and whether the slip is white."""
    sheet = SHEETS[layout](Dice(71, index, 1))
    shot = plan(sheet, "standard", Dice(71, index, 2), PLAIN)
    pixels = np.ascontiguousarray(photograph(sheet, shot, Dice(71, index, 3), with_mark=True)[:, :, ::-1])
    left, top, right, bottom = slip(sheet).box
    corners = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], np.float64)
    ((x, y),) = cv2.perspectiveTransform(corners, np.array(shot.to_picture, np.float64))[0].mean(0, keepdims=True)
    return pixels, (float(x), float(y)), slip(sheet).fill is not None and min(slip(sheet).fill or (0,)) > 240


def test_slips_on_photographed_red_heads() -> None:
    """Dark and coloured ones; a white slip on white paper is beyond this (docs/rules.md)."""
    hits = []
    for index in range(8):
        pixels, (x, y), white = shot_of("covered", index)
        if not white:
            hits.append(any(a <= x <= c and b <= y <= d for a, b, c, d in find_patches(pixels)))
    assert len(hits) >= 4
    assert sum(hits) >= len(hits) - 1
