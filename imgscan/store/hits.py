"""Turns rows of the database into records of the review queue, and says which marks of a picture need a decision."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from imgscan.review import HistoryEntry, HitState, NoSuchItemError, Occurrence, ReviewItem
from imgscan.store.pages import quad
from imgscan.store.presence import is_there
from imgscan.types import Finding, FindingClass, Level, Reason, Severity
from imgscan.types import display_path as shown
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading, VerdictRow

MOST_ALIKE = 500
"""No more pictures than this are decided by one key; the next key then decides the next ones."""

ORDER = (HitRow.severity, HitRow.level_rank, HitRow.confidence, HitRow.id)
"""Worst first, descending; the id only makes the order total. An index holds it, with and without the state."""

# Made once: to make an alias costs more than a query that uses it.
_NEWER, _FOUND, _BESIDE = aliased(Reading), aliased(FindingRow), aliased(FindingRow)
_SUPERSEDED = (
    select(_NEWER.id)
    .where(
        _NEWER.sha256 == Reading.sha256,
        tuple_(_NEWER.read_at, _NEWER.id) > tuple_(Reading.read_at, Reading.id),
        select(_FOUND.id).where(_FOUND.reading_id == _NEWER.id).exists(),
    )
    .exists()
)

Files = dict[bytes, list[tuple[FileRow, Album, bool]]]
"""By picture; the third says whether the file is still there."""


def worst_first() -> tuple[ColumnElement[Any], ...]:
    """How hits are ordered wherever they are shown."""
    return tuple(column.desc() for column in ORDER)


def hit_of(session: Session, hit_id: str) -> HitRow:
    """The row of one hit. Raises NoSuchItemError."""
    hit = session.get(HitRow, hit_id)
    if hit is None:
        raise NoSuchItemError
    return hit


def full_path(album: Album, file: FileRow) -> bytes:
    """Where the file lies; a path that is absolute already stays as it is."""
    return os.path.join(album.root, file.path)  # noqa: PTH118 (bytes: names need not be text)


def display_path(album: Album, file: FileRow) -> str:
    """The same for people: invalid UTF-8 as surrogate escapes."""
    return shown(full_path(album, file))


def files_of(session: Session, pictures: Iterable[bytes]) -> Files:
    """All files that hold each of `pictures`, in the order they were first met."""
    files: Files = defaultdict(list)
    query = select(FileRow, Album, is_there()).join(FileRow.album).where(FileRow.sha256.in_(list(pictures)))
    for file, album, there in session.execute(query.order_by(FileRow.id)):
        files[cast("bytes", file.sha256)].append((file, album, there))
    return files


def finding_of(row: FindingRow) -> Finding:
    """The finding that `row` keeps."""
    return Finding(
        rule=row.rule,
        cls=FindingClass(row.cls),
        level=Level(row.level) if row.level else None,
        severity=Severity.of_rank(row.severity),
        confidence=row.confidence,
        text=row.text,
        mark=row.mark,
        polygons=tuple(polygon for points in row.polygons if (polygon := quad(points))),
        reasons=tuple(
            Reason(
                code=reason["code"],
                detail=reason["detail"],
                weight=reason["weight"],
                polygon=quad(reason["polygon"]),
            )
            for reason in row.reasons
        ),
        page=row.page,
    )


def summaries(session: Session, rows: Sequence[HitRow]) -> Iterator[ReviewItem]:
    """The items of a list: all but history and the count of those alike."""
    keys = [hit.sha256 for hit in rows]
    files = files_of(session, keys)
    pictures = {picture.sha256: picture for picture in session.scalars(select(Picture).where(Picture.sha256.in_(keys)))}
    findings: dict[bytes, list[FindingRow]] = defaultdict(list)
    for sha256, finding in session.execute(_current(Reading.sha256, FindingRow).where(Reading.sha256.in_(keys))):
        findings[sha256].append(finding)
    sizes = _group_sizes(session, rows)
    for hit in rows:
        yield _item(
            hit,
            pictures[hit.sha256],
            findings[hit.sha256],
            files.get(hit.sha256, []),
            group_size=sizes.get(hit.group_id, 1),
        )


def detail(session: Session, hit: HitRow, review_from: int) -> ReviewItem:
    """One item with everything known of it."""
    query = _current(FindingRow).where(Reading.sha256 == hit.sha256)
    return _item(
        hit,
        session.get_one(Picture, hit.sha256),
        session.scalars(query).all(),
        files_of(session, [hit.sha256]).get(hit.sha256, []),
        history=_history(session, hit.sha256),
        alike=count_alike(session, hit.sha256, review_from),
        group_size=_group_sizes(session, [hit]).get(hit.group_id, 1),
    )


def group(session: Session, hit: HitRow) -> Sequence[HitRow]:
    """The look-alikes of `hit`, itself among them, by id (imgscan.store.grouping)."""
    if hit.group_id is None:
        return (hit,)
    return session.scalars(select(HitRow).where(HitRow.group_id == hit.group_id).order_by(HitRow.id)).all()


def _group_sizes(session: Session, rows: Sequence[HitRow]) -> dict[str | None, int]:
    groups = {hit.group_id for hit in rows if hit.group_id}
    if not groups:
        return {}
    query = select(HitRow.group_id, func.count()).where(HitRow.group_id.in_(groups)).group_by(HitRow.group_id)
    return {row.group_id: row[1] for row in session.execute(query)}


def marks_to_decide(session: Session, pictures: Sequence[bytes], review_from: int) -> dict[bytes, frozenset[str]]:
    """The mark keys of each picture that a decision is about: those at or above `review_from`, else all it has."""
    reviewable: dict[bytes, set[str]] = defaultdict(set)
    every: dict[bytes, set[str]] = defaultdict(set)
    query = _current(Reading.sha256, FindingRow.mark_key, FindingRow.severity).where(Reading.sha256.in_(pictures))
    for sha256, mark_key, severity in session.execute(query):
        every[sha256].add(mark_key)
        if severity >= review_from:
            reviewable[sha256].add(mark_key)
    return {sha256: frozenset(reviewable[sha256] or every[sha256]) for sha256 in pictures}


def alike(session: Session, sha256: bytes, review_from: int) -> Sequence[HitRow]:
    """The other undecided hits whose marks to decide are exactly those of the picture: the first MOST_ALIKE found."""
    query = _alike(session, sha256, review_from)
    return [] if query is None else session.scalars(query.with_only_columns(HitRow)).all()


def count_alike(session: Session, sha256: bytes, review_from: int) -> int:
    """How many `alike` gives."""
    query = _alike(session, sha256, review_from)
    return 0 if query is None else session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _alike(session: Session, sha256: bytes, review_from: int) -> Select[Any] | None:
    """Ids of those hits; None for a picture without marks.

    Walked along the index of one of the marks and ended at MOST_ALIKE: a mark that thousands of pictures carry costs
    no more than that.
    """
    marks = marks_to_decide(session, [sha256], review_from)[sha256]
    if not marks:
        return None
    one, *more = sorted(marks)

    def beside_it(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether the same reading has such a finding to decide."""
        reviewable = (_BESIDE.reading_id == Reading.id, _BESIDE.severity >= review_from)
        return select(_BESIDE.id).where(*reviewable, *wanted).exists()

    return (
        _current(HitRow.id)
        .join(HitRow, HitRow.sha256 == Reading.sha256)
        .where(
            FindingRow.mark_key == one,
            FindingRow.severity >= review_from,
            ~beside_it(_BESIDE.mark_key == one, _BESIDE.id < FindingRow.id),  # each picture once
            ~beside_it(_BESIDE.mark_key.not_in(marks)),
            *(beside_it(_BESIDE.mark_key == mark) for mark in more),
            HitRow.state == HitState.NEW.value,
            HitRow.sha256 != sha256,
        )
        .order_by(FindingRow.id)
        .limit(MOST_ALIKE)
    )


