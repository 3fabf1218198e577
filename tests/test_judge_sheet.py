"""Zones by the sheet of paper where its outline shows: small in a corner, at a slant, with other lines beside it."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.judge.layout import HEAD_BOXES, Layout
from imgscan.judge.places import placed
from imgscan.store.pages import from_json, to_json
from imgscan.types import Page, Point, Quad, Severity, TextLine

WIDTH, HEIGHT = 4000, 3000
SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
CORNER: Quad = ((2800.0, 1600.0), (3600.0, 1600.0), (3600.0, 2700.0), (2800.0, 2700.0))
"""A sheet in the lower right of a large picture of a desk."""
SLANTED: Quad = ((1400.0, 600.0), (2300.0, 200.0), (3200.0, 1700.0), (1700.0, 2600.0))
"""Turned by some 25 degrees and seen from its foot, which is wider than its head."""
HIGH: Quad = ((100.0, 0.0), (900.0, 0.0), (900.0, 1100.0), (100.0, 1100.0))
SHEETS = pytest.mark.parametrize("sheet", [CORNER, SLANTED], ids=["corner", "slanted"])


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def on(sheet: Quad, across: float, down: float) -> Point:
    """The page point of a place on a sheet, by OpenCV's own homography."""
    matrix = cv2.getPerspectiveTransform(SQUARE, np.array(sheet, np.float32))
    ((x, y),) = cv2.perspectiveTransform(np.array([[(across, down)]], np.float64), matrix)[0]
    return float(x), float(y)


def line(text: str, sheet: Quad, across: float, down: float) -> TextLine:
    """A line whose middle stands at a place on (or beside) a sheet; boxes are level, as the reader gives them."""
    x, y = on(sheet, across, down)
    wide, high = 15.0 * len(text) / 2, 14.0
    return TextLine(
        text, 0.98, ((x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high)), 28
    )


def body(sheet: Quad) -> list[TextLine]:
    return [line("现将有关事项通知如下请认真执行", sheet, 0.5, 0.42 + 0.02 * row) for row in range(25)]


def page(lines: list[TextLine], sheet: Quad | None) -> Page:
    return Page(tuple(lines), WIDTH, HEIGHT, sheet=sheet)


@SHEETS
@pytest.mark.parametrize(
    ("across", "down", "zones"),
    [
        (0.15, 0.08, ("head", "head_left")),
        (0.5, 0.2, ("head",)),
        (0.9, 0.08, ("head", "head_right")),
        (0.15, 0.3, ()),
        (0.5, 0.6, ()),
        (0.2, 0.95, ("foot",)),
        (-0.3, 0.1, ()),
        (1.3, 0.5, ()),
        (0.1, -0.04, ("head", "head_left")),
    ],
)
def test_zones_are_those_of_the_sheet(sheet: Quad, across: float, down: float, zones: tuple[str, ...]) -> None:
    head = [line("云岫市示例局情况", sheet, 0.5, 0.05) for _row in range(HEAD_BOXES)]
    lines = [*head, *body(sheet), line("机密", sheet, across, down)]
    assert Layout.of(page(lines, sheet)).zones(len(lines) - 1) == zones


@SHEETS
def test_the_first_lines_of_the_sheet_are_its_red_head(sheet: Quad) -> None:
    """A number stands under a large red head, lower than any mark; lines beside the sheet do not count for order."""
    beside = [line("示例杂志", sheet, -0.5, 0.1 * row) for row in range(HEAD_BOXES)]
    lines = [*beside, line("云岫市人民政府文件", sheet, 0.5, 0.3), line("云岫政发〔2026〕12号", sheet, 0.5, 0.4)]
    layout = Layout.of(page([*lines, *body(sheet)], sheet))
    assert [layout.zones(i) for i in range(len(lines))] == [()] * HEAD_BOXES + [("head",)] * 2


@SHEETS
def test_a_level_in_the_head_of_a_small_sheet_counts(sheet: Quad, rules: rulebook.Rulebook) -> None:
    desk = [
        TextLine(
            f"示例杂志第{row}页",
            0.9,
            ((50, 60 + 90 * row), (600, 60 + 90 * row), (600, 100 + 90 * row), (50, 100 + 90 * row)),
            28,
        )
        for row in range(8)
    ]
    lines = [*desk, line("秘密", sheet, 0.12, 0.1), *body(sheet)]
    (mark,) = judge(page(lines, sheet), rules)
    assert mark.severity is Severity.HIGH
    assert "signal:head_left" in {reason.code for reason in mark.reasons}
    (without,) = judge(page(lines, None), rules)
    assert "signal:head_left" not in {reason.code for reason in without.reasons}


@pytest.mark.parametrize("known", [True, False])
def test_a_level_in_the_text_of_a_sheet_high_in_the_picture(known: bool, rules: rulebook.Rulebook) -> None:
    """Without the sheet, the picture's own top quarter makes a head of it: rather too much than too little."""
    lines = [*body(HIGH), line("秘密", HIGH, 0.2, 0.38)]
    (mark,) = judge(page(lines, HIGH if known else None), rules)
    assert mark.severity is (Severity.LOW if known else Severity.HIGH)


@SHEETS
def test_lines_beside_the_sheet_stand_in_no_zone(sheet: Quad, rules: rulebook.Rulebook) -> None:
    lines = [line("秘密", sheet, -0.4, 0.05), *body(sheet)]
    (mark,) = judge(page(lines, sheet), rules)
    assert mark.severity is Severity.LOW


@SHEETS
def test_kept_pages_give_the_same_findings_again(sheet: Quad, rules: rulebook.Rulebook) -> None:
    kept = page([line("秘密", sheet, 0.12, 0.1), *body(sheet)], sheet)
    (back,) = from_json(json.loads(json.dumps(to_json([kept]))))
    assert back == kept
    assert judge(back, rules) == judge(kept, rules) != ()


def test_what_early_versions_kept_is_read() -> None:
    (told,) = to_json([Page(width=600, height=800)])
    del told["sheet"], told["taken_at"]
    assert from_json([told]) == (Page(width=600, height=800),)


corners = st.floats(-0.2, 0.2)


@given(st.tuples(*[st.tuples(corners, corners)] * 4), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_place_and_point_are_each_others_way_back(
    moved: tuple[Point, Point, Point, Point], across: float, down: float
) -> None:
    a, b, c, d = ((float(x + dx) * 1000, float(y + dy) * 1400) for (x, y), (dx, dy) in zip(SQUARE, moved, strict=True))
    place = placed(on((a, b, c, d), across, down), (a, b, c, d))
    if place is not None:  # beyond the horizon of a strong slant there is no place
        assert place == pytest.approx((across, down), abs=2e-3)
    else:
        assert not (0 <= across <= 1 and 0 <= down <= 1)


@given(st.tuples(*[st.tuples(st.integers(-9, 9), st.integers(-9, 9))] * 4), st.integers(-9, 9), st.integers(-9, 9))
def test_any_quad_has_places_or_none(sheet: Quad, x: int, y: int) -> None:
    place = placed((x, y), sheet)
    assert place is None or all(np.isfinite(place))
