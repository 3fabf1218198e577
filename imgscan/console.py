"""What a person sees in the terminal: progress, summary, errors. Names of files are made harmless before they show."""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from imgscan.discover import count_files
from imgscan.errors import ImgscanError
from imgscan.i18n import _, ngettext
from imgscan.pipeline import ScanOutcome
from imgscan.types import ScanResult, Severity, Status
from imgscan.wording import BASIS_FILES, BASIS_SECONDS, CLASSES, SEVERITIES, STATUSES, harmless, left_words

UNREAD_SHOWN = 20
HITS_SHOWN = 20
ALIKE_SHOWN = 3  # more files of a kind that is not read are counted: an album has hundreds of videos
TEXT_SHOWN = 40


def console(to_stderr: bool = False) -> Console:
    """A console that colours nothing by guess and wraps no path."""
    return Console(stderr=to_stderr, highlight=False, soft_wrap=True, markup=False)


def say_error(error: ImgscanError) -> None:
    """Say what is wrong and which command mends it, on standard error."""
    out = console(to_stderr=True)
    out.print(Text(_("Error: {message}").format(message=error.message), style="bold red"))
    if error.cure:
        out.print(error.cure)


def said_yes(question: str) -> bool:
    """Ask on the terminal, on standard error, which is seldom sent elsewhere. Only a clear yes is one."""
    out = console(to_stderr=True)
    out.print(question, _("[y/N]"), end=" ")
    try:
        answer = unicodedata.normalize("NFKC", input())
    except (EOFError, KeyboardInterrupt):  # Ctrl-D, Ctrl-C
        out.print()
        return False
    return answer.strip().lower() in ("y", "yes", "是", "是的")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on standard error what is being done: with the seconds that it takes on a terminal, else in one line."""
    out = console(to_stderr=True)
    if not out.is_terminal:
        out.print(what)
        yield
        return
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=out) as shown:
        shown.add_task(escape(what), total=None)
        yield


def imgscan_command(arguments: str) -> str:
    """How to type an imgscan command here: with the data folder that this process was told."""
    home = os.environ.get("IMGSCAN_HOME")
    program = sys.argv[0] if sys.argv[0].endswith("imgscan") else "imgscan"
    shown = os.path.relpath(program) if os.sep in program else program
    return f"{f'IMGSCAN_HOME={home} ' if home else ''}{shown} {arguments}"


@dataclass(slots=True)
class ScanProgress:
    """Live counts on a terminal; silence elsewhere. A `pipeline.Progress`.

    The scan walks no further ahead than it reads, so that the files it has found say nothing of what is left: those in
    `roots` are counted beside it. Without any, what was found is all.
    """

    out: Console
    roots: Sequence[Path] = ()
    own: Sequence[Path] = ()
    counted: int | None = None
    over: bool = False
    files: int = 0
    done: int = 0
    hits: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    bar: Progress | None = None

    def __enter__(self) -> Self:
        if self.out.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self.bar = Progress(*columns, console=self.out, transient=True)
            self.bar.add_task("", total=None)
            self.bar.start()
            if self.roots:
                Thread(target=self._count, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over = True
        if self.bar is not None:
            self.bar.stop()

    def found(self) -> None:
        """One more file was found."""
        self.files += 1
        self._show()

    def ended(self, result: ScanResult) -> None:
        """One file ended."""
        self.done += 1
        self.hits += result.status is Status.HIT
        self._show()

    def _show(self) -> None:
        if self.bar is None:
            return
        counted = self.counted if self.roots else self.files
        total = None if counted is None else max(counted, self.files)  # files in archives are counted as they are met
        seconds = max(time.monotonic() - self.started, 1e-6)
        words = [_("hits so far: {hits}").format(hits=self.hits)]
        if self.done >= BASIS_FILES and seconds >= BASIS_SECONDS:
            words.insert(0, _("{rate} files/s").format(rate=f"{self.done / seconds:.1f}"))
            if total is not None:
                words.insert(1, left_words((total - self.done) * seconds / self.done))
        self.bar.update(self.bar.task_ids[0], description=", ".join(words), total=total, completed=self.done)

    def _count(self) -> None:
        counts = [count_files(root, self.own, lambda: self.over) for root in self.roots]
        if None not in counts:
            self.counted = sum(one or 0 for one in counts)


def print_summary(
    out: Console, outcome: ScanOutcome, results: Iterable[ScanResult], seconds: float, review_from: Severity
) -> None:
    """What was found, at which level, what could not be read, and the next command to type."""
    hits: list[ScanResult] = []
    unread: list[ScanResult] = []
    for result in results:
        if any(finding.severity >= review_from for finding in result.findings):
            hits.append(result)
        if not result.status.fully_read:
            unread.append(result)
    found = sum(outcome.coverage.values())
    _print_coverage(out, outcome, found, seconds)
    if outcome.gone:
        words = ngettext(
            "{n} file that the last scan found is no longer there. Is the phone or stick connected?",
            "{n} files that the last scan found are no longer there. Is the phone or stick connected?",
            outcome.gone,
        )
        out.print(Text(words.format(n=outcome.gone), style="bold yellow"))
    _print_hits(out, hits, found - outcome.coverage.get(Status.SYMLINK, 0), len(unread))
    _print_unread(out, unread)
    if found or outcome.interrupted:
        _print_next(out, outcome, to_look_at=bool(hits or unread))


def _print_coverage(out: Console, outcome: ScanOutcome, found: int, seconds: float) -> None:
    unread = sum(count for status, count in outcome.coverage.items() if not status.fully_read)
    if outcome.interrupted:
        out.print(Text(_("Interrupted. What was read is kept."), style="bold yellow"))
    links = outcome.coverage.get(Status.SYMLINK, 0)
    words = _("Found {found} files = {read} fully read + {unread} not fully read")
    if links:  # what a link points at counts where it lies, if that is in the album at all
        words = _("Found {found} files = {read} fully read + {unread} not fully read + {links} links, not followed")
    told = words.format(found=found, read=found - unread - links, unread=unread, links=links)
    out.print(Text(told, style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2))
    for status, count in outcome.coverage.items():
        table.add_row(f"{count:>8}", status.value, _(STATUSES[status]))
    out.print(table)
    out.print(
        _("Read by OCR in this run: {read} pictures, in {seconds:.0f} s.").format(read=outcome.read, seconds=seconds)
    )


def _print_hits(out: Console, hits: list[ScanResult], found: int, unread: int) -> None:
    out.print()
    if not hits and not found:
        out.print(Text(_("There was no file to look at."), style="bold yellow"))
        return
    if not hits:
        words = _("Nothing found in the {read} files that were fully read; {unread} were not.")
        out.print(Text(words.format(read=found - unread, unread=unread), style="bold"))
        return
    heading = ngettext("{n} suspected picture, for a person to decide:", "{n} suspected pictures:", len(hits))
    out.print(Text(heading.format(n=len(hits)), style="bold"))
    in_part = sum(not result.status.fully_read for result in hits)
    if in_part:
        out.print(_("Of these, not fully read: {n}.").format(n=in_part))
    hits.sort(key=lambda result: max(finding.risk for finding in result.findings), reverse=True)
    for result in hits[:HITS_SHOWN]:
        worst = max(result.findings, key=lambda finding: finding.risk)
        what = [_(SEVERITIES[worst.severity]), worst.level or "", _(CLASSES[worst.cls]), _shown(worst.text)]
        out.print("  " + " · ".join(word for word in what if word))
        out.print(f"      {harmless(result.found.display)}", style="dim")
    if len(hits) > HITS_SHOWN:
        out.print(_("... and {n} more").format(n=len(hits) - HITS_SHOWN))


def _shown(text: str) -> str:
    text = harmless(text.replace("\n", " "))
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


def _print_unread(out: Console, unread: list[ScanResult]) -> None:
    if not unread:
        return
    out.print()
    out.print(Text(_("Not fully read (look at these yourself):"), style="bold yellow"))
    kinds: defaultdict[str, list[ScanResult]] = defaultdict(list)
    for result in unread:
        if result.status is Status.UNSUPPORTED:
            kinds[result.problem].append(result)
    for problem, alike in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        out.print(f"  {len(alike)} × {_(problem)}")
        for result in alike if len(alike) <= ALIKE_SHOWN else ():
            out.print(f"      {harmless(result.found.display)}", style="dim")
    unread = [result for result in unread if result.status is not Status.UNSUPPORTED]
    for result in unread[:UNREAD_SHOWN]:
        out.print(f"  {_(STATUSES[result.status])} · {harmless(result.found.display)}")
        out.print(f"      {_(result.problem)}", style="dim")
    if len(unread) > UNREAD_SHOWN:
        out.print(_("... and {n} more").format(n=len(unread) - UNREAD_SHOWN))


def _print_next(out: Console, outcome: ScanOutcome, *, to_look_at: bool) -> None:
    out.print()
    if outcome.interrupted:
        out.print(_("Next: run the same command again; it goes on where it stopped."))
    elif to_look_at:
        out.print(_("Next: {command}").format(command=imgscan_command("review")))
    else:
        out.print(_("Next: {command}").format(command=imgscan_command(_("report -o ledger.xlsx"))))
