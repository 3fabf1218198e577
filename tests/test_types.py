from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgscan.types import FindingClass, FoundFile, Level, Severity, Status


def test_names_that_other_programs_read() -> None:
    """docs/design.md fixes them."""
    assert " ".join(Status) == (
        "clean hit partial unreadable unsupported too_large timeout crashed oom special_file symlink "
        "permission_denied io_error vanished encrypted"
    )
    assert " ".join(FindingClass) == (
        "national_secret work_secret internal file_number telegram commercial foreign suspect_covered "
        "device_label watchlist"
    )
    assert " ".join(Level) == "绝密 机密 秘密"
    assert [severity.value for severity in sorted(Severity, reverse=True)] == [
        "critical",
        "high",
        "medium",
        "low",
        "info",
    ]


def test_only_three_statuses_count_as_fully_read() -> None:
    assert {status for status in Status if status.fully_read} == {Status.CLEAN, Status.HIT, Status.SYMLINK}


def test_severities_are_ordered_and_stored_by_rank() -> None:
    ordered = sorted(Severity)
    assert all(low < high and high >= low for low, high in pairwise(ordered))
    assert [Severity.of_rank(severity.rank) for severity in Severity] == list(Severity)
    with pytest.raises(IndexError):
        Severity.of_rank(5)


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_any_path_comes_back_from_its_shown_form(path: bytes) -> None:
    assert os.fsencode(FoundFile(b"/", path).display) == path


def test_records_are_frozen() -> None:
    found = FoundFile(b"/", b"/a")
    with pytest.raises(FrozenInstanceError):
        found.size = 1  # type: ignore[misc]
