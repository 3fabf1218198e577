"""What the overview and the scan page need, over a test's store: scans are the real command line with a fake engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from api.folders import Folders
from api.office import Office
from api.scanner import Scanner
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from tests.fakes.runs import environment, fake_command


def make_office(database: Database, roots: Sequence[Path] = (), engine: str = "FakeEngine") -> Office:
    """An office over `database`, whose folder is the data folder of the scans; the caller closes its scanner."""
    home = database.path.parent
    command = fake_command()
    scanner = Scanner(
        database,
        home / "scan.lock",
        own=(home,),
        command=command,
        environment=environment(home, IMGSCAN_WORKERS="1", IMGSCAN_PLAIN_STORE="1", FAKE_ENGINE=engine),
    )
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return Office(database, load((BUILT_IN,)), scanner, Folders(roots, (home,)), home, temporary)
