"""Folding keeps the way back to every raw character, and repairs only what may be repaired."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgscan.normalise import (
    canonical_term,
    canonical_text,
    chinese_number,
    digits,
    fold,
    folded_view,
    join,
    scan_form,
    spacings,
    tight,
)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("２０２６", "2026"),
        ("機密", "机密"),
        ("祕密", "秘密"),
        ("閱後嚴絕", "阅后严绝"),
        ("﹝2026﹞", "〔2026〕"),
        ("㊙", "秘"),
        ("〔〕【】「」〇★⭐", "〔〕【】「」〇★⭐"),
        ("机\u200b密\ufe0f", "机密"),
        ("机\u3000密\t★", "机 密 ★"),
        ("甲\n乙", "甲\n乙"),
    ],
)
def test_folds(raw: str, folded: str) -> None:
    assert fold(raw) == folded


def test_scan_form_has_neither_blank_nor_case() -> None:
    assert scan_form("TOP secret\n機 密") == "topsecret机密"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_every_folded_character_knows_its_raw_one(raw: str) -> None:
    view = folded_view(raw, 3)
    assert view.text == fold(raw)
    assert len(view.at) == len(view.text)
    for char, (line, index) in zip(view.text, view.at, strict=True):
        assert line == 3
        assert char in fold(raw[index])
    assert [index for _, index in view.at] == sorted(index for _, index in view.at)


@settings(deadline=None)
@given(st.text(alphabet="机密★ 年10AB（）：", max_size=30))
def test_spacings_drop_nothing_but_blanks(raw: str) -> None:
    bare = folded_view(raw, 0).text.replace(" ", "")
    ways = spacings(folded_view(raw, 0))
    assert all(way.text.replace(" ", "") == bare for way in ways)
    assert len({way.text for way in ways}) == len(ways)
    for way in ways:
        for char, (_, index) in zip(way.text, way.at, strict=True):
            assert char == " " or char in unicodedata.normalize("NFKC", raw[index])


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        ("机 密", "机密"),
        ("机  密  ★  5年", "机密★5年"),
        ("密 级：机密", "密级:机密"),
        ("工 作 秘 密 严禁外传", "工作秘密 严禁外传"),
        ("机动车 密集区", "机动车 密集区"),
        ("绝密 示例员 2026-03-04", "绝密 示例员 2026-03-04"),
        ("第 12 号 虚构市人民政府令", "第12号 虚构市人民政府令"),
        ("TOP SECRET", "TOP SECRET"),
    ],
)
def test_letter_spacing_closes_up_and_words_stay_apart(raw: str, first: str) -> None:
    assert spacings(folded_view(raw, 0))[0].text == first


def test_tight_keeps_blanks_between_latin_words_only() -> None:
    assert tight(folded_view("机 密 TOP SECRET 12 号", 0)).text == "机密TOP SECRET12号"


def test_join_keeps_both_ways_back() -> None:
    both = join([folded_view("机密", 0), folded_view("★10年", 4)], " ")
    assert both.text == "机密 ★10年"
    assert both.places(0, len(both.text)) == {(0, 0), (0, 1), (4, 0), (4, 1), (4, 2), (4, 3)}


@pytest.mark.parametrize(("raw", "number"), [("2O26", "2026"), ("l2", "12"), ("S", "5"), ("1B", "18"), ("34", "34")])
def test_digits(raw: str, number: str) -> None:
    assert digits(raw) == number


@pytest.mark.parametrize(
    ("raw", "number"), [("十", "10"), ("二十", "20"), ("三十五", "35"), ("五", "5"), ("十二", "12"), ("百", "百")]
)
def test_chinese_number(raw: str, number: str) -> None:
    assert chinese_number(raw) == number


@pytest.mark.parametrize(
    ("raw", "term"),
    [
        ("10年", "10年"),
        ("（10年）", "10年"),
        ("1O午", "10年"),
        ("5开", "5年"),
        ("l年", "1年"),
        ("6月", "6个月"),
        ("6个月", "6个月"),
        ("二十年", "20年"),
        ("长期", "长期"),
        ("2O30年12月31日", "2030年12月31日"),
        ("公布前", "公布前"),
    ],
)
def test_canonical_term(raw: str, term: str) -> None:
    assert canonical_term(raw) == term


def test_canonical_text_is_free_of_signs_and_case() -> None:
    assert canonical_text("内部 资料，Top-Secret（注意）") == "内部资料TOPSECRET注意"
