from __future__ import annotations

import threading

import pytest

from imgscan.errors import UsageError
from imgscan.review import (
    ConflictError,
    Decision,
    DismissReason,
    Ending,
    Filter,
    HitState,
    NoSuchItemError,
    NothingToUndoError,
    Verdict,
)
from imgscan.store import hits
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Level, Severity, Status
from models import VerdictRow
from tests.api.builders import StoreBuilder, finding

CONFIRM = Verdict(Decision.CONFIRM)
DISMISS = Verdict(Decision.DISMISS, DismissReason.MISREAD)
UNSURE = Verdict(Decision.UNSURE)


def ids(queue: ReviewQueue, **wanted: object) -> list[str]:
    return [item.id for item in queue.page(Filter(**wanted)).items]  # type: ignore[arg-type]


def test_worst_first(queue: ReviewQueue, build: StoreBuilder) -> None:
    low = build.hit(finding("a", level=None, severity=Severity.MEDIUM))
    top = build.hit(finding("b", level=Level.JUEMI, confidence=0.5))
    third = build.hit(finding("c", level=Level.MIMI, confidence=0.99))
    second = build.hit(finding("d", level=Level.JIMI, confidence=0.6))
    surer = build.hit(finding("e", level=Level.JIMI, confidence=0.9))
    assert ids(queue) == [top, surer, second, third, low]


