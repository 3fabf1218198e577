"""What a reading process keeps in memory: `python -m tests.measure_memory COUNT FOLDER...`, real OCR, no store.

The pictures of the folders are read in turn, over and over, until COUNT were read, by one process that is started as
those of a scan are, and never replaced by a fresh one. Ten lines: resident memory now, and its peak since the line
before.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from itertools import cycle, islice
from pathlib import Path

from imgscan import env
from imgscan.engine import PaddleEngine
from imgscan.line import Limits, Line, read_one
from imgscan.memory import make_room, peak, resident
from imgscan.read import PROFILES
from imgscan.rulebook import BUILT_IN, load
from imgscan.settings import load_settings
from imgscan.types import FoundFile, Severity

MOST_PIXELS = 100_000_000
CLEAR_REFS = Path("/proc/self/clear_refs")
FORGET_THE_PEAK = "5"  # proc(5)


def main(count: int, folders: list[Path]) -> int:
    """Read in a child, which takes over what `env.prepare` sets for the C library."""
    settings = load_settings()
    env.prepare(settings)
    reading = multiprocessing.get_context("spawn").Process(target=watch, args=(count, folders, settings.weights_path))
    reading.start()
    reading.join()
    return reading.exitcode or 0


def watch(count: int, folders: list[Path], weights: Path) -> None:
    """Read, and tell what is held."""
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    limits = Limits(2**28, MOST_PIXELS, Severity.MEDIUM)
    line = Line(PaddleEngine(weights), load((BUILT_IN,)), PROFILES["balanced"], limits)
    sys.stdout.write(f"{len(files)} files; {resident() >> 20} MiB before the first\npictures  resident  peak\n")
    for number, file in enumerate(islice(cycle(files), count), 1):
        read_one(FoundFile(b"", os.fsencode(file)), line)
        make_room()
        if number % max(count // 10, 1) == 0:
            sys.stdout.write(f"{number:8}  {resident() >> 20:8}  {peak() >> 20:4}\n")
            sys.stdout.flush()
            CLEAR_REFS.write_text(FORGET_THE_PEAK)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
