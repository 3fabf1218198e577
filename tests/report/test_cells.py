from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan.report.cells import MASK, MOST_CHARACTERS, STARTS_A_FORMULA, Mask, cell, joined
from imgscan.rulebook import BUILT_IN, load
from imgscan.types import Finding, FindingClass, Severity


@pytest.fixture(scope="module")
def mask() -> Mask:
    return Mask.of(load((BUILT_IN,)), full=False)


def found(text: str, cls: FindingClass = FindingClass.NATIONAL_SECRET) -> Finding:
    return Finding("r", cls, None, Severity.HIGH, 0.9, text, text)


@given(st.text())
def test_any_text_is_one_visible_line_and_no_formula(text: str) -> None:
    made = cell(text)
    assert not made.lstrip().startswith(tuple(STARTS_A_FORMULA))
    assert made.splitlines() in ([], [made])
    assert len(made) <= MOST_CHARACTERS + 1
    made.encode()


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("张示例", "a=1", "IMG_0001.jpg", "2026-03-01 08:00", "机密★10年", "《办法》（试行）"):
        assert cell(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("机密★10年", "机密★10年"),
        ("绝密★长期", "绝密★长期"),
        ("绝密★2031年6月13日", "绝密★2031年6月13日"),
        ("秘密 示例员 2024-06-03", f"秘密 {MASK} 2024-06-03"),
        ("机密 2024106035", f"机密 {MASK}"),
        ("云岫市示例局机密文件", f"{MASK}机密文件"),
        ("仅供鹿岭县张示例内部传阅", f"{MASK}内部传阅"),
        ("机密 AA金龙工程 5年", f"机密 {MASK} 5年"),
        ("内部资料\n注意保存", "内部资料 注意保存"),
        ("SECRET//NOFORN", "SECRET//NOFORN"),
        ("000123", MASK),
    ],
)
def test_of_a_mark_the_words_that_make_it_one_are_left(mask: Mask, text: str, shown: str) -> None:
    assert mask.mark(found(text)) == shown
    assert dataclasses.replace(mask, full=True).mark(found(text)) == " ".join(text.split())


def test_of_a_file_number_the_year_is_left_and_of_a_watch_list_entry_nothing(mask: Mask) -> None:
    number = found("云岫示发〔2026〕12号", FindingClass.FILE_NUMBER)
    assert mask.mark(number) == f"{MASK}〔2026〕{MASK}号"
    assert mask.mark(found("机密", FindingClass.WATCHLIST)) == MASK


def test_numbers_in_paths_and_notes(mask: Mask) -> None:
    assert mask.text("/a/云岫示发〔2026〕12号.jpg") == f"/a/{MASK}〔2026〕{MASK}号.jpg"
    assert mask.text("见（2026）第 3 号") == f"{MASK}（2026）{MASK}号"
    assert mask.text("/a/IMG(2026)12.jpg") == "/a/IMG(2026)12.jpg"
    assert dataclasses.replace(mask, full=True).text("〔2026〕12号") == "〔2026〕12号"


@given(st.text(alphabet="云岫鹿岭示例发字0123456789第 ", min_size=1, max_size=12))
def test_no_serial_number_is_left_of_any_file_number(mask: Mask, serial: str) -> None:
    shown = mask.mark(found(f"{serial}〔2026〕{serial}号", FindingClass.FILE_NUMBER))
    assert set(shown) <= set(f"{MASK}〔2026〕号字第")


def test_different_values_in_one_cell() -> None:
    assert joined(["a", "b", "a", ""]) == "a；b"
    assert joined("abcde") == "a；b；c … (+2)"
    assert joined([]) == ""
