"""Papers of national examinations photographed before their day are not lowered; mock papers always are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from imgscan import rulebook
from imgscan.errors import RuleError
from imgscan.judge import judge, page_of_text
from imgscan.line import judge_again
from imgscan.store.pages import from_json, to_json
from imgscan.types import Page, Severity, Status
from tests.test_rulebook import pack

REAL = "绝密★启用前\n2026年普通高等学校招生全国统一考试\n数学\n本试卷共4页，满分150分"
MOCK = "绝密★启用前\n2026年普通高等学校招生全国统一考试\n仿真模拟卷（三）\n本试卷共4页，满分150分"
DATED = "机密★启用前\n云岫市公务员录用考试\n考试时间：2026年3月14日9:00\n考生注意：答题卡"
SCHOOL = "绝密★启用前\n示例中学期中测试卷\n考试时间：2026年11月6日\n满分100分"


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def taken(text: str, taken_at: str) -> Page:
    return replace(page_of_text(text), taken_at=taken_at)


def worst(page: Page, rules: rulebook.Rulebook) -> Severity:
    return max(finding.severity for finding in judge(page, rules))


@pytest.mark.parametrize(
    ("text", "taken_at", "severity"),
    [
        (REAL, "2026:06:06 23:00:00", Severity.CRITICAL),
        (REAL, "2026:05:20 10:00:00", Severity.CRITICAL),
        (REAL, "2026:06:07 12:30:00", Severity.INFO),
        (REAL, "2027:01:01 08:00:00", Severity.INFO),
        (REAL, "", Severity.INFO),
        (REAL, "2015:01:01 00:00:00", Severity.INFO),
        (REAL, "0000:00:00 00:00:00", Severity.INFO),
        (REAL, "yesterday", Severity.INFO),
        (MOCK, "2026:05:20 10:00:00", Severity.INFO),
        (DATED, "2026:03:13 20:00:00", Severity.CRITICAL),
        (DATED, "2026:03:14 20:00:00", Severity.INFO),
        (DATED.replace("3月14日", "13月14日"), "2026:03:13 20:00:00", Severity.INFO),
        (SCHOOL, "2026:11:05 20:00:00", Severity.INFO),
    ],
)
def test_the_day_of_the_examination_decides(
    text: str, taken_at: str, severity: Severity, rules: rulebook.Rulebook
) -> None:
    assert worst(taken(text, taken_at), rules) is severity


def test_the_reason_says_so(rules: rulebook.Rulebook) -> None:
    (mark,) = judge(taken(REAL, "2026:05:20 10:00:00"), rules)
    assert "signal:exam_to_come" in {reason.code for reason in mark.reasons}


def test_kept_text_is_judged_again_by_the_same_time(rules: rulebook.Rulebook) -> None:
    pages = from_json(json.loads(json.dumps(to_json([taken(REAL, "2026:05:20 10:00:00")]))))
    status, (mark,) = judge_again(pages, Status.CLEAN, "", rules, Severity.MEDIUM)
    assert (status, mark.severity) == (Status.HIT, Severity.CRITICAL)


def test_a_dated_signal_names_its_year(tmp_path: Path) -> None:
    text = """
signals:
  - id: site_day
    name: 示例日
    name_en: sample day
    before: '06-07'
    patterns: ['示例日']
    description: 没有写年份的组。
"""
    with pytest.raises(RuleError, match="year"):
        rulebook.load([rulebook.BUILT_IN, pack(tmp_path / "site", text)])
