from __future__ import annotations

import struct
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from sqlalchemy import func, select, text

from imgscan.errors import ExitCode, StoreError, WrongKeyError
from imgscan.review import Decision, DismissReason, Ending, Filter, HitState, Verdict
from imgscan.store.audit import verify
from imgscan.store.database import Database
from imgscan.store.keys import LockedBy, Locksmith
from imgscan.store.opening import Place, open_store
from imgscan.store.purging import purge_campaign, purge_everything, purge_older
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Crop, Page, ScanResult, Severity, Status, TextLine
from models import Album, EvidenceRow, FileRow, FindingRow, HitRow, Picture, Reading, VerdictRow
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_imgscan
from tests.store.test_grouping import hit, mark

CANARY = "鹿鸣九霄canary7391"
PAGE, RESERVED, IV = 4096, 80, 16  # SQLCipher 4: AES-256-CBC, then IV and HMAC-SHA512 at the end of each page


def secret(number: int, campaign_path: str = "album") -> ScanResult:
    """A hit whose path, text, mark, camera, print and crop hold the canary."""
    found = replace(hit(number, 0).found, path=f"/{campaign_path}/{CANARY}{number}.jpg".encode())
    line = TextLine(f"机密★{CANARY}", 0.9)
    return replace(
        hit(number, 0, mark(f"机密★{CANARY}")),
        found=found,
        camera=CANARY,
        taken_at=CANARY,
        pages=(Page((line,), 10, 10),),
        crops=(Crop(0, (1, 2, 3, 4), (10, 10), CANARY.encode() * 3),),
        likeness=CANARY.encode()[:20] * 4,
    )


def scan(database: Database, campaign: str, *results: ScanResult) -> None:
    store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=True)
    scan_id = store.begin()
    album = store.album(scan_id, f"/{campaign}".encode(), Labels(campaign=campaign))
    for one in results:
        store.record(scan_id, album, one, judged=True)
    store.finish(scan_id, "complete")


def decide_all(database: Database) -> None:
    queue = ReviewQueue(database)
    for item in queue.page(Filter()).items:
        queue.decide(item.id, item.version, Verdict(Decision.DISMISS, DismissReason.MISREAD, CANARY), "甲")


def counts(database: Database) -> list[int]:
    with database.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Album, FileRow, Reading, FindingRow, HitRow, EvidenceRow, Picture, VerdictRow)
        ]


def decrypted(path: Path, key: bytes | None) -> bytes:
    """Every page of the file and of its log as SQLite sees it, free pages too."""
    content = path.read_bytes()
    log = path.with_name(f"{path.name}-wal")
    frames = log.read_bytes()[32:] if log.exists() else b""
    pages = [content[at : at + PAGE] for at in range(0, len(content), PAGE)]
    pages += [frames[at + 24 : at + 24 + PAGE] for at in range(0, len(frames), PAGE + 24)]
    if key is None:
        return b"".join(pages)
    opened = []
    for page in pages:
        body, iv = page[: PAGE - RESERVED], page[PAGE - RESERVED : PAGE - RESERVED + IV]
        decryptor = Cipher(AES(key), CBC(iv)).decryptor()
        skipped = 16 if page is pages[0] else 0  # the salt
        opened.append(decryptor.update(body[skipped:]) + decryptor.finalize())
    return b"".join(opened)


def canaries(database: Database) -> int:
    key = database.keys.database if database.keys else None
    content = decrypted(database.path, key)
    forms = (CANARY.encode(), CANARY.encode("utf-16-le"), b"canary7391", CANARY[:4].encode("unicode_escape"))
    return sum(content.count(form) for form in forms)


@pytest.mark.on_files
def test_a_purged_campaign_leaves_no_byte_but_hashes_and_verdicts(database: Database) -> None:
    scan(database, "spring", *(secret(number, "spring") for number in range(40)))
    decide_all(database)
    scan(database, "winter", hit(50, 0, mark("秘密★5年")))
    assert canaries(database) > 40
    with database.reading() as session:
        sqlite_pages = session.execute(text("PRAGMA page_count")).scalar_one()
    assert len(decrypted(database.path, None)) >= PAGE * sqlite_pages
    purged = purge_campaign(database, "spring")
    assert (purged.files, purged.pictures) == (40, 40)
    assert counts(database) == [1, 1, 1, 1, 1, 0, 41, 40]
    assert canaries(database) == 0
    verify(database)


def test_a_picture_that_comes_back_is_not_asked_about_again(database: Database) -> None:
    scan(database, "spring", secret(1))
    decide_all(database)
    purge_campaign(database, "spring")
    scan(database, "summer", secret(1))
    queue = ReviewQueue(database)
    (item,) = queue.page(Filter()).items
    assert item.state is HitState.DISMISSED
    assert queue.counts()[HitState.NEW] == 0


def test_a_picture_that_another_campaign_holds_too_stays(database: Database) -> None:
    scan(database, "spring", secret(1))
    scan(database, "winter", secret(1))
    purge_campaign(database, "spring")
    assert counts(database)[:6] == [1, 1, 1, 1, 1, 1]
    assert len(ReviewQueue(database).page(Filter()).items) == 1


def test_a_picture_that_another_campaign_could_not_read_the_last_time_stays(database: Database) -> None:
    one = secret(1)
    scan(database, "spring", one)
    scan(database, "summer", one)
    scan(database, "summer", replace(one, status=Status.IO_ERROR, sha256="", findings=(), crops=()))
    purge_campaign(database, "spring")
    (item,) = ReviewQueue(database).page(Filter()).items
    assert len(item.occurrences) == 1


