from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgscan.frames import Frame, Pixels
from imgscan.line import Limits, Line, read_one
from imgscan.lookalike import FINE_BITS, Likeness, likeness_of
from imgscan.read import PROFILES
from imgscan.rulebook import BUILT_IN, load
from imgscan.specimens.fonts import fonts_present
from imgscan.types import FoundFile, Severity
from tests.fakes.documents import pdf
from tests.fakes.engine import FakeEngine
from tests.fakes.pages import page, write_page
from tests.measure_lookalikes import COPIES, sheet

needs_fonts = pytest.mark.skipif(not fonts_present(), reason="the Chinese fonts of .ci/run are not installed")


def likeness(pixels: Pixels) -> Likeness:
    height, width = pixels.shape[:2]
    return Likeness.of(likeness_of(Frame(pixels, width, height)), width, height)


@needs_fonts
@pytest.mark.parametrize("layout", ["gb2012", "internal_reference", "telegram_fax"])
def test_copies_of_a_page_are_alike_and_other_pages_of_the_form_are_not(layout: str) -> None:
    pages = [sheet(layout, number) for number in range(4)]
    prints = [likeness(one) for one in pages]
    for one, made in zip(pages, prints, strict=True):
        for name, copy in COPIES.items():
            if name not in ("brightened", "carelessly scaled"):  # some of those stand alone: docs/store.md
                assert made.distance(likeness(copy(one))) is not None, name
    assert all(one.distance(other) is None for one, other in combinations(prints, 2))


def test_flat_pictures_have_no_print() -> None:
    noise = np.random.default_rng(1).normal(200.0, 4.0, (900, 700, 3))
    for flat in (np.zeros((900, 700, 3)), noise):
        assert likeness_of(Frame(np.clip(flat, 0, 255).astype(np.uint8), 700, 900)) == b""


def test_a_picture_of_another_shape_is_another_picture() -> None:
    shown = page(["机密★10年", "云岫市示例局文件"])
    wide = np.asarray(cv2.resize(shown, None, fx=1.1, fy=1.0), np.uint8)
    assert likeness(shown).distance(likeness(wide)) is None


def test_far_prints_are_not_alike() -> None:
    near = Likeness(0, 0, 0.75)
    assert near.distance(Likeness(0b1111, 0, 0.75)) == 0
    assert near.distance(Likeness(0b11111, 0, 0.75)) is None
    assert near.distance(Likeness(0, (1 << FINE_BITS) - 1, 0.75)) == FINE_BITS
    assert near.distance(Likeness(0, (1 << FINE_BITS + 1) - 1, 0.75)) is None


def test_only_a_single_page_with_findings_gets_a_print(tmp_path: Path) -> None:
    limits = Limits(2**28, 600_000_000, Severity.MEDIUM)
    line = Line(FakeEngine(tmp_path / "work"), load((BUILT_IN,)), PROFILES["balanced"], limits)
    marked = write_page(tmp_path / "a.jpg", ["机密★10年", "云岫市示例局文件"])
    plain = write_page(tmp_path / "b.jpg", ["今天天气很好"])
    several = tmp_path / "c.pdf"
    several.write_bytes(pdf([page(["机密★10年", "云岫市示例局文件"]), page(["今天天气很好"])]))
    lengths = [
        len(read_one(FoundFile(bytes(tmp_path), bytes(each)), line).likeness) for each in (marked, plain, several)
    ]
    assert lengths == [80, 0, 0]
