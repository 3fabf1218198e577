"""The rows of the lists that a self-check hands in (store -> review -> **report**), one after the other."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, distinct, func, or_, select
from sqlalchemy.orm import Session

from imgscan.review import Coverage, Decision, HitState, ReviewItem, UnreadFile
from imgscan.store import hits
from imgscan.store.audit import Head, note
from imgscan.store.database import Database
from imgscan.store.overview import Tally, Unread, gone_hits, hits_of, of_campaign, tally
from imgscan.store.presence import ending, is_there
from imgscan.types import FindingClass, Status, display_path
from models import Album, AuditRow, FileRow, HitRow, Picture, Reading, ScanRow, VerdictRow

AT_ONCE = 200
"""Rows held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One person with one device in one campaign, as `scan` was told."""

    campaign: str
    department: str
    owner: str
    device: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How far one holder's albums were looked through and what came of it.

    `pictures` are the files that are there, links left out: pictures = read + the sum of `unread`, always. `began` and
    `ended` are those of the scans that met them, or went in and met none; `ended` is None while one runs. `whole` says
    that the last of them came to its end, so that no file is missing here. `hits` are by class; they stay when their
    files are gone, be it all that a holder had.
    """

    holder: Holder
    began: datetime
    ended: datetime | None
    whole: bool
    pictures: int
    unread: tuple[Unread, ...]
    hits: dict[FindingClass, Tally]

    @property
    def read(self) -> int:
        """Files that were fully read."""
        return self.pictures - sum(each.count for each in self.unread)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One picture that a person confirmed, and that person's words. `camera` is what the picture names, may be ""."""

    item: ReviewItem
    sha256: str
    camera: str
    reviewer: str
    note: str


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """One file that was not fully read, and whose it is."""

    holder: Holder
    file: UnreadFile


@dataclass(frozen=True, slots=True)
class Used:
    """Which engine and which rules stand behind how many of the pictures."""

    engine: str
    rules: str
    pictures: int


_HOLDER = (Album.campaign, Album.department, Album.owner, Album.device)


def checked(database: Database, campaign: str | None = None) -> tuple[Checked, ...]:
    """One row a holder, by department and name."""
    with database.reading() as session:
        files = session.execute(
            select(*_HOLDER, FileRow.status, FileRow.problem, func.count())
            .select_from(Album)
            .join(FileRow, FileRow.album_id == Album.id)
            .where(is_there(), *of_campaign(campaign))
            .group_by(*_HOLDER, FileRow.status, FileRow.problem)
        ).all()
        times = _times(session, campaign)
        by_class = _by_class(session, campaign)
    pictures: Counter[Holder] = Counter()
    unread: dict[Holder, list[Unread]] = defaultdict(list)
    for *names, status, problem, count in files:
        holder = Holder(*names)
        pictures[holder] += 0 if status == Status.SYMLINK.value else count
        if not Status(status).fully_read:
            unread[holder].append(Unread(Status(status), problem, count))
    return tuple(
        Checked(holder, *times[holder], pictures[holder], tuple(unread[holder]), by_class.get(holder, {}))
        for holder in sorted(times, key=lambda each: (each.department, each.owner, each.device, each.campaign))
    )


def confirmed(database: Database, campaign: str | None = None) -> Iterator[Confirmed]:
    """The confirmed pictures, worst first."""
    query = (
        select(HitRow.id)
        .where(HitRow.state == HitState.CONFIRMED.value, *hits_of(campaign))
        .order_by(*hits.worst_first())
    )
    with database.reading() as session:
        ids = session.scalars(query).all()
        for start in range(0, len(ids), AT_ONCE):
            wanted = ids[start : start + AT_ONCE]
            by_id = {row.id: row for row in session.scalars(select(HitRow).where(HitRow.id.in_(wanted)))}
            rows = [by_id[each] for each in wanted]
            verdicts = _verdicts(session, [row.sha256 for row in rows])
            cameras = _cameras(session, [row.sha256 for row in rows])
            for row, item in zip(rows, hits.summaries(session, rows), strict=True):
                verdict = verdicts[row.sha256]
                yield Confirmed(item, row.sha256.hex(), cameras[row.sha256], verdict.reviewer, verdict.note)
            session.expunge_all()


def unread_files(database: Database, campaign: str | None = None) -> Iterator[UnreadRow]:
    """Every file that is there and was not fully read, by department, name and path."""
    unread = [status.value for status in Status if not status.fully_read]
    query = (
        select(*_HOLDER, Album.root, FileRow.path, FileRow.status, FileRow.problem, FileRow.size)
        .select_from(Album)
        .join(FileRow, FileRow.album_id == Album.id)
        .where(is_there(), FileRow.status.in_(unread), *of_campaign(campaign))
        .order_by(Album.department, Album.owner, Album.id, FileRow.path)
    )
    with database.reading() as session:
        for *names, root, path, status, problem, size in session.execute(query).yield_per(AT_ONCE):
            full = display_path(os.path.join(root, path))  # noqa: PTH118 (bytes: names need not be text)
            yield UnreadRow(Holder(*names), UnreadFile(full, Status(status), problem, size))


