"""Scans with a fake engine, in this process and as the real command line, and what is left in the store after them."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from imgscan.line import Limits, reading_key
from imgscan.pipeline import Readers, ScanOutcome, Stop, scan
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.store.keys import Locksmith
from imgscan.store.opening import Place, open_store
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import ScanResult, Severity, Status
from imgscan.workers import WorkerConfig
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading
from tests.fakes.engine import FakeEngine, looked

REPOSITORY = Path(__file__).resolve().parents[2]
WORDS = "云岫暗号"
WATCHLIST = f"""\
rules:
  - id: site.watch
    name: 站点词
    name_en: Word of this site
    class: work_secret
    severity: high
    keywords: [{WORDS}]
    patterns: ['{WORDS}']
    description: 测试用词。
    references: [test]
    examples: [这里有{WORDS}, '{WORDS}。']
    counter_examples: [云岫暗, 暗号]
"""


def watchlist(folder: Path) -> Path:
    """A rule pack of the site's own, with one rule that finds WORDS."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "watch.yml").write_text(WATCHLIST, encoding="utf-8")
    return folder


@dataclass
class Counts:
    """A pipeline.Progress that counts; `on_end` is called with each result."""

    files: int = 0
    results: list[ScanResult] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    stop_after: int | None = None

    def found(self) -> None:
        self.files += 1

    def ended(self, result: ScanResult) -> None:
        self.results.append(result)
        if self.stop_after is not None and len(self.results) >= self.stop_after:
            self.stop.requested = True

    @property
    def statuses(self) -> dict[str, Status]:
        """The status of each file by name."""
        return {Path(result.found.display).name: result.status for result in self.results}


@dataclass
class Bench:
    """Scans into one store. Change `packs`, `engine` and the like between scans."""

    database: Database
    work: Path
    engine: type[FakeEngine] = FakeEngine
    packs: tuple[Path, ...] = (BUILT_IN,)
    keep_all: bool = False
    profile: str = "balanced"
    workers: int = 1
    timeout: float = 30.0
    memory_mib: int = 4096
    max_bytes: int = 2**28
    review_from: Severity = Severity.MEDIUM
    counts: Counts = field(default_factory=Counts)
    outcome: ScanOutcome | None = None

    def store(self) -> ScanStore:
        key = reading_key(self.engine.stamp(), self.profile)
        return ScanStore(
            self.database, key, load(self.packs).digest, review_from=self.review_from, keep_all=self.keep_all
        )

    def scan(
        self,
        *roots: Path,
        own: Sequence[Path] = (),
        labels: Labels | None = None,
        stop_after: int | None = None,
    ) -> ScanOutcome:
        """Scan, and check what must hold after every scan."""
        limits = Limits(self.max_bytes, 600_000_000, self.review_from)
        self.work.mkdir(parents=True, exist_ok=True)  # where the fake engine counts
        config = WorkerConfig(
            self.engine, self.work, self.packs, self.profile, limits, self.memory_mib, temporary=self.work
        )
        self.counts = Counts(stop_after=stop_after)
        self.outcome = scan(
            roots,
            labels or Labels(),
            self.store(),
            load(self.packs),
            Readers(config, self.workers, self.timeout),
            own=own,
            progress=self.counts,
            stop=self.counts.stop,
        )
        ended = Counter(result.status for result in self.counts.results)
        assert dict(ended) == self.outcome.coverage
        if not self.outcome.interrupted:
            assert self.counts.files == sum(self.outcome.coverage.values())
        return self.outcome

    def results(self) -> dict[str, ScanResult]:
        """What the last scan left in the store, by file name."""
        assert self.outcome is not None
        return {Path(one.found.display).name: one for one in self.store().results(self.outcome.scan_id)}

    @property
    def looked(self) -> int:
        return looked(self.work)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that a scan leaves, without what differs from run to run (row ids, times, scan numbers, random ids)."""
    with database.reading() as session:
        files = select(
            Album.root, FileRow.path, FileRow.sha256, FileRow.size, FileRow.mtime_ns, FileRow.status, FileRow.problem
        ).join(Album)
        findings = select(
            Reading.sha256,
            FindingRow.rule,
            FindingRow.level,
            FindingRow.mark_key,
            FindingRow.severity,
            FindingRow.polygons,
            FindingRow.page,
        ).join(Reading)
        queries = {
            "files": files,
            "pictures": select(Picture.sha256, Picture.size, Picture.width, Picture.height),
            "readings": select(Reading.sha256, Reading.engine, Reading.rules, Reading.status, Reading.kept),
            "findings": findings,
            "hits": select(HitRow.sha256, HitRow.state, HitRow.severity, HitRow.level, HitRow.cls),
        }
        read = {name: [tuple(row) for row in session.execute(query)] for name, query in queries.items()}
        return {name: sorted(found, key=repr) for name, found in read.items()}


def orphans(database: Database) -> int:
    """Rows that nothing points to, or that point to nothing."""
    with database.reading() as session:
        unused = select(func.count()).select_from(Picture).where(Picture.sha256.not_in(select(FileRow.sha256)))
        dangling = session.connection().exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        return len(dangling) + (session.scalar(unused) or 0)


def tree_digest(root: Path) -> str:
    """SHA-256 over every name, kind, size, mtime and content below `root`."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        told = (bytes(path), status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino)
        digest.update(repr(told).encode())
        if stat.S_ISREG(status.st_mode):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a subprocess: the caller's without any setting, then the data folder, then `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IMGSCAN_")}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "IMGSCAN_HOME": str(home), "IMGSCAN_LANGUAGE": "en", **more}


def imgscan(*arguments: str | Path, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line to its end."""
    command = [sys.executable, "-m", "imgscan", *map(str, arguments)]
    return subprocess.run(
        command,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=home.parent,
    )


def fake_command(*arguments: str | Path) -> list[str]:
    """The command line with a fake engine, as a list for subprocess."""
    return [sys.executable, "-m", "tests.fakes.cli", *map(str, arguments)]


def fake_imgscan(*arguments: str | Path, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with a fake engine to its end."""
    return subprocess.run(
        fake_command(*arguments),
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=home.parent,
    )


def opened(home: Path) -> Database:
    """The store that the command line made in that data folder, with the keys that lie there."""
    smith = Locksmith(home / "imgscan.key", lambda _new: "")
    return open_store(Place(home / "imgscan.db", home / "imgscan.keys.json", smith))


@contextmanager
def running(
    *arguments: str | Path, home: Path, terminal: int | None = None, **more: str
) -> Iterator[subprocess.Popen[str]]:
    """The command line with a fake engine while it runs; killed at the end if it still does.

    `terminal` is the descriptor of one to print to, in place of pipes.
    """
    out = subprocess.PIPE if terminal is None else terminal
    process = subprocess.Popen(
        fake_command(*arguments),
        env=environment(home, **more),
        stdout=out,
        stderr=out,
        text=True,
        cwd=home.parent,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
