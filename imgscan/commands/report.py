"""`imgscan report`: the last scan of the store as a file."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from imgscan.commands.setup import rules_in_force, start
from imgscan.errors import UsageError
from imgscan.i18n import N_, _


def report(
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE|-", help=N_("Where to; - is standard output."))
    ],
    format_: Annotated[str, typer.Option("--format", metavar="jsonl", help=N_("The form of the report."))] = "jsonl",
    campaign: Annotated[str | None, typer.Option(help=N_("Only albums of this campaign."))] = None,
) -> None:
    """Write what the last scan of each album found, one JSON object a file."""
    settings = start()
    if format_ != "jsonl":
        raise UsageError(
            _("There is no report format {name}.").format(name=format_), _("Formats are: {names}").format(names="jsonl")
        )
    from imgscan.judge import describe  # noqa: PLC0415 (heavy; --help must be quick)
    from imgscan.report import write_file, write_jsonl  # noqa: PLC0415
    from imgscan.store.database import Database  # noqa: PLC0415
    from imgscan.store.scanning import latest_results  # noqa: PLC0415

    words = partial(describe, rulebook=rules_in_force(settings))
    with closing(Database(settings.database_path)) as database:
        results = latest_results(database, campaign)
        if output == "-":
            write_jsonl(results, words, sys.stdout)
        else:
            write_file(Path(output), lambda file: write_jsonl(results, words, file))
