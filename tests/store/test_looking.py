from __future__ import annotations

from datetime import date

from imgscan.review import Filter
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from models import LookRow
from tests.api.builders import EPOCH, StoreBuilder


def test_what_one_saw_is_not_unseen_by_him_any_more(
    queue: ReviewQueue, build: StoreBuilder, database: Database
) -> None:
    first, second = build.hit(), build.hit()
    queue.looks.seen(first, "甲")
    queue.looks.seen(first, "甲")
    assert [item.id for item in queue.page(Filter(unseen_by="甲")).items] == [second]
    assert {item.id for item in queue.page(Filter(unseen_by="乙")).items} == {first, second}
    with database.reading() as session:
        assert session.query(LookRow).count() == 1


def test_each_reveal_is_on_record(queue: ReviewQueue, build: StoreBuilder, database: Database) -> None:
    hit = build.hit()
    assert not queue.looks.revealed(hit, "甲")
    queue.looks.seen(hit, "甲")
    assert not queue.looks.revealed(hit, "甲")
    queue.looks.reveal(hit, "甲")
    queue.looks.reveal(hit, "甲")
    assert queue.looks.revealed(hit, "甲")
    assert not queue.looks.revealed(hit, "乙")
    with database.reading() as session:
        assert [(row.reviewer, row.kind) for row in session.query(LookRow).order_by(LookRow.id)] == [
            ("甲", "seen"),
            ("甲", "revealed"),
            ("甲", "revealed"),
        ]


def ids(queue: ReviewQueue, **wanted: object) -> list[str]:
    return [item.id for item in queue.page(Filter(**wanted)).items]  # type: ignore[arg-type]


def test_a_folder_means_all_below_it_and_nothing_beside_it(queue: ReviewQueue, build: StoreBuilder) -> None:
    inside = build.hit(name="DCIM/Camera/a.jpg")
    build.hit(name="DCIM2/b.jpg")
    member = build.hit(name="DCIM/c.zip\0d.jpg")
    root = str(build.root / "示例局一处-张示例")
    assert set(ids(queue, folder=f"{root}/DCIM")) == {inside, member}
    assert ids(queue, folder=f"{root}/DCIM/Camera/") == [inside]
    assert ids(queue, folder=f"{root}/DCI") == []
    assert queue.folders() == (f"{root}/DCIM", f"{root}/DCIM/Camera", f"{root}/DCIM2")
    assert len(queue.folders(most=2)) == 2


def test_days_include_both_ends(queue: ReviewQueue, build: StoreBuilder) -> None:
    first = build.hit(taken_at="2026:03:12 23:59:59")
    second = build.hit(taken_at="2026:03:13 00:00:00")
    unknown = build.hit()
    day, next_day = date(2026, 3, 12), date(2026, 3, 13)
    assert ids(queue, taken_from=day, taken_to=day) == [first]
    assert set(ids(queue, taken_from=day)) == set(ids(queue, taken_to=next_day)) == {first, second}
    assert ids(queue, taken_from=next_day) == [second]
    found = EPOCH.astimezone().date()
    assert set(ids(queue, found_from=found, found_to=found)) == {first, second, unknown}
    assert ids(queue, found_from=date(2026, 3, 3)) == ids(queue, found_to=date(2026, 2, 27)) == []
