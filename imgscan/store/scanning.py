"""What a scan writes and asks: albums, files, readings, findings, and the queue that follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from imgscan.errors import UsageError
from imgscan.i18n import _
from imgscan.store import evidence
from imgscan.store import pages as kept_pages
from imgscan.store.audit import note
from imgscan.store.database import Database
from imgscan.store.grouping import regroup
from imgscan.store.hits import finding_of
from imgscan.store.judgements import put_findings
from imgscan.store.presence import ended_in, is_there
from imgscan.types import FoundFile, Page, ScanResult, Severity, Status
from imgscan.wording import harmless
from models import Album, FileRow, FindingRow, Picture, Reading, ScanRow

# A picture that ended so is not tried again by the same engine; anything else may go better next time.
SETTLED = (Status.CLEAN, Status.HIT, Status.PARTIAL, Status.UNREADABLE, Status.ENCRYPTED)
# So ends what was listed without being read, until the file or what the program can read changes.
LISTED = (Status.CLEAN, Status.UNSUPPORTED, Status.UNREADABLE, Status.ENCRYPTED, Status.SYMLINK, Status.SPECIAL_FILE)

READ_AGAIN = -1
"""A change time that no file has: somebody asked that the next scan read the file again."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Whose album it is: what `scan` was told."""

    campaign: str = ""
    department: str = ""
    owner: str = ""
    device: str = ""

    @classmethod
    def typed(cls, *given: str) -> Labels:
        """Labels, in the order above, as a person typed them. Raises UsageError for characters that nobody can see."""
        if any(harmless(label) != label for label in given):
            raise UsageError(_("A name holds characters that cannot be seen."), _("Type it anew."))
        return cls(*(label.strip() for label in given))


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as an earlier scan left it. `settled`: as long as it is unchanged there is nothing to read in it."""

    id: int
    scan_id: int
    settled: bool
    status: Status
    problem: str
    size: int
    mtime_ns: int
    inode: int
    device: int
    ctime_ns: int

    def same(self, found: FoundFile) -> bool:
        """True where size, times and inode say that nobody touched the file.

        The change time counts because nobody can set it back: a file overwritten in place may keep all the rest.
        """
        here = (found.size, found.mtime_ns, found.inode, found.device, found.ctime_ns)
        return here == (self.size, self.mtime_ns, self.inode, self.device, self.ctime_ns)


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture that this engine has read. `judged` where by these rules; `pages` is its text where all was kept."""

    status: Status
    problem: str
    judged: bool
    pages: tuple[Page, ...] | None


