from __future__ import annotations

import multiprocessing
import os
import random
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgscan.store.database import Database
from imgscan.types import Level, Status
from tests import bleed
from tests.fakes import engine as engines
from tests.fakes.pages import encode, page, write_page
from tests.fakes.runs import Bench, orphans
from tests.hostile import files

MARK = ["机密★10年"]


def test_every_hostile_file_ends_as_the_table_says(database: Database, tmp_path: Path) -> None:
    """Through the real pipeline and its processes, with a fake engine."""
    folder = tmp_path / "album"
    folder.mkdir()
    expected = {}
    for hostile in files():
        assert hostile.name not in expected
        (folder / hostile.name).write_bytes(hostile.content)
        expected[str(folder / hostile.name)] = hostile.statuses
    assert len(expected) >= 1000
    assert sum(len(statuses) == 1 for statuses in expected.values()) >= 600  # of the others a class is known
    bench = Bench(database, tmp_path / "work", workers=2, timeout=300.0)  # nothing hangs; the machine may be busy
    outcome = bench.scan(folder)
    ended = {result.found.display: result.status for result in bench.counts.results}
    wrong = {Path(path).name: ended.get(path) for path, statuses in expected.items() if ended.get(path) not in statuses}
    assert wrong == {}
    crashed = {Status.CRASHED, Status.TIMEOUT, Status.OOM, Status.IO_ERROR} & set(outcome.coverage)
    assert not crashed, Counter(ended.values())
    assert sum(outcome.coverage.values()) == len(ended) > len(expected)  # members of archives are files as well
    assert orphans(database) == 0


def test_no_bleed() -> None:
    """Fails with OpenCV 4.10 (docs/files.md tells by how much); `python -m tests.bleed` does it a thousand times."""
    shares = list(bleed.bled(100))
    assert max(shares) < bleed.VISIBLE, f"OpenCV {cv2.__version__}"


def test_bleeding_would_be_seen() -> None:
    """A photo whose missing rows are those of a marked page."""
    photo, marked = (
        bleed.decoded(make(np.random.default_rng(1), 400, 300))[0].copy() for make in (bleed.innocent, bleed.marked)
    )
    assert bleed.foreign(photo) < bleed.VISIBLE
    photo[280:] = marked[280:]
    assert bleed.foreign(photo) > bleed.VISIBLE


def test_collateral(database: Database, tmp_path: Path) -> None:
    """One hostile file in ten of 500, some of which kill, hang or swell their process: no good one is lost."""
    folder = tmp_path / "album"
    folder.mkdir()
    dice = random.Random(20261122)
    killing = [*[engines.CRASH] * 5, engines.HANG, engines.SWELL, *[engines.SPOIL] * 3]
    hostile = {
        **{f"{number}": encode(page([text], salt=number)) for number, text in enumerate(killing)},
        **{one.name: one.content for one in dice.sample([one for one in files() if "whole" not in one.name], 40)},
    }
    names = list(hostile)
    for number in range(500):
        if number % 10 == 5:
            name = names.pop()
            (folder / f"{number:03}_hostile_{name}").write_bytes(hostile[name])
        else:
            write_page(folder / f"{number:03}_good.jpg", MARK, salt=number)
    assert not names
    bench = Bench(
        database, tmp_path / "work", engine=engines.DisastrousEngine, workers=2, timeout=30.0, memory_mib=2048
    )
    bench.scan(folder)
    statuses = bench.counts.statuses
    good = {name: status for name, status in statuses.items() if name.endswith("_good.jpg")}
    assert len(good) == 450
    assert {name: status for name, status in good.items() if status is not Status.HIT} == {}
    results = bench.results()
    assert all({one.level for one in results[name].findings} >= {Level.JIMI} for name in good)
    ended = Counter(statuses.values())
    assert (ended[Status.CRASHED], ended[Status.TIMEOUT], ended[Status.OOM]) == (5, 1, 1)


def meddle(folder: Path, seed: int, ready: object, over: object) -> None:
    """Change the album in every way while it is scanned."""
    dice = random.Random(seed)
    contents = [encode(page(MARK, salt=number)) for number in range(20)]
    ready.set()  # type: ignore[attr-defined]
    while not over.wait(0.003):  # type: ignore[attr-defined]
        path = folder / f"d{dice.randrange(5)}" / f"{dice.randrange(60)}.jpg"
        with suppress(OSError):
            match dice.randrange(8):
                case 0 | 1:
                    path.write_bytes(dice.choice(contents))
                case 2:
                    path.unlink()
                case 3:
                    path.rename(path.with_name(f"{dice.randrange(60)}.jpg"))
                case 4:
                    os.truncate(path, dice.randrange(2000))
                case 5:
                    path.unlink(missing_ok=True)
                    path.symlink_to(folder)
                case 6:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    path.mkdir()
                case 7:
                    path.parent.rename(folder / "away")
                    (folder / "away").rename(path.parent)


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_hold_while_another_process_changes_the_tree(database: Database, tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "album"
    for number in range(300):
        write_page(folder / f"d{number // 60}" / f"{number % 60}.jpg", MARK, salt=number)
    spawn = multiprocessing.get_context("spawn")
    ready, over = spawn.Event(), spawn.Event()
    meddler = spawn.Process(target=meddle, args=(folder, seed, ready, over), daemon=True)
    meddler.start()
    bench = Bench(database, tmp_path / "work", workers=2, timeout=300.0)
    try:
        assert ready.wait(60)
        for _scan in range(2):
            outcome = bench.scan(folder)  # which checks that found = read + not read, and that all say so
            assert not {Status.CRASHED, Status.TIMEOUT, Status.OOM, Status.IO_ERROR} & set(outcome.coverage)
            paths = [one.found.path for one in bench.counts.results]
            assert len(paths) == len(set(paths))
    finally:
        over.set()
        meddler.join(30)
    assert orphans(database) == 0
    bench.scan(folder)  # quiet again: everything is as it lies there
    left = {os.fsencode(path): path for path in folder.rglob("*") if path.is_symlink() or path.is_file()}
    ended = {one.found.path: one.status for one in bench.counts.results}
    assert set(ended) == set(left)
    whole = {encode(page(MARK, salt=number)) for number in range(300)}
    for path, status in ended.items():
        if left[path].is_symlink():
            assert status is Status.SYMLINK
        elif left[path].read_bytes() in whole:
            assert status is Status.HIT
