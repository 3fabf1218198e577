from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgscan.framing import Polygons, Views, area_around
from imgscan.preview import (
    NotShownError,
    OriginalMissingError,
    Previewer,
    read_original,
    render_views,
)
from imgscan.rendering import LONG_SIDE
from imgscan.review import Original
from tests.api.builders import box, draw_page
from tests.fakes.documents import pdf, wechat, zipped


def original_of(content: bytes, *paths: Path) -> Original:
    return Original(hashlib.sha256(content).digest(), len(content), tuple(bytes(path) for path in paths))


def pixels_of(jpeg: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def reddish(jpeg: bytes) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is red."""
    pixels = pixels_of(jpeg).astype(int)
    ys, xs = np.nonzero((pixels[:, :, 2] > 150) & (pixels[:, :, 0] < 90))
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


@pytest.fixture
def page(tmp_path: Path) -> tuple[bytes, Path]:
    content = draw_page()
    path = tmp_path / "page.jpg"
    path.write_bytes(content)
    return content, path


def sleeps(original: Original, page: int, around: Polygons, clear: Polygons) -> Views:
    time.sleep(60)
    raise AssertionError("not killed")


def dies(original: Original, page: int, around: Polygons, clear: Polygons) -> Views:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("not dead")


def writes(original: Original, page: int, around: Polygons, clear: Polygons) -> Views:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open(original.paths[0], "wb") as file:  # noqa: PTH123
        file.write(b"altered")
    raise AssertionError("written")


@pytest.fixture(scope="module")
def previewer() -> Iterator[Previewer]:
    previewer = Previewer(workers=1)
    yield previewer
    previewer.close()


def test_views_show_the_marks_where_they_are(previewer: Previewer, page: tuple[bytes, Path]) -> None:
    content, path = page
    views = previewer.views(original_of(content, path), 0, (box(100, 80, 240, 48),))
    assert (views.width, views.height, views.full.rect) == (800, 1000, (0, 0, 800, 1000))
    assert np.allclose(reddish(views.full.jpeg), (100, 80, 340, 128), atol=3)
    left, top, width, height = views.mark.rect
    assert pixels_of(views.mark.jpeg).shape[:2] == (height, width)
    assert np.allclose(reddish(views.mark.jpeg), (100 - left, 80 - top, 340 - left, 128 - top), atol=3)


def test_large_pictures_are_reduced_as_a_whole_but_sharp_at_the_mark(tmp_path: Path) -> None:
    mark = box(3000, 2000, 120, 24)
    content = draw_page(4000, 3000, (mark,))
    (tmp_path / "a.jpg").write_bytes(content)
    views = render_views(original_of(content, tmp_path / "a.jpg"), 0, (mark,), ())
    assert isinstance(views, Views)
    assert max(pixels_of(views.full.jpeg).shape) == LONG_SIDE
    assert pixels_of(views.mark.jpeg).shape[:2] == views.mark.rect[:1:-1]


def test_the_picture_is_turned_as_a_viewer_turns_it_and_exif_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CANARY-MAKER"
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste("red", (0, 0, 60, 30))
    picture.save(path, exif=exif, comment=b"CANARY-COMMENT")
    views = render_views(original_of(path.read_bytes(), path), 0, (), ())
    assert isinstance(views, Views)
    assert (views.width, views.height) == (200, 300)
    assert np.allclose(reddish(views.full.jpeg), (170, 0, 199, 60), atol=4)
    assert b"CANARY" in path.read_bytes()
    assert b"CANARY" not in views.full.jpeg + views.mark.jpeg
    assert b"Exif" not in views.full.jpeg


def test_nothing_is_carried_along_behind_the_picture(tmp_path: Path) -> None:
    content = draw_page() + b"<script>CANARY</script>PK\x03\x04"
    (tmp_path / "a.jpg").write_bytes(content)
    views = render_views(original_of(content, tmp_path / "a.jpg"), 0, (), ())
    assert isinstance(views, Views)
    assert b"CANARY" not in views.full.jpeg


def test_pages_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    Image.new("RGB", (60, 40), "white").save(
        path, save_all=True, append_images=[Image.new("RGB", (40, 60), (200, 10, 10))]
    )
    views = render_views(original_of(path.read_bytes(), path), 1, (), ())
    assert isinstance(views, Views)
    assert (views.width, views.height) == (40, 60)
    assert reddish(views.full.jpeg) == (0, 0, 39, 59)


def test_the_first_file_that_still_holds_the_bytes_is_read(tmp_path: Path, page: tuple[bytes, Path]) -> None:
    content, path = page
    altered = tmp_path / "altered.jpg"
    altered.write_bytes(content[:-1] + b"\x00")
    assert read_original(original_of(content, tmp_path / "gone.jpg", altered, path)) == content


def test_no_file_is_read_that_is_not_the_picture(
    tmp_path: Path, page: tuple[bytes, Path], previewer: Previewer
) -> None:
    content, path = page
    link = tmp_path / "link.jpg"
    link.symlink_to(path)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for other in (link, fifo, tmp_path, tmp_path / "gone"):
        assert read_original(original_of(content, other)) is None
    assert read_original(Original(hashlib.sha256(content).digest(), len(content), (b"a\0b",))) is None
    with pytest.raises(OriginalMissingError):
        previewer.views(original_of(content, link))
    path.write_bytes(b"something else altogether")
    with pytest.raises(OriginalMissingError):
        previewer.views(original_of(content, path))


def test_an_original_that_comes_back_is_shown(tmp_path: Path, previewer: Previewer) -> None:
    content = draw_page(boxes=())
    original = original_of(content, tmp_path / "stick.jpg")
    with pytest.raises(OriginalMissingError):
        previewer.views(original)
    (tmp_path / "stick.jpg").write_bytes(content)
    assert previewer.views(original).width == 800


def test_what_is_no_picture_is_said_to_be_unshowable(tmp_path: Path, previewer: Previewer) -> None:
    for content in (b"\xff\xd8\xff\xe0 not really", b"no picture at all"):
        (tmp_path / "a").write_bytes(content)
        with pytest.raises(NotShownError):
            previewer.views(original_of(content, tmp_path / "a"))


@pytest.mark.parametrize("disaster", [sleeps, dies])
def test_a_hostile_picture_costs_one_process_only(disaster: object, page: tuple[bytes, Path]) -> None:
    content, path = page
    previewer = Previewer(seconds=2.0 if disaster is sleeps else 60.0, workers=1, render=disaster)  # type: ignore[arg-type]
    try:
        for _again in range(2):
            with pytest.raises(NotShownError):
                previewer.views(original_of(content, path))
    finally:
        previewer.close()


def test_the_child_cannot_write(page: tuple[bytes, Path], tmp_path: Path) -> None:
    content, _path = page
    target = tmp_path / "new"
    previewer = Previewer(workers=1, render=writes)
    try:
        with pytest.raises(OSError, match=r"File too large|Permission denied"):
            previewer.views(original_of(content, target))
    finally:
        previewer.close()
    assert not target.exists() or target.read_bytes() == b""


@given(
    width=st.integers(1, 9000),
    height=st.integers(1, 9000),
    where=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 1), st.floats(0.001, 1)),
)
def test_the_area_holds_the_mark_and_lies_in_the_picture(
    width: int, height: int, where: tuple[float, float, float, float]
) -> None:
    x, y = where[0] * width, where[1] * height
    wide, tall = where[2] * (width - x), where[3] * (height - y)
    left, top, w, h = area_around((box(x, y, wide, tall),), width, height)
    assert left >= 0
    assert top >= 0
    assert left + w <= width
    assert top + h <= height
    assert w >= 1
    assert h >= 1
    assert left <= x + 1
    assert left + w >= x + wide - 1
    assert top <= y + 1
    assert top + h >= y + tall - 1


def test_the_page_of_a_pdf_is_shown(tmp_path: Path) -> None:
    first, second = np.full((300, 200, 3), 255, np.uint8), np.full((200, 300, 3), 255, np.uint8)
    second[40:80, 100:200] = (10, 10, 200)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([first, second]))
    views = render_views(original_of(path.read_bytes(), path), 1, (box(100, 40, 100, 40),), ())
    assert isinstance(views, Views)
    assert (views.width, views.height) == (300, 200)
    assert np.allclose(reddish(views.full.jpeg), (100, 40, 199, 79), atol=4)


def test_a_picture_of_wechats_old_cache_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(wechat(draw_page()))
    views = render_views(original_of(path.read_bytes(), path), 0, (), ())
    assert isinstance(views, Views)
    assert (views.width, views.height) == (800, 1000)


def test_a_picture_in_an_archive_is_shown(tmp_path: Path, previewer: Previewer) -> None:
    content = draw_page()
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"in/b.zip": zipped({"c.jpg": content}), "d.jpg": draw_page(boxes=())}))
    original = original_of(content, path)
    inside = replace(original, paths=(bytes(path) + b"\0in/b.zip\0c.jpg",))
    assert read_original(inside) == content
    assert previewer.views(inside).width == 800
    for wrong in (b"\0in/b.zip\0gone.jpg", b"\0d.jpg", b"\0", b".gone\0c.jpg"):
        assert read_original(replace(original, paths=(bytes(path) + wrong,))) is None
