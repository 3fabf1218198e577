"""Measures rescans of many tiny unchanged files: `python -m tests.measure_walk [COUNT]`, 100,000 by default.

One picture is read, by a fake engine; the others are its copies and are noted in the store as a first scan leaves them.
A tenth of the files are no pictures, as in a phone's folders.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import insert, select

from imgscan.discover import discover
from imgscan.line import Limits, reading_key
from imgscan.pipeline import Readers, Stop, scan
from imgscan.rulebook import BUILT_IN, load
from imgscan.sniff import VIDEO
from imgscan.store.database import Database
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import ScanResult, Severity, Status
from imgscan.workers import WorkerConfig
from models import FileRow
from tests.fakes.engine import FakeEngine
from tests.fakes.pages import write_page

FILES_A_FOLDER = 1000


class Silent:
    """A pipeline.Progress that says nothing."""

    def found(self) -> None:
        """One more file was found."""

    def ended(self, result: ScanResult) -> None:
        """One file ended."""


def make(folder: Path, content: bytes, count: int) -> None:
    """`count` files in folders of FILES_A_FOLDER, with the one that is there."""
    for number in range(1, count):
        path = folder / f"{number // FILES_A_FOLDER:04}" / f"{number:06}"
        path.parent.mkdir(exist_ok=True)
        if number % 10:
            path.with_suffix(".jpg").write_bytes(content)
        else:
            path.with_suffix(".mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42")


def note(database: Database, folder: Path) -> None:
    """Note all files of the only album as met by the only scan."""
    with database.writing() as session:
        first = session.scalars(select(FileRow)).one()
        noted = []
        for found in discover(folder):
            if found.path == first.path:
                continue
            read = found.path.endswith(b".jpg")
            row = {"album_id": first.album_id, "scan_id": first.scan_id, "path": found.path, "size": found.size}
            row |= {
                "mtime_ns": found.mtime_ns,
                "ctime_ns": found.ctime_ns,
                "inode": found.inode,
                "device": found.device,
            }
            row |= {"sha256": first.sha256, "status": first.status, "problem": ""} if read else NO_PICTURE
            noted.append(row)
        session.execute(insert(FileRow), noted)


NO_PICTURE = {"sha256": None, "status": Status.UNSUPPORTED.value, "problem": VIDEO}


def main(count: int) -> None:
    """Scan three times and say how long each took."""
    rulebook = load((BUILT_IN,))
    limits = Limits(2**28, 600_000_000, Severity.MEDIUM)
    with tempfile.TemporaryDirectory() as name, closing(Database(Path(name) / "store" / "imgscan.db")) as database:
        folder = Path(name) / "album"
        content = write_page(folder / "first.jpg", ["今天天气很好"]).read_bytes()
        key = reading_key(FakeEngine.stamp(), "balanced")
        store = ScanStore(database, key, rulebook.digest, review_from=Severity.MEDIUM, keep_all=False)
        work = Path(name) / "work"
        work.mkdir()
        config = WorkerConfig(FakeEngine, work, (BUILT_IN,), "balanced", limits, 4096, temporary=work)
        for which in ("one file", "rescan", "rescan again"):
            started = time.monotonic()
            outcome = scan(
                [folder], Labels(), store, rulebook, Readers(config, 1, 60.0), progress=Silent(), stop=Stop()
            )
            seconds = time.monotonic() - started
            told = f"{which}: {sum(outcome.coverage.values())} files, {outcome.read} read, {seconds:.1f} s"
            sys.stdout.write(told + "\n")
            if outcome.read:
                make(folder, content, count)
                note(database, folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
