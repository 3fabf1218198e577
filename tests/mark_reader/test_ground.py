from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from imgscan.mark_reader.ground import CORE, END, REACH, STRIDE, even, quads_of
from imgscan.mark_reader.picture import HEIGHT, STEP, WIDEST, batch, planes


def answer_for(quad: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float32]:
    """What a perfect spotter would say of a rectangle (4 x 2, clockwise from its top left)."""
    a, b, _c, d = quad
    along, down = b - a, d - a
    length, height = np.hypot(*along), np.hypot(*down)
    u, v = along / length, down / height
    rows, columns = shape[0] // STRIDE, shape[1] // STRIDE
    answer = np.zeros((5, rows, columns), np.float32)
    for row in range(rows):
        for column in range(columns):
            at = np.array([column + 0.5, row + 0.5]) * STRIDE - quad.mean(axis=0)
            s, t = at @ u, at @ v
            if abs(s) <= length / 2 - END * height and abs(t) <= CORE * height / 2:
                up, low = -(t + height / 2) * v / REACH, (height / 2 - t) * v / REACH
                answer[:, row, column] = (0.9, *up, *low)
    return answer.astype(np.float32)


@pytest.mark.parametrize("turn", [-15, 0, 12])
@pytest.mark.parametrize("height", [12.0, 20.0])
def test_a_perfect_answer_gives_the_quad_back(turn: float, height: float) -> None:
    matrix = cv2.getRotationMatrix2D((100, 80), turn, 1.0)
    box = np.array([(60, 80 - height / 2), (140, 80 - height / 2), (140, 80 + height / 2), (60, 80 + height / 2)])
    quad = box @ matrix[:, :2].T + matrix[:, 2]
    ((found, score),) = quads_of(answer_for(quad, (160, 200)), 0.5)
    assert np.abs(np.array(found) - quad).max() < STRIDE
    assert score == pytest.approx(0.9)


def test_two_marks_are_two_quads_the_surer_first() -> None:
    left = np.array([(20, 40), (80, 40), (80, 56), (20, 56)], float)
    answer = answer_for(left, (160, 240)) * np.float32(0.7)
    answer += answer_for(left + np.array([120, 40]), (160, 240))
    (first, sure), (_second, less) = quads_of(answer, 0.5)
    assert first[0][0] > 100
    assert sure > less


def test_an_empty_answer_gives_nothing() -> None:
    assert quads_of(np.zeros((5, 8, 8), np.float32), 0.5) == []


def test_dark_paper_looks_like_light_paper() -> None:
    dice = np.random.default_rng(1)
    page = np.full((96, 128, 3), 220, np.uint8)
    cv2.putText(page, "NOTE", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (30, 30, 30), 3)
    page = np.clip(page + dice.normal(0, 3, page.shape), 0, 255).astype(np.uint8)
    dark = (page * 0.4).astype(np.uint8)
    assert np.corrcoef(even(page).ravel(), even(dark).ravel())[0, 1] > 0.95
    assert np.abs(planes(page) - planes(dark)).mean() < 0.1
    assert even(page).shape == (3, 96, 128)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (200, 4, 3), (40, 160, 3)])
def test_any_crop_becomes_an_input(shape: tuple[int, int, int]) -> None:
    line = planes(np.random.default_rng(2).integers(0, 255, shape).astype(np.uint8))
    assert line.shape[:2] == (3, HEIGHT)
    assert line.shape[2] <= WIDEST
    assert np.isfinite(line).all()


def test_a_batch_is_as_wide_as_its_widest() -> None:
    narrow, wide = np.ones((3, HEIGHT, 40), np.float32), np.ones((3, HEIGHT, 100), np.float32)
    filled = batch([narrow, wide])
    assert filled.shape == (2, 3, HEIGHT, 100 + -100 % STEP)
    assert not filled[0, :, :, 40:].any()
