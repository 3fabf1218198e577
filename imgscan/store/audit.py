"""The audit trail (**store**): who stored, decided or purged what, in rows that are chained to one another.

A row is written in the transaction of the act that it tells, so that neither is there without the other. It names
hashes, ids, statuses and counts, never text of a picture and never a path. In an encrypted store the chain is keyed:
who can write to the file but has no key can make no row that fits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imgscan.errors import StoreError
from imgscan.i18n import _
from imgscan.store.acknowledged import remembered
from imgscan.store.database import HEAD, Database
from imgscan.store.keys import Keys
from models import AuditRow

SCANNER = "scan"
START = bytes(32)
LOST = "rows lost"


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the trail: who notes it down elsewhere can prove later that no row was cut off."""

    number: int
    chained: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.chained.hex()}"

    @classmethod
    def of(cls, noted: str) -> Head | None:
        """The head that `str` once wrote down; None where this is no head."""
        parts = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", noted)
        return cls(int(parts[1]), bytes.fromhex(parts[2])) if parts else None


def note(session: Session, keys: Keys | None, act: str, about: Mapping[str, Any], actor: str = SCANNER) -> None:
    """Add one row in the transaction of `session`, which is the only one that writes."""
    last = session.execute(
        select(AuditRow.number, AuditRow.chained).order_by(AuditRow.number.desc()).limit(1)
    ).one_or_none()
    number, before = (last.number + 1, last.chained) if last else (1, START)
    row = AuditRow(number=number, at=datetime.now(UTC), actor=actor, act=act, about=dict(about))
    row.chained = _chained(row, before, keys)
    session.add(row)
    session.flush()
    session.info[HEAD] = str(Head(number, row.chained))


def chain_anew(session: Session, keys: Keys) -> None:
    """Key the chain of a store that was plain. The caller has verified it."""
    before = START
    for row in session.scalars(select(AuditRow).order_by(AuditRow.number)).yield_per(1000):
        row.chained = before = _chained(row, before, keys)
    note(session, keys, "encrypted", {})


def verify(database: Database) -> Head:
    """Follow the whole chain; its head. Raises StoreError naming the first row that does not fit."""
    number, before = 0, START
    with database.reading() as session:
        for row in session.scalars(select(AuditRow).order_by(AuditRow.number)).yield_per(1000):
            number += 1
            if row.number != number or not hmac.compare_digest(row.chained, _chained(row, before, database.keys)):
                raise StoreError(
                    _("The audit trail was changed: row {number} does not fit.").format(number=number),
                    _("Compare with a backup; what came after that row cannot be relied on."),
                )
            before = row.chained
    return Head(number, before)


def fits(database: Database) -> bool:
    """True where the first row was made with these keys, or there is none yet."""
    with database.reading() as session:
        row = session.get(AuditRow, 1)
        return row is None or hmac.compare_digest(row.chained, _chained(row, START, database.keys))


def holds(database: Database, noted: str) -> bool:
    """True where the row that was once the head (`Head` as text) is still there."""
    head = Head.of(noted)
    if head is None:
        return False
    with database.reading() as session:
        kept = session.scalar(select(AuditRow.chained).where(AuditRow.number == head.number))
    return kept == head.chained


def lost(database: Database) -> bool:
    """True where the store was once told more than it holds; the trail then says so from here on.

    A log that ends too early and an older copy of the file look sound in themselves (imgscan.store.acknowledged).
    """
    if not isinstance(database.place, Path):
        return False  # a database server answers for its own log
    head = remembered(database.place)
    if not head or holds(database, head):
        return False
    with database.writing() as session:
        note(session, database.keys, LOST, {"acknowledged": head})
    return True


def _chained(row: AuditRow, before: bytes, keys: Keys | None) -> bytes:
    told = [row.number, row.at.astimezone(UTC).isoformat(), row.actor, row.act, row.about]
    content = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    if keys is None:
        return hashlib.sha256(before + content).digest()
    return hmac.digest(keys.audit, before + content, "sha256")
