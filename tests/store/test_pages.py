from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan.store.pages import from_json, matched, to_json
from imgscan.types import Finding, FindingClass, Matrix, Page, Quad, Severity, TextLine

# What is kept is rounded: confidence to 4 places, height to 2, red to 3.
points = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
quads: st.SearchStrategy[Quad] = st.tuples(points, points, points, points)
row = st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9))
matrices: st.SearchStrategy[Matrix] = st.tuples(row, row, row)
lines = st.builds(
    TextLine,
    text=st.text(),
    confidence=st.integers(0, 10_000).map(lambda n: round(n / 10_000, 4)),
    quad=st.none() | quads,
    height=st.integers(0, 100_000).map(lambda n: round(n / 100, 2)),
    red=st.integers(0, 1000).map(lambda n: round(n / 1000, 3)),
    reading=st.sampled_from(["plain", "red", "strong"]),
)
pages = st.builds(
    Page,
    lines=st.lists(lines, max_size=4).map(tuple),
    width=st.integers(0, 10**5),
    height=st.integers(0, 10**5),
    to_picture=matrices,
    number=st.integers(0, 300),
)


@given(st.lists(pages, max_size=3).map(tuple))
def test_pages_come_back_from_json(written: tuple[Page, ...]) -> None:
    assert from_json(json.loads(json.dumps(to_json(written)))) == written


def finding(text: str, page: int = 0) -> Finding:
    return Finding("r", FindingClass.NATIONAL_SECRET, None, Severity.HIGH, 0.9, text, text, page=page)


def page(*texts: str, number: int = 0) -> Page:
    return Page(tuple(TextLine(text) for text in texts), 10, 10, number=number)


@pytest.mark.parametrize(
    ("texts", "found", "kept"),
    [
        (["机密★10年", "云岫市示例局文件", "正文"], ["机密★10年"], ["机密★10年"]),
        (["份号1 机密★10年 特急", "正文"], ["机密★10年"], ["份号1 机密★10年 特急"]),
        (["机密", "★10年", "正文"], ["机密\n★10年"], ["机密", "★10年"]),
        (["正文"], [], []),
    ],
)
def test_only_lines_of_findings_are_kept(texts: list[str], found: list[str], kept: list[str]) -> None:
    left = matched([page(*texts)], [finding(text) for text in found])
    assert [line.text for one in left for line in one.lines] == kept


def test_findings_keep_lines_of_their_own_page_only() -> None:
    left = matched([page("机密", "甲"), page("机密", "乙", number=1)], [finding("机密", page=1)])
    assert [(one.number, [line.text for line in one.lines]) for one in left] == [(1, ["机密"])]
