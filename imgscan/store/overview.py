"""Counts of the whole store for people who would rather look than read (store -> review -> **report**)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from imgscan.review import Coverage, HitState
from imgscan.store.database import Database
from imgscan.store.presence import ending, is_there
from imgscan.types import FindingClass, Level, Status
from models import Album, FileRow, HitRow

UP_TO_THE_MINUTE = len("2026-01-31T08:15")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pictures of the review queue stand in each state."""

    new: int = 0
    confirmed: int = 0
    dismissed: int = 0
    unsure: int = 0

    @property
    def total(self) -> int:
        """All of them: confirmed + dismissed + waiting, always."""
        return self.new + self.confirmed + self.dismissed + self.unsure

    @property
    def waiting(self) -> int:
        """Those that nobody has settled."""
        return self.new + self.unsure


@dataclass(frozen=True, slots=True)
class Group:
    """A department, or a person in it. `found` is without links; found = read + not fully read, always."""

    department: str
    owner: str
    found: int
    unread: int
    hits: Tally

    @property
    def read(self) -> int:
        """Files that were fully read."""
        return self.found - self.unread


@dataclass(frozen=True, slots=True)
class Unread:
    """How many files ended with a status for one reason. `problem` is a source string of the catalogue, may be ""."""

    status: Status
    problem: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, by this computer's clock."""

    day: date
    found: int
    decided: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview page and the head of a report show. `gone` of the `hits` have no file any more."""

    coverage: Coverage
    unread: tuple[Unread, ...]
    hits: Tally
    gone: int
    levels: tuple[tuple[Level | None, Tally], ...]
    classes: tuple[tuple[FindingClass, Tally], ...]
    departments: tuple[Group, ...]
    people: tuple[Group, ...]
    days: tuple[Day, ...]


def overview(database: Database, campaign: str | None = None) -> Overview:
    """The counts of one campaign, or of all.

    Files count where they are there (imgscan.store.presence). A picture of the queue counts for everybody who has or
    had it, and stays counted when its file is gone: what was confirmed does not vanish with the photo.
    """
    with database.reading() as session:
        files = _files(session, campaign)
        kinds = session.execute(
            _hits(campaign, HitRow.level, HitRow.cls, HitRow.state, func.count()).group_by(
                HitRow.level, HitRow.cls, HitRow.state
            )
        ).all()
        by_department = _hits_by(session, campaign, Album.department)
        by_person = _hits_by(session, campaign, Album.department, Album.owner)
        days = _days(session, campaign)
        gone = gone_hits(session, campaign)
        ended = ending(session, *of_campaign(campaign))
    statuses: Counter[Status] = Counter()
    reasons: Counter[tuple[Status, str]] = Counter()
    for _department, _owner, status, problem, count in files:
        statuses[status] += count
        if not status.fully_read:
            reasons[status, problem] += count
    return Overview(
        coverage=Coverage(tuple((status, statuses[status]) for status in Status if status in statuses), *ended),
        unread=tuple(Unread(*why, count) for why, count in reasons.most_common()),
        hits=tally((state, count) for _level, _cls, state, count in kinds),
        gone=gone,
        levels=tuple(
            (level, counted)
            for level in (*Level, None)
            if (counted := tally((row[2], row[3]) for row in kinds if row[0] == level)).total
        ),
        classes=tuple(
            (cls, counted)
            for cls in FindingClass
            if (counted := tally((row[2], row[3]) for row in kinds if row[1] == cls.value)).total
        ),
        departments=_groups(((department, "", *rest) for department, _owner, *rest in files), by_department),
        people=_groups(files, by_person),
        days=days,
    )


def tally(states: Iterable[tuple[str, int]]) -> Tally:
    """Counts by the name of the state, added up."""
    counted: Counter[str] = Counter()
    for state, count in states:
        counted[HitState(state).value] += count
    return Tally(**counted)


def of_campaign(campaign: str | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Album: of that campaign, or of any."""
    return () if campaign is None else (Album.campaign == campaign,)


def hits_of(campaign: str | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions on HitRow: of that campaign, or of any."""
    if campaign is None:
        return ()
    return (_kept_by(Album.campaign == campaign),)


def gone_hits(session: Session, campaign: str | None) -> int:
    """How many pictures of the queue have no file any more, in any campaign; of those of `campaign`, or of all."""
    return session.scalar(_hits(campaign, func.count()).where(~_kept_by(is_there()))) or 0


def _kept_by(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on HitRow: a file with its picture for which `which` holds, a condition on FileRow and Album."""
    return select(FileRow.id).join(FileRow.album).where(FileRow.sha256 == HitRow.sha256, which).exists()


def _files(session: Session, campaign: str | None) -> list[tuple[str, str, Status, str, int]]:
    labels = (Album.department, Album.owner, FileRow.status, FileRow.problem)
    query = (
        select(*labels, func.count())
        .select_from(Album)
        .join(FileRow, FileRow.album_id == Album.id)
        .where(is_there(), *of_campaign(campaign))
        .group_by(*labels)
    )
    return [
        (department, owner, Status(status), problem, count)
        for department, owner, status, problem, count in session.execute(query)
    ]


def _hits(campaign: str | None, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(HitRow).where(*hits_of(campaign))


def _hits_by(session: Session, campaign: str | None, *labels: Any) -> dict[tuple[str, str], Tally]:
    query = (
        select(*labels, HitRow.state, func.count(HitRow.id.distinct()))
        .select_from(HitRow)
        .join(FileRow, FileRow.sha256 == HitRow.sha256)
        .join(Album, Album.id == FileRow.album_id)
        .where(*of_campaign(campaign))
        .group_by(*labels, HitRow.state)
    )
    counted: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for *names, state, count in session.execute(query):
        counted[names[0], names[1] if len(names) > 1 else ""].append((state, count))
    return {names: tally(states) for names, states in counted.items()}


def _groups(files: Iterable[tuple[Any, ...]], hits: dict[tuple[str, str], Tally]) -> tuple[Group, ...]:
    """Most confirmed first, then most hits, then by name."""
    found: Counter[tuple[str, str]] = Counter()
    unread: Counter[tuple[str, str]] = Counter()
    for department, owner, status, _problem, count in files:
        if status is not Status.SYMLINK:  # its target counts where it lies
            found[department, owner] += count
        if not status.fully_read:
            unread[department, owner] += count
    groups = [Group(*who, found[who], unread[who], hits.get(who, Tally())) for who in {**found, **hits}]
    groups.sort(key=lambda each: (-each.hits.confirmed, -each.hits.total, each.department, each.owner))
    return tuple(groups)


def _days(session: Session, campaign: str | None) -> tuple[Day, ...]:
    found = _by_day(session, campaign, HitRow.found_at)
    decided = _by_day(session, campaign, HitRow.decided_at)
    return tuple(Day(day, found[day], decided[day]) for day in sorted({**found, **decided}))


def _by_day(session: Session, campaign: str | None, moment: Any) -> Counter[date]:
    # Grouped by the minute in UTC, for a day here need not be a day there.
    minute = func.substr(type_coerce(moment, Text), 1, UP_TO_THE_MINUTE)
    counted: Counter[date] = Counter()
    for text, count in session.execute(
        _hits(campaign, minute, func.count()).where(moment.is_not(None)).group_by(minute)
    ):
        counted[datetime.fromisoformat(f"{text}+00:00").astimezone().date()] += count
    return counted
