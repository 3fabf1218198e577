"""What the store has lost of what it was told (**review**), until somebody says that it was seen to.

`imgscan.store.audit.lost` notes a loss in the audit trail when the store is opened. Here the trail is asked for it, so
that it stands on the page too, and not in one terminal alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import func, select

from imgscan.errors import UsageError
from imgscan.i18n import _
from imgscan.store.audit import LOST, note
from imgscan.store.database import Database
from models import AuditRow

SEEN_TO = "rows lost: seen to"


@dataclass(frozen=True, slots=True)
class Loss:
    """What was kept between `since` (None: nothing before it is left) and `noticed` may be missing.

    `row` is the newest row of the audit trail that tells so.
    """

    row: int
    since: datetime | None
    noticed: datetime


class NoSuchLossError(UsageError):
    """Nobody has been told of such a loss, or it was seen to already."""

    def __init__(self) -> None:
        super().__init__(_("There is no such notice any more."), _("Reload the page."))


class Losses:
    """The losses that the trail of one store tells. Rows are never changed, so each is looked at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._looked = 0
        self._told: list[Loss] = []

    def standing(self) -> Loss | None:
        """All that nobody has seen to yet, as one; None where there is nothing."""
        with self._lock:
            self._look()
            if not self._told:
                return None
            return Loss(self._told[-1].row, self._told[0].since, self._told[-1].noticed)

    def seen_to(self, row: int, reviewer: str) -> None:
        """`reviewer` did what was to be done about what stood when `row` was the newest. Raises NoSuchLossError."""
        with self._lock:
            self._look()
            if row not in [loss.row for loss in self._told]:
                raise NoSuchLossError
            with self._database.writing() as session:
                note(session, self._database.keys, SEEN_TO, {"row": row}, actor=reviewer)

    def _look(self) -> None:
        with self._database.reading() as session:
            newest = session.scalar(select(func.max(AuditRow.number))) or 0
            query = select(AuditRow).where(AuditRow.number > self._looked, AuditRow.act.in_((LOST, SEEN_TO)))
            for row in session.scalars(query.order_by(AuditRow.number)):
                if row.act == LOST:
                    before = session.scalar(select(AuditRow.at).where(AuditRow.number == row.number - 1))
                    self._told.append(Loss(row.number, before, row.at))
                else:
                    self._told = [loss for loss in self._told if loss.row > row.about["row"]]
            self._looked = newest
