"""Which files count as being there: those that the last complete scan of their album met, or a newer one.

And whether these are all: a scan that runs or was broken off has not met every file.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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
    return _counts(FileRow.scan_id)


def _counts(met_by: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return met_by >= func.coalesce(Album.completed, 0)


def counted_there(session: Session) -> dict[Status, int]:
    """How many files that are there, as `is_there` means it, ended how, in the order of Status.

    Counted along an index that holds all of it, and joined after that: a quarter of the time (tests.measure_page).
    """
    each = (FileRow.album_id, FileRow.scan_id, FileRow.status)
    by_scan = select(*each, func.count().label("files")).group_by(*each).subquery()
    query = (
        select(by_scan.c.status, func.sum(by_scan.c.files))
        .join(Album, Album.id == by_scan.c.album_id)
        .where(_counts(by_scan.c.scan_id))
        .group_by(by_scan.c.status)
    )
    return _counted(session, query)


def ending(session: Session, *albums: ColumnElement[bool]) -> tuple[Ending, tuple[str, ...]]:
    """How the last scans of the albums that meet the conditions ended, and the names of those albums it broke off in.

    A scan that runs and has come to no album yet counts too: nobody knows yet what lies before it.
    """
    query = select(Album.root, ScanRow.state).join(ScanRow, ScanRow.id == Album.begun).where(*albums).order_by(Album.id)
    ended = [(display_path(root), state) for root, state in session.execute(query)]
    states = {state for _root, state in ended}
    newest = session.scalar(select(ScanRow.state).order_by(ScanRow.id.desc()).limit(1))
    broken_off = tuple(root for root, state in ended if state in BROKEN_OFF)
    if newest == "running" or "running" in states:
        return Ending.RUNNING, broken_off
    if states & set(BROKEN_OFF):
        return Ending.INTERRUPTED, broken_off
    return Ending.COMPLETE if states else Ending.NONE, ()


def ended_in(session: Session, scan_id: int) -> dict[Status, int]:
    """How many files that one scan met ended how, in the order of Status."""
    query = select(FileRow.status, func.count()).where(FileRow.scan_id == scan_id).group_by(FileRow.status)
    return _counted(session, query)


def _counted(session: Session, query: Select[str, int]) -> dict[Status, int]:
    counted = {Status(status): count for status, count in session.execute(query)}
    return {status: counted[status] for status in Status if status in counted}
