"""The networks that are committed, on specimens that are rendered here (seeds that the training never saw)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from imgscan.errors import WeightsError
from imgscan.frames import Pixels
from imgscan.mark_reader import MarkKind, MarkReader, crop_spot, digest
from imgscan.mark_reader.reader import BAND, BAND_PIXELS, FOLDER, GRID, LAP, _bands
from imgscan.read import LIKELY
from imgscan.specimens.dice import Dice
from imgscan.specimens.fonts import fonts_present
from imgscan.specimens.layouts import SHEETS
from imgscan.specimens.sheet import Text
from imgscan.types import Level, Quad
from training.scene import Scene, around, stage

SEED = 40_000


@pytest.fixture(scope="module")
def reader() -> MarkReader:
    return MarkReader()


def specimen(words: str, index: int, margin: float, tier: str = "standard") -> tuple[Pixels, Quad]:
    """A piece of a photographed page with `words` where its mark stands, and where in it they are."""
    if not fonts_present():
        pytest.skip("no Chinese fonts to render specimens with")
    sheet = SHEETS["gb2012"](Dice(SEED, index, 1))
    place = next(i for i, item in enumerate(sheet.items) if isinstance(item, Text) and item.mark)
    mark = sheet.items[place]
    assert isinstance(mark, Text)
    sheet.items[place] = mark = replace(mark, text=words)
    scene: Scene = stage(SEED, index, "gb2012", tier, sheet)
    quad = scene.quad(mark)
    window = around(quad, margin, scene.shot)
    pixels = scene.window(window, Dice(SEED, index, 2))
    a, b, c, d = ((float(x) - window[0], float(y) - window[1]) for x, y in quad)
    return pixels, (a, b, c, d)


@pytest.mark.parametrize(
    ("words", "kind", "level"),
    [
        ("绝密★30年", MarkKind.JUEMI, Level.JUEMI),
        ("机密★10年", MarkKind.JIMI, Level.JIMI),
        ("秘密★长期", MarkKind.MIMI, Level.MIMI),
        ("機　密", MarkKind.JIMI, Level.JIMI),
        ("工作秘密", MarkKind.WORK, None),
        ("内部资料", MarkKind.INTERNAL, None),
        ("密切配合", MarkKind.OTHER, None),
        ("机构改革", MarkKind.OTHER, None),
        ("秘书处", MarkKind.OTHER, None),
    ],
)
def test_lines_are_what_they_say(reader: MarkReader, words: str, kind: MarkKind, level: Level | None) -> None:
    crops = [crop_spot(*specimen(words, index, 1.0)) for index in range(5)]
    readings = reader.read(crops)
    right = [reading.kind is kind and reading.level == level for reading in readings]
    assert sum(right) >= 4, readings


def test_a_mark_and_a_sentence_lie_on_either_side_of_what_is_read_again(reader: MarkReader) -> None:
    """What `imgscan.read` asks it for: whether a surely read line deserves the strong recogniser."""
    marks = reader.read([crop_spot(*specimen("机密★10年", index, 1.0)) for index in range(5)])
    sentences = reader.read([crop_spot(*specimen("密码请勿告知他人", index, 1.0)) for index in range(5)])
    assert min(reading.mark_probability for reading in marks) >= LIKELY
    assert sum(reading.mark_probability < LIKELY for reading in sentences) >= 3, "set as a mark is, at its place"


def test_the_text_of_a_mark_is_read(reader: MarkReader) -> None:
    readings = reader.read([crop_spot(*specimen("机密★10年", index, 1.0)) for index in range(5)])
    assert sum(reading.text == "机密★10年" for reading in readings) >= 3, readings


def test_probabilities_are_probabilities(reader: MarkReader) -> None:
    (reading,) = reader.read([crop_spot(*specimen("秘密★5年", 1, 1.0))])
    assert 0 < reading.probability <= reading.mark_probability <= 1


def test_nothing_in_gives_nothing_out(reader: MarkReader) -> None:
    assert reader.read([]) == ()
    assert reader.spot(np.full((300, 200, 3), 240, np.uint8)) == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 700, 3), (300, 3, 3), (31, 97, 3)])
def test_odd_crops_are_read_as_no_mark(reader: MarkReader, shape: tuple[int, int, int]) -> None:
    (reading,) = reader.read([np.full(shape, 127, np.uint8)])
    assert reading.kind is MarkKind.OTHER


def test_company_does_not_change_a_reading(reader: MarkReader) -> None:
    """Lines are padded to the widest of their batch, and come back in their own order."""
    crops = [crop_spot(*specimen(words, 3, 1.0)) for words in ("绝密", "秘密★2030年12月31日", "机密★10年", "机密")]
    together = reader.read(crops)
    alone = [reader.read([crop])[0] for crop in crops]
    assert [one.kind for one in together] == [one.kind for one in alone]
    assert [one.text for one in together] == [one.text for one in alone]


def test_marks_are_spotted_where_they_stand(reader: MarkReader) -> None:
    hits = 0
    for index in range(6):
        pixels, quad = specimen("机密★10年", index, 6.0, "hard")
        middle = np.mean(quad, axis=0)
        hits += any(np.hypot(*(np.mean(spot.quad, axis=0) - middle)) < 15 for spot in reader.spot(pixels))
    assert hits >= 5


def test_spots_keep_their_place_across_bands_and_scales(reader: MarkReader) -> None:
    pixels, _quad = specimen("机密★10年", 4, 5.0, "hard")
    height, width = pixels.shape[:2]
    (first, *_rest) = reader.spot(pixels)
    page = np.full((BAND + 400, width + 37, 3), pixels.reshape(-1, 3).mean(axis=0), np.uint8)
    top = BAND - height // 2  # the seam of two bands runs through it
    page[top : top + height, :width] = pixels
    moved = [np.array(spot.quad) - (0, top) for spot in reader.spot(page)]
    assert min(np.abs(one - np.array(first.quad)).max() for one in moved) < 8


@pytest.mark.parametrize("width", [40, 1200, 1617, 3195, 5000, 12_000])
def test_bands_leave_no_row_out_and_stay_within_bounds(width: int) -> None:
    for height in (1, 191, 192, 1024, 1025, 3001):
        bands = list(_bands(height, width))
        assert bands[0][0] == 0
        assert bands[-1][1] == height
        assert all(this[1] == following[0] for this, following in pairwise(bands))
        assert all(top % GRID == 0 for top, _bottom in bands)
        seen = max(bottom - top for top, bottom in bands) + 2 * LAP
        assert seen * width <= BAND_PIXELS or seen <= 4 * LAP


def test_at_most_so_many_spots(reader: MarkReader) -> None:
    pixels, _quad = specimen("机密★10年", 5, 6.0, "hard")
    assert len(reader.spot(np.tile(pixels, (2, 2, 1)), most=1)) <= 1


@pytest.mark.parametrize("name", ["reader.onnx", "spotter.onnx"])
def test_an_altered_or_missing_network_is_not_loaded(tmp_path: Path, name: str) -> None:
    for path in FOLDER.glob("*.onnx"):
        shutil.copy(path, tmp_path)
    MarkReader(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError):
        MarkReader(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WeightsError):
        MarkReader(tmp_path)


def test_the_networks_are_small_and_named_by_the_digest() -> None:
    assert all(path.stat().st_size <= 1 << 20 for path in FOLDER.glob("*.onnx"))
    assert len(digest()) == 64
