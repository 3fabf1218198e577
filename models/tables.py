"""The tables. Each class says what one row is; names of statuses and classes are those of docs/design.md."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from imgscan.types import FindingClass, Level, Status
from models.columns import BigInt, Json, Real, UtcTime, Words

STATUSES = tuple(status.value for status in Status)
CLASSES = tuple(cls.value for cls in FindingClass)
LEVELS = tuple(level.value for level in Level)
SCAN_STATES = ("running", "complete", "interrupted", "failed")
HIT_STATES = ("new", "confirmed", "dismissed", "unsure")
LEVEL_RANK = "CASE level WHEN '绝密' THEN 3 WHEN '机密' THEN 2 WHEN '秘密' THEN 1 ELSE 0 END"
DECISIONS = ("confirm", "dismiss", "unsure", "reopen")
KEPT = ("none", "matched", "all")


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A check that `column` holds one of `values` (NULL passes, as in every SQL check)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


STRICT = {"sqlite_strict": True}


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ScanRow(Base):
    """One run of `imgscan scan`."""

    __tablename__ = "scan"
    __table_args__ = (one_of("state", SCAN_STATES), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text, default="running")
    engine: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Album(Base):
    """One scanned folder (or single file) within one campaign, and whose it is."""

    __tablename__ = "album"
    __table_args__ = (UniqueConstraint("root", "campaign"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    campaign: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(Text, default="")
    device: Mapped[str] = mapped_column(Text, default="")
    begun: Mapped[int | None] = mapped_column(ForeignKey("scan.id"))  # the last scan that went into it
    completed: Mapped[int | None] = mapped_column(ForeignKey("scan.id"))  # the last one that came to its end


class Picture(Base):
    """One content, by the SHA-256 of its bytes, however many files hold it."""

    __tablename__ = "picture"
    __table_args__ = (CheckConstraint("length(sha256) = 32", name="sha256_length"), STRICT)

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    size: Mapped[int] = mapped_column(BigInt)
    width: Mapped[int] = mapped_column(Integer, default=0)
    height: Mapped[int] = mapped_column(Integer, default=0)
    taken_at: Mapped[str] = mapped_column(Words, default="")
    camera: Mapped[str] = mapped_column(Words, default="")
    likeness: Mapped[bytes | None] = mapped_column(LargeBinary)  # imgscan.lookalike; of pictures with findings


class FileRow(Base):
    """One file occurrence: a path (raw bytes) in an album, as the last scan that met it left it."""

    __tablename__ = "file"
    __table_args__ = (
        UniqueConstraint("album_id", "path"),
        one_of("status", STATUSES),
        Index(None, "sha256"),
        Index(None, "scan_id", "status"),
        Index(None, "album_id", "scan_id", "status"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int] = mapped_column(ForeignKey("album.id"))
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes | None] = mapped_column(ForeignKey("picture.sha256"))
    size: Mapped[int] = mapped_column(BigInt, default=0)
    mtime_ns: Mapped[int] = mapped_column(BigInt, default=0)
    ctime_ns: Mapped[int] = mapped_column(BigInt, default=0)
    inode: Mapped[int] = mapped_column(BigInt, default=0)
    device: Mapped[int] = mapped_column(BigInt, default=0)
    status: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text, default="")

    album: Mapped[Album] = relationship()


class Reading(Base):
    """What one engine (program, weights and preprocessing together) read in one picture, judged by one rule pack."""

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("sha256", "engine"), one_of("status", STATUSES), one_of("kept", KEPT), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(ForeignKey("picture.sha256"))
    engine: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text, default="")
    kept: Mapped[str] = mapped_column(Text, default="none")
    text: Mapped[Any | None] = mapped_column(Json)
    ms: Mapped[int] = mapped_column(Integer, default=0)
    read_at: Mapped[datetime] = mapped_column(UtcTime)

    findings: Mapped[list[FindingRow]] = relationship(
        back_populates="reading", cascade="all, delete-orphan", passive_deletes=True, order_by="FindingRow.id"
    )


class FindingRow(Base):
    """One rule matched at one place of one reading. `mark_key` is the digest a verdict hangs on."""

    __tablename__ = "finding"
    __table_args__ = (
        one_of("cls", CLASSES),
        one_of("level", LEVELS),
        CheckConstraint("severity BETWEEN 0 AND 4", name="severity_range"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_range"),
        Index(None, "reading_id"),
        Index(None, "mark_key"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(Text)
    cls: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float] = mapped_column(Real)
    text: Mapped[str] = mapped_column(Words)
    mark: Mapped[str] = mapped_column(Words)
    mark_key: Mapped[str] = mapped_column(Text)
    polygons: Mapped[Any] = mapped_column(Json)
    reasons: Mapped[Any] = mapped_column(Json)
    page: Mapped[int] = mapped_column(Integer, default=0)

    reading: Mapped[Reading] = relationship(back_populates="findings")


class HitRow(Base):
    """One picture in the review queue and where its review stands. `version` grows with each verdict (409 guard)."""

    __tablename__ = "hit"
    __table_args__ = (
        one_of("state", HIT_STATES),
        one_of("cls", CLASSES),
        one_of("level", LEVELS),
        CheckConstraint("severity BETWEEN 0 AND 4", name="severity_range"),
        Index(None, "state", "severity", "level_rank", "confidence", "id"),
        Index(None, "severity", "level_rank", "confidence", "id"),
        Index(None, "group_id"),
        STRICT,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)  # opaque and random: all that a web address ever names
    sha256: Mapped[bytes] = mapped_column(ForeignKey("picture.sha256"), unique=True)
    state: Mapped[str] = mapped_column(Text, default="new")
    version: Mapped[int] = mapped_column(Integer, default=0)
    # The worst finding, copied here so that the queue sorts and filters by index:
    severity: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float] = mapped_column(Real)
    cls: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(Text)
    # 3 for 绝密 to 0 for none, made by the database itself:
    level_rank: Mapped[int] = mapped_column(Integer, Computed(LEVEL_RANK, persisted=True))
    # Look-alikes with the same marks share the id of one of them (imgscan.store.grouping); NULL for a picture alone:
    group_id: Mapped[str | None] = mapped_column(Text)
    found_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class VerdictRow(Base):
    """One decision of one person on one mark of one picture; never changed, undoing adds a row.

    The newest row of a mark says what holds: the row of an undo repeats the decision that holds again (`reopen` where
    there was none) and names in `undoes` the act that it took back.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        one_of("decision", DECISIONS),
        Index(None, "sha256", "mark_key"),
        Index(None, "act"),
        Index(None, "undoes"),
        Index(None, "reviewer"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(Text)  # one key press: all rows it wrote share this
    undoes: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(ForeignKey("picture.sha256"))
    mark_key: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Words, default="")
    reviewer: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(UtcTime)
