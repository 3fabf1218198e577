from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgscan.engine import Reading
from imgscan.frames import TALL, Frame, Pixels, apply_quad
from imgscan.quads import bounds, glyph_height
from imgscan.read import PROFILES, crop_line, read
from imgscan.red_ink import red_share, without_red
from imgscan.triage import triage
from imgscan.types import Page, Quad
from tests.fakes.engine import FakeEngine
from tests.fakes.pages import page, strips

LINES = ["机密★10年", "云岫市示例局文件", "关于星槎集团的通知"]


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path)


def read_page(pixels: Pixels, engine: FakeEngine, profile: str = "balanced") -> Page:
    frame = Frame(pixels, pixels.shape[1], pixels.shape[0], number=3)
    return read(frame, triage(frame, engine), engine, PROFILES[profile])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("turns", range(4))
def test_lines_in_order_and_their_place_in_the_picture(engine: FakeEngine, turns: int, profile: str) -> None:
    upright = page(LINES)
    turned = np.ascontiguousarray(np.rot90(upright, -turns))
    found = read_page(turned, engine, profile)
    assert [line.text for line in found.lines] == LINES
    assert (found.number, found.width, found.height) == (3, upright.shape[1], upright.shape[0])
    for line, where in zip(found.lines, strips(upright), strict=True):
        assert line.quad is not None
        assert np.allclose(line.quad, where, atol=1.5)
        left, top, right, bottom = bounds(apply_quad(found.to_picture, line.quad))
        cutout = turned[int(top) : int(bottom), int(left) : int(right)]
        assert sorted(cutout.shape[:2]) == sorted((int(where[2][1] - where[0][1]), int(where[1][0] - where[0][0])))
        assert len(strips(cutout)) == 1


def test_a_long_chat_is_read_in_tiles_and_no_line_twice(engine: FakeEngine) -> None:
    lines = [f"第{number}条消息" for number in range(40)]
    tall = page(lines)
    assert tall.shape[0] > TALL * tall.shape[1]
    assert [line.text for line in read_page(tall, engine).lines] == lines


def test_a_picture_decoded_smaller_tells_heights_of_the_full_one(engine: FakeEngine) -> None:
    pixels = page(LINES)
    frame = Frame(pixels, 2 * pixels.shape[1], 2 * pixels.shape[0])
    found = read(frame, triage(frame, engine), engine, PROFILES["balanced"])
    (first, *_others) = found.lines
    assert first.quad is not None
    assert first.height == pytest.approx(2 * glyph_height(first.quad))
    assert bounds(apply_quad(found.to_picture, first.quad)) == pytest.approx(
        tuple(2 * value for value in bounds(strips(pixels)[0])), abs=3
    )


class WrongWayUp(FakeEngine):
    """Takes every page for upright, and reads noise where it is not."""

    def quarter_turns(self, pixels: Pixels) -> int:
        return 0

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        return tuple(one if one.text else Reading("乱", 0.3) for one in super().recognise(crops, strong=strong))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_noise_makes_the_other_ways_up_be_tried(tmp_path: Path, turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(page(LINES), -turns))
    found = read_page(turned, WrongWayUp(tmp_path))
    assert sorted(line.text for line in found.lines) == sorted(LINES)


class SureOfNumbers(WrongWayUp):
    """Reads numbers as surely upside down, as the real one reads 0889 and 98Z9 in a list of telephones."""

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        over = super().recognise([np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops], strong=strong)
        return tuple(
            Reading(other.text[::-1], 0.99) if other.text.isdigit() else one
            for one, other in zip(super().recognise(crops, strong=strong), over, strict=True)
        )


def test_numbers_do_not_tell_which_way_is_up(tmp_path: Path) -> None:
    lines = ("内部通讯录", "邬照夜", *(f"{number}" for number in range(88066001, 88066019)))
    found = read_page(np.ascontiguousarray(np.rot90(page(lines), 2)), SureOfNumbers(tmp_path))
    assert {"内部通讯录", "邬照夜"} <= {line.text for line in found.lines}


