from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from imgscan.errors import StoreError
from imgscan.review import Decision, Filter, Verdict
from imgscan.store.audit import Head, holds, note, verify
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from models import AuditRow
from tests.store.test_grouping import hit, mark, scan

Change = Callable[[Session, random.Random, int], None]


def acts(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(select(AuditRow.actor, AuditRow.act).order_by(AuditRow.number))
        return [(actor, act) for actor, act in rows]


def test_each_result_and_verdict_has_its_row(database: Database) -> None:
    scan(database, hit(1, 0), hit(2, 0, mark("秘密★5年")))
    queue = ReviewQueue(database)
    item = queue.page(Filter()).items[0]
    queue.decide(item.id, item.version, Verdict(Decision.CONFIRM, note="a secret note"), "甲")
    queue.undo("甲")
    assert acts(database) == [
        ("scan", "scan begun"),
        ("scan", "result"),
        ("scan", "result"),
        ("scan", "scan ended"),
        ("甲", "verdict: confirm"),
        ("甲", "verdict taken back"),
    ]
    assert verify(database).number == 6
    with database.reading() as session:
        told = repr(session.scalars(select(AuditRow.about)).all())
    assert "01" * 32 in told
    for kept_out in ("机密", "album/1", "secret note"):
        assert kept_out not in told


def test_a_result_that_is_not_kept_leaves_no_row(database: Database) -> None:
    scan(database, hit(1, 0))
    before = acts(database)
    bad = hit(2, 0)
    object.__setattr__(bad, "sha256", "zz")
    with pytest.raises(ValueError, match="hex"):
        scan(database, bad)
    assert acts(database)[len(before) :] == [("scan", "scan begun")]
    verify(database)


def numbers(rng: random.Random, rows: int, count: int) -> list[int]:
    return rng.sample(range(1, rows), count)  # not the last: cutting it off is the head's matter


def delete(session: Session, rng: random.Random, rows: int) -> None:
    session.execute(text("DELETE FROM audit WHERE number = :n"), {"n": numbers(rng, rows, 1)[0]})


def delete_and_renumber(session: Session, rng: random.Random, rows: int) -> None:
    (gone,) = numbers(rng, rows, 1)
    session.execute(text("DELETE FROM audit WHERE number = :n"), {"n": gone})
    for number in range(gone + 1, rows + 1):
        session.execute(text("UPDATE audit SET number = :n - 1 WHERE number = :n"), {"n": number})


def alter(session: Session, rng: random.Random, rows: int) -> None:
    column, value = rng.choice([("actor", "'乙'"), ("act", "'nothing'"), ("about", "'{}'"), ("chained", "chained")])
    if column == "chained":
        session.execute(
            text("UPDATE audit SET chained = :c WHERE number = :n"), {"c": rng.randbytes(32), "n": rng.randint(1, rows)}
        )
    else:
        session.execute(text(f"UPDATE audit SET {column} = {value} WHERE number = :n"), {"n": rng.randint(1, rows)})


def swap(session: Session, rng: random.Random, rows: int) -> None:
    one, other = numbers(rng, rows, 2)
    for sql in (
        "UPDATE audit SET number = -:a WHERE number = :a",
        "UPDATE audit SET number = :a WHERE number = :b",
        "UPDATE audit SET number = :b WHERE number = -:a",
    ):
        session.execute(text(sql), {"a": one, "b": other})


@pytest.mark.parametrize("change", [delete, delete_and_renumber, alter, swap])
def test_whatever_is_changed_is_found(database: Database, change: Change) -> None:
    rng = random.Random(20261122)
    with database.writing() as session:
        for number in range(12):
            note(session, database.keys, "result", {"number": number}, actor="甲")
    verify(database)

    class UndoneError(Exception):
        pass

    for _trial in range(15):
        with pytest.raises(UndoneError), database.writing() as session:  # noqa: PT012
            change(session, rng, 12)
            session.flush()
            with pytest.raises(StoreError):
                verify(_Within(session, database.keys))  # type: ignore[arg-type]
            raise UndoneError
    assert verify(database).number == 12


class _Within:
    """A database that reads inside a transaction that will be undone."""

    def __init__(self, session: Session, keys: Keys | None) -> None:
        self.session, self.keys = session, keys

    def reading(self) -> Any:
        from contextlib import nullcontext

        self.session.expire_all()
        return nullcontext(self.session)


def test_rows_made_without_the_key_do_not_fit(database: Database) -> None:
    with database.writing() as session:
        note(session, database.keys, "result", {})
        note(session, Keys.of(b"o" * 32), "verdict", {}, actor="乙")
    with pytest.raises(StoreError, match="2"):
        verify(database)


def test_a_tail_that_was_cut_off_is_found_by_its_noted_head(database: Database) -> None:
    with database.writing() as session:
        for _ in range(3):
            note(session, database.keys, "result", {})
    head = str(verify(database))
    assert holds(database, head)
    with database.writing() as session:
        note(session, database.keys, "verdict", {})
    assert holds(database, head)
    with database.writing() as session:
        session.execute(text("DELETE FROM audit WHERE number > 2"))
    assert verify(database).number == 2
    assert not holds(database, head)
    assert not holds(database, "nonsense")


def test_an_empty_trail_is_in_order(database: Database) -> None:
    assert verify(database) == Head(0, bytes(32))
