"""What our own reader adds to a page, beside what OCR said of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from imgscan.frames import Pixels
from imgscan.mark_reader import READING, MarkKind, MarkReader, MarkReading, Spot, look_again
from imgscan.mark_reader.look import wording
from imgscan.types import Quad, TextLine
from tests.mark_reader.test_reader import specimen

PLACE: Quad = ((50, 50), (120, 50), (120, 66), (50, 66))
ELSEWHERE: Quad = ((50, 150), (120, 150), (120, 166), (50, 166))
PAGE = np.full((200, 200, 3), 230, np.uint8)


class Told(MarkReader):
    """A reader that spots `places` and reads each line as it is told, in order."""

    def __init__(self, places: Sequence[Quad], *readings: MarkReading) -> None:
        self.places, self.readings, self.asked = places, readings, 0

    def spot(self, pixels: Pixels, most: int = 12) -> tuple[Spot, ...]:
        return tuple(Spot(quad, 0.9) for quad in self.places)

    def read(self, crops: Sequence[Pixels]) -> tuple[MarkReading, ...]:
        self.asked = len(crops)
        return self.readings[: len(crops)]


def reading(text: str, kind: MarkKind = MarkKind.JIMI, probability: float = 0.9) -> MarkReading:
    return MarkReading(text, kind, probability, probability)


def test_what_nobody_read_becomes_a_line_of_its_own_kind() -> None:
    (line,) = look_again(PAGE, [], Told([PLACE], reading("机密★5年")))
    assert (line.text, line.confidence, line.quad, line.reading) == ("机密★5年", 0.9, PLACE, READING)
    assert line.height == pytest.approx(16)


def test_a_doubtful_line_is_read_again_and_a_sure_one_is_not() -> None:
    doubtful = TextLine("宓★5", 0.5, PLACE)
    sure = TextLine("关于做好有关工作", 0.99, ELSEWHERE)
    reader = Told([], reading("秘密★5年", MarkKind.MIMI))
    (line,) = look_again(PAGE, [doubtful, sure], reader)
    assert line.text == "秘密★5年"
    assert reader.asked == 1


@pytest.mark.parametrize("known", ["机密★5年", "機密★5年", "机 密★5年"])
def test_what_ocr_says_already_is_not_told_twice(known: str) -> None:
    assert look_again(PAGE, [TextLine(known, 0.95, PLACE)], Told([PLACE], *[reading("机密★5年")] * 2)) == []


@pytest.mark.parametrize(
    "said",
    [
        reading("□", MarkKind.OTHER, 0.99),
        reading("机密", MarkKind.JIMI, 0.2),
        reading("1204", MarkKind.NUMBER, 0.9),
        reading("", MarkKind.INTERNAL, 0.9),
        reading("内部回", MarkKind.INTERNAL, 0.95),
        reading("内部资料", MarkKind.INTERNAL, 0.4),
        reading("密★5年", MarkKind.JIMI, 0.6),
    ],
)
def test_no_mark_no_doubtful_and_no_half_reading_is_told(said: MarkReading) -> None:
    assert look_again(PAGE, [], Told([PLACE], said)) == []


@pytest.mark.parametrize(
    "said",
    [
        reading("密★5年", MarkKind.JIMI, 0.95),
        reading("機密★5年", MarkKind.JIMI, 0.6),
        reading("内部資料注意保存", MarkKind.INTERNAL, 0.9),
        reading("内部", MarkKind.INTERNAL, 0.6),
        reading("机密", MarkKind.JIMI, 0.4),
        reading("0004", MarkKind.NUMBER, 0.9),
        reading("内部资料严禁外传", MarkKind.INTERNAL, 0.9),
        reading("内部★9年", MarkKind.WORK, 0.9),
        reading("普通商密★6个月", MarkKind.COMMERCIAL, 0.9),
        reading("云岫市密传发电", MarkKind.TELEGRAM, 0.9),
        reading("委密电〔2024〕12号", MarkKind.NUMBER, 0.9),
        reading("000123", MarkKind.NUMBER, 0.9),
    ],
)
def test_what_kind_and_letters_agree_on_is_told(said: MarkReading) -> None:
    assert len(look_again(PAGE, [], Told([PLACE], said))) == 1


def test_of_two_readings_of_a_place_the_surer_is_told() -> None:
    box = TextLine("机蜜", 0.4, PLACE)
    reader = Told([PLACE], reading("秘密", MarkKind.MIMI, 0.6), reading("机密★", MarkKind.JIMI, 0.8))
    (line,) = look_again(PAGE, [box], reader)
    assert line.text == "机密★"


@pytest.mark.parametrize(
    ("text", "kind", "worded"),
    [
        ("机密★5年", MarkKind.JIMI, "机密★5年"),
        ("機密★5年", MarkKind.JIMI, "機密★5年"),
        ("密★5年", MarkKind.JIMI, "机密★5年"),
        ("秘密★5年", MarkKind.JIMI, "机密★5年"),
        ("□密", MarkKind.JUEMI, "绝密"),
        ("内部□", MarkKind.INTERNAL, "内部"),
    ],
)
def test_kind_and_text_make_one_wording(text: str, kind: MarkKind, worded: str) -> None:
    assert wording(reading(text, kind)) == worded


def test_the_real_networks_add_a_mark_that_ocr_missed() -> None:
    reader, found = MarkReader(), 0
    for index in range(4):
        pixels, _quad = specimen("机密★10年", index, 6.0, "extreme")
        found += any("机密" in line.text for line in look_again(pixels, [], reader))
    assert found >= 3


def test_a_level_that_ocr_read_surely_is_not_told_with_a_worse_term() -> None:
    known = TextLine("“绝密★30年”", 0.98, PLACE)
    assert look_again(PAGE, [known], Told([PLACE], *[reading("绝密★2", MarkKind.JUEMI)] * 2)) == []


@pytest.mark.parametrize(
    ("ocr", "told"), [("地密★启用筋", "绝密★启用筋"), ("地密★1", "绝密★5年"), ("地密5年限内", "绝密★5年")]
)
def test_the_longer_of_two_tails_completes_a_level(ocr: str, told: str) -> None:
    said = reading("绝密★5年", MarkKind.JUEMI)
    (line,) = look_again(PAGE, [TextLine(ocr, 0.6, PLACE)], Told([PLACE], said, said))
    assert line.text == told


def test_what_ocr_read_surely_keeps_its_term() -> None:
    sure = TextLine("工作秘密★8年", 0.97, PLACE)
    assert look_again(PAGE, [sure], Told([PLACE], *[reading("工作秘密★3年", MarkKind.WORK, 0.99)] * 2)) == []
