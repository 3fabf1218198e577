"""What a judgement leaves in the database (judge -> **store**): findings of a reading, and the queue item that follows.

Shared by a scan, which judges what it read, and by `rejudge`, which judges what was kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from imgscan.review import HitState, mark_key, state_of
from imgscan.store import evidence
from imgscan.types import Finding, Severity
from models import FindingRow, HitRow, Reading, VerdictRow


def put_findings(session: Session, reading: Reading, findings: Sequence[Finding], review_from: Severity) -> None:
    """Replace the findings of `reading`, and bring the picture's queue item in step with them."""
    reading.findings = [_finding_row(finding) for finding in findings]
    session.flush()
    hit = _put_hit(session, reading.sha256, findings, review_from)
    if hit is None or hit.state == HitState.NEW:
        # What an older engine read is no use any more, unless somebody decided by it.
        session.execute(delete(Reading).where(Reading.sha256 == reading.sha256, Reading.id != reading.id))


def decisions(session: Session, sha256: bytes, marks: Iterable[str]) -> list[str | None]:
    """The newest verdict row on each mark: it says what holds (models.VerdictRow)."""
    query = select(VerdictRow.mark_key, VerdictRow.decision).where(VerdictRow.sha256 == sha256).order_by(VerdictRow.id)
    newest: dict[str, str] = {mark: decision for mark, decision in session.execute(query)}  # noqa: C416 (Row is no tuple to mypy)
    return [newest.get(mark) for mark in marks]


def _put_hit(session: Session, sha256: bytes, findings: Sequence[Finding], review_from: Severity) -> HitRow | None:
    worth = [finding for finding in findings if finding.severity >= review_from]
    row = session.scalar(select(HitRow).where(HitRow.sha256 == sha256))
    if not worth:
        if row is not None and row.state == HitState.NEW:
            session.delete(row)
            row = None
        if row is None:
            evidence.drop(session, sha256)
        return row
    worst = max(worth, key=lambda finding: finding.risk)
    if row is None:
        row = HitRow(id=secrets.token_hex(16), sha256=sha256, version=-1, found_at=datetime.now(UTC))
        session.add(row)
    row.severity, row.confidence = worst.severity.rank, worst.confidence
    row.cls, row.level = worst.cls.value, worst.level
    row.version += 1
    row.state = state_of(decisions(session, sha256, {mark_key(finding) for finding in worth}))
    return row


def _finding_row(finding: Finding) -> FindingRow:
    return FindingRow(
        rule=finding.rule,
        cls=finding.cls.value,
        level=finding.level,
        severity=finding.severity.rank,
        confidence=finding.confidence,
        text=finding.text,
        mark=finding.mark,
        mark_key=mark_key(finding),
        polygons=finding.polygons,
        reasons=[asdict(reason) for reason in finding.reasons],
        page=finding.page,
    )
