"""The review queue in the database (store -> **review**): finds hits worst first, keeps verdicts, takes them back.

A verdict is one row for each mark of a picture and is never changed. The newest row of a mark says what holds.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from imgscan.review import (
    REOPEN,
    Choices,
    ConflictError,
    Coverage,
    Decided,
    Filter,
    HitState,
    NoSuchItemError,
    NothingToUndoError,
    Original,
    QueuePage,
    ReviewItem,
    Verdict,
    state_of,
)
from imgscan.store import evidence, hits
from imgscan.store.audit import note
from imgscan.store.cursors import from_cursor, to_cursor
from imgscan.store.database import Database
from imgscan.store.hits import hit_of, worst_first
from imgscan.store.looking import Looks
from imgscan.store.losses import Losses
from imgscan.store.narrowing import narrowed
from imgscan.store.presence import counted_there, ending
from imgscan.store.unread import UnreadFiles
from imgscan.types import INSIDE, Crop, Severity
from models import Album, FileRow, FindingRow, HitRow, Picture, VerdictRow


def _now() -> datetime:
    return datetime.now(UTC)


class ReviewQueue:
    """The queue over one database. `review_from` is the setting by which findings need a decision at all."""

    def __init__(
        self, database: Database, review_from: Severity = Severity.MEDIUM, now: Callable[[], datetime] = _now
    ) -> None:
        self._database = database
        self._from = review_from.rank
        self._now = now
        self.looks = Looks(database, now)
        self.losses = Losses(database)
        self.unread = UnreadFiles(database)

    def page(self, wanted: Filter, cursor: str | None = None, limit: int = 50) -> QueuePage:
        """Up to `limit` hits after `cursor`, worst first. Raises UsageError on a cursor that is none of ours."""
        query = narrowed(select(HitRow), wanted).order_by(*worst_first()).limit(limit + 1)
        if cursor:
            query = query.where(tuple_(*hits.ORDER) < tuple_(*from_cursor(cursor, int, int, float, str)))
        with self._database.reading() as session:
            rows = session.scalars(query).all()
            items = tuple(hits.summaries(session, rows[:limit]))
        last = rows[limit - 1] if len(rows) > limit else None
        return QueuePage(
            items, to_cursor(last.severity, last.level_rank, last.confidence, last.id) if last is not None else None
        )

    def item(self, hit_id: str) -> ReviewItem:
        """One hit with everything known of it. Raises NoSuchItemError."""
        with self._database.reading() as session:
            return self._item(session, hit_of(session, hit_id))

    def summary(self, hit_id: str) -> ReviewItem:
        """One hit as in a list: without history and the number of those alike. Raises NoSuchItemError."""
        with self._database.reading() as session:
            return next(hits.summaries(session, [hit_of(session, hit_id)]))

    def group(self, hit_id: str) -> tuple[ReviewItem, ...]:
        """The pictures that look like copies of this one and carry the same marks, itself among them, in any state.

        As in a list, without history; pick among them for `decide_many`. Raises NoSuchItemError.
        """
        with self._database.reading() as session:
            return tuple(hits.summaries(session, hits.group(session, hit_of(session, hit_id))))

    def original(self, hit_id: str) -> Original:
        """Where the picture's bytes may be found. Raises NoSuchItemError."""
        with self._database.reading() as session:
            hit = hit_of(session, hit_id)
            picture = session.get_one(Picture, hit.sha256)
            files = hits.files_of(session, [hit.sha256])[hit.sha256]
            paths = tuple(hits.full_path(album, file) for file, album, _there in reversed(files))
            return Original(picture.sha256, picture.size, paths)

    def evidence(self, hit_id: str, page: int) -> Crop | None:
        """What is kept of the worst mark on a page, for when the picture is gone. Raises NoSuchItemError."""
        with self._database.reading() as session:
            return evidence.get(session, hit_of(session, hit_id).sha256, page, self._database.keys)

    def decide(self, hit_id: str, version: int, verdict: Verdict, reviewer: str, alike: int | None = None) -> Decided:
        """Decide one hit, and with `alike` also the other undecided ones with exactly the same marks.

        `version` and `alike` are what the reviewer saw. Where either is no longer so, nothing is written and
        ConflictError brings the fresh item. Raises NoSuchItemError.
        """
        with self._database.writing() as session:
            hit = hit_of(session, hit_id)
            if hit.version != version:
                raise ConflictError(self._item(session, hit))
            others: Sequence[HitRow] = ()
            if alike is not None:
                others = hits.alike(session, hit.sha256, self._from)
                if len(others) != alike:
                    raise ConflictError(self._item(session, hit))
            return self._decide(session, [hit, *others], verdict, reviewer)

    def decide_many(self, picks: Sequence[tuple[str, int]], verdict: Verdict, reviewer: str) -> Decided:
        """Decide the picked (id, version) hits as one act, all or none. Raises as `decide`, UsageError for no picks."""
        with self._database.writing() as session:
            rows = []
            for hit_id, version in picks:
                hit = hit_of(session, hit_id)
                if hit.version != version:
                    raise ConflictError(self._item(session, hit))
                rows.append(hit)
            if not rows:
                raise NoSuchItemError
            return self._decide(session, rows, verdict, reviewer)

    def undo(self, reviewer: str) -> Decided:
        """Take back the newest act of `reviewer` that still holds; again and again, to any depth.

        A picture that somebody decided afterwards stays as it is. Raises NothingToUndoError.
        """
        row = aliased(VerdictRow)
        with self._database.writing() as session:
            act = session.scalar(
                select(row.act).where(row.reviewer == reviewer, *_holds(row)).order_by(row.id.desc()).limit(1)
            )
            if act is None:
                raise NothingToUndoError
            taken_back = session.scalars(select(row).where(row.act == act, *_holds(row)).order_by(row.id)).all()
            new_act, at = secrets.token_hex(16), self._now()
            for old in taken_back:
                before = _held_before(session, old)
                session.add(
                    VerdictRow(
                        act=new_act,
                        undoes=act,
                        sha256=old.sha256,
                        mark_key=old.mark_key,
                        decision=before.decision if before else REOPEN,
                        reason=before.reason if before else "",
                        note=before.note if before else "",
                        reviewer=reviewer,
                        decided_at=at,
                    )
                )
            self._note(session, reviewer, "verdict taken back", new_act, {old.sha256 for old in taken_back})
            return self._refresh(session, new_act, at, taken_back[0].sha256)

    def counts(self) -> dict[HitState, int]:
        """How many hits stand in each state."""
        with self._database.reading() as session:
            found = session.execute(select(HitRow.state, func.count()).group_by(HitRow.state)).all()
        known = {row.state: row[1] for row in found}
        return {state: known.get(state, 0) for state in HitState}

    def choices(self) -> Choices:
        """The values the queue can be narrowed by, in order."""
        with self._database.reading() as session:
            rules, departments, owners = (
                tuple(value for value in session.scalars(select(column).distinct().order_by(column)) if value)
                for column in (FindingRow.rule, Album.department, Album.owner)
            )
        return Choices(rules, departments, owners)

    def folders(self, most: int = 500) -> tuple[str, ...]:
        """The folders that hold hits, in order; of more than `most` the fullest."""
        holding: Counter[bytes] = Counter()
        with self._database.reading() as session:
            files = select(Album.root, FileRow.path).join(FileRow.album).join(HitRow, HitRow.sha256 == FileRow.sha256)
            for root, path in session.execute(files):
                outermost = os.path.join(root, path.partition(INSIDE)[0])  # noqa: PTH118 (bytes)
                holding[os.path.dirname(outermost)] += 1  # noqa: PTH120 (bytes)
        return tuple(sorted(os.fsdecode(folder) for folder, _count in holding.most_common(most)))

    def coverage(self) -> Coverage:
        """How the files that are there ended."""
        with self._database.reading() as session:
            counted = counted_there(session)
            ended = ending(session)
        return Coverage(tuple(counted.items()), *ended)

    def _item(self, session: Session, hit: HitRow) -> ReviewItem:
        return hits.detail(session, hit, self._from)

    def _decide(self, session: Session, rows: Sequence[HitRow], verdict: Verdict, reviewer: str) -> Decided:
        act, at = secrets.token_hex(16), self._now()
        marks = hits.marks_to_decide(session, [hit.sha256 for hit in rows], self._from)
        session.add_all(
            VerdictRow(
                act=act,
                sha256=hit.sha256,
                mark_key=mark_key,
                decision=verdict.decision.value,
                reason=verdict.reason.value if verdict.reason else "",
                note=verdict.note,
                reviewer=reviewer,
                decided_at=at,
            )
            for hit in rows
            for mark_key in marks[hit.sha256]
        )
        pictures = {hit.sha256 for hit in rows}
        self._note(session, reviewer, f"verdict: {verdict.decision.value}", act, pictures)
        return self._refresh(session, act, at, rows[0].sha256)

    def _note(self, session: Session, reviewer: str, what: str, act: str, pictures: Collection[bytes]) -> None:
        about = {"act": act, "pictures": sorted(picture.hex() for picture in pictures)}
        note(session, self._database.keys, what, about, actor=reviewer)

    def _refresh(self, session: Session, act: str, at: datetime, first: bytes) -> Decided:
        """Derive state and version anew for all hits that `act` touched; these, that of picture `first` first."""
        session.flush()
        touched = select(VerdictRow.sha256).where(VerdictRow.act == act)
        rows = session.scalars(select(HitRow).where(HitRow.sha256.in_(touched)).order_by(HitRow.id)).all()
        marks = hits.marks_to_decide(session, [hit.sha256 for hit in rows], self._from)
        newest: dict[tuple[bytes, str], str] = {}
        for verdict in session.scalars(
            select(VerdictRow).where(VerdictRow.sha256.in_(touched)).order_by(VerdictRow.id)
        ):
            newest[verdict.sha256, verdict.mark_key] = verdict.decision
        changes = []
        for hit in rows:
            state = state_of(newest.get((hit.sha256, mark)) for mark in marks[hit.sha256])
            decided_at = None if state is HitState.NEW else at
            changes.append({"id": hit.id, "state": state.value, "version": hit.version + 1, "decided_at": decided_at})
        session.execute(update(HitRow), changes)
        session.expire_all()
        return Decided(tuple(hits.summaries(session, sorted(rows, key=lambda hit: hit.sha256 != first))))


def _standing(row: type[VerdictRow]) -> tuple[ColumnElement[bool], ...]:
    """Conditions: `row` is a decision (no undo), and nobody took it back."""
    undo = aliased(VerdictRow)
    return (row.undoes.is_(None), ~select(undo.id).where(undo.undoes == row.act).exists())


def _holds(row: type[VerdictRow]) -> tuple[ColumnElement[bool], ...]:
    """Conditions: `row` stands, and no later standing decision of anybody is on the same mark."""
    later = aliased(VerdictRow)
    overtaken = select(later.id).where(
        later.sha256 == row.sha256, later.mark_key == row.mark_key, later.id > row.id, *_standing(later)
    )
    return (*_standing(row), ~overtaken.exists())


def _held_before(session: Session, row: VerdictRow) -> VerdictRow | None:
    """The decision that holds on the same mark once `row` no longer does."""
    earlier = aliased(VerdictRow)
    return session.scalar(
        select(earlier)
        .where(earlier.sha256 == row.sha256, earlier.mark_key == row.mark_key, earlier.id < row.id, *_standing(earlier))
        .order_by(earlier.id.desc())
        .limit(1)
    )
