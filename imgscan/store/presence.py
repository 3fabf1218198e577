"""Which files count as being there: those that the last complete scan of their album met, or a newer one.

And whether these are all: a scan that runs or was broken off has not met every file.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from imgscan.review import Ending
from imgscan.types import Status, display_path
from models import Album, FileRow, ScanRow

BROKEN_OFF = ("interrupted", "failed")
"""The states of a scan that did not come to its end."""


def is_there() -> ColumnElement[bool]:
    """A condition on FileRow joined with its Album.

    A scan that was interrupted met only some of the files, so it says nothing about the others: only a complete scan
    that did not meet a file says that it is gone.
    """
    met = aliased(FileRow)
    met_album = select(met.id).where(met.album_id == Album.id, met.scan_id == ScanRow.id)
    last = (
        select(func.max(ScanRow.id))
        .where(ScanRow.state == "complete", met_album.correlate(Album, ScanRow).exists())
        .correlate(Album)
    )
    return FileRow.scan_id >= func.coalesce(last.scalar_subquery(), 0)


def counted_there(session: Session) -> Counter[str]:
    """How many files that are there, as `is_there` means it, ended how.

    The index alone is counted, by album, scan and status; which scan was the last of an album is seen from that.
    """
    complete = set(session.scalars(select(ScanRow.id).where(ScanRow.state == "complete")))
    columns = (FileRow.album_id, FileRow.scan_id, FileRow.status)
    counted = session.execute(select(*columns, func.count()).group_by(*columns)).all()
    last: dict[int, int] = {}
    for album, scan, _status, _count in counted:
        if scan in complete:
            last[album] = max(scan, last.get(album, 0))
    there: Counter[str] = Counter()
    for album, scan, status, count in counted:
        if scan >= last.get(album, 0):
            there[status] += count
    return there


def ending(session: Session, *albums: ColumnElement[bool]) -> tuple[Ending, tuple[str, ...]]:
    """How the last scans of the albums that meet the conditions ended, and the names of those albums it broke off in.

    The newest scan counts also while it has met no file at all: nobody knows yet what lies before it.
    """
    newest = session.scalars(select(ScanRow).order_by(ScanRow.id.desc()).limit(1)).first()
    if newest is None:
        return Ending.NONE, ()
    last = select(func.max(FileRow.scan_id)).where(FileRow.album_id == Album.id).correlate(Album).scalar_subquery()
    query = select(Album.root, ScanRow.state).join(ScanRow, ScanRow.id == last).where(*albums).order_by(Album.id)
    met = [(display_path(root), state) for root, state in session.execute(query)]
    states = {state for _root, state in met}
    if session.scalar(select(FileRow.id).where(FileRow.scan_id == newest.id).limit(1)) is None:
        states.add(newest.state)
    broken_off = tuple(root for root, state in met if state in BROKEN_OFF)
    if "running" in states:
        return Ending.RUNNING, broken_off
    if states & set(BROKEN_OFF):
        return Ending.INTERRUPTED, broken_off
    return Ending.COMPLETE if states else Ending.NONE, ()


def ended_in(session: Session, scan_id: int) -> dict[Status, int]:
    """How many files that one scan met ended how, in the order of Status."""
    query = select(FileRow.status, func.count()).where(FileRow.scan_id == scan_id).group_by(FileRow.status)
    counted = {Status(status): count for status, count in session.execute(query)}
    return {status: counted[status] for status in Status if status in counted}
