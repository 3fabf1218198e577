"""The share of development cases and of our own cases that the built-in rules get right.

The development cases lie beside the repository where the project is developed; elsewhere those tests are skipped.
No row of either table needs boxes: what boxes change is tested in test_judge_layout.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from imgscan import rulebook
from imgscan.judge import judge, page_of_text
from imgscan.types import Finding, Severity

SHARED = Path(__file__).resolve().parents[2] / "shared" / "rule_cases.tsv"
OWN = Path(__file__).resolve().parent / "data" / "rule_cases_own.tsv"
POSITIVE_SHARE = 0.995
NEGATIVE_SHARE = 0.97


@dataclass(frozen=True)
class Case:
    """One row: `line` as an editor counts it."""

    line: int
    text: str
    expected: str
    level: str
    note: str


def cases(path: Path) -> list[Case]:
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    rows = path.read_text(encoding="utf-8").split("\n")
    split = [(number, row.split("\t")) for number, row in enumerate(rows[1:], 2) if row]
    return [Case(number, text.replace("\\n", "\n"), *rest) for number, (text, *rest) in split]


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


@pytest.fixture(params=[SHARED, OWN], ids=["shared", "own"])
def judged(request: pytest.FixtureRequest, rules: rulebook.Rulebook) -> list[tuple[Case, tuple[Finding, ...]]]:
    return [(case, judge(page_of_text(case.text), rules)) for case in cases(request.param)]


def told(wrong: list[tuple[Case, tuple[Finding, ...]]]) -> str:
    return "\n".join(
        f"line {case.line}: {case.text!r} expected {case.expected} {case.level}, got "
        + str([(f.rule, f.level and f.level.value, f.severity.value) for f in found])
        for case, found in wrong
    )


def test_class_of_positives(judged: list[tuple[Case, tuple[Finding, ...]]]) -> None:
    positives = [(case, found) for case, found in judged if case.expected not in ("context_negative", "none")]
    wrong = [(case, found) for case, found in positives if not found or found[0].cls.value != case.expected]
    assert len(positives) > 200
    assert 1 - len(wrong) / len(positives) >= POSITIVE_SHARE, told(wrong)


def test_level_of_positives(judged: list[tuple[Case, tuple[Finding, ...]]]) -> None:
    positives = [(case, found) for case, found in judged if case.expected not in ("context_negative", "none")]
    wrong = [
        (case, found)
        for case, found in positives
        if not found or (found[0].level.value if found[0].level else "-") != case.level
    ]
    assert 1 - len(wrong) / len(positives) >= POSITIVE_SHARE, told(wrong)


def test_positives_are_not_lowered(judged: list[tuple[Case, tuple[Finding, ...]]]) -> None:
    """All but the numbers cited in a sentence, whose grade is the lowest (domain reference, 3.3 F0)."""
    positives = [
        (case, found)
        for case, found in judged
        if case.expected not in ("context_negative", "none")
        and not any(reason.code == "context:cited" for finding in found for reason in finding.reasons)
    ]
    wrong = [(case, found) for case, found in positives if not found or found[0].severity is Severity.INFO]
    assert 1 - len(wrong) / len(positives) >= POSITIVE_SHARE, told(wrong)


def test_context_negatives_are_at_most_info(judged: list[tuple[Case, tuple[Finding, ...]]]) -> None:
    negatives = [(case, found) for case, found in judged if case.expected == "context_negative"]
    wrong = [(case, found) for case, found in negatives if any(f.severity > Severity.INFO for f in found)]
    assert len(negatives) > 100
    assert 1 - len(wrong) / len(negatives) >= NEGATIVE_SHARE, told(wrong)


def test_everyday_rows_are_silent(judged: list[tuple[Case, tuple[Finding, ...]]]) -> None:
    silent = [(case, found) for case, found in judged if case.expected == "none"]
    assert len(silent) > 40
    assert not (wrong := [(case, found) for case, found in silent if found]), told(wrong)
