"""A large store of invented people, made through the tables: for measuring what reads all of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import insert

from imgscan.sniff import WECHAT
from imgscan.store.database import Database
from imgscan.types import FindingClass, Level, Status
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading, ScanRow, VerdictRow

BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
DEPARTMENTS = ("办公室", "人事处", "财务处", "规划处", "业务一处", "业务二处", "机关服务中心", "信息中心")
PEOPLE_A_DEPARTMENT = 5
MARKS = (
    ("ns.mark", FindingClass.NATIONAL_SECRET, Level.JIMI, 4, "机密★10年"),
    ("ns.mark", FindingClass.NATIONAL_SECRET, Level.MIMI, 4, "秘密★5年"),
    ("in.document", FindingClass.INTERNAL, None, 2, "内部资料 注意保存"),
    ("fn.number", FindingClass.FILE_NUMBER, None, 2, "云岫示发〔2026〕12号"),
    ("ns.mark", FindingClass.NATIONAL_SECRET, Level.JUEMI, 4, "绝密★长期"),
)
UNREAD = (Status.ENCRYPTED, Status.UNREADABLE, Status.TIMEOUT)
STATES = ("confirmed", "confirmed", "dismissed", "new", "unsure")


def fill(database: Database, files: int, hits: int, *, all_confirmed: bool = False) -> None:
    """`files` files, the first `hits` of them pictures of the queue, one in a hundred not fully read."""
    with database.writing() as session:
        scan = ScanRow(
            state="complete", engine="fake-1", rules="r" * 64, started_at=BEGAN, finished_at=BEGAN + timedelta(hours=5)
        )
        session.add(scan)
        session.flush()
        albums = [
            Album(
                root=f"/albums/{department}/{number}".encode(),
                campaign="2026春季自查",
                department=department,
                owner=f"{department[:2]}{'甲乙丙丁戊'[number]}",
                device="手机",
                begun=scan.id,
                completed=scan.id,
            )
            for department in DEPARTMENTS
            for number in range(PEOPLE_A_DEPARTMENT)
        ]
        session.add_all(albums)
        session.flush()
        ids = [album.id for album in albums]
        keys = [hashlib.sha256(b"%d" % number).digest() for number in range(files)]
        session.execute(insert(Picture), [{"sha256": key, "size": 10**6} for key in keys])
        rows, readings, findings, queue, verdicts = [], [], [], [], []
        for number, key in enumerate(keys):
            status = Status.HIT if number < hits else UNREAD[number % 3] if number % 100 == 0 else Status.CLEAN
            problem = WECHAT if status is Status.ENCRYPTED else ""
            album = ids[number % len(ids)]
            path = b"/albums/%d/DCIM/IMG_%06d.jpg" % (album, number)
            rows.append(
                {"album_id": album, "scan_id": scan.id, "path": path, "sha256": key, "size": 10**6,
                 "status": status.value, "problem": problem}
            )  # fmt: skip
        for number, key in zip(count(1), keys[:hits]):
            rule, cls, level, severity, text = MARKS[number % len(MARKS)]
            state = "confirmed" if all_confirmed else STATES[number * 7 // 11 % len(STATES)]
            at = BEGAN + timedelta(minutes=number)
            mark_key = hashlib.sha256(text.encode()).hexdigest()[:32]
            readings.append(
                {"id": number, "sha256": key, "engine": "fake-1", "rules": "r" * 64, "status": "hit", "read_at": at}
            )
            findings.append(
                {"reading_id": number, "rule": rule, "cls": cls.value, "level": level, "severity": severity,
                 "confidence": 0.9, "text": text, "mark": text, "mark_key": mark_key,
                 "polygons": [((100, 80), (340, 80), (340, 128), (100, 128))], "reasons": []}
            )  # fmt: skip
            queue.append(
                {"id": key.hex()[:32], "sha256": key, "state": state, "severity": severity, "confidence": 0.9,
                 "cls": cls.value, "level": level, "found_at": at,
                 "decided_at": None if state == "new" else at + timedelta(days=1)}
            )  # fmt: skip
            if state == "confirmed":
                verdicts.append(
                    {"act": key.hex()[:32], "sha256": key, "mark_key": mark_key, "decision": "confirm",
                     "reviewer": "王复核", "decided_at": at + timedelta(days=1)}
                )  # fmt: skip
        for table, values in (
            (FileRow, rows), (Reading, readings), (FindingRow, findings), (HitRow, queue), (VerdictRow, verdicts)
        ):  # fmt: skip
            session.execute(insert(table), values)