def _current(*columns: Any) -> Select[Any]:
    """Columns of findings of the newest reading that found any: an older engine's no longer count beside it.

    A newer one that found nothing does not hide what somebody decided about.
    """
    return select(*columns).select_from(FindingRow).join(FindingRow.reading).where(~_SUPERSEDED)


def _item(
    hit: HitRow,
    picture: Picture,
    findings: Sequence[FindingRow],
    files: Sequence[tuple[FileRow, Album, bool]],
    *,
    history: tuple[HistoryEntry, ...] = (),
    alike: int = 0,
    group_size: int = 1,
) -> ReviewItem:
    worst_first = sorted(map(finding_of, findings), key=lambda found: (found.severity, found.confidence), reverse=True)
    return ReviewItem(
        id=hit.id,
        state=HitState(hit.state),
        version=hit.version,
        severity=Severity.of_rank(hit.severity),
        level=Level(hit.level) if hit.level else None,
        cls=FindingClass(hit.cls),
        confidence=hit.confidence,
        width=picture.width,
        height=picture.height,
        taken_at=picture.taken_at,
        found_at=hit.found_at,
        decided_at=hit.decided_at,
        findings=tuple(worst_first),
        occurrences=tuple(
            Occurrence(display_path(album, file), album.department, album.owner, album.device, there)
            for file, album, there in sorted(files, key=lambda held: not held[2])
        ),
        history=history,
        alike=alike,
        group=hit.group_id if hit.group_id and group_size > 1 else "",
        group_size=group_size,
    )


def _history(session: Session, sha256: bytes) -> tuple[HistoryEntry, ...]:
    """One entry an act, oldest first. Within an act all marks of a picture were decided alike."""
    first = select(func.min(VerdictRow.id)).where(VerdictRow.sha256 == sha256).group_by(VerdictRow.act)
    rows = session.scalars(select(VerdictRow).where(VerdictRow.id.in_(first)).order_by(VerdictRow.id))
    return tuple(
        HistoryEntry(row.decision, row.reason, row.note, row.reviewer, row.decided_at, undo=row.undoes is not None)
        for row in rows
    )