class ScanStore:
    """The scan's side of the store, for one engine and one rule pack. Each method is one transaction."""

    def __init__(self, database: Database, engine: str, rules: str, *, review_from: Severity, keep_all: bool) -> None:
        self._database = database
        self._engine = engine
        self._rules = rules
        self._review_from = review_from
        self._keep_all = keep_all

    def begin(self) -> int:
        """Note that a scan starts; its id. A scan that is still noted as running died, for this one holds the lock."""
        with self._database.writing() as session:
            session.execute(update(ScanRow).where(ScanRow.state == "running").values(state="interrupted"))
            row = ScanRow(engine=self._engine, rules=self._rules, started_at=datetime.now(UTC))
            session.add(row)
            session.flush()
            told = {"scan": row.id, "engine": self._engine, "rules": self._rules}
            note(session, self._database.keys, "scan begun", told)
            return row.id

    def finish(self, scan_id: int, state: str, unlisted: Sequence[tuple[int, bytes]] = ()) -> int:
        """Note how the scan ended: complete, interrupted or failed. Look-alikes among all hits are grouped anew.

        Gives how many files that were there before are now known to be gone: none where it was not complete.
        `unlisted` are folders (album, path) that could not be looked into. An album that held files there before stays
        as it was: nobody can say that they are gone.
        """
        gone = 0
        with self._database.writing() as session:
            values = {"state": state, "finished_at": datetime.now(UTC)}
            session.execute(update(ScanRow).where(ScanRow.id == scan_id).values(**values))
            if state == "complete":
                unsure = {album for album, folder in unlisted if _held(session, album, folder)}
                whole = and_(Album.begun == scan_id, Album.id.not_in(unsure))
                left = select(func.count()).select_from(FileRow).join(FileRow.album).where(whole, is_there())
                gone = session.scalar(left.where(FileRow.scan_id < scan_id)) or 0
                session.execute(update(Album).where(whole).values(completed=scan_id))
            regroup(session, self._review_from.rank)
            note(session, self._database.keys, "scan ended", {"scan": scan_id, "state": state})
        return gone

    def album(self, scan_id: int, root: bytes, labels: Labels) -> int:
        """Note that this scan goes into the album of `root` in that campaign, made when new; its id.

        Labels that are given replace what was noted.
        """
        with self._database.writing() as session:
            known = select(Album).where(Album.root == root)
            if labels.campaign:
                known = known.where(Album.campaign == labels.campaign)
            row = session.scalar(known.order_by(Album.id.desc()).limit(1))  # without a name: the one scanned so far
            if row is None:
                row = Album(root=root, campaign=labels.campaign)
                session.add(row)
            row.begun = scan_id
            row.department = labels.department or row.department or ""
            row.owner = labels.owner or row.owner or ""
            row.device = labels.device or row.device or ""
            session.flush()
            return row.id

    def known_files(self, album_id: int) -> dict[bytes, KnownFile]:
        """By path: the album's files.

        Settled is a file whose picture this engine has read and these rules have judged, and what was listed by a scan
        with this engine without having been read: members of archives that are no pictures, and archives themselves.
        """
        # A picture may have been judged anew for another album: then its file here still has the older status.
        current = and_(
            Reading.sha256 == FileRow.sha256,
            Reading.engine == self._engine,
            Reading.rules == self._rules,
            Reading.status == FileRow.status,
            FileRow.status.in_([status.value for status in SETTLED]),
        )
        listed = and_(
            FileRow.sha256.is_(None),
            ScanRow.engine == self._engine,
            FileRow.status.in_([status.value for status in LISTED]),
        )
        columns = (FileRow.size, FileRow.mtime_ns, FileRow.inode, FileRow.device, FileRow.ctime_ns)
        query = (
            select(
                FileRow.path,
                FileRow.id,
                FileRow.scan_id,
                and_(or_(Reading.id.is_not(None), listed), FileRow.ctime_ns != READ_AGAIN),
                FileRow.status,
                FileRow.problem,
                *columns,
            )
            .join(ScanRow, ScanRow.id == FileRow.scan_id)
            .outerjoin(Reading, current)
            .where(FileRow.album_id == album_id)
        )
        with self._database.reading() as session:
            return {
                path: KnownFile(id_, scan_id, bool(settled), Status(status), *rest)
                for path, id_, scan_id, settled, status, *rest in session.execute(query)
            }

    def known_picture(self, sha256: str) -> KnownPicture | None:
        """What this engine made of the picture, by whatever rules it was judged; None when it never settled."""
        with self._database.reading() as session:
            row = session.scalar(
                select(Reading).where(Reading.sha256 == bytes.fromhex(sha256), Reading.engine == self._engine)
            )
            if row is None:
                return None
            pages = kept_pages.from_json(row.text or []) if row.kept == "all" else None
            return KnownPicture(Status(row.status), row.problem, row.rules == self._rules, pages)

    def touch(self, scan_id: int, file_ids: Sequence[int]) -> None:
        """Note that this scan met these files again, unchanged."""
        with self._database.writing() as session:
            session.execute(update(FileRow), [{"id": id_, "scan_id": scan_id} for id_ in file_ids])

    def record(self, scan_id: int, album_id: int, result: ScanResult, *, judged: bool = False) -> None:
        """Keep how one file ended: file, picture, reading, findings and queue item together or not at all.

        `judged` says that the result carries a reading judged now; else its picture is known, or was never read.
        """
        sha256 = bytes.fromhex(result.sha256) if result.sha256 else None
        with self._database.writing() as session:
            if sha256 is not None:
                _put_picture(session, sha256, result)
                if judged and result.status in SETTLED:
                    self._put_reading(session, sha256, result)
            _put_file(session, scan_id, album_id, result, sha256)
            told = {"scan": scan_id, "album": album_id, "sha256": result.sha256, "status": result.status.value}
            note(session, self._database.keys, "result", told)

    def coverage(self, scan_id: int) -> dict[Status, int]:
        """How many files of this scan ended how; the sum is the number of files found."""
        with self._database.reading() as session:
            return ended_in(session, scan_id)

    def worst(self, scan_id: int) -> Severity | None:
        """The severity of the worst finding in any file of this scan."""
        query = (
            select(func.max(FindingRow.severity))
            .join(FindingRow.reading)
            .join(FileRow, FileRow.sha256 == Reading.sha256)
            .where(FileRow.scan_id == scan_id, Reading.engine == self._engine)
        )
        with self._database.reading() as session:
            rank = session.scalar(query)
        return None if rank is None else Severity.of_rank(rank)

    def results(self, scan_id: int) -> Iterator[ScanResult]:
        """Every file of this scan, by album and path, with the findings of its picture."""
        return _results(self._database, FileRow.scan_id == scan_id, engine=self._engine)

    def _put_reading(self, session: Session, sha256: bytes, result: ScanResult) -> None:
        row = session.scalar(select(Reading).where(Reading.sha256 == sha256, Reading.engine == self._engine))
        if row is None:
            row = Reading(sha256=sha256, engine=self._engine)
            session.add(row)
        row.rules, row.status, row.problem = self._rules, result.status.value, result.problem
        row.ms, row.read_at = result.ms, datetime.now(UTC)
        self._keep_text(row, result)
        put_findings(session, row, result.findings, self._review_from)
        if result.crops:
            evidence.put(session, sha256, result.crops, self._database.keys)

    def _keep_text(self, row: Reading, result: ScanResult) -> None:
        if self._keep_all:
            row.kept, row.text = "all", kept_pages.to_json(result.pages)
        elif result.findings and result.status is not Status.CLEAN:
            row.kept, row.text = "matched", kept_pages.to_json(kept_pages.matched(result.pages, result.findings))
        else:
            row.kept, row.text = "none", None


