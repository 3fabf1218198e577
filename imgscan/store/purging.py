"""Forgets (**store**): what a campaign left, what is older than a day, or everything there is.

Hashes and verdicts stay, so that a picture that comes back is not asked about again; paths, texts, crops, prints,
camera data and the notes of reviewers go. Then the file is written anew, for deleted rows leave their bytes behind.
"""

from __future__ import annotations

from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from imgscan.errors import DamagedError, StoreError, WrongKeyError
from imgscan.i18n import _
from imgscan.store import acknowledged
from imgscan.store.audit import note
from imgscan.store.database import Database
from imgscan.store.durable import UNFINISHED, sync_folder
from imgscan.store.keys import forget
from imgscan.store.opening import ENCRYPTED, RESTORED, Place, be_alone, blanking, exists, is_plain, open_store
from models import Album, Base, EvidenceRow, FileRow, HitRow, LookRow, Picture, Reading, ScanRow, VerdictRow


@dataclass(frozen=True, slots=True)
class Purged:
    """How many files and pictures were forgotten."""

    files: int
    pictures: int


def purge_campaign(database: Database, campaign: str) -> Purged:
    """Forget all albums of a campaign."""
    albums = select(Album.id).where(Album.campaign == campaign)
    return _purge(database, FileRow.album_id.in_(albums), Album.campaign == campaign, {"campaign": campaign})


def purge_older(database: Database, than: datetime) -> Purged:
    """Forget the files that no scan begun after `than` has met."""
    scans = select(ScanRow.id).where(ScanRow.started_at < than)
    left = or_(Album.begun.is_(None), Album.begun.in_(scans))
    return _purge(database, FileRow.scan_id.in_(scans), left, {"before": than.isoformat()})


def _purge(
    database: Database, files: ColumnElement[bool], albums: ColumnElement[bool], about: dict[str, str]
) -> Purged:
    """Forget `files`, and those of `albums` that hold none any more: also an empty one says how its last scan ended."""
    with database.writing() as session:
        gone = session.scalar(select(func.count()).select_from(FileRow).where(files)) or 0
        session.execute(delete(FileRow).where(files))
        session.execute(delete(Album).where(albums, ~select(FileRow.id).where(FileRow.album_id == Album.id).exists()))
        purged = Purged(gone, _forget_pictures(session))
        note(session, database.keys, "purge", {**about, "files": purged.files, "pictures": purged.pictures}, "purge")
    if not database.compact():
        raise StoreError(
            _("The rows are gone, but their bytes are not yet: another program is reading the store."),
            _("Close the review page, then run the same command again."),
        )
    return purged


def _forget_pictures(session: Session) -> int:
    """Forget all that is known of pictures that no file holds any more, but for hash, size and verdicts."""
    alone = select(Picture.sha256).where(~select(FileRow.id).where(FileRow.sha256 == Picture.sha256).exists())
    known = select(Reading.sha256).where(Reading.sha256.in_(alone))
    count = session.scalar(select(func.count()).select_from(known.distinct().subquery())) or 0
    for table in (EvidenceRow, Reading, HitRow, LookRow):  # findings go with their reading
        session.execute(delete(table).where(table.sha256.in_(alone)))
    session.execute(update(VerdictRow).where(VerdictRow.sha256.in_(alone)).values(note=""))
    session.execute(update(Picture).where(Picture.sha256.in_(alone)).values(taken_at="", camera="", likeness=None))
    return count


def purge_everything(place: Place) -> None:
    """Destroy the store: first its keys, without which nothing that may be left on the disk can be read."""
    if place.url:
        _empty(place)
    elif exists(place):
        overwriting = blanking(place) if is_plain(place.database) else nullcontext()
        with overwriting, suppress(WrongKeyError, DamagedError):  # what nobody can open may be forgotten all the same
            be_alone(place)
    forget(place.lock, place.smith)
    acknowledged.forget(place.database)
    for copy in ("", RESTORED, ENCRYPTED):
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{place.database}{copy}{ending}").unlink(missing_ok=True)
    if place.database.parent.is_dir():
        for left in place.database.parent.glob(f"{UNFINISHED}*"):  # perhaps a key
            left.unlink()
        sync_folder(place.database.parent)


def _empty(place: Place) -> None:
    """A database server: no row stays, and the tables are written anew."""
    with closing(open_store(place)) as database:
        with database.writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
        database.compact()
