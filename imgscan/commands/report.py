"""`imgscan report`: what was found and decided as a file, for people and for programs."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from imgscan.commands.setup import open_filled_store, require_known, rules_in_force, start, user_name
from imgscan.console import console, working
from imgscan.errors import UsageError
from imgscan.i18n import N_, _, ngettext
from imgscan.wording import harmless

Listed = Annotated[
    str | None,
    typer.Option(
        "--list", metavar="ledger|problems|unread", help=N_("Which list goes into a CSV file; problems when left out.")
    ),
]
Full = Annotated[
    bool,
    typer.Option(
        "--full", help=N_("Do not mask file numbers and the words around marks. JSON lines are never masked.")
    ),
]
PLAIN_TEXT = ("", "json", "ndjson", "txt")  # endings that JSON lines may have, too


def report(
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE|-", help=N_("Where to; - is standard output."))
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="xlsx|html|csv|jsonl", help=N_("The form; by the file's ending when left out.")
        ),
    ] = None,
    campaign: Annotated[str | None, typer.Option(help=N_("Only albums of this campaign."))] = None,
    listed: Listed = None,
    full: Full = False,
) -> None:
    """Write what was found and decided: ledger and list of problems as a spreadsheet, a page to print, CSV, or JSON."""
    settings = start()
    from imgscan.report.contents import coverage_words, ending_words, review_words  # noqa: PLC0415 (heavy; --help must be quick)
    from imgscan.report.forms import Report  # noqa: PLC0415
    from imgscan.report.output import require_folder, require_outside, write_bytes  # noqa: PLC0415
    from imgscan.store.ledger import album_roots, campaigns, gone  # noqa: PLC0415

    form = format_ or _by_ending(output)
    _require_form(form, listed)
    if output == "-" and form == "xlsx":
        raise UsageError(_("A spreadsheet needs a file."), _("Name one with -o."))
    if output != "-":
        require_folder(Path(output))
    with closing(open_filled_store(settings)) as database:
        if campaign is not None:
            require_known(campaign, campaigns(database))
        if output != "-":
            require_outside(Path(output), album_roots(database), settings.home)
        asked = Report(database, rules_in_force(settings), user_name(), campaign, full)
        write = partial(asked.write, form, listed or "problems")
        if full or form == "jsonl":
            words = _("File numbers and words around marks are not masked: keep it like the documents themselves.")
            console(to_stderr=True).print(words, style="bold yellow")
        if output == "-":
            counts = write(sys.stdout.buffer)
        else:
            with working(_("Writing {path}; a large store takes half a minute.").format(path=harmless(output))):
                counts = write_bytes(Path(output), write)
        left_out = gone(database, campaign) if form == "jsonl" else 0  # which names the files that are there
    covered = counts.coverage
    review = review_words(counts) if counts.hits.total else ""  # an empty list of problems is no clean album
    for words in filter(None, (coverage_words(covered), ending_words(covered), review, _left_out(left_out))):
        console(to_stderr=True).print(words)


def _require_form(form: str, listed: str | None) -> None:
    from imgscan.report.forms import FORMS  # noqa: PLC0415 (heavy; --help must be quick)
    from imgscan.report.tables import NAMES  # noqa: PLC0415

    if form not in FORMS:
        raise UsageError(
            _("There is no report format {name}.").format(name=form),
            _("Formats are: {names}").format(names=", ".join(FORMS)),
        )
    if listed is not None and listed not in NAMES:
        raise UsageError(
            _("There is no list {name}.").format(name=listed), _("Lists are: {names}").format(names=", ".join(NAMES))
        )
    if listed is not None and form != "csv":
        raise UsageError(
            _("--list is for CSV alone: the other forms hold all lists, or none."),
            _("Leave it out, or name a file that ends in .csv."),
        )


def _by_ending(output: str) -> str:
    """The form by the ending of a file; "-" has none. Another ending names no form: a.pdf would be no PDF."""
    ending = Path(output).name.rpartition(".")[2].lower() if "." in Path(output).name else ""
    return "jsonl" if ending in PLAIN_TEXT else ending


def _left_out(gone: int) -> str:
    if not gone:
        return ""
    words = ngettext(
        "Not in it: {n} suspected picture of which no file is there any more. Confirmed ones: the list of problems.",
        "Not in it: {n} suspected pictures of which no file is there any more. Confirmed ones: the list of problems.",
        gone,
    )
    return words.format(n=gone)
