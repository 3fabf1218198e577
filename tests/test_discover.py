from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from imgscan.discover import discover
from imgscan.types import Status
from tests.fakes.pages import write_page
from tests.fakes.runs import REPOSITORY


def test_the_walk_is_sorted_and_follows_no_link(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", "inner/d.jpg", "inner/c.jpg", "z/e.jpg"):
        write_page(tmp_path / "album" / name, ["一"])
    (tmp_path / "album" / "up").symlink_to(tmp_path)
    names = [Path(one.display).relative_to(tmp_path / "album").as_posix() for one in discover(tmp_path / "album")]
    assert names == ["a.jpg", "b.jpg", "up", "inner/c.jpg", "inner/d.jpg", "z/e.jpg"]


def test_the_walk_takes_a_single_file_and_a_named_link(tmp_path: Path) -> None:
    page = write_page(tmp_path / "a.jpg", ["一"])
    (tmp_path / "link").symlink_to(page)
    assert [one.path for one in discover(page)] == [bytes(page)]
    assert [(one.path, one.status) for one in discover(tmp_path / "link")] == [(bytes(page), None)]


def test_the_walk_tells_of_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert [one.status for one in discover(tmp_path / "nowhere")] == [Status.VANISHED]
    assert [one.status for one in discover(tmp_path / "dangling")] == [Status.VANISHED]
    assert [one.status for one in discover(tmp_path / "loop")] == [Status.SYMLINK]


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from imgscan.discover import discover
from imgscan.fingerprint import FileError, fingerprint
os.setgid(65534); os.setuid(65534)  # after the imports, for the program's own folder may be closed to others
for found in discover(Path(sys.argv[1])):
    status = found.status
    if status is None:
        try:
            fingerprint(found, 2**28)
            status = "read"
        except FileError as error:
            status = error.status
    print(found.display.rpartition("/")[2], str(status))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    """As a user without rights, in a process of its own."""
    folder = tmp_path / "album"
    write_page(folder / "open.jpg", ["一"]).chmod(0o644)
    write_page(folder / "closed.jpg", ["一"]).chmod(0o000)
    write_page(folder / "shut" / "inside.jpg", ["一"])
    (folder / "shut").chmod(0o000)
    folder.chmod(0o755)
    reachable = [tmp_path, *tmp_path.parents]
    modes = [path.stat().st_mode for path in reachable]
    try:
        for path in reachable:
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o011)
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, str(folder)],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            check=True,
        )
    finally:
        for path, mode in zip(reachable, modes, strict=True):
            path.chmod(stat.S_IMODE(mode))
        (folder / "shut").chmod(0o700)
    assert sorted(done.stdout.split("\n")[:-1]) == [
        "closed.jpg permission_denied",
        "open.jpg read",
        "shut permission_denied",
    ]
