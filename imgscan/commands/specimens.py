"""`imgscan specimens`: a made-up test album with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imgscan.commands.setup import start
from imgscan.console import console
from imgscan.i18n import N_, _


def specimens(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Where the album is written; made when missing."))],
    seed: Annotated[int, typer.Option(min=0, help=N_("The same seed makes the same album."))] = 1,
    count: Annotated[int, typer.Option(min=1, help=N_("How many pictures."))] = 100,
) -> None:
    """Make fictitious photographs of documents with truth.jsonl beside them."""
    start()
    from imgscan.specimens import generate  # noqa: PLC0415 (heavy; --help must be quick)

    made = generate(folder, seed, count)
    console().print(_("{n} specimens are in {folder}.").format(n=len(made), folder=folder))
