"""A cover over the place of a mark in a red head is suspect, also without a copy number; other patches are silent."""

from __future__ import annotations

import json

import pytest

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.store.pages import from_json, to_json
from imgscan.types import Finding, FindingClass, Page, Quad, Rect, RedInk, Severity, TextLine

WIDTH, HEIGHT = 1200, 1600
COVER: Rect = (100.0, 150.0, 320.0, 205.0)
"""A slip over the second row of the head, left, as high as two lines."""


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def line(text: str, x: float, y: float, *, size: float = 30, red: float = 0.0) -> TextLine:
    quad: Quad = ((x, y), (x + size * len(text), y), (x + size * len(text), y + size), (x, y + size))
    return TextLine(text, 0.98, quad, size, red)


HEAD = [line("云岫市人民政府文件", 250, 250, size=60, red=0.9), line("云岫政发〔2026〕12号", 420, 400)]
BODY = [line("为做好今年示例工作，现将有关事项通知如下，请认真执行。", 100, 560 + 45 * row) for row in range(20)]


def covered(lines: list[TextLine], rules: rulebook.Rulebook, *patches: Rect, rule: bool = False) -> list[Finding]:
    ink = RedInk(rules=((100.0, 450.0, 1100.0, 454.0),) if rule else ())
    found = judge(Page(tuple(lines), WIDTH, HEIGHT, red_ink=ink, patches=patches), rules)
    return [finding for finding in found if finding.cls is FindingClass.SUSPECT_COVERED]


def test_a_cover_where_the_mark_belongs(rules: rulebook.Rulebook) -> None:
    (found,) = covered([*HEAD, *BODY], rules, COVER)
    assert (found.rule, found.severity) == ("sc.patch", Severity.MEDIUM)
    left, top, right, bottom = COVER
    assert found.polygons == (((left, top), (right, top), (right, bottom), (left, bottom)),)


def test_top_right_as_in_old_papers(rules: rulebook.Rulebook) -> None:
    assert covered([*HEAD, *BODY], rules, (900.0, 150.0, 1100.0, 205.0))


def test_a_number_over_a_red_line_is_a_red_head_too(rules: rulebook.Rulebook) -> None:
    assert covered([HEAD[1], *BODY], rules, (100.0, 300.0, 320.0, 355.0), rule=True)


def test_a_red_head_without_mark_and_without_cover_is_public(rules: rulebook.Rulebook) -> None:
    assert not covered([*HEAD, *BODY], rules, rule=True)


@pytest.mark.parametrize(
    "patch",
    [
        (500.0, 150.0, 720.0, 205.0),
        (100.0, 1450.0, 320.0, 1505.0),
        (100.0, 150.0, 320.0, 165.0),
        (100.0, 20.0, 320.0, 240.0),
        (100.0, 150.0, 130.0, 205.0),
    ],
    ids=["in the middle", "at the foot", "a thin line", "a picture", "a bullet"],
)
def test_patches_of_another_place_or_size_are_silent(patch: Rect, rules: rulebook.Rulebook) -> None:
    assert not covered([*HEAD, *BODY], rules, patch)


def test_a_coloured_label_with_text_is_no_cover(rules: rulebook.Rulebook) -> None:
    assert not covered([line("公开", 150, 160), *HEAD, *BODY], rules, COVER)


def test_a_cover_on_a_page_that_is_no_red_head_is_silent(rules: rulebook.Rulebook) -> None:
    assert not covered(BODY, rules, COVER)


def test_a_mark_that_was_read_tells_more_than_a_cover(rules: rulebook.Rulebook) -> None:
    assert not covered([line("机密★10年", 100, 100), *HEAD, *BODY], rules, COVER)


def test_only_the_head_is_photographed(rules: rulebook.Rulebook) -> None:
    """The sheet goes on beyond the picture: its upper quarter is not that of the page."""
    cut: Quad = ((20.0, 20.0), (1180.0, 20.0), (1199.0, 560.0), (0.0, 560.0))
    page = Page((line("000123", 100, 100), *HEAD), 1200, 560, sheet=cut, patches=((100.0, 170.0, 320.0, 225.0),))
    assert "sc.patch" in {finding.rule for finding in judge(page, rules)}


def test_covers_are_kept(rules: rulebook.Rulebook) -> None:
    page = Page((*HEAD, *BODY), WIDTH, HEIGHT, patches=(COVER,))
    (back,) = from_json(json.loads(json.dumps(to_json([page]))))
    assert back == page
    assert judge(back, rules) == judge(page, rules)
