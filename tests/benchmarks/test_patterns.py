"""The ten plain patterns: what each finds, and that they are as plain as they are said to be."""

from __future__ import annotations

import pytest

from benchmarks.patterns import PLAIN, classes_in
from imgscan.types import FindingClass

ONE_OF_EACH = {
    "national_secret": ("云岫市人民政府文件", "机 密★10年"),
    "work_secret": ("工作秘密 不予公开",),
    "internal": ("内部资料",),
    "file_number": ("云岫政发〔2026〕12号",),
    "telegram": ("发电单位 内部明电",),
    "commercial": ("核心商业秘密",),
    "foreign": ("PAGE 1", "TOP SECRET"),
    "device_label": ("涉密计算机",),
    "suspect_covered": ("000123", "云岫市人民政府文件"),
}


@pytest.mark.parametrize("cls", sorted(ONE_OF_EACH))
def test_each_class_has_a_pattern_that_finds_it(cls: str) -> None:
    assert cls in classes_in(ONE_OF_EACH[cls])


def test_there_are_ten_and_none_is_idle() -> None:
    texts = ["\n".join(lines) for lines in ONE_OF_EACH.values()] + ["请勿外传"]
    assert len(PLAIN) == 10
    assert all(any(pattern.search(text) for text in texts) for _cls, pattern in PLAIN)
    assert {cls for cls, _pattern in PLAIN} == set(FindingClass) - {FindingClass.WATCHLIST}


def test_ordinary_lines_hold_nothing() -> None:
    assert classes_in(["明早八点在小区门口集合", "合计 ¥256.00", "电话 0001234567", "第12号窗口"]) == frozenset()


def test_they_know_no_context() -> None:
    """The difference to rules: a novel, and advice about secrets, are raised."""
    assert classes_in(["他守着这个秘密很多年"]) == {"national_secret"}
