"""`imgscan scan`: the whole line over folders, a summary for people, JSON lines for programs, an exit code for both."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from imgscan import weights
from imgscan.commands.setup import only_scan, open_store, readers, rules_in_force, start, store_for
from imgscan.console import ScanProgress, console, print_summary
from imgscan.engine import require_safe_opencv
from imgscan.errors import ExitCode, UsageError
from imgscan.i18n import N_, _
from imgscan.judge import describe
from imgscan.pipeline import ScanOutcome, Stop
from imgscan.pipeline import scan as run_scan
from imgscan.report import require_folder, write_file, write_jsonl
from imgscan.review import Ending
from imgscan.settings import Settings
from imgscan.store.scanning import Labels
from imgscan.types import ScanResult, Severity
from imgscan.wording import SEVERITIES

Profile = Annotated[
    str | None,
    typer.Option(
        metavar="fast|balanced|thorough", help=N_("How closely pictures are read: quicker, or smaller marks.")
    ),
]


def scan(  # noqa: PLR0917 (typer passes them by name)
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=N_("Folders or files to look through."))],
    campaign: Annotated[str, typer.Option(help=N_("The campaign this scan belongs to."))] = "",
    department: Annotated[str, typer.Option(help=N_("The department of the album's owner."))] = "",
    owner: Annotated[str, typer.Option(help=N_("Whose album it is."))] = "",
    device: Annotated[str, typer.Option(help=N_("The phone the album was copied from."))] = "",
    workers: Annotated[int | None, typer.Option(help=N_("Reading processes, one thread each."))] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-", help=N_("Write one JSON object a file, marks not masked; - is standard output.")
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="SEVERITY",
            help=N_("Exit 1 when a finding is at least this severe: critical, high, medium, low or info."),
        ),
    ] = None,
    profile: Profile = None,
    plain_store: Annotated[
        bool, typer.Option("--plain-store", help=N_("Make a new store without encryption; said loudly each time."))
    ] = False,
) -> None:
    """Look through folders for suspected marks; nothing in them is ever changed."""
    settings = start(workers=workers, profile=profile, plain_store=plain_store or None)
    threshold = _severity(fail_on)
    labels = Labels.typed(campaign, department, owner, device)
    roots = _outermost([_root(path, settings) for path in paths])
    if jsonl not in (None, "-"):
        require_folder(Path(jsonl))
    require_safe_opencv()
    weights.verify(settings.weights_path)

    rulebook = rules_in_force(settings)
    out = console(to_stderr=jsonl == "-")
    started = time.monotonic()
    with only_scan(settings), closing(open_store(settings)) as database:
        store = store_for(database, settings, rulebook)
        with ScanProgress(out, roots, _own_folders(settings)) as progress, _polite_stop() as stop:
            outcome = run_scan(
                roots,
                labels,
                store,
                rulebook,
                readers(settings, rulebook),
                own=_own_folders(settings),
                progress=progress,
                stop=stop,
            )
        worst = store.worst(outcome.scan_id)
        print_summary(out, outcome, store.results(outcome.scan_id), time.monotonic() - started, settings.review_from)
        if jsonl:
            found = (_as_typed(result, paths) for result in store.results(outcome.scan_id))
            words = partial(describe, rulebook=rulebook)
            ending = Ending.INTERRUPTED if outcome.interrupted else Ending.COMPLETE
            if jsonl == "-":
                write_jsonl(found, words, sys.stdout, ending)
            else:
                write_file(Path(jsonl), lambda file: write_jsonl(found, words, file, ending))
    raise typer.Exit(_exit_code(outcome, threshold, worst))


def _exit_code(outcome: ScanOutcome, threshold: Severity | None, worst: Severity | None) -> ExitCode:
    if outcome.interrupted:
        return ExitCode.INTERRUPTED
    if threshold is not None and worst is not None and worst >= threshold:
        return ExitCode.FINDINGS
    return ExitCode.OK if all(status.fully_read for status in outcome.coverage) else ExitCode.NOT_FULLY_READ


def _severity(name: str | None) -> Severity | None:
    """The severity as programs write it, or in the words that the terminal shows."""
    if name is None:
        return None
    known = {key: severity for severity, word in SEVERITIES.items() for key in (severity.value, _(word))}
    if name not in known:
        names = ", ".join(f"{severity.value} ({_(word)})" for severity, word in SEVERITIES.items())
        raise UsageError(
            _("There is no severity {name}.").format(name=name), _("Severities are: {names}").format(names=names)
        )
    return known[name]


def _outermost(roots: Sequence[Path]) -> list[Path]:
    """The roots without those that lie in another: each file is found once."""
    return [
        root
        for number, root in enumerate(roots)
        if not any(root.is_relative_to(other) for other in roots[:number])
        and not any(root != other and root.is_relative_to(other) for other in roots)
    ]


def _root(path: Path, settings: Settings) -> Path:
    # Absolute, so that the review finds the picture from any folder; links are kept as the person wrote them.
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps "..")
    if not os.path.lexists(absolute):
        raise UsageError(_("There is no {path}.").format(path=path), _("Name a folder or a file that exists."))
    for own in _own_folders(settings):
        if Path(os.path.realpath(absolute)).is_relative_to(os.path.realpath(own)):
            raise UsageError(
                _("{path} lies in the data folder {own}, which is never scanned.").format(path=path, own=own),
                _("Move the album out of it, or name another data folder with IMGSCAN_HOME."),
            )
    return absolute


def _as_typed(result: ScanResult, paths: Sequence[Path]) -> ScanResult:
    """The result with its path as the person named it: the store keeps it absolute, a program may compare it."""
    for typed in paths:
        root = Path(os.path.abspath(typed))  # noqa: PTH100 (see _root)
        for start_ in (os.fsencode(root), os.path.realpath(os.fsencode(root))):
            rest = result.found.path.removeprefix(start_)
            if result.found.path.startswith(start_) and rest[:1] in (b"", b"/"):
                return replace(result, found=replace(result.found, path=os.fsencode(typed) + rest))
    return result


def _own_folders(settings: Settings) -> tuple[Path, ...]:
    return (settings.home, settings.weights_path)


@contextmanager
def _polite_stop() -> Iterator[Stop]:
    """The first SIGINT or SIGTERM asks the scan to finish the pictures in hand, the second leaves at once."""
    stop = Stop()
    said = _("Finishing the pictures in hand. Ctrl-C again leaves at once; what was read is kept either way.")

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.requested:
            os._exit(ExitCode.INTERRUPTED)
        stop.requested = True
        error = sys.__stderr__  # sys.stderr is the progress bar's while that is shown
        if error:  # None where the command was started without one
            with suppress(OSError):  # nobody may be left to read it
                # Not print: a handler may stand in the middle of another one.
                os.write(error.fileno(), f"\n{said}\n".encode(error.encoding, "backslashreplace"))

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
