"""Measures what encryption costs: `python -m tests.measure_store [PICTURES]`.

The store's part of a scan (one transaction a picture, as a scan writes them) and the first page of the queue, on the
plain and on the encrypted store, by turns; the smallest of five medians of each, and their ratio.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from imgscan.review import Filter
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Crop, Severity
from tests.store.test_grouping import hit

ROUNDS = 5
KEYS = {"plain": None, "encrypted": Keys.of(b"k" * 32)}


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that `work` took."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def main(pictures: int) -> None:
    """Say both, by kind of store."""
    found: dict[str, dict[str, list[float]]] = {"a picture stored": {}, "first page of the queue": {}}
    with tempfile.TemporaryDirectory() as name:
        for turn in range(ROUNDS):
            for kind, keys in KEYS.items():
                with closing(Database(Path(name) / f"{kind}{turn}" / "imgscan.db", keys)) as database:
                    stored, listed = _once(database, pictures)
                found["a picture stored"].setdefault(kind, []).append(stored)
                found["first page of the queue"].setdefault(kind, []).append(listed)
    for what, kinds in found.items():
        plain, encrypted = (min(kinds[kind]) for kind in KEYS)
        sys.stdout.write(f"{what}: {plain:.1f} ms plain, {encrypted:.1f} ms encrypted, ratio {encrypted / plain:.2f}\n")


def _once(database: Database, pictures: int) -> tuple[float, float]:
    store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
    scan_id = store.begin()
    album = store.album(scan_id, b"/album", Labels())
    times = []
    for number in range(pictures):
        one = hit(number % 250, None)
        found = replace(one.found, path=b"/album/%d.jpg" % number)
        crop = Crop(0, (0, 0, 9, 9), (99, 99), bytes(8000))
        result = replace(one, found=found, sha256=f"{number:064x}", crops=(crop,))
        times.append(timed(lambda result=result: store.record(scan_id, album, result, judged=True)))  # type: ignore[misc]
    store.finish(scan_id, "complete")
    queue = ReviewQueue(database)
    listed = [timed(lambda: queue.page(Filter())) for _ in range(20)]
    return statistics.median(times), statistics.median(listed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
