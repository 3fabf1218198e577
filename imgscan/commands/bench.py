"""`imgscan bench`: measures recall, false alarms and speed on an album with known truth."""

from __future__ import annotations

import json
import multiprocessing
import resource
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from imgscan import memory, weights
from imgscan.bench import Scores, Share, score, time_steps
from imgscan.commands.setup import readers, rules_in_force, start, store_for
from imgscan.console import ScanProgress, console
from imgscan.engine import PaddleEngine
from imgscan.i18n import N_, _
from imgscan.line import Line
from imgscan.pipeline import Stop
from imgscan.pipeline import scan as run_scan
from imgscan.read import PROFILES
from imgscan.rulebook import Rulebook
from imgscan.settings import Settings
from imgscan.specimens import generate
from imgscan.specimens.truth import Truth, read_truths
from imgscan.store.database import Database
from imgscan.store.keys import Keys, new_master
from imgscan.store.scanning import Labels
from imgscan.types import ScanResult

STEPS_TIMED = 40  # pictures, spread over the album: enough for shares of time
MISSES_SHOWN = 40


def bench(
    album: Annotated[
        Path | None, typer.Argument(metavar="[ALBUM]", help=N_("A folder with truth.jsonl; specimens when none."))
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help=N_("The seed of the specimens."))] = 1,
    count: Annotated[int, typer.Option(min=1, help=N_("How many pictures."))] = 300,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help=N_("Write the figures there as well."))
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="fast|balanced|thorough", help=N_("How closely pictures are read."))
    ] = None,
) -> None:
    """Measure recall, false alarms and speed on pictures with known truth."""
    settings = start(profile=profile)
    weights.verify(settings.weights_path)
    rulebook = rules_in_force(settings)
    out = console()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = album or Path(scratch) / "album"
        truths = read_truths(folder) if album else generate(folder, seed, count)
        scores = _scan(folder, truths, Path(scratch), settings=settings, rulebook=rulebook, out=out)
        paths = [folder / truth.file for truth in truths]
        line = Line(
            PaddleEngine(settings.weights_path),
            rulebook,
            PROFILES[settings.profile],
            readers(settings, rulebook).config.limits,
        )
        scores.steps = time_steps(paths[:: max(1, len(paths) // STEPS_TIMED)], line)
    _print(out, scores, settings)
    if json_file:
        json_file.write_text(json.dumps(scores.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


class WatchedProgress(ScanProgress):
    """The progress of a scan that asks what memory its processes took until now, each time a file ends.

    One that died of its file is gone by then: such files are told by their status.
    """

    peak = 0  # bytes, of the process that took most

    def ended(self, result: ScanResult) -> None:
        """One file ended."""
        running = [reader.pid for reader in multiprocessing.active_children() if reader.pid]
        self.peak = max([self.peak, *map(memory.peak, running)])
        super().ended(result)


def _scan(
    folder: Path, truths: list[Truth], scratch: Path, *, settings: Settings, rulebook: Rulebook, out: Console
) -> Scores:
    """Scan the album into a store of its own, which is thrown away."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with closing(Database(scratch / "bench.db", Keys.of(new_master()))) as database, WatchedProgress(out) as progress:
        store = store_for(database, settings, rulebook)
        outcome = run_scan(
            [folder], Labels(), store, rulebook, readers(settings, rulebook), progress=progress, stop=Stop()
        )
        wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        scores = score(truths, store.results(outcome.scan_id))
    scores.wall_seconds = wall
    scores.cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    scores.peak_mib = progress.peak >> 20
    return scores


def _print(out: Console, scores: Scores, settings: Settings) -> None:
    _print_shares(out, _("Recall by tier"), scores.recall_by_tier)
    _print_shares(out, _("Recall by layout"), scores.recall_by_layout)
    _print_shares(out, _("Recall by tag"), scores.recall_by_tag)
    _print_shares(out, _("Level right among found"), {"": scores.level_right})
    _print_shares(out, _("Negatives raised, by layout"), scores.false_alarms)
    total = Share()
    for share in scores.false_alarms.values():
        total.hits, total.of = total.hits + share.hits, total.of + share.of
    _print_shares(out, _("Negatives raised"), {"": total})
    for heading, lines in ((_("Missed"), scores.missed), (_("Raised"), scores.raised)):
        out.print(f"{heading}: {len(lines)}")
        for line in lines[:MISSES_SHOWN]:
            out.print(f"  {line}")
    everything = sum(scores.steps.values())
    table = Table(box=None, show_header=False, padding=(0, 2))
    for step, seconds in scores.steps.items():
        table.add_row(step, f"{100 * seconds / everything:5.1f} %" if everything else "")
    out.print(_("Processor time by step"))
    out.print(table)
    words = _(
        "{photos} photos in {wall:.0f} s with {workers} workers: {rate:.2f} photos/s, "
        "{cpu:.2f} processor seconds a photo, peak memory of a worker {peak} MiB"
    )
    photos = max(scores.photos, 1)
    out.print(
        words.format(
            photos=scores.photos,
            wall=scores.wall_seconds,
            workers=settings.workers,
            rate=scores.photos / max(scores.wall_seconds, 1e-9),
            cpu=scores.cpu_seconds / photos,
            peak=scores.peak_mib,
        )
    )


def _print_shares(out: Console, heading: str, shares: dict[str, Share]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, share in sorted(shares.items()):
        table.add_row(name, f"{share.hits}/{share.of}", f"{share.percent:.1f} %")
    out.print(heading)
    out.print(table)
