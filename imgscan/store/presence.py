"""Which files count as being there: those that the last complete scan of their album met, or a newer one."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from imgscan.types import Status
from models import Album, FileRow, ScanRow


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


def ended_in(session: Session, scan_id: int) -> dict[Status, int]:
    """How many files that one scan met ended how, in the order of Status."""
    query = select(FileRow.status, func.count()).where(FileRow.scan_id == scan_id).group_by(FileRow.status)
    counted = {Status(status): count for status, count in session.execute(query)}
    return {status: counted[status] for status in Status if status in counted}
