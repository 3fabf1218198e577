"""The texts that were kept, and what other rules make of them (**store**): behind `rejudge` and `rules preview`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from imgscan.review import HitState, state_of
from imgscan.store import pages as kept_pages
from imgscan.store.audit import note
from imgscan.store.database import Database
from imgscan.store.grouping import regroup
from imgscan.store.hits import display_path, files_of, finding_of
from imgscan.store.judgements import decisions, put_findings
from imgscan.types import Finding, Page, Severity, Status
from models import FileRow, HitRow, Reading, VerdictRow

AT_ONCE = 100
"""Texts fetched by one transaction, so that none stays open while they are judged."""
JUDGED = (Status.CLEAN.value, Status.HIT.value, Status.PARTIAL.value)


@dataclass(frozen=True, slots=True)
class KeptText:
    """What the newest reading of a picture left: its text (`whole`, or only the lines that were matched), judged."""

    reading: int
    sha256: bytes
    status: Status
    problem: str
    whole: bool
    pages: tuple[Page, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a judgement changed for one picture: anything at all, and whether it waited for review before and after."""

    any: bool
    waited: bool
    waits: bool


class KeptTexts:
    """The kept texts of one store. A picture counts once, by its newest reading, whatever engine made it."""

    def __init__(self, database: Database, review_from: Severity) -> None:
        self._database = database
        self._review_from = review_from

    def count(self, *kept: str, judged_by: str = "") -> int:
        """How many pictures have text of these kinds (`all`, `matched`, `none`), judged by other rules than these."""
        with self._database.reading() as session:
            return session.scalar(_newest(func.count()).where(Reading.kept.in_(kept), Reading.rules != judged_by)) or 0

    def texts(self, *kept: str, judged_by: str = "") -> Iterator[KeptText]:
        """The texts of these kinds, but for those judged by the rules whose digest is `judged_by`."""
        with self._database.reading() as session:
            query = _newest(Reading.id).where(Reading.kept.in_(kept), Reading.rules != judged_by).order_by(Reading.id)
            ids = session.scalars(query).all()
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            with self._database.reading() as session:
                rows = session.scalars(select(Reading).where(Reading.id.in_(some)).order_by(Reading.id))
                found = [_kept_text(row) for row in rows]
            yield from found

    def put(self, text: KeptText, rules: str, status: Status, findings: Sequence[Finding]) -> Change:
        """Keep a new judgement of `text` in one transaction: reading, files, findings and queue item. Verdicts stay."""
        with self._database.writing() as session:
            waited = _waits(session, text.sha256)
            row = session.get_one(Reading, text.reading)
            row.rules, row.status = rules, status.value
            changed = tuple(findings) != text.findings
            if changed:
                put_findings(session, row, findings, self._review_from)
            session.execute(
                update(FileRow)
                .where(FileRow.sha256 == text.sha256, FileRow.status.in_(JUDGED))
                .values(status=status.value)
            )
            session.flush()
            told = {"sha256": text.sha256.hex(), "status": status.value, "rules": rules}
            note(session, self._database.keys, "judged again", told, actor="rejudge")
            return Change(changed, waited, _waits(session, text.sha256))

    def regroup(self) -> None:
        """Group look-alikes anew, for their marks may have changed."""
        with self._database.writing() as session:
            regroup(session, self._review_from.rank)

    def waits(self, sha256: bytes, marks: Collection[str]) -> bool:
        """Whether a picture with these reviewable marks would wait for a decision."""
        if not marks:
            return False
        with self._database.reading() as session:
            return state_of(decisions(session, sha256, marks)) is HitState.NEW

    def path(self, sha256: bytes) -> str:
        """One file that holds the picture, for people; empty where none is known."""
        with self._database.reading() as session:
            found = files_of(session, [sha256])[sha256]
            return display_path(found[0][1], found[0][0]) if found else ""

    def pace(self, pause: float) -> tuple[float, int]:
        """Seconds that reviewers took a picture, and for how many pictures that is known.

        From the times of one reviewer's decisions in a row; a gap of more than `pause` seconds was a break.
        """
        pictures = func.count(VerdictRow.sha256.distinct())
        query = (
            select(VerdictRow.reviewer, func.min(VerdictRow.decided_at), pictures)
            .where(VerdictRow.undoes.is_(None))
            .group_by(VerdictRow.act, VerdictRow.reviewer)
            .order_by(VerdictRow.reviewer, func.min(VerdictRow.decided_at))
        )
        seconds, decided = 0.0, 0
        with self._database.reading() as session:
            acts = session.execute(query).all()
        for (before, earlier, _count), (reviewer, at, count) in pairwise(acts):
            gap = (at - earlier).total_seconds()
            if before == reviewer and gap <= pause:
                seconds, decided = seconds + gap, decided + count
        return (seconds / decided if decided else 0.0), decided


def _newest(*columns: Any) -> Select[Any]:
    """Columns of each picture's newest reading."""
    newer = aliased(Reading)
    superseded = select(newer.id).where(
        newer.sha256 == Reading.sha256, tuple_(newer.read_at, newer.id) > tuple_(Reading.read_at, Reading.id)
    )
    return select(*columns).select_from(Reading).where(~superseded.exists())


def _kept_text(row: Reading) -> KeptText:
    return KeptText(
        reading=row.id,
        sha256=row.sha256,
        status=Status(row.status),
        problem=row.problem,
        whole=row.kept == "all",
        pages=kept_pages.from_json(row.text or []),
        findings=tuple(finding_of(finding) for finding in row.findings),
    )


def _waits(session: Session, sha256: bytes) -> bool:
    return session.scalar(select(HitRow.state).where(HitRow.sha256 == sha256)) == HitState.NEW.value