def latest_results(database: Database, campaign: str | None = None) -> Iterator[ScanResult]:
    """Every file that is there (imgscan.store.presence), by album and path; of one campaign where named."""
    wanted = [is_there()]
    if campaign is not None:
        wanted.append(Album.campaign == campaign)
    return _results(database, *wanted)


def _results(database: Database, *wanted: ColumnElement[bool], engine: str | None = None) -> Iterator[ScanResult]:
    """With the findings of the reading by `engine`, or else of the newest reading."""
    newer = aliased(Reading)
    newest = select(func.max(newer.read_at)).where(newer.sha256 == Reading.sha256).scalar_subquery()
    counts = Reading.engine == engine if engine else Reading.read_at == newest
    query = (
        select(FileRow, Album.root, Picture, Reading)
        .join(Album, Album.id == FileRow.album_id)
        .outerjoin(Picture, Picture.sha256 == FileRow.sha256)
        .outerjoin(Reading, and_(Reading.sha256 == FileRow.sha256, counts))
        .where(*wanted)
        .order_by(FileRow.album_id, FileRow.path)
    )
    with database.reading() as session:
        for file, root, picture, reading in session.execute(query).yield_per(200):
            yield _result(file, root, picture, reading)


def _held(session: Session, album: int, folder: bytes) -> bool:
    """True where files below that folder count as being there."""
    below = and_(FileRow.path > folder + b"/", FileRow.path < folder + b"0")  # the byte after "/"
    there = select(FileRow.id).join(FileRow.album).where(FileRow.album_id == album, below, is_there())
    return session.scalar(there.limit(1)) is not None


def _put_picture(session: Session, sha256: bytes, result: ScanResult) -> None:
    row = session.get(Picture, sha256)
    if row is None:
        row = Picture(sha256=sha256)
        session.add(row)
    row.size = result.size
    if result.width:
        row.width, row.height = result.width, result.height
        row.taken_at, row.camera = result.taken_at, result.camera
        row.likeness = result.likeness or None
    session.flush()


def _put_file(session: Session, scan_id: int, album_id: int, result: ScanResult, sha256: bytes | None) -> None:
    found = result.found
    row = session.scalar(select(FileRow).where(FileRow.album_id == album_id, FileRow.path == found.path))
    if row is None:
        row = FileRow(album_id=album_id, path=found.path)
        session.add(row)
    row.scan_id = scan_id
    # What could not be read this time is still what it was, as far as anybody knows: a hit in it stays a hit there.
    if sha256 is not None or result.status in SETTLED + LISTED:
        row.sha256 = sha256
    row.size, row.mtime_ns, row.inode, row.device = found.size, found.mtime_ns, found.inode, found.device
    row.ctime_ns = found.ctime_ns
    row.status, row.problem = result.status.value, result.problem


def _result(file: FileRow, root: bytes, picture: Picture | None, reading: Reading | None) -> ScanResult:
    found = FoundFile(root, file.path, file.size, file.mtime_ns, file.inode, file.device, ctime_ns=file.ctime_ns)
    return ScanResult(
        found=found,
        status=Status(file.status),
        sha256=file.sha256.hex() if file.sha256 else "",
        size=file.size,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        taken_at=picture.taken_at if picture else "",
        camera=picture.camera if picture else "",
        engine=reading.engine if reading else "",
        rules=reading.rules if reading else "",
        ms=reading.ms if reading else 0,
        findings=tuple(finding_of(row) for row in reading.findings) if reading else (),
        problem=file.problem,
    )
