"""Which files count as being there: those that the last complete scan of their album met, or a newer one."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

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
