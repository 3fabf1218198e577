from __future__ import annotations

from collections import Counter
from pathlib import Path

from imgscan.store.database import Database
from imgscan.types import Status
from tests.fakes.runs import Bench, orphans
from tests.hostile import files


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
    bench = Bench(database, tmp_path / "work", workers=2)
    outcome = bench.scan(folder)
    ended = {result.found.display: result.status for result in bench.counts.results}
    wrong = {Path(path).name: ended.get(path) for path, statuses in expected.items() if ended.get(path) not in statuses}
    assert wrong == {}
    crashed = {Status.CRASHED, Status.TIMEOUT, Status.OOM, Status.IO_ERROR} & set(outcome.coverage)
    assert not crashed, Counter(ended.values())
    assert sum(outcome.coverage.values()) == len(ended) > len(expected)  # members of archives are files as well
    assert orphans(database) == 0
