from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from imgscan.framing import Views, crop_of, grown
from imgscan.preview import Previewer
from imgscan.review import Original
from imgscan.types import Quad
from imgscan.veil import Veil
from tests.api.builders import box

GLYPHS = 24


def page_of_text(width: int = 1000, height: int = 1400) -> np.ndarray:
    """Rows of black and white squares: the finest thing a text has is a stroke of an eighth of its height."""
    page = np.full((height, width, 3), 255, np.uint8)
    for top in range(100, height - 100, 2 * GLYPHS):
        for left in range(80, width - 80, 6):
            page[top : top + GLYPHS, left : left + 3] = 0
    return page


def detail(pixels: np.ndarray) -> float:
    """How much changes from one pixel to the next, 0..255."""
    return float(np.abs(np.diff(pixels.astype(int), axis=1)).mean())


def test_what_is_no_mark_is_gone_and_the_mark_is_untouched() -> None:
    page, mark = page_of_text(), box(100, 100, 200, GLYPHS)
    veiled = Veil(page, [mark]).over(page, 0, 0, 1.0)
    assert np.array_equal(veiled[100 : 100 + GLYPHS, 100:300], page[100 : 100 + GLYPHS, 100:300])
    rest = veiled[200:]
    assert detail(rest) < detail(page[200:]) / 20
    assert not np.isin(rest, (0, 255)).all()
    untouched = np.abs(veiled.astype(int) - page).max(axis=2) == 0
    assert untouched[: 100 + 2 * GLYPHS, :400].sum() >= 200 * GLYPHS


@pytest.mark.parametrize(
    "turned", [box(100, 100, 200, 24), ((300.0, 300.0), (300.0, 500.0), (276.0, 500.0), (276.0, 300.0))]
)
def test_a_part_shows_the_same_as_the_whole(turned: Quad) -> None:
    page = page_of_text()
    veil = Veil(page, [turned])
    whole = veil.over(page, 0, 0, 1.0)
    part = veil.over(np.ascontiguousarray(page[80:600, 60:800]), 60, 80, 1.0)
    assert np.abs(whole[80:600, 60:800].astype(int) - part).max() <= 6  # interpolated between 1/32 pixels


def test_large_text_near_the_camera_is_hidden_too() -> None:
    page = np.full((400, 600, 3), 255, np.uint8)
    for left in range(0, 600, 40):
        page[50:350, left : left + 20] = 0
    veiled = Veil(page, [box(0, 0, 100, 300)]).over(page, 0, 0, 1.0)
    assert detail(veiled[:, 300:]) < detail(page[:, 300:]) / 3


def test_grown_keeps_the_edge_strokes() -> None:
    assert grown(box(10, 10, 100, 20), by=0.5) == box(0, 0, 120, 40)


def test_a_crop_is_the_mark_and_hardly_more() -> None:
    left, top, width, height = crop_of((box(100, 80, 240, 48),), 800, 1000)
    assert (left, top, width, height) == (76, 56, 288, 96)
    assert crop_of((box(0, 0, 5000, 20),), 6000, 100)[2] == 340
    assert crop_of((), 80, 60) == (0, 0, 80, 60)


def test_the_views_that_are_sent_first_hold_no_readable_rest(tmp_path: Path) -> None:
    path, page = tmp_path / "page.png", page_of_text()
    cv2.imwrite(str(path), page)
    content = path.read_bytes()
    import hashlib

    original = Original(hashlib.sha256(content).digest(), len(content), (bytes(path),))
    mark, other = box(100, 100, 200, GLYPHS), box(500, 1000, 200, GLYPHS)
    previewer = Previewer(workers=1)
    views: Views = previewer.views(original, 0, (mark,), (other,))
    previewer.close()

    def pixels(jpeg: bytes) -> np.ndarray:
        found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert found is not None
        return found

    assert detail(pixels(views.veiled_full.jpeg)[300:900]) < detail(pixels(views.full.jpeg)[300:900]) / 10
    for quad in (mark, other):
        x, y = map(int, quad[0])
        part = (slice(y, y + GLYPHS), slice(x, x + 200))
        assert np.allclose(pixels(views.veiled_full.jpeg)[part], pixels(views.full.jpeg)[part], atol=12)
    assert views.veiled_mark.rect == views.mark.rect
    assert max(pixels(views.crop.jpeg).shape) <= 400
