"""Red ink beside text: which drawings are seals and red lines, which are not, and where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgscan.frames import Frame, Pixels
from imgscan.read import PROFILES, read
from imgscan.red_ink import red_marks, red_region, shrunk
from imgscan.store.pages import from_json, to_json
from imgscan.triage import triage
from imgscan.types import Page, Rect, RedInk
from tests.fakes import pages as blocks
from tests.fakes.engine import FakeEngine

PAPER = (235, 240, 242)
RED = (35, 28, 200)  # BGR, as OpenCV keeps it
INK = (40, 40, 40)


def sheet(height: int = 1600, width: int = 1200) -> Pixels:
    return np.full((height, width, 3), PAPER, np.uint8)


def stamp(page: Pixels, x: int, y: int, radius: int, colour: tuple[int, int, int] = RED) -> None:
    """A ring with a star in the middle and characters along the upper arc."""
    cv2.circle(page, (x, y), radius, colour, max(3, radius // 16))
    tips = [
        (x + radius * share * np.sin(turn), y - radius * share * np.cos(turn))
        for turn, share in ((k * np.pi / 5, 0.34 if k % 2 == 0 else 0.14) for k in range(10))
    ]
    cv2.fillPoly(page, [np.array(tips, np.int32)], colour)
    for turn in np.linspace(-2.2, 2.2, 9):
        middle = (int(x + 0.72 * radius * np.sin(turn)), int(y - 0.72 * radius * np.cos(turn)))
        cv2.drawMarker(page, middle, colour, cv2.MARKER_TILTED_CROSS, radius // 5, max(2, radius // 25))


def close(found: Rect, expected: Rect, within: float) -> bool:
    return all(abs(one - other) <= within for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("radius", [60, 120, 250])
def test_a_seal_and_its_place(radius: int) -> None:
    page = sheet()
    stamp(page, 800, 1100, radius)
    (seal,) = red_marks(shrunk(page)).seals
    assert close(seal, (800 - radius, 1100 - radius, 800 + radius, 1100 + radius), 0.1 * radius + 4)


@pytest.mark.parametrize("size", [(800, 600), (3200, 2400)])
def test_thresholds_go_by_the_size_of_the_picture(size: tuple[int, int]) -> None:
    page = sheet(*size)
    scale = size[0] / 1600
    stamp(page, int(800 * scale), int(1100 * scale), int(120 * scale))
    cv2.line(
        page, (int(150 * scale), int(400 * scale)), (int(1050 * scale), int(400 * scale)), RED, max(2, int(4 * scale))
    )
    found = red_marks(shrunk(page))
    assert (len(found.seals), len(found.rules)) == (1, 1)
    assert close(found.seals[0], tuple(v * scale for v in (680, 980, 920, 1220)), 20 * scale)  # type: ignore[arg-type]


def test_a_worn_seal_over_black_text_seen_at_a_slant() -> None:
    page = sheet()
    stamp(page, 700, 900, 150)
    for y in range(780, 1020, 60):
        cv2.putText(page, "2026 3 4 SAMPLE TEXT", (450, y), cv2.FONT_HERSHEY_SIMPLEX, 1.6, INK, 4)
    matrix = np.array([[0.97, 0.10, 20.0], [-0.06, 0.85, 150.0], [0.0, 0.00005, 1.0]])
    page = np.asarray(cv2.warpPerspective(page, matrix, (1200, 1600), borderValue=PAPER), np.uint8)
    assert len(red_marks(shrunk(page)).seals) == 1


@pytest.mark.parametrize("dim", [1.0, 0.4])
@pytest.mark.parametrize("tilt", [0, 30, -30])
def test_a_red_line_level_or_nearly_so(tilt: int, dim: float) -> None:
    page = sheet()
    cv2.line(page, (150, 400), (1050, 400 + tilt), RED, 4)
    (rule,) = red_marks(shrunk(np.asarray(page * dim, np.uint8))).rules
    assert close(rule, (150, min(400, 400 + tilt), 1050, max(400, 400 + tilt)), 30)


def test_a_line_whose_colour_the_camera_washed_out() -> None:
    page = sheet()
    cv2.line(page, (150, 400), (1050, 400), (190, 190, 222), 3)
    assert red_region(shrunk(page)) is None  # too pale for red text
    assert len(red_marks(shrunk(page)).rules) == 1


def _disc(page: Pixels) -> None:
    cv2.circle(page, (600, 800), 150, RED, -1)


def _frame(page: Pixels) -> None:
    cv2.rectangle(page, (400, 600), (700, 900), RED, 20)


def _character(page: Pixels) -> None:
    for start, end in (
        ((420, 620), (700, 640)),
        ((560, 600), (540, 900)),
        ((420, 760), (720, 740)),
        ((700, 600), (690, 900)),
    ):
        cv2.line(page, start, end, RED, 28)


def _blue_seal(page: Pixels) -> None:
    stamp(page, 600, 800, 150, (200, 60, 30))


def _speck(page: Pixels) -> None:
    stamp(page, 600, 800, 20)


def _black_line(page: Pixels) -> None:
    cv2.line(page, (150, 400), (1050, 400), INK, 4)


def _bar(page: Pixels) -> None:
    cv2.rectangle(page, (0, 300), (1199, 420), RED, -1)


def _short_line(page: Pixels) -> None:
    cv2.line(page, (150, 400), (350, 400), RED, 4)


def _steep_line(page: Pixels) -> None:
    cv2.line(page, (150, 400), (1050, 900), RED, 4)


def _wood(page: Pixels) -> None:
    for y in range(0, 1600, 40):
        cv2.line(page, (0, y), (1199, y + 60), (90, 140, 190), 14)
    cv2.circle(page, (600, 800), 150, (70, 120, 170), 12)


@pytest.mark.parametrize(
    "draw",
    [_disc, _frame, _character, _blue_seal, _speck, _black_line, _bar, _short_line, _steep_line, _wood],
    ids=lambda draw: draw.__name__,
)
def test_neither_seals_nor_red_lines(draw: object) -> None:
    page = sheet()
    assert callable(draw)
    draw(page)
    found = red_marks(shrunk(page))
    assert found.seals == ()
    assert found.rules == ()


def test_a_black_page_and_a_single_pixel() -> None:
    for page in (np.zeros((900, 700, 3), np.uint8), np.full((1, 1, 3), RED, np.uint8)):
        assert red_marks(shrunk(page)).seals == ()


def test_the_store_keeps_it() -> None:
    page = Page(width=600, height=800, red_ink=RedInk(((1.0, 2.0, 3.0, 4.5),), ((5.0, 6.0, 7.0, 8.0),)))
    kept = json.loads(json.dumps(to_json([page])))
    assert from_json(kept) == (page,)
    del kept[0]["red_ink"]  # as kept before there was any
    assert from_json(kept) == (Page(width=600, height=800),)


def test_the_reader_hands_it_on(tmp_path: Path) -> None:
    picture = sheet(1000, 800)
    written = blocks.page(["2026"])
    picture[: written.shape[0], : written.shape[1]] = written
    cv2.line(picture, (100, 700), (700, 700), RED, 4)
    frame = Frame(picture, 800, 1000)
    engine = FakeEngine(tmp_path)
    page = read(frame, triage(frame, engine), engine, PROFILES["fast"])
    assert len(page.red_ink.rules) == 1
