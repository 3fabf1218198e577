from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from imgscan.store.audit import LOST, note, verify
from imgscan.store.database import Database
from imgscan.store.losses import SEEN_TO, Losses, NoSuchLossError
from models import AuditRow


def told(database: Database, act: str) -> int:
    """One more row of the trail; its number."""
    with database.writing() as session:
        note(session, database.keys, act, {"acknowledged": "9:00"} if act == LOST else {})
        return session.scalars(select(AuditRow.number).order_by(AuditRow.number.desc()).limit(1)).one()


def test_a_loss_stands_from_the_last_row_before_it_until_somebody_sees_to_it(database: Database) -> None:
    losses = Losses(database)
    assert losses.standing() is None
    before = told(database, "result")
    row = told(database, LOST)
    told(database, "result")
    loss = losses.standing()
    assert loss is not None
    assert loss == Losses(database).standing()  # also after a restart
    assert loss.row == row == before + 1
    assert loss.since is not None
    assert datetime.now(UTC) - timedelta(minutes=5) < loss.since <= loss.noticed <= datetime.now(UTC)
    losses.seen_to(row, "王复核")
    assert losses.standing() is None
    assert Losses(database).standing() is None
    with database.reading() as session:
        last = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        assert (last.actor, last.act, last.about) == ("王复核", SEEN_TO, {"row": row})
    verify(database)


def test_a_newer_loss_is_not_taken_away_with_an_older_one(database: Database) -> None:
    losses, elsewhere = Losses(database), Losses(database)
    first = told(database, LOST)
    assert losses.standing() is not None
    assert elsewhere.standing() is not None
    second = told(database, LOST)
    losses.seen_to(first, "甲")
    for each in (losses, elsewhere, Losses(database)):
        loss = each.standing()
        assert loss is not None
        assert loss.row == second
    with pytest.raises(NoSuchLossError):
        elsewhere.seen_to(first, "乙")
    elsewhere.seen_to(second, "乙")
    assert losses.standing() is None


def test_two_losses_are_told_as_one_and_seen_to_as_one(database: Database) -> None:
    told(database, "result")
    told(database, LOST)
    row = told(database, LOST)
    losses = Losses(database)
    loss = losses.standing()
    assert loss is not None
    assert loss.row == row
    with database.reading() as session:
        assert loss.since == session.scalars(select(AuditRow.at).where(AuditRow.number == 1)).one()
    losses.seen_to(row, "甲")
    assert losses.standing() is None


@pytest.mark.on_files
def test_nothing_before_a_loss_is_no_time(tmp_path: Path, database: Database) -> None:
    told(database, LOST)
    loss = Losses(database).standing()
    assert loss is not None
    assert loss.since is None
