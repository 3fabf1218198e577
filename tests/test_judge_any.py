"""Whatever is read, judging ends with findings and never with an exception, and marks lie where their lines do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgscan import rulebook
from imgscan.judge import describe, judge, page_of_text
from imgscan.judge.watching import forms_of
from imgscan.rulebook import Rulebook
from imgscan.store.pages import from_json, to_json
from imgscan.types import Finding, Page, Quad, RedInk, TextLine
from imgscan.watchlist import Watchlist
from tests.test_judge_cases import OWN, SHARED, cases

WIDTH, HEIGHT = 900, 1200
RULES = rulebook.load([rulebook.BUILT_IN])
WATCHING = replace(RULES, watchlist=Watchlist().with_these(forms_of("云岫委发〔2026〕35号", RULES), date.min))
WORDS = (
    "绝密", "机密", "秘密", "絕密", "機密", "级", "★", "☆", "⭐", "*", "·", "10年", "5年", "长期", "启用前",
    "工作秘密", "内部", "文件", "云岫市人民政府文件", "云岫委发", "〔2026〕35号", "密级", ":", "：", "000123",
    "No.", "严禁", "微信", "传播", "密电", "传真电报", "涉密", "计算机", "试卷", "考试时间:2026年3月14日",
    "签发人:", "抄送:", "TOP SECRET", "//NOFORN", "SECRET", "国家秘密事项", "期限", "会后收回", "解密", "██",
)  # fmt: skip
"""Pieces of marks, signals and contexts."""
MISREAD = tuple(RULES.fuzzy_levels)
SIGNS = (
    "〔〕[]【】()（）《》<>{}「」0123456789OoIl|２０〇○一二十年号第 \u3000\u200b\ufe0f㊙﹝﹞头大F.,，。、-—\n\t"
    "密机绝秘𠮷😀é"
)
CHOICES = st.one_of(st.sampled_from(WORDS), st.sampled_from(MISREAD), st.sampled_from(SIGNS), st.characters())
TEXTS = st.lists(CHOICES, max_size=8).map("".join)
ACROSS, DOWN = st.floats(0, WIDTH), st.floats(0, HEIGHT)
QUADS: st.SearchStrategy[Quad] = st.tuples(*[st.tuples(ACROSS, DOWN)] * 4)  # crossed, flat and of no area too
RECTS = st.tuples(ACROSS, DOWN, ACROSS, DOWN)
LINES = st.builds(
    TextLine,
    TEXTS,
    confidence=st.floats(0, 1),
    quad=st.none() | QUADS,
    height=st.just(0.0) | st.floats(0, 300),
    red=st.floats(0, 1),
    reading=st.sampled_from(("plain", "strong", "red", "other")),
)
PAGES = st.builds(
    Page,
    st.lists(LINES, max_size=9).map(tuple),
    width=st.just(WIDTH),
    height=st.just(HEIGHT),
    red_ink=st.builds(RedInk, st.lists(RECTS, max_size=2).map(tuple), st.lists(RECTS, max_size=2).map(tuple)),
    sheet=st.none() | QUADS,
    patches=st.lists(RECTS, max_size=3).map(tuple),
    taken_at=st.sampled_from(("", "2026:03:13 08:00:00", "0000:00:00 00:00:00", "2026:13:45")) | st.text(max_size=12),
)


def check(page: Page, rules: Rulebook) -> tuple[Finding, ...]:
    found = judge(page, rules)
    assert found == judge(page, rules)
    for finding in found:
        assert 0 < finding.confidence < 1
        assert finding.text
        assert finding.mark
        assert all(describe(reason, rules) for reason in finding.reasons)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAGES, st.sampled_from((RULES, WATCHING)))
def test_any_page_is_judged_and_marks_lie_in_it(page: Page, rules: Rulebook) -> None:
    found = check(page, rules)
    corners = [point for finding in found for quad in finding.polygons for point in quad]
    assert all(-1e-6 <= x <= WIDTH + 1e-6 and -1e-6 <= y <= HEIGHT + 1e-6 for x, y in corners)
    assert judge(from_json(to_json([page]))[0], rules) is not None


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, max_size=6).map("\n".join))
def test_any_text_without_boxes_is_judged(text: str) -> None:
    check(page_of_text(text), RULES)


def mutated(text: str, dice: random.Random) -> str:
    """One to three characters lost, doubled, put in, misread or swapped, as a reader may do."""
    chars = list(text)
    for _change in range(dice.randint(1, 3)):
        at = dice.randrange(len(chars) + 1)
        here = chars[at : at + 1]
        alternatives: tuple[list[str], ...] = (
            [],
            here * 2,
            [dice.choice(SIGNS), *here],
            [dice.choice(SIGNS)],
            ["\n", *here],
            chars[at : at + 2][::-1],
        )
        how = dice.choice(alternatives)
        chars[at : at + (2 if how is alternatives[-1] else 1)] = how
    return "".join(chars)


@pytest.mark.parametrize("table", [SHARED, OWN], ids=["shared", "own"])
def test_damaged_cases_are_judged(table: Path) -> None:
    dice = random.Random(20260304)
    found = 0
    for case in cases(table):
        for _time in range(3):
            found += bool(check(page_of_text(mutated(case.text, dice)), RULES))
    assert found > 500
