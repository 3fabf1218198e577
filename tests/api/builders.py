"""Fills a store through the tables themselves: albums, drawn pictures, readings, findings and hits with known truth."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import select, update

from imgscan.review import mark_key
from imgscan.store.audit import LOST, note
from imgscan.store.database import Database
from imgscan.store.pages import to_json
from imgscan.types import Finding, FindingClass, Level, Page, Quad, Reason, Severity, Status, TextLine
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading, ScanRow

EPOCH = datetime(2026, 3, 1, 8, tzinfo=UTC)


def box(x: float, y: float, width: float, height: float) -> Quad:
    """An upright quad, clockwise from its top left."""
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def finding(
    mark: str = "机密★10年",
    *,
    text: str | None = None,
    cls: FindingClass = FindingClass.NATIONAL_SECRET,
    level: Level | None = Level.JIMI,
    severity: Severity = Severity.CRITICAL,
    confidence: float = 0.97,
    polygons: tuple[Quad, ...] = (box(100, 80, 240, 48),),
    reasons: tuple[Reason, ...] | None = None,
    rule: str = "ns.mark",
    page: int = 0,
) -> Finding:
    if reasons is None:
        reasons = (
            Reason(f"rule:{rule}", mark, 1.0, polygons[0] if polygons else None),
            Reason("zone:head_left", "", 0.2, polygons[0] if polygons else None),
        )
    return Finding(
        rule=rule,
        cls=cls,
        level=level,
        severity=severity,
        confidence=confidence,
        text=mark if text is None else text,
        mark=mark,
        polygons=polygons,
        reasons=reasons,
        page=page,
    )


def draw_page(width: int = 800, height: int = 1000, boxes: Sequence[Quad] = (box(100, 80, 240, 48),)) -> bytes:
    """A JPEG of a grey page whose `boxes` are filled red: what a test finds again in a screenshot."""
    page = np.full((height, width, 3), 225, np.uint8)
    for y in range(200, height - 60, 40):
        cv2.line(page, (80, y), (width - 80, y), (120, 120, 120), 3)
    for quad in boxes:
        cv2.fillPoly(page, [np.array(quad, np.int32)], (30, 30, 200))
    encoded, content = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert encoded
    return bytes(content)


@dataclass
class StoreBuilder:
    """Writes rows; each call of `hit` adds one picture with its file, reading, findings and place in the queue."""

    database: Database
    root: Path
    scan: int = 0
    state: str = "complete"
    albums: dict[tuple[str, str], int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.scan = self.new_scan()

    def new_scan(self, state: str = "complete", began: datetime = EPOCH) -> int:
        with self.database.writing() as session:
            row = ScanRow(state=state, engine="test", rules="test", started_at=began, finished_at=began)
            session.add(row)
            session.flush()
            self.scan, self.state = row.id, state
        return self.scan

    def enter_album(self, owner: str = "张示例") -> None:
        """The scan goes into an album and meets nothing there."""
        with self.database.writing() as session:
            self._album(session, "示例局一处", owner)

    def again(self, name: str, now: str = "") -> None:
        """The scan meets a file of the first album once more, or its bytes under the name `now`."""
        with self.database.writing() as session:
            album = self._album(session, "示例局一处", "张示例")
            root = bytes(self.root / "示例局一处-张示例")
            file = session.scalars(select(FileRow).where(FileRow.path == root + b"/" + name.encode())).one()
            if now:
                path = root + b"/" + now.encode()
                session.add(
                    FileRow(album_id=album, scan_id=self.scan, path=path, sha256=file.sha256, status=file.status)
                )
            else:
                file.scan_id = self.scan

    def _album(self, session: Any, department: str, owner: str) -> int:
        if (department, owner) not in self.albums:
            root = self.root / f"{department}-{owner}"
            root.mkdir(parents=True, exist_ok=True)
            album = Album(root=bytes(root), department=department, owner=owner, device=f"{owner}的手机")
            session.add(album)
            session.flush()
            self.albums[department, owner] = album.id
        went_in = {"begun": self.scan} | ({"completed": self.scan} if self.state == "complete" else {})
        album_id = self.albums[department, owner]
        session.execute(update(Album).where(Album.id == album_id).values(**went_in))
        return album_id

    def hit(
        self,
        *findings: Finding,
        name: str | bytes = "",
        copies: Sequence[str] = (),
        content: bytes | None = None,
        department: str = "示例局一处",
        owner: str = "张示例",
        size: tuple[int, int] = (800, 1000),
        text: str = "",
        taken_at: str = "",
    ) -> str:
        """Adds a picture with `findings`; its file is written where `content` is given. The hit's id."""
        findings = findings or (finding(),)
        self.count += 1
        name = name or f"IMG_{self.count:05}.jpg"
        sha256 = hashlib.sha256(content if content is not None else f"nothing {self.count}".encode()).digest()
        worst = max(findings, key=lambda found: (found.severity, found.confidence))
        with self.database.writing() as session:
            album = self._album(session, department, owner)
            root = Path(self.root / f"{department}-{owner}")
            session.add(
                Picture(sha256=sha256, size=len(content or b""), width=size[0], height=size[1], taken_at=taken_at)
            )
            session.flush()
            for each in (name, *copies):
                raw = os.path.join(bytes(root), each if isinstance(each, bytes) else each.encode())  # noqa: PTH118
                session.add(FileRow(album_id=album, scan_id=self.scan, path=raw, sha256=sha256, status="hit"))
                if content is not None:
                    path = root / each if isinstance(each, str) else root / each.decode("utf-8", "surrogateescape")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            self._reading(session, sha256, "test", findings, EPOCH, text=text)
            hit = HitRow(
                id=hashlib.sha256(b"hit" + sha256).hexdigest()[:32],
                sha256=sha256,
                severity=worst.severity.rank,
                confidence=worst.confidence,
                cls=worst.cls.value,
                level=worst.level.value if worst.level else None,
                found_at=EPOCH + timedelta(seconds=self.count),
            )
            session.add(hit)
            return hit.id

    def group(self, *hits: str) -> None:
        """These hits are look-alikes."""
        with self.database.writing() as session:
            for each in hits:
                session.get_one(HitRow, each).group_id = hits[0]

    def reread(self, hit_id: str, *findings: Finding, engine: str = "newer") -> None:
        """A later reading of the same picture by another engine."""
        with self.database.writing() as session:
            hit = session.get_one(HitRow, hit_id)
            self._reading(session, hit.sha256, engine, findings, EPOCH + timedelta(days=1))

    @staticmethod
    def _reading(
        session: Any, sha256: bytes, engine: str, findings: Sequence[Finding], at: datetime, *, text: str = ""
    ) -> None:
        reading = Reading(sha256=sha256, engine=engine, rules="test", status="hit", read_at=at)
        if text:
            reading.kept, reading.text = "matched", to_json([Page((TextLine(text),))])
        session.add(reading)
        session.flush()
        session.add_all(
            FindingRow(
                reading_id=reading.id,
                rule=found.rule,
                cls=found.cls.value,
                level=found.level.value if found.level else None,
                severity=found.severity.rank,
                confidence=found.confidence,
                text=found.text,
                mark=found.mark,
                mark_key=mark_key(found),
                polygons=found.polygons,
                reasons=[
                    {"code": why.code, "detail": why.detail, "weight": why.weight, "polygon": why.polygon}
                    for why in found.reasons
                ],
                page=found.page,
            )
            for found in findings
        )

    def lose(self) -> None:
        """The store notices that it holds less than it was told."""
        with self.database.writing() as session:
            note(session, self.database.keys, LOST, {"acknowledged": "99:00"})

    def file(self, name: str, status: Status, problem: str = "", department: str = "示例局一处") -> None:
        """A file without a picture: clean or not fully read."""
        with self.database.writing() as session:
            album = self._album(session, department, "张示例")
            session.add(
                FileRow(
                    album_id=album,
                    scan_id=self.scan,
                    path=name.encode(),
                    status=status.value,
                    problem=problem,
                    size=1234,
                )
            )
