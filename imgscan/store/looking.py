"""Who looked at what (**review**): so that each reviewer can ask for what is new to him, and reveals are on record.

A picture is shown with all but its marks blurred. Taking the blur off is an act like a verdict, a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from imgscan.store.database import Database
from imgscan.store.hits import hit_of
from models import HitRow, LookRow, VerdictRow

SEEN, REVEALED = "seen", "revealed"


class Looks:
    """The looks of all reviewers. `now` gives an aware moment."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def seen(self, hit_id: str, reviewer: str) -> None:
        """Note once that `reviewer` had this picture before him. Raises NoSuchItemError."""
        with self._database.reading() as session:
            known = _has(session, hit_of(session, hit_id), reviewer, SEEN)
        if not known:
            self._add(hit_id, reviewer, SEEN)

    def reveal(self, hit_id: str, reviewer: str) -> None:
        """Note that `reviewer` takes the blur off, each time anew. Raises NoSuchItemError."""
        self._add(hit_id, reviewer, REVEALED)

    def revealed(self, hit_id: str, reviewer: str) -> bool:
        """True where `reviewer` has taken the blur off this picture. Raises NoSuchItemError."""
        with self._database.reading() as session:
            return _has(session, hit_of(session, hit_id), reviewer, REVEALED)

    def _add(self, hit_id: str, reviewer: str, kind: str) -> None:
        with self._database.writing() as session:
            hit = hit_of(session, hit_id)
            if kind == REVEALED or not _has(session, hit, reviewer, kind):
                session.add(LookRow(sha256=hit.sha256, reviewer=reviewer, kind=kind, at=self._now()))


def seen_by(reviewer: str) -> ColumnElement[bool]:
    """Condition on HitRow: `reviewer` had this picture before him, or decided it."""
    look = (LookRow.sha256 == HitRow.sha256, LookRow.reviewer == reviewer, LookRow.kind == SEEN)
    verdict = (VerdictRow.sha256 == HitRow.sha256, VerdictRow.reviewer == reviewer)
    return select(LookRow.id).where(*look).exists() | select(VerdictRow.id).where(*verdict).exists()


def _has(session: Session, hit: HitRow, reviewer: str, kind: str) -> bool:
    wanted = (LookRow.sha256 == hit.sha256, LookRow.reviewer == reviewer, LookRow.kind == kind)
    return session.scalar(select(LookRow.id).where(*wanted).limit(1)) is not None