def test_pages_join_without_gap_or_repetition(queue: ReviewQueue, build: StoreBuilder) -> None:
    everything = {
        build.hit(finding(str(n), severity=Severity.of_rank(2 + n % 3), confidence=0.5 + (n % 4) / 10))
        for n in range(23)
    }
    whole = ids(queue)
    assert set(whole) == everything
    seen: list[str] = []
    cursor = None
    while True:
        page = queue.page(Filter(), cursor, limit=5)
        seen += [item.id for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == whole


@pytest.mark.parametrize("cursor", ["x", "!!", "bm90IGpzb24", "WzEsMl0", "W251bGwsMSwxLDFd", "🀀"])
def test_a_foreign_cursor_is_refused(queue: ReviewQueue, cursor: str) -> None:
    with pytest.raises(UsageError):
        queue.page(Filter(), cursor)


def test_filters(queue: ReviewQueue, build: StoreBuilder) -> None:
    secret = build.hit(finding("机密★10年"), department="一处", owner="甲")
    label = build.hit(
        finding("内部资料", cls=FindingClass.INTERNAL, level=None, severity=Severity.MEDIUM, rule="in.label"),
        department="二处",
        owner="乙",
    )
    percent = build.hit(finding("100%_x", cls=FindingClass.WATCHLIST, level=None, severity=Severity.HIGH, rule="w"))
    assert ids(queue, cls=FindingClass.INTERNAL) == [label]
    assert ids(queue, level=Level.JIMI) == [secret]
    assert ids(queue, severity=Severity.HIGH) == [percent]
    assert ids(queue, rule="in.label") == [label]
    assert ids(queue, department="一处") == [secret]
    assert ids(queue, owner="乙") == [label]
    assert ids(queue, owner="乙", department="一处") == []
    assert ids(queue, text="机密") == [secret]
    assert ids(queue, text="资") == [label]
    assert ids(queue, text="%") == [percent]
    assert ids(queue, text="0%_") == [percent]
    assert ids(queue, text="没有") == []
    assert queue.choices().rules == ("in.label", "ns.mark", "w")
    assert queue.choices().owners == ("乙", "张示例", "甲")


def test_item_tells_everything(queue: ReviewQueue, build: StoreBuilder) -> None:
    worst = finding("绝密★启封前", level=Level.JUEMI)
    minor = finding("内部资料", level=None, severity=Severity.LOW, cls=FindingClass.INTERNAL)
    hit = build.hit(minor, worst, name="相册/甲.jpg", copies=["乙.jpg"])
    item = queue.item(hit)
    assert item.findings == (worst, minor)
    assert [file.path.rpartition("示例局一处-张示例/")[2] for file in item.occurrences] == ["相册/甲.jpg", "乙.jpg"]
    assert item.occurrences[0].owner == "张示例"
    assert (item.width, item.height, item.state, item.version) == (800, 1000, HitState.NEW, 0)
    with pytest.raises(NoSuchItemError):
        queue.item("nonsense")


def test_undecodable_names_survive(queue: ReviewQueue, build: StoreBuilder) -> None:
    item = queue.item(build.hit(name=b"\xff\xfe.jpg"))
    assert item.occurrences[0].path.endswith("\udcff\udcfe.jpg")
    assert queue.original(item.id).paths[0].endswith(b"/\xff\xfe.jpg")


def test_a_newer_reading_replaces_the_older(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit(finding("机密"))
    build.reread(hit, finding("秘密★5年", level=Level.MIMI))
    assert [found.mark for found in queue.item(hit).findings] == ["秘密★5年"]
    assert ids(queue, text="秘密★5年") == [hit]


def test_a_newer_reading_that_found_nothing_hides_nothing(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit(finding("机密"))
    build.reread(hit)
    assert [found.mark for found in queue.item(hit).findings] == ["机密"]


def test_search_finds_short_words_in_the_kept_text(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit(finding("机密"), text="关于鹿岭县50%道路𠀀工程的通知 road")
    assert ids(queue, text="鹿岭") == [hit]
    assert ids(queue, text="县50%道") == [hit]
    assert ids(queue, text="𠀀") == [hit]
    assert ids(queue, text="岭鹿") == []
    for part_of_the_form in ("quad", "u5c", "0", "\\"):
        assert ids(queue, text=part_of_the_form) == []


def test_decisions_and_their_history(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit()
    after = queue.decide(hit, 0, Verdict(Decision.DISMISS, DismissReason.DECLASSIFIED, "见公报"), "甲").items[0]
    assert (after.state, after.version) == (HitState.DISMISSED, 1)
    after = queue.decide(hit, 1, CONFIRM, "乙").items[0]
    assert (after.state, after.version) == (HitState.CONFIRMED, 2)
    assert [(entry.decision, entry.reason, entry.note, entry.reviewer) for entry in queue.item(hit).history] == [
        ("dismiss", "declassified", "见公报", "甲"),
        ("confirm", "", "", "乙"),
    ]
    assert queue.counts()[HitState.CONFIRMED] == 1
    assert sum(queue.counts().values()) == 1


def test_an_old_version_changes_nothing_and_brings_the_fresh_item(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit()
    queue.decide(hit, 0, CONFIRM, "甲")
    with pytest.raises(ConflictError) as conflict:
        queue.decide(hit, 0, DISMISS, "乙")
    assert conflict.value.item.state is HitState.CONFIRMED
    assert conflict.value.item.version == 1
    assert queue.item(hit) == conflict.value.item


def test_of_two_at_once_exactly_one_wins(queue: ReviewQueue, build: StoreBuilder) -> None:
    for _round in range(20):
        hit = build.hit()
        outcomes: list[str] = []
        start = threading.Barrier(2, timeout=30)

        def decide(name: str, hit: str = hit, start: threading.Barrier = start, out: list[str] = outcomes) -> None:
            start.wait()
            try:
                queue.decide(hit, 0, CONFIRM, name)
                out.append(name)
            except ConflictError as conflict:
                out.append("conflict with " + conflict.item.history[-1].reviewer)

        threads = [threading.Thread(target=decide, args=(name,)) for name in ("甲", "乙")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winner = queue.item(hit).history[0].reviewer
        assert sorted(outcomes) == sorted([winner, f"conflict with {winner}"])


def test_only_reviewable_marks_are_decided(queue: ReviewQueue, build: StoreBuilder, database: Database) -> None:
    minor = finding("仅供参考", level=None, severity=Severity.INFO, cls=FindingClass.INTERNAL)
    hit = build.hit(finding(), minor)
    assert queue.decide(hit, 0, CONFIRM, "甲").items[0].state is HitState.CONFIRMED
    with database.reading() as session:
        assert session.query(VerdictRow).count() == 1


def test_a_new_mark_makes_the_picture_new_at_the_next_verdict(queue: ReviewQueue, build: StoreBuilder) -> None:
    hit = build.hit(finding("机密"))
    queue.decide(hit, 0, DISMISS, "甲")
    build.reread(hit, finding("机密"), finding("绝密", level=Level.JUEMI))
    assert queue.decide(hit, 1, CONFIRM, "甲").items[0].state is HitState.CONFIRMED
    assert queue.undo("甲").items[0].state is HitState.NEW


def test_undo_to_any_depth(queue: ReviewQueue, build: StoreBuilder) -> None:
    first, second = build.hit(finding("a")), build.hit(finding("b"))
    queue.decide(first, 0, DISMISS, "甲")
    queue.decide(second, 0, UNSURE, "甲")
    queue.decide(first, 1, CONFIRM, "甲")
    assert queue.undo("甲").items[0].state is HitState.DISMISSED
    (undone,) = queue.undo("甲").items
    assert (undone.id, undone.state) == (second, HitState.NEW)
    assert queue.undo("甲").items[0].state is HitState.NEW
    with pytest.raises(NothingToUndoError):
        queue.undo("甲")
    assert queue.item(first).version == 4
    assert [entry.undo for entry in queue.item(first).history] == [False, False, True, True]
    queue.decide(first, 4, CONFIRM, "甲")
    assert queue.undo("甲").items[0].state is HitState.NEW


def test_undo_leaves_what_others_decided(queue: ReviewQueue, build: StoreBuilder) -> None:
    mine, overtaken = build.hit(finding("a")), build.hit(finding("b"))
    queue.decide(mine, 0, CONFIRM, "甲")
    queue.decide(overtaken, 0, CONFIRM, "甲")
    queue.decide(overtaken, 1, DISMISS, "乙")
    assert queue.undo("甲").items[0].id == mine
    with pytest.raises(NothingToUndoError):
        queue.undo("甲")
    assert queue.item(overtaken).state is HitState.DISMISSED
    assert queue.undo("乙").items[0].state is HitState.CONFIRMED  # 甲's decision holds again ...
    assert queue.undo("甲").items[0].state is HitState.NEW  # ... and is 甲's to take back


def test_identical_marks_are_decided_together(queue: ReviewQueue, build: StoreBuilder) -> None:
    same = [build.hit(finding("内部资料"), finding("机密")) for _ in range(4)]
    fewer = build.hit(finding("内部资料"))
    more = build.hit(finding("内部资料"), finding("机密"), finding("绝密", level=Level.JUEMI))
    decided = same.pop()
    queue.decide(decided, 0, CONFIRM, "乙")
    assert queue.item(same[0]).alike == 2
    with pytest.raises(ConflictError):
        queue.decide(same[0], 0, DISMISS, "甲", alike=3)
    result = queue.decide(same[0], 0, DISMISS, "甲", alike=2)
    assert result.items[0].id == same[0]
    assert {item.id for item in result.items} == set(same)
    assert {queue.item(each).state for each in same} == {HitState.DISMISSED}
    assert queue.item(decided).state is HitState.CONFIRMED
    assert {queue.item(fewer).state, queue.item(more).state} == {HitState.NEW}
    assert {item.id for item in queue.undo("甲").items} == set(same)
    assert {queue.item(each).state for each in same} == {HitState.NEW}


def test_alike_is_who_has_the_same_marks_to_decide_however_often_and_beside_whatever_else(
    queue: ReviewQueue, build: StoreBuilder
) -> None:
    mark, other = finding("内部资料"), finding("机密")
    asked = build.hit(mark, other)
    twice = build.hit(other, mark, mark, other)
    beside = build.hit(mark, other, finding("第1页", severity=Severity.LOW))
    build.hit(mark, finding("机密", severity=Severity.LOW))  # not to be decided there
    build.hit(mark, other, finding("绝密"))
    anew, no_more = build.hit(finding("x")), build.hit(mark, other)
    build.reread(anew, mark, other)
    build.reread(no_more, finding("x"))
    assert queue.item(asked).alike == 3
    result = queue.decide(asked, 0, CONFIRM, "甲", alike=3)
    assert {item.id for item in result.items} == {asked, twice, beside, anew}


def test_no_more_than_so_many_are_decided_by_one_key(
    queue: ReviewQueue, build: StoreBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "MOST_ALIKE", 3)
    same = [build.hit(finding("内部资料")) for _ in range(6)]
    assert queue.item(same[5]).alike == 3
    queue.decide(same[5], 0, CONFIRM, "甲", alike=3)
    assert [queue.item(each).state is HitState.NEW for each in same] == [False] * 3 + [True] * 2 + [False]
    assert queue.item(same[3]).alike == 1


def test_many_picked_are_one_act_all_or_none(queue: ReviewQueue, build: StoreBuilder) -> None:
    picked = [build.hit(finding(str(n))) for n in range(3)]
    queue.decide(picked[2], 0, CONFIRM, "乙")
    with pytest.raises(ConflictError) as conflict:
        queue.decide_many([(each, 0) for each in picked], DISMISS, "甲")
    assert conflict.value.item.id == picked[2]
    assert queue.counts()[HitState.NEW] == 2
    queue.decide_many([(picked[0], 0), (picked[1], 0)], DISMISS, "甲")
    assert queue.counts()[HitState.DISMISSED] == 2
    assert len(queue.undo("甲").items) == 2


def test_coverage_is_the_sum_of_the_last_scans(queue: ReviewQueue, build: StoreBuilder) -> None:
    build.file("gone.jpg", Status.UNREADABLE)
    build.new_scan()
    build.file("a.jpg", Status.CLEAN)
    build.file("b.heic", Status.UNSUPPORTED, "no decoder")
    build.file("c.lnk", Status.SYMLINK)
    build.hit()
    coverage = queue.coverage()
    assert dict(coverage.statuses) == {
        Status.CLEAN: 1,
        Status.HIT: 1,
        Status.UNSUPPORTED: 1,
        Status.SYMLINK: 1,
    }
    assert (coverage.found, coverage.not_fully_read, coverage.ending) == (4, 1, Ending.COMPLETE)
    (unread,) = queue.unread.page().files
    assert (unread.path.rpartition("/")[2], unread.status, unread.problem) == (
        "b.heic",
        Status.UNSUPPORTED,
        "no decoder",
    )


def test_unread_pages_join(queue: ReviewQueue, build: StoreBuilder) -> None:
    for n in range(7):
        build.file(f"{n}.jpg", Status.UNREADABLE)
    first = queue.unread.page(limit=4)
    rest = queue.unread.page(first.next_cursor, limit=4)
    assert [file.path[-5] for file in (*first.files, *rest.files)] == list("0123456")
    assert rest.next_cursor is None
