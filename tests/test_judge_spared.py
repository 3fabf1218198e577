"""A mark that stands in the head of a photographed page is not lowered by what the text below it speaks of.

Every example of every context of the built-in pack is put below the mark, without the level word that it may hold.
"""

from __future__ import annotations

import re

import pytest

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.types import Page, Quad, Severity, TextLine

Graded = tuple[Severity | None, set[str]]
LEVEL = re.compile(r"[（(【“\[]?\s*[绝絕机機秘]\s*密\s*[）)】”\]]?")
MAY_LOWER = {"declassified_page", "published_book"}
"""Hold for a head too: a stamp that says declassified; a price and a publisher, for internal marks."""
MAY_LOWER_ALONE = {"exam_page", "exam_books", "titles", "settings_screen"}
"""Hold for a level word without a term where nothing else speaks for a paper: no red head, no number, no title."""
MARK_TOP = 110.0
RED_HEAD = ("云岫市人民政府文件", "云岫政发〔2026〕12号")
TITLE = "关于印发示例工作方案的通知"


def line(text: str, left: float, top: float, height: float = 26.0, red: float = 0.0) -> TextLine:
    wide = min(800.0, height * len(text))
    quad: Quad = ((left, top), (left + wide, top), (left + wide, top + height), (left, top + height))
    return TextLine(text, 0.98, quad, height, red)


def graded(mark: str, body: list[str], rules: rulebook.Rulebook, *, red_head: bool, title: bool) -> Graded:
    """How grave the mark is, and which contexts lowered it."""
    head = [line(RED_HEAD[0], 250, 250, 70, 0.9), line(RED_HEAD[1], 380, 360)] if red_head else []
    texts = [*([TITLE] if title else []), *body, "各县（区）人民政府，市政府各部门："]
    below = [line(text, 100, 460 + 44 * row) for row, text in enumerate(texts)]
    page = Page((line(mark, 80, MARK_TOP), *head, *below), 1000, 1414)
    found = [one for one in judge(page, rules) if one.polygons[0][0][1] < MARK_TOP + 30]
    codes = {reason.code for one in found for reason in one.reasons}
    contexts = {code.removeprefix("context:") for code in codes if code.startswith("context:")}
    return found[0].severity if found else None, contexts


@pytest.mark.parametrize("title", [True, False])
@pytest.mark.parametrize("red_head", [True, False])
@pytest.mark.parametrize("mark", ["机密★10年", "秘密★", "机密10年", "机　密", "绝密", "工作秘密★3年", "内部资料"])
def test_a_mark_in_the_head_is_not_lowered_by_what_the_page_speaks_of(mark: str, red_head: bool, title: bool) -> None:
    rules = rulebook.load([rulebook.BUILT_IN])
    alone, _ = graded(mark, [], rules, red_head=red_head, title=title)
    assert alone is not None
    assert alone >= Severity.MEDIUM
    has_term = "年" in mark
    may = MAY_LOWER | (MAY_LOWER_ALONE if not (red_head or title or has_term) else set())
    tried = 0
    for context in rules.contexts:
        for example in context.examples:
            body = [LEVEL.sub("", row) for row in example.text.split("\n")]
            severity, lowered_by = graded(mark, body, rules, red_head=red_head, title=title)
            if not lowered_by & may:
                assert severity == alone, (context.id, body, lowered_by)
                tried += 1
    assert tried > 130


@pytest.mark.parametrize(
    ("mark", "body"),
    [
        ("机密", "下一步，我局将继续推进各项工作"),
        ("绝密", "禁止复制"),
        ("（机密）", "未经批准禁止复制、摘抄"),
        ("机密载体", "禁止复制"),
        ("绝密级文件", "下一步，我局将继续推进各项工作"),
        ("内部资料 注意保存", "下一步工作安排"),
        ("机密", "稀有金属储备和收储情况"),
        ("秘密★", "我市稀有品种保护"),
        ("机密10年", "主演、票房和上映情况"),
    ],
)
def test_words_of_office_do_not_lower_a_mark_that_stands_alone(mark: str, body: str) -> None:
    rules = rulebook.load([rulebook.BUILT_IN])
    alone, _ = graded(mark, [], rules, red_head=False, title=False)
    assert alone is not None
    assert graded(mark, [body], rules, red_head=False, title=False)[0] == alone