class Doubtful(FakeEngine):
    """The quick model misreads a mark; only the strong one reads it."""

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        readings = super().recognise(crops, strong=strong)
        return readings if strong else tuple(Reading(one.text.replace("机密", "机宓"), 0.9) for one in readings)


def test_what_looks_like_a_mark_is_read_again_by_the_strong_model(tmp_path: Path) -> None:
    found = read_page(page(LINES), Doubtful(tmp_path))
    assert (found.lines[0].text, found.lines[0].reading) == ("机密★10年", "strong")


class Unlikely(FakeEngine):
    """Reads all lines equally surely; our own reader takes none for a mark. Counts what the strong model reads."""

    def __init__(self, folder: Path, confidence: float) -> None:
        super().__init__(folder)
        self._confidence = confidence
        self.again = 0

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        self.again += len(crops) * strong
        return tuple(Reading(one.text, self._confidence) for one in super().recognise(crops, strong=strong))

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        return (0.0,) * len(crops)


@pytest.mark.parametrize(("confidence", "again"), [(0.2, 1), (0.3, 3), (0.8, 3), (0.9, 3), (0.98, 0)])
def test_the_strong_model_is_spared_what_is_no_mark(tmp_path: Path, confidence: float, again: int) -> None:
    """Where our own reader sees no mark: what was sure, and what was not read at all but for a mark's characters."""
    engine = Unlikely(tmp_path, confidence)
    assert len(read_page(page(LINES), engine).lines) == len(LINES)
    assert engine.again == again


def test_a_line_that_our_own_reader_takes_for_a_mark_is_read_again_however_sure(tmp_path: Path) -> None:
    engine = Unlikely(tmp_path, 0.99)
    engine.mark_probabilities = lambda crops: (1.0,) * len(crops)  # type: ignore[method-assign]
    read_page(page(LINES), engine)
    assert engine.again == 1  # the other two hold no character of a mark


def test_an_empty_detection_gives_an_empty_page(engine: FakeEngine) -> None:
    blank = np.full((300, 300, 3), 255, np.uint8)
    frame = Frame(blank, 300, 300)
    assert triage(frame, engine).quads == ()


def test_red_ink_is_told_from_black() -> None:
    paper = np.full((40, 200, 3), 240, np.uint8)
    black, red, mixed = paper.copy(), paper.copy(), paper.copy()
    black[10:30, 20:180] = (20, 20, 20)
    red[10:30, 20:180] = (40, 40, 210)
    mixed[10:30, 20:100] = (40, 40, 210)
    mixed[10:30, 100:180] = (20, 20, 20)
    assert red_share(paper) == 0.0
    assert red_share(black) == 0.0
    assert red_share(red) == 1.0
    assert red_share(mixed) == pytest.approx(0.5)
    cleared = without_red(mixed)
    assert cleared[20, 60].min() > 150  # red is gone ...
    assert cleared[20, 140].max() < 60  # ... and black is there


def test_a_slanted_line_is_cut_out_straight() -> None:
    picture = np.full((200, 400, 3), 255, np.uint8)
    corners = np.array([[50, 60], [346, 110], [340, 145], [44, 95]], np.int32)
    cv2.fillPoly(picture, [corners], (0, 0, 0))
    quad: Quad = ((50, 60), (346, 110), (340, 145), (44, 95))
    crop = crop_line(picture, quad)
    assert crop.shape[1] == pytest.approx(300, abs=2)
    assert crop.mean() < 15


def test_a_column_is_turned_into_a_line() -> None:
    picture = np.full((400, 200, 3), 255, np.uint8)
    quad: Quad = ((80, 50), (110, 50), (110, 350), (80, 350))
    assert crop_line(picture, quad).shape[:2] == (30, 300)
