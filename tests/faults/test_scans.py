"""Whole scans by the command line: on a full disk, killed and searched for what must not lie about, and again."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from imgscan.errors import ExitCode
from imgscan.store.database import Database
from imgscan.store.scanning import latest_results
from imgscan.types import Status
from models import Base
from tests.fakes.engine import looked
from tests.fakes.pages import write_page
from tests.fakes.runs import Bench, environment, fake_command, fake_imgscan, opened, rows, running
from tests.faults.scale import scaled
from tests.test_workers import until

CANARY = "鹿鸣九霄canary7391"
MARK = ["机密★10年", "云岫市示例局文件"]


def album_of(folder: Path, pages: int) -> Path:
    for number in range(pages):
        write_page(folder / f"{number:03}.jpg", MARK if number % 2 else [f"第{number}页"], salt=number)
    return folder


def same_as_undisturbed(home: Path, album: Path, tmp_path: Path) -> None:
    other = tmp_path / "undisturbed"
    assert fake_imgscan("scan", album, home=other).returncode == ExitCode.OK
    with closing(opened(home)) as one, closing(opened(other)) as two:
        assert rows(one) == rows(two)


@pytest.mark.parametrize("kib", [240, 320, 400] if scaled(0, 1) else [320])
def test_a_full_disk_is_4_names_the_place_and_loses_nothing(home: Path, tmp_path: Path, kib: int) -> None:
    """No file may grow beyond a limit, which is how a full disk looks to SQLite, in the middle of a scan."""
    album = album_of(tmp_path / "album", 30)
    command = " ".join(fake_command("scan", str(album), "--workers", "1"))
    done = subprocess.run(
        ["bash", "-c", f"ulimit -S -f {kib}; exec {command}"],
        env=environment(home, IMGSCAN_KEEP_TEXT="all"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == ExitCode.STORE, done.stderr[-500:]
    assert str(home / "imgscan.db") in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr
    with closing(opened(home)) as database:
        before = rows(database)["files"]
    assert 0 < len(before) < 30
    again = fake_imgscan("scan", album, home=home, IMGSCAN_KEEP_TEXT="all")
    assert again.returncode == ExitCode.OK
    with closing(opened(home)) as database:
        assert set(before) <= set(rows(database)["files"])
        assert len(rows(database)["files"]) == 30


@pytest.fixture
def small_volume(tmp_path: Path) -> Path:
    """A volume of 8 MiB of its own; unmounted by whoever made it."""
    folder = tmp_path / "volume"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=False, capture_output=True)
    if made.returncode:
        pytest.skip("mounting needs root")
    return folder


def test_a_full_volume_is_4_names_the_place_and_loses_nothing(small_volume: Path, tmp_path: Path) -> None:
    home = small_volume / "home"
    try:
        album = album_of(tmp_path / "album", 30)
        home.mkdir()
        filler = small_volume / "filler"
        filler.write_bytes(bytes(2**23 - 600 * 1024))
        done = fake_imgscan("scan", album, "--workers", "1", home=home, IMGSCAN_WEIGHTS=str(tmp_path / "weights"))
        assert done.returncode == ExitCode.STORE, done.stderr[-500:]
        assert str(small_volume) in done.stderr.replace("\n", "")
        filler.unlink()
        done = fake_imgscan("scan", album, home=home, IMGSCAN_WEIGHTS=str(tmp_path / "weights"))
        assert done.returncode == ExitCode.OK, done.stderr[-500:]
        same_as_undisturbed(home, album, tmp_path)
    finally:
        subprocess.run(["umount", "-l", small_volume], check=False)


def found_in(folder: Path, album: Path) -> list[Path]:
    """Files outside the album that hold the canary in any of the forms a program writes."""
    forms = [CANARY.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    forms += [b"canary7391", CANARY[:4].encode("unicode_escape")]
    held = []
    for path in folder.rglob("*"):
        if path.is_file() and os.access(path, os.R_OK) and not path.is_relative_to(album):
            content = path.read_bytes()
            if any(form in content or form in os.fsencode(path.name) for form in forms):
                held.append(path)
    return held


def test_nothing_of_a_picture_lies_about_after_a_kill(home: Path, tmp_path: Path) -> None:
    """Data folder, home folder, temporary folders and what was printed, while the scan runs and after kill -9."""
    album = tmp_path / "album" / CANARY
    for number in range(scaled(12, 60)):
        write_page(album / f"{CANARY}{number}.jpg", [f"机密★{CANARY}"], salt=number)
    places = {"HOME": "person", "TMPDIR": "temporary", "XDG_RUNTIME_DIR": "runtime"}
    for folder in places.values():
        (tmp_path / folder).mkdir()
    told = {name: str(tmp_path / folder) for name, folder in places.items()}
    for kill in range(scaled(2, 20)):
        wanted = looked(home / "weights") + 2
        with running("scan", album, "--workers", "2", home=home, terminal=None, **told) as process:
            until(lambda wanted=wanted: process.poll() is not None or looked(home / "weights") >= wanted)
            time.sleep(0.05 * kill)
            assert found_in(tmp_path, tmp_path / "album") == []
            process.kill()
            process.wait()
        assert found_in(tmp_path, tmp_path / "album") == []
    assert found_in(Path("/dev/shm"), tmp_path / "album") == []
    last = fake_imgscan("scan", album, home=home, **told)
    assert last.returncode == ExitCode.OK
    assert CANARY not in last.stderr
    assert found_in(tmp_path, tmp_path / "album") == []
    with closing(opened(home)) as database:
        assert CANARY in repr([row.found.display for row in latest_results(database)])  # there was something to find


def test_of_a_plain_store_the_search_would_tell(home: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    write_page(album / f"{CANARY}.jpg", [f"机密★{CANARY}"])
    assert fake_imgscan("scan", album, "--plain-store", home=home).returncode == ExitCode.OK
    assert found_in(tmp_path, album)


def test_pictures_that_nobody_touched_cost_no_reading_and_change_no_row(database: Database, tmp_path: Path) -> None:
    """10,000 of them in full. What is noted is that there was a scan, and by which scan each file was met last."""
    first = write_page(tmp_path / "album" / "0.jpg", MARK)
    count = scaled(300, 10_000)
    content = first.read_bytes()
    for number in range(1, count):
        path = tmp_path / "album" / f"{number // 500}" / f"{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if number % 10 else content + b"%d" % number)  # one in ten a picture of its own
    bench = Bench(database, tmp_path / "work", workers=2)
    bench.scan(tmp_path / "album")
    assert bench.looked == count // 10
    before, read = everything(database), bench.looked
    outcome = bench.scan(tmp_path / "album")
    assert outcome.coverage == {Status.HIT: count}
    assert (outcome.read, bench.looked) == (0, read)
    assert everything(database) == before


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows but those of scans and of the audit trail, and all columns but those that name a scan."""
    found = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in ("scan", "audit"):
                scan_ids = {key.parent for key in table.foreign_keys if key.target_fullname == "scan.id"}
                kept = [column for column in table.columns if column not in scan_ids]
                columns = ", ".join(f'"{column.name}"' for column in kept)
                found[table.name] = sorted(
                    map(tuple, session.execute(text(f"SELECT {columns} FROM {table.name}"))), key=repr
                )
    return found