def used(database: Database, campaign: str | None = None) -> tuple[Used, ...]:
    """What read and judged the pictures, the most used first. One picture may have several readings."""
    wanted = select(FileRow.sha256).join(FileRow.album).where(is_there(), *of_campaign(campaign))
    query = (
        select(Reading.engine, Reading.rules, func.count(distinct(Reading.sha256)))
        .where(Reading.sha256.in_(wanted))
        .group_by(Reading.engine, Reading.rules)
        .order_by(func.count(distinct(Reading.sha256)).desc(), Reading.engine, Reading.rules)
    )
    with database.reading() as session:
        return tuple(Used(*row) for row in session.execute(query))


def coverage_of(database: Database, campaign: str | None = None) -> Coverage:
    """How the files that are there ended, of one campaign or of all."""
    counts = (
        select(FileRow.status, func.count())
        .select_from(Album)
        .join(FileRow, FileRow.album_id == Album.id)
        .where(is_there(), *of_campaign(campaign))
        .group_by(FileRow.status)
    )
    with database.reading() as session:
        counted = {Status(status): count for status, count in session.execute(counts)}
        ended = ending(session, *of_campaign(campaign))
    return Coverage(tuple((status, counted[status]) for status in Status if status in counted), *ended)


def note_report(database: Database, reporter: str, about: Mapping[str, Any]) -> Head:
    """Note in the audit trail that `reporter` takes a report away; the head of the trail with that row."""
    with database.writing() as session:
        note(session, database.keys, "report", about, actor=reporter)
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        return Head(row.number, row.chained)


def album_roots(database: Database) -> tuple[bytes, ...]:
    """Every folder (or single file) that was ever scanned into this store."""
    with database.reading() as session:
        return tuple(session.scalars(select(Album.root).distinct()))


def gone(database: Database, campaign: str | None = None) -> int:
    """How many pictures of the queue have no file any more: they are in no list of the files that are there."""
    with database.reading() as session:
        return gone_hits(session, campaign)


def campaigns(database: Database) -> tuple[str, ...]:
    """The names of all campaigns, in order; "" for albums without one."""
    with database.reading() as session:
        return tuple(session.scalars(select(Album.campaign).distinct().order_by(Album.campaign)))


def _times(session: Session, campaign: str | None) -> dict[Holder, tuple[datetime, datetime | None, bool]]:
    # Files that are there were met by the last complete scan or by later ones, which were then not complete. The last
    # that went into an album may have met none of them before it broke off, or none because they are gone.
    query = (
        select(*_HOLDER, ScanRow.started_at, ScanRow.finished_at, ScanRow.state)
        .select_from(Album)
        .outerjoin(FileRow, and_(FileRow.album_id == Album.id, is_there()))
        .join(ScanRow, or_(ScanRow.id == FileRow.scan_id, ScanRow.id == Album.begun))
        .where(*of_campaign(campaign))
        .distinct()
    )
    spans: dict[Holder, tuple[datetime, datetime | None, bool]] = {}
    for *names, began, ended, state in session.execute(query):
        holder = Holder(*names)
        first, last, whole = spans.get(holder, (began, ended, True))
        last = max(last, ended) if last and ended else None
        spans[holder] = (min(first, began), last, whole and state == "complete")
    return spans


def _by_class(session: Session, campaign: str | None) -> dict[Holder, dict[FindingClass, Tally]]:
    query = (
        select(*_HOLDER, HitRow.cls, HitRow.state, func.count(distinct(HitRow.id)))
        .select_from(HitRow)
        .join(FileRow, FileRow.sha256 == HitRow.sha256)
        .join(Album, Album.id == FileRow.album_id)
        .where(*of_campaign(campaign))
        .group_by(*_HOLDER, HitRow.cls, HitRow.state)
    )
    states: dict[Holder, dict[FindingClass, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for *names, cls, state, count in session.execute(query):
        states[Holder(*names)][FindingClass(cls)].append((state, count))
    return {holder: {cls: tally(found) for cls, found in classes.items()} for holder, classes in states.items()}


def _cameras(session: Session, pictures: list[bytes]) -> dict[bytes, str]:
    query = select(Picture.sha256, Picture.camera).where(Picture.sha256.in_(pictures))
    return {sha256: camera for sha256, camera in session.execute(query)}  # noqa: C416 (Row is no tuple to mypy)


def _verdicts(session: Session, pictures: list[bytes]) -> dict[bytes, VerdictRow]:
    """The newest confirmation of each of the pictures."""
    newest = (
        select(func.max(VerdictRow.id))
        .where(VerdictRow.sha256.in_(pictures), VerdictRow.decision == Decision.CONFIRM.value)
        .group_by(VerdictRow.sha256)
    )
    rows: Any = session.scalars(select(VerdictRow).where(VerdictRow.id.in_(newest)))
    return {row.sha256: row for row in rows}
