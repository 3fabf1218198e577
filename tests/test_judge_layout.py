"""Judging with boxes: zones, size, copy number, rows, columns, second readings, and the way back to the picture."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.types import Finding, FindingClass, Level, Matrix, Page, Quad, RedInk, Severity, TextLine

WIDTH, HEIGHT = 1200, 1600


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def line(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 30,
    confidence: float = 0.98,
    red: float = 0.0,
    reading: str = "plain",
) -> TextLine:
    """A line whose box fits its text: full-width characters are as wide as high."""
    width = sum(size if ord(char) > 255 else size / 2 for char in text)
    quad = ((x, y), (x + width, y), (x + width, y + size), (x, y + size))
    return TextLine(text, confidence, quad, size, red, reading)


BODY = [line("各县区人民政府，市政府各部门：", 100, 560)] + [
    line("为做好今年示例工作，现将有关事项通知如下，请认真执行。", 100, 620 + 45 * i) for i in range(20)
]
RED_HEAD = line("云岫市人民政府文件", 250, 250, size=60, red=0.9)


def found(lines: Iterable[TextLine], rules: rulebook.Rulebook) -> tuple[Finding, ...]:
    return judge(Page(tuple(lines), WIDTH, HEIGHT), rules)


def codes(finding: Finding) -> set[str]:
    return {reason.code for reason in finding.reasons}


def around(quad: Quad) -> tuple[float, float, float, float]:
    return (min(x for x, _ in quad), min(y for _, y in quad), max(x for x, _ in quad), max(y for _, y in quad))


def test_red_head(rules: rulebook.Rulebook) -> None:
    head = [line("000123", 100, 60), line("机密★10年", 100, 110), line("特急", 100, 160), RED_HEAD]
    mark, *_ = found([*head, *BODY], rules)
    assert (mark.rule, mark.level, mark.severity) == ("ns.mark", Level.JIMI, Severity.CRITICAL)
    assert {"signal:head_left", "signal:own_box", "signal:copy_number", "signal:issuer"} <= codes(mark)


def test_evidence_raises_confidence(rules: rulebook.Rulebook) -> None:
    (plain,) = found([*BODY, line("秘密★5年", 400, 1400)], rules)
    head, *_ = found([line("000123", 100, 60), line("秘密★5年", 100, 110), RED_HEAD, *BODY], rules)
    assert head.confidence > plain.confidence


def test_old_layout_top_right(rules: rulebook.Rulebook) -> None:
    mark, *_ = found([line("000123", 100, 60), line("机 密", 1000, 60), RED_HEAD, *BODY], rules)
    assert (mark.rule, mark.severity) == ("ns.bare", Severity.CRITICAL)
    assert {"signal:head_right", "signal:copy_number"} <= codes(mark)


def test_bare_level_in_the_body_is_only_a_lead(rules: rulebook.Rulebook) -> None:
    (mark,) = found([*BODY, line("秘密", 400, 1550)], rules)
    assert mark.severity is Severity.LOW
    assert "unsupported" in codes(mark)


@pytest.mark.parametrize("stands_out", [{"size": 60}, {"red": 0.9}])
def test_bare_level_that_stands_out_counts(stands_out: dict[str, float], rules: rulebook.Rulebook) -> None:
    (mark,) = found([*BODY, line("秘密", 400, 1550, **stands_out)], rules)  # type: ignore[arg-type]
    assert mark.severity is Severity.HIGH


def test_cropped_first_page_falls_back_to_reading_order(rules: rulebook.Rulebook) -> None:
    cropped = [line("机密", 100, 700), line("关于示例工作的通知", 300, 800)]
    (mark,) = judge(Page(tuple(cropped), WIDTH, HEIGHT), rules)
    assert mark.severity is Severity.CRITICAL


def test_level_inside_a_sentence_is_silent(rules: rulebook.Rulebook) -> None:
    assert found([*BODY, line("他一直没有说出这个秘密，直到最后。", 100, 60)], rules) == ()


def test_boxes_of_one_row_are_one_mark(rules: rulebook.Rulebook) -> None:
    split = [line("机密", 100, 110), line("★", 170, 110), line("10年", 205, 110)]
    (mark,) = found([*split, *BODY], rules)
    assert (mark.mark, mark.text) == ("机密★10年", "机密\n★\n10年")
    assert [around(quad)[0] for quad in mark.polygons] == [100, 170, 205]


def test_vertical_characters_are_one_mark(rules: rulebook.Rulebook) -> None:
    column = [line(char, 100, 60 + 40 * i) for i, char in enumerate("机密★十年")]
    (mark,) = found([*column, *BODY], rules)
    assert (mark.mark, len(mark.polygons)) == ("机密★10年", 5)


def test_vertical_characters_beside_other_boxes(rules: rulebook.Rulebook) -> None:
    column = [line(char, 100, 60 + 40 * i) for i, char in enumerate("机密★十年")]
    beside = [line("示例局关于示例工作的情况反映", 400, 60 + 40 * i) for i in range(5)]
    interleaved = [each for pair in zip(column, beside, strict=True) for each in pair]
    (mark,) = found([*interleaved, *BODY], rules)
    assert mark.mark == "机密★10年"


def test_far_boxes_are_not_joined(rules: rulebook.Rulebook) -> None:
    assert found([line("机", 100, 60), *BODY, line("密", 900, 1550)], rules) == ()


def test_polygon_is_narrowed_to_the_mark(rules: rulebook.Rulebook) -> None:
    (mark,) = found([line("关于示例工作的安排（机密）", 100, 60), *BODY], rules)
    left, _, right, _ = around(mark.polygons[0])
    full = around(line("关于示例工作的安排（机密）", 100, 60).quad or mark.polygons[0])
    assert full[0] + 8 * 30 < left < full[0] + 9 * 30
    assert right <= full[2]


def test_polygon_of_a_column_is_narrowed_downwards(rules: rulebook.Rulebook) -> None:
    column = TextLine("示例材料（机密）", 0.9, ((100, 60), (130, 60), (130, 300), (100, 300)), 30)
    (mark,) = found([column, *BODY], rules)
    left, top, right, bottom = around(mark.polygons[0])
    assert (left, right) == (100, 130)
    assert 60 + 3 * 30 < top < bottom <= 300


def test_polygons_go_through_the_homography(rules: rulebook.Rulebook) -> None:
    turned: Matrix = ((0.0, -2.0, 3200.0), (2.0, 0.0, 5.0), (0.0, 0.0, 1.0))
    lines = (line("机密★10年", 100, 110), *BODY)
    (mark,) = judge(Page(lines, WIDTH, HEIGHT, turned), rules)
    (plain,) = judge(Page(lines, WIDTH, HEIGHT), rules)
    assert mark.polygons == tuple(tuple((3200 - 2 * y, 2 * x + 5) for x, y in quad) for quad in plain.polygons)


def test_projective_homography(rules: rulebook.Rulebook) -> None:
    tilted: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.001, 1.0))
    lines = (line("机密★10年", 100, 100), *BODY)
    (mark,) = judge(Page(lines, WIDTH, HEIGHT, tilted), rules)
    assert mark.polygons[0][0] == pytest.approx((100 / 1.1, 100 / 1.1))


@pytest.mark.parametrize("reading", ["red", "strong"])
def test_two_readings_of_one_place_are_one_finding(reading: str, rules: rulebook.Rulebook) -> None:
    twice = [
        line("机密★10年", 100, 110, confidence=0.6),
        *BODY,
        line("机密★10年", 101, 111, confidence=0.97, reading=reading),
    ]
    (mark,) = found(twice, rules)
    (once,) = found([line("机密★10年", 100, 110, confidence=0.97), *BODY], rules)
    assert mark.confidence >= once.confidence
    assert f"reading:{reading}" in codes(mark)


def test_second_reading_finds_what_the_first_lost(rules: rulebook.Rulebook) -> None:
    (mark,) = found([line("机*头O", 100, 110), *BODY, line("机密★10年", 100, 110, reading="red")], rules)
    assert mark.mark == "机密★10年"


def test_second_reading_of_one_box_completes_a_split_mark(rules: rulebook.Rulebook) -> None:
    split = [line("机店", 100, 110), line("★10年", 170, 110), *BODY, line("机密", 100, 110, reading="red")]
    mark, *_ = found(split, rules)
    assert mark.mark == "机密★10年"


def test_a_line_replaced_by_the_stronger_reader_keeps_its_place(rules: rulebook.Rulebook) -> None:
    stacked = [line("机密", 100, 110, reading="strong"), line("★10年", 100, 150), *BODY]
    mark, *_ = found(stacked, rules)
    assert mark.mark == "机密★10年"
    assert {"split", "reading:strong"} <= codes(mark)


def test_same_mark_at_two_places_is_two_findings(rules: rulebook.Rulebook) -> None:
    twice = found([line("机密★10年", 100, 60), *BODY, line("机密★10年", 800, 1550)], rules)
    assert [finding.mark for finding in twice] == ["机密★10年"] * 2


def test_number_of_a_party_organ_in_a_photographed_head(rules: rulebook.Rulebook) -> None:
    head = [line("中共云岫市委文件", 250, 150, size=60, red=0.9), line("云岫委发〔2026〕3号", 450, 300)]
    (number,) = found([*head, *BODY], rules)
    assert (number.rule, number.severity) == ("fn.core", Severity.MEDIUM)
    (lone,) = found([*BODY, line("云岫委发〔2026〕3号", 450, 1550)], rules)
    assert (lone.rule, lone.severity) == ("fn.number", Severity.LOW)


def test_copy_number_and_red_head_without_a_level(rules: rulebook.Rulebook) -> None:
    head = [line("000123", 100, 60), RED_HEAD, line("云岫政发〔2026〕12号", 450, 400)]
    covered = next(f for f in found([*head, *BODY], rules) if f.cls is FindingClass.SUSPECT_COVERED)
    assert covered.severity is Severity.MEDIUM
    assert around(covered.polygons[0])[:2] == (100, 60)


def test_internal_alone_at_the_foot_but_not_in_the_body(rules: rulebook.Rulebook) -> None:
    (foot,) = found([*BODY, line("内部", 100, 1560)], rules)
    assert foot.severity is Severity.MEDIUM
    (body,) = found(
        [*BODY[:10], line("内部", 100, 1060), *[line(b.text, 100, 1100 + 45 * i) for i, b in enumerate(BODY)]], rules
    )
    assert body.severity is Severity.LOW


def test_no_photographs_on_a_sign_is_not_a_document(rules: rulebook.Rulebook) -> None:
    (sign,) = found([line("严禁拍照", 300, 700, size=120)], rules)
    assert sign.severity is Severity.INFO
    head = [RED_HEAD, line("云岫政发〔2026〕12号", 450, 400), line("严禁拍照", 100, 60)]
    assert found([*head, *BODY], rules)[0].severity is Severity.MEDIUM


def test_misread_level_under_a_copy_number(rules: rulebook.Rulebook) -> None:
    mark, *_ = found([line("000123", 100, 60), line("杭密", 100, 110), RED_HEAD, *BODY], rules)
    assert (mark.rule, mark.level) == ("ns.level_misread_head", Level.JIMI)


def test_watermark_with_name_and_date(rules: rulebook.Rulebook) -> None:
    (mark,) = found([*BODY, line("绝密 示例员 2026-03-04", 300, 900, size=40)], rules)
    assert (mark.cls, mark.level) == (FindingClass.NATIONAL_SECRET, Level.JUEMI)


def test_page_number_is_kept(rules: rulebook.Rulebook) -> None:
    (mark,) = judge(Page((line("机密★10年", 100, 60),), WIDTH, HEIGHT, number=4), rules)
    assert mark.page == 4


def with_ink(lines: Iterable[TextLine], ink: RedInk, rules: rulebook.Rulebook) -> tuple[Finding, ...]:
    return judge(Page(tuple(lines), WIDTH, HEIGHT, red_ink=ink), rules)


SEAL = (780.0, 1380.0, 1020.0, 1620.0)
DATE = line("2026年3月4日", 820, 1480)


def test_a_seal_beside_a_mark_speaks_for_it(rules: rulebook.Rulebook) -> None:
    page = [*BODY, line("秘密★5年", 700, 1480)]
    (plain,) = with_ink(page, RedInk(), rules)
    (near,) = with_ink(page, RedInk(seals=(SEAL,)), rules)
    (far,) = with_ink(page, RedInk(seals=((50.0, 50.0, 290.0, 290.0),)), rules)
    assert codes(near) - codes(plain) == {"signal:seal"}
    assert near.confidence > plain.confidence == far.confidence


def test_a_character_of_the_red_head_is_no_seal(rules: rulebook.Rulebook) -> None:
    head = [line("机密★10年", 100, 110), line("云岫市人民政府文件", 250, 150, size=60, red=0.9), *BODY]
    mark, *_ = with_ink(head, RedInk(seals=((250.0, 150.0, 312.0, 212.0),)), rules)
    assert "signal:seal" not in codes(mark)


def test_a_seal_over_the_date_marks_an_original(rules: rulebook.Rulebook) -> None:
    number = line("云岫委发〔2026〕3号", 450, 60)
    (over,) = with_ink([number, *BODY, DATE], RedInk(seals=(SEAL,)), rules)
    assert (over.rule, over.severity) == ("fn.core", Severity.MEDIUM)
    assert "signal:sealed" in codes(over)
    (beside,) = with_ink([number, *BODY, DATE], RedInk(seals=((100.0, 1380.0, 340.0, 1620.0),)), rules)
    assert (beside.rule, beside.severity) == ("fn.number", Severity.LOW)


def test_a_red_line_under_a_number_is_a_red_head(rules: rulebook.Rulebook) -> None:
    under = RedInk(rules=((100.0, 350.0, 1100.0, 354.0),))
    (number,) = with_ink([line("云岫委发〔2026〕3号", 450, 300), *BODY], under, rules)
    assert (number.rule, number.severity) == ("fn.core", Severity.MEDIUM)
    assert "signal:red_line" in codes(number)
    above = RedInk(rules=((100.0, 200.0, 1100.0, 204.0),))
    (number,) = with_ink([line("云岫委发〔2026〕3号", 450, 300), *BODY], above, rules)
    assert number.rule == "fn.number"


def test_a_red_line_in_the_text_says_nothing_of_what_stands_far_above_it(rules: rulebook.Rulebook) -> None:
    page = [*BODY[:10], line("内部资料", 100, 1060), *[line(b.text, 100, 1100 + 45 * i) for i, b in enumerate(BODY)]]
    (near,) = with_ink(page, RedInk(rules=((100.0, 1120.0, 1100.0, 1124.0),)), rules)
    (far,) = with_ink(page, RedInk(rules=((100.0, 1500.0, 1100.0, 1504.0),)), rules)
    assert "signal:red_line" in codes(near)
    assert "signal:red_line" not in codes(far)