def test_another_campaign_that_broke_off_before_its_first_file_stays_unfinished(database: Database) -> None:
    scan(database, "spring", secret(1))
    store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=True)
    scan_id = store.begin()
    store.album(scan_id, b"/autumn", Labels(campaign="autumn", owner="甲"))
    store.finish(scan_id, "interrupted")
    purge_campaign(database, "spring")
    assert ReviewQueue(database).coverage().ending is Ending.INTERRUPTED
    purge_older(database, datetime.now(UTC) + timedelta(days=1))
    assert counts(database)[0] == 0


def test_only_what_no_scan_has_met_for_so_long_is_forgotten(database: Database) -> None:
    scan(database, "spring", secret(1), secret(2))
    assert purge_older(database, datetime.now(UTC) - timedelta(days=1)).files == 0
    scan(database, "spring", secret(2))
    with database.writing() as session:
        session.execute(text("UPDATE scan SET started_at = '2025-01-01T00:00:00.000000+00:00' WHERE id = 1"))
    assert purge_older(database, datetime.now(UTC) - timedelta(days=1)).files == 1
    assert counts(database)[:6] == [1, 1, 1, 1, 1, 1]


def test_while_somebody_reads_the_purge_says_that_it_is_not_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("models.engine", "models.postgresql"):
        monkeypatch.setattr(f"{module}.BUSY_SECONDS", 0.1)
    scan(database, "spring", secret(1))
    with database.reading() as session:
        session.scalar(select(Picture.size))
        with pytest.raises(StoreError):
            purge_campaign(database, "spring")
    assert purge_campaign(database, "spring").files == 0  # the rows were gone already


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("key_lost", [False, True])
def test_everything_is_destroyed_with_its_keys(home: Path, plain: bool, key_lost: bool) -> None:
    smith = Locksmith(home / "imgscan.key", lambda _new: "")
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", smith, LockedBy.FILE, plain)
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
    if key_lost and not plain:
        smith.key_file.write_text("00" * 32)
    for left in ("restored", "encrypted", "restored-wal"):  # by a restore or a rekey that was killed
        (home / f"imgscan.db.{left}").write_bytes(b"what was found")
    (home / ".imgscan-x1y2").write_bytes(b"a key that was being made")
    purge_everything(place)
    assert list(home.iterdir()) == []
    purge_everything(place)
    with closing(open_store(place)) as database:
        assert counts(database) == [0] * 8


@pytest.mark.parametrize("broken", ["imgscan.db", "imgscan.keys.json", "imgscan.key"])
def test_what_nobody_can_open_any_more_is_destroyed_all_the_same(home: Path, broken: str) -> None:
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
    (home / broken).write_bytes(b"no sense at all" * 500)
    with pytest.raises((StoreError, WrongKeyError)):
        open_store(place)
    purge_everything(place)
    assert list(home.iterdir()) == []


def test_a_damaged_plain_store_is_overwritten_with_its_log(home: Path, tmp_path: Path) -> None:
    smith = Locksmith(home / "imgscan.key", lambda _new: "")
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", smith, plain=True)
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        for name in ("imgscan.db", "imgscan.db-wal"):
            (tmp_path / name).write_bytes((home / name).read_bytes())
    for name in ("imgscan.db", "imgscan.db-wal"):
        content = bytearray((tmp_path / name).read_bytes())
        content[100:110] = b"x" * 10  # the header of the first page
        (home / name).write_bytes(content)
        (tmp_path / f"disk-{name}").hardlink_to(home / name)
    purge_everything(place)
    assert list(home.iterdir()) == []
    assert all(set((tmp_path / f"disk-{name}").read_bytes()) == {0} for name in ("imgscan.db", "imgscan.db-wal"))


def test_a_key_file_elsewhere_is_left(home: Path, tmp_path: Path) -> None:
    smith = Locksmith(tmp_path / "stick" / "imgscan.key", lambda _new: "")
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", smith)
    open_store(place).close()
    purge_everything(place)
    assert list(home.iterdir()) == []
    assert smith.key_file.exists()


def test_a_store_in_use_is_not_destroyed(home: Path) -> None:
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))
    with closing(open_store(place)) as database, database.reading() as session:
        session.scalar(select(Picture.size))
        with pytest.raises(StoreError):
            purge_everything(place)
    open_store(place).close()


def test_pages_are_really_decrypted(home: Path) -> None:
    """The test above would pass on nonsense: what is decrypted here begins as a SQLite page does."""
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        assert database.keys is not None
        content = decrypted(database.path, database.keys.database)
    assert struct.unpack(">H", content[:2])[0] in (PAGE, 1)
    assert b"CREATE TABLE" in content
    assert CANARY.encode() in content


def test_a_campaign_that_the_store_does_not_know_is_told(home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", ["机密★10年"])
    fake_imgscan("scan", tmp_path / "album", "--campaign", "spring", home=home)
    wrong = fake_imgscan("purge", "--campaign", "sprnig", "--yes", home=home)
    assert wrong.returncode == ExitCode.USAGE
    assert "spring" in wrong.stderr
    assert fake_imgscan("purge", "--campaign", "spring", "--yes", home=home).returncode == ExitCode.OK
