"""The files that were not fully read (**review**), and the wish that the next scan tries one of them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, update

from imgscan.review import UnreadFile, UnreadPage
from imgscan.store.cursors import from_cursor, to_cursor
from imgscan.store.database import Database
from imgscan.store.hits import display_path
from imgscan.store.presence import is_there
from imgscan.store.scanning import READ_AGAIN
from imgscan.types import Status
from models import Album, FileRow, Reading

UNREAD = tuple(status.value for status in Status if not status.fully_read)


class UnreadFiles:
    """The files that are there and were not fully read, as they were first met."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, cursor: str | None = None, limit: int = 200, status: Status | None = None) -> UnreadPage:
        """Up to `limit` files after `cursor`, of one status where named. Raises UsageError on a bad cursor."""
        query = files_there(FileRow, Album).where(FileRow.status.in_([status.value] if status else UNREAD))
        query = query.order_by(FileRow.id).limit(limit + 1)
        if cursor:
            query = query.where(FileRow.id > from_cursor(cursor, int)[0])
        with self._database.reading() as session:
            found = session.execute(query).all()
        files = tuple(
            UnreadFile(
                display_path(album, file),
                Status(file.status),
                file.problem,
                file.size,
                file.id,
                waits=file.ctime_ns == READ_AGAIN,
            )
            for file, album in found[:limit]
        )
        return UnreadPage(files, to_cursor(found[limit - 1][0].id) if len(found) > limit else None)

    def retry(self, files: Sequence[int]) -> int:
        """Let the next scan read these files again though nobody touched them; how many of them there are.

        Two things make a scan pass a file over, and both are taken away: that it looks as it did (its change time),
        and that its picture is known (the digest of the rules by which it was judged). What is known of it stays.
        """
        wanted = (FileRow.id.in_(files), FileRow.status.in_(UNREAD))
        with self._database.writing() as session:
            pictures = select(FileRow.sha256).where(*wanted, FileRow.sha256.is_not(None))
            # Text kept of a picture that was read in part would be judged instead of the picture.
            session.execute(update(Reading).where(Reading.sha256.in_(pictures)).values(rules="", kept="matched"))
            result = session.execute(update(FileRow).where(*wanted).values(ctime_ns=READ_AGAIN))
        return int(result.rowcount)  # type: ignore[attr-defined]


def files_there(*columns: Any) -> Select[Any]:
    """Columns of the files that are there, as far as the scans of their albums say."""
    return select(*columns).select_from(Album).join(FileRow, FileRow.album_id == Album.id).where(is_there())
