"""The n-th write, sync, rename, unlink or truncation fails or is the last thing that the process does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from imgscan.store.audit import lost, verify
from imgscan.store.backup import require_sound
from imgscan.store.opening import exists, keys_of, open_store
from models import Album, FileRow
from tests.fakes.runs import environment
from tests.faults.scale import FULL, scaled
from tests.faults.workload import LATE, REFUSED, live, place_in

# So many calls of each kind are hit. This SQLite makes no fdatasync.
CALLS = {
    "pwrite64": (4, 110),
    "fsync": (3, 40),
    "ftruncate": (1, 4),
    "write": (2, 6),
    "rename": (1, 6),
    "unlink": (2, 12),
}
ACTIONS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")
KILLED = -9


def fired(log: Path) -> int:
    text = log.read_text(errors="replace")
    return text.count("(INJECTED)") + text.count("killed by SIGKILL")


def paths(folder: Path) -> set[str]:
    with closing(open_store(place_in(folder))) as database, database.reading() as session:
        found = session.execute(select(Album.campaign, FileRow.path).join(FileRow, FileRow.album_id == Album.id))
        return {f"{campaign}-{Path(path.decode()).stem}" for campaign, path in found}


def survived(folder: Path) -> None:
    """The store opens, is whole, holds all that was acknowledged, and the same life lived again ends well."""
    place = place_in(folder)
    acknowledged = {path.name for path in folder.iterdir() if path.name.startswith(("stays-", "goes-"))}
    purging = (folder / "purging").exists()
    if exists(place):
        kept = paths(folder)
        expected = {name for name in acknowledged if not purging or name.startswith("stays")}
        assert expected <= kept
        keys = keys_of(place)
        assert keys is not None
        with closing(open_store(place)) as database:
            verify(database)
            assert not lost(database)
        require_sound(place.database, keys.database)
    else:
        assert not acknowledged
    live(folder)
    assert paths(folder) == {f"stays-{number}" for number in range(4)}


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace; on Debian: apt-get install strace")
def test_every_fault_of_the_system_leaves_a_whole_store(tmp_path: Path) -> None:
    total = 0
    for call, (little, full) in CALLS.items():
        for action in ACTIONS if FULL else ACTIONS[len(call) % 3 :][:1]:
            root = tmp_path / f"{call}-{action}"
            root.mkdir()
            log = root / "strace.log"
            command = [
                "strace",
                "-f",
                "-qq",
                "-o",
                str(log),
                "-e",
                f"trace={call}",
                "-e",
                f"inject={call}:{action}:when={LATE}",
            ]
            program = [sys.executable, "-m", "tests.faults.workload", call, str(scaled(little, full)), str(root)]
            done = subprocess.run(
                [*command, *program], env=environment(tmp_path), check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr[-2000:]
            hits = fired(log)
            assert hits > 0, f"{call} {action} never fired"
            total += hits
            for folder in (path for path in root.iterdir() if path.is_dir()):
                (ended,) = folder.glob("ended *")
                assert int(ended.name.split()[1]) in (0, REFUSED, KILLED), folder
                survived(folder)
            shutil.rmtree(root)
    assert total >= scaled(10, 300), total
