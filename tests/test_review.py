from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan.errors import UsageError
from imgscan.review import (
    Coverage,
    Decision,
    DismissReason,
    HitState,
    Verdict,
    mark_key,
    state_of,
)
from imgscan.types import Finding, FindingClass, Severity, Status


def found(cls: FindingClass = FindingClass.INTERNAL, mark: str = "内部资料", text: str = "") -> Finding:
    return Finding("r", cls, None, Severity.MEDIUM, 0.9, text or mark, mark)


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ([], HitState.NEW),
        ([None], HitState.NEW),
        (["reopen"], HitState.NEW),
        (["confirm"], HitState.CONFIRMED),
        (["dismiss"], HitState.DISMISSED),
        (["unsure"], HitState.UNSURE),
        (["dismiss", "confirm", "unsure"], HitState.CONFIRMED),
        (["dismiss", "unsure"], HitState.UNSURE),
        (["confirm", None], HitState.NEW),
        (["confirm", "reopen"], HitState.NEW),
    ],
)
def test_state_is_derived_from_the_marks(decisions: list[str | None], state: HitState) -> None:
    assert state_of(decisions) is state


@given(st.lists(st.sampled_from(["confirm", "dismiss", "unsure", "reopen", None]), min_size=1))
def test_one_undecided_mark_is_enough_and_order_is_nothing(decisions: list[str | None]) -> None:
    assert (state_of(decisions) is HitState.NEW) == (None in decisions or "reopen" in decisions)
    assert state_of(reversed(decisions)) is state_of(decisions)


def test_mark_key_hangs_on_class_and_mark_alone() -> None:
    key = mark_key(found())
    assert len(key) == 32
    assert int(key, 16) >= 0
    assert mark_key(found(text="内 部 资 料")) == key
    assert mark_key(found(mark="内部文件")) != key
    assert mark_key(found(cls=FindingClass.WORK_SECRET)) != key


def test_mark_key_takes_what_ocr_and_file_names_can_hold() -> None:
    assert mark_key(found(mark="\udcff")) != mark_key(found(mark="\udcfe"))


def test_only_a_dismissal_names_a_reason() -> None:
    with pytest.raises(UsageError):
        Verdict(Decision.DISMISS)
    with pytest.raises(UsageError):
        Verdict(Decision.CONFIRM, DismissReason.OTHER)
    assert Verdict(Decision.DISMISS, DismissReason.OTHER).reason is DismissReason.OTHER


def test_found_is_the_sum_over_all_statuses() -> None:
    coverage = Coverage(((Status.CLEAN, 7), (Status.HIT, 2), (Status.SYMLINK, 1), (Status.UNREADABLE, 3)))
    assert coverage.found == 13
    assert coverage.not_fully_read == 3
