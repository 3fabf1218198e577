"""Lists of secret matters: their level cells are boxes of their own and look like marks, but stand in a column."""

from __future__ import annotations

import pytest

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.types import Finding, Page, Severity, TextLine

WIDTH, HEIGHT = 1200, 1600
TERMS = ("15年", "5年", "长期", "10年", "20年")


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def cell(text: str, x: float, y: float, size: float = 24) -> TextLine:
    width = size * len(text)
    return TextLine(text, 0.98, ((x, y), (x + width, y), (x + width, y + size), (x, y + size)), size)


def table(levels: tuple[str, ...], heads: tuple[str, ...], *, lean: float = 0.0) -> list[TextLine]:
    """A table whose columns lean by `lean` pixels a row, as they do in a photograph; its head is in the page's head."""
    columns = (100, 200, 700, 850)
    rows = [heads, *((str(i + 1), "未公布的示例方案", level, TERMS[i % 5]) for i, level in enumerate(levels))]
    return [
        cell(text, x + lean * row, 120 + 60 * row)
        for row, texts in enumerate(rows)
        for x, text in zip(columns, texts, strict=True)
    ]


def worst(lines: list[TextLine], rules: rulebook.Rulebook) -> Severity:
    found: tuple[Finding, ...] = judge(Page(tuple(lines), WIDTH, HEIGHT), rules)
    assert found
    return max(finding.severity for finding in found)


MATTERS = ("序号", "国家秘密事项名称", "密级", "保密期限")
LEVELS = ("机密", "秘密", "绝密", "机密", "秘密", "秘密")


@pytest.mark.parametrize("lean", [0.0, -14.0, 14.0])
def test_cells_of_a_list_of_secret_matters_are_lowered(lean: float, rules: rulebook.Rulebook) -> None:
    assert worst(table(LEVELS, MATTERS, lean=lean), rules) is Severity.INFO


def test_a_table_without_its_title_is_known_by_its_heads(rules: rulebook.Rulebook) -> None:
    assert worst(table(LEVELS, ("序号", "名称", "密级", "保密期限")), rules) is Severity.INFO


def test_a_mark_above_such_a_list_is_not_lowered(rules: rulebook.Rulebook) -> None:
    assert worst([cell("机密★10年", 60, 40, 30), *table(LEVELS, MATTERS)], rules) is Severity.CRITICAL
    assert worst([cell("机密", 60, 40, 30), *table(LEVELS, MATTERS)], rules) is Severity.CRITICAL


def test_a_register_of_papers_is_not_lowered(rules: rulebook.Rulebook) -> None:
    """Titles of secret papers, each with its level: such a register is itself what must not be in an album."""
    assert worst(table(LEVELS, ("编号", "文件名称", "密级", "份数")), rules) >= Severity.HIGH


def test_two_level_words_are_no_column(rules: rulebook.Rulebook) -> None:
    assert worst(table(LEVELS[:2], MATTERS), rules) >= Severity.HIGH


LAST_OF_MANY = ("普通", "普通", "普通", "普通", "普通", "机密")


@pytest.mark.parametrize("lean", [0.0, -5.0, 5.0])
def test_one_level_low_in_a_register_is_known_by_the_head_of_its_column(lean: float, rules: rulebook.Rulebook) -> None:
    def register(head: str) -> list[TextLine]:
        rows = table(LAST_OF_MANY, ("序号", "文件名称", head, "份数"), lean=lean)
        return [line for line in rows if line.text not in TERMS]

    assert worst(register("密级"), rules) is Severity.CRITICAL
    assert worst(register("评语"), rules) is Severity.LOW


def test_a_register_with_terms_is_no_list_of_secret_matters(rules: rulebook.Rulebook) -> None:
    heads = ("序号", "文件名称", "密级和期限", "份号")
    rows = table(("秘密★3年", "机密★5年"), heads)
    assert worst([cell("文件清退登记表", 400, 40), *rows], rules) is Severity.CRITICAL


def test_words_in_several_places_are_a_watermark(rules: rulebook.Rulebook) -> None:
    body = [cell("为进一步做好有关工作，现将有关事项通知如下。", 100, 300 + 60 * row) for row in range(12)]
    marks = [cell("秘密示例员2024-06-03", 60 + 400 * (i % 2), 420 + 330 * (i // 2)) for i in range(6)]
    assert worst([*body, *marks], rules) is Severity.HIGH
    assert worst([*body, marks[0]], rules) is Severity.LOW
