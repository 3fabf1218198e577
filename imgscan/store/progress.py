"""How far the newest scan has got, whoever started it: what a person watches while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, func, select
from sqlalchemy.orm import Session

from imgscan.review import Coverage, Ending, ReviewItem
from imgscan.store import hits
from imgscan.store.database import Database
from imgscan.store.presence import BROKEN_OFF, ended_in
from models import Album, FileRow, HitRow, ScanRow

FIRST_HITS = 5
ENDINGS = {
    "running": Ending.RUNNING,
    "complete": Ending.COMPLETE,
    **dict.fromkeys(BROKEN_OFF, Ending.INTERRUPTED),
}


@dataclass(frozen=True, slots=True)
class ScanSoFar:
    """The newest scan. `state` is running, complete, interrupted or failed; a scan that was killed stays running.

    `roots` are the albums that it has met files of. `hits` counts pictures that came into the queue since it began, or
    since the first of the scans did that were broken off right before it, for it goes on with them; `first` are the
    worst of them.
    """

    id: int
    state: str
    began: datetime
    coverage: Coverage
    roots: tuple[bytes, ...]
    hits: int
    first: tuple[ReviewItem, ...]


def newest_scan(database: Database) -> ScanSoFar | None:
    """The newest scan as it stands in the store, None where nothing was ever scanned."""
    with database.reading() as session:
        scan = session.scalar(select(ScanRow).order_by(ScanRow.id.desc()).limit(1))
        if scan is None:
            return None
        began = _first_began(session, scan.id)
        return ScanSoFar(
            scan.id,
            scan.state,
            scan.started_at,
            Coverage(tuple(ended_in(session, scan.id).items()), ENDINGS[scan.state]),
            tuple(session.scalars(select(Album.root).where(_met(scan.id)).order_by(Album.id))),
            session.scalar(select(func.count()).select_from(HitRow).where(HitRow.found_at >= began)) or 0,
            tuple(hits.summaries(session, _worst(session, began))),
        )


def newest_scan_id(database: Database) -> int:
    """The number of the newest scan, 0 where nothing was ever scanned; every later scan has a higher one."""
    with database.reading() as session:
        return session.scalar(select(func.max(ScanRow.id))) or 0


def _first_began(session: Session, scan_id: int) -> datetime:
    broken_off = ScanRow.state.in_(BROKEN_OFF)
    ended = select(func.max(ScanRow.id)).where(ScanRow.id < scan_id, ~broken_off).scalar_subquery()
    first = select(ScanRow.started_at).where(ScanRow.id > func.coalesce(ended, 0)).order_by(ScanRow.id).limit(1)
    return session.scalars(first).one()


def _met(scan_id: int) -> Exists:
    return select(FileRow.id).where(FileRow.album_id == Album.id, FileRow.scan_id == scan_id).exists()


def _worst(session: Session, since: datetime) -> Sequence[HitRow]:
    query = select(HitRow).where(HitRow.found_at >= since).order_by(*hits.worst_first())
    return session.scalars(query.limit(FIRST_HITS)).all()
