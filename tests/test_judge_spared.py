"""A mark that stands in the head of a photographed page is not lowered by what the text below it speaks of.

Every example of every context of the built-in pack is put below the mark, without the level word that it may hold.
"""

from __future__ import annotations

import re

import pytest

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.types import Page, Quad, Severity, TextLine

LEVEL = re.compile(r"[（(【“\[]?\s*[绝絕机機秘]\s*密\s*[）)】”\]]?")
MAY_LOWER = {"declassified", "declassified_beside", "declassified_page", "published_book"}
"""Contexts that hold for a head too: a stamp that says declassified; a price and a publisher, for internal marks."""
MARK_TOP = 110.0
RED_HEAD = ("云岫市人民政府文件", "云岫政发〔2026〕12号")


def line(text: str, left: float, top: float, height: float = 26.0, red: float = 0.0) -> TextLine:
    wide = min(800.0, height * len(text))
    quad: Quad = ((left, top), (left + wide, top), (left + wide, top + height), (left, top + height))
    return TextLine(text, 0.98, quad, height, red)


def page(mark: str, body: list[str], *, red_head: bool) -> Page:
    head = [line(RED_HEAD[0], 250, 250, 70, 0.9), line(RED_HEAD[1], 380, 360)] if red_head else []
    texts = ["关于印发示例工作方案的通知", *body, "各县（区）人民政府，市政府各部门："]
    below = [line(text, 100, 460 + 44 * row) for row, text in enumerate(texts)]
    return Page((line(mark, 80, MARK_TOP), *head, *below), 1000, 1414)


@pytest.mark.parametrize("red_head", [True, False])
@pytest.mark.parametrize("mark", ["机密★10年", "秘密★", "机密10年", "机　密", "绝密", "工作秘密★3年", "内部资料"])
def test_a_mark_in_the_head_is_not_lowered_by_what_the_page_speaks_of(mark: str, red_head: bool) -> None:
    rules = rulebook.load([rulebook.BUILT_IN])
    tried = 0
    for context in rules.contexts:
        for example in context.examples:
            body = [LEVEL.sub("", row) for row in example.text.split("\n")]
            found = [
                one
                for one in judge(page(mark, body, red_head=red_head), rules)
                if one.polygons[0][0][1] < MARK_TOP + 30
            ]
            lowered = {reason.code.removeprefix("context:") for one in found for reason in one.reasons} & MAY_LOWER
            assert found, (context.id, body)
            assert lowered or found[0].severity > Severity.INFO, (context.id, body, found)
            tried += not lowered
    assert tried > 150
