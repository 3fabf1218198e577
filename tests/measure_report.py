"""Measures reports of a large store: `python -m tests.measure_report [FILES] [HITS]`, 120,000 and 20,000 by default.

Every hit is confirmed, so that the list of problems is as long as can be. Each form is written by a process of its
own, whose processor seconds and largest resident memory are printed, the memory beside that for a store a tenth as
large: what grows with the store shows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from imgscan.memory import peak
from imgscan.report.forms import FORMS, Report
from imgscan.report.output import write_bytes
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.store.overview import overview
from tests.fakes.stores import fill


def write(database: str, form: str, goal: str) -> None:
    """Write one report; processor seconds, MiB at the most and MiB written on standard output."""
    began = time.process_time()  # whatever else the computer does
    with closing(Database(Path(database))) as opened:
        if form == "overview":
            overview(opened)
        else:
            report = Report(opened, load((BUILT_IN,)), "measured")
            write_bytes(Path(goal), lambda out: report.write(form, "problems", out))
    seconds = time.process_time() - began
    size = Path(goal).stat().st_size / 2**20 if Path(goal).exists() else 0.0
    print(f"{seconds:.1f} {peak() / 2**20:.0f} {size:.1f}")  # noqa: T201


def main(files: int = 120_000, hits: int = 20_000) -> None:
    """Fill two stores and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        stores = []
        for scale in (10, 1):
            path = Path(folder) / str(scale) / "imgscan.db"
            with closing(Database(path)) as database:
                fill(database, files // scale, hits // scale, all_confirmed=True)
            stores.append(path)
        small_one = f"MiB at {files // 10:,} files, {hits // 10:,} hits"
        print(f"| form | processor s | MiB at the most | MiB written | {small_one} |")  # noqa: T201
        print("|---|---|---|---|---|")  # noqa: T201
        for form in ("overview", *FORMS):
            measured = []
            for path in stores:
                command = [sys.executable, "-m", "tests.measure_report", "--write", str(path), form, f"{path}.{form}"]
                measured.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
            (_seconds, small, _size), (seconds, large, size) = measured
            print(f"| {form} | {seconds} | {large} | {size} | {small} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
