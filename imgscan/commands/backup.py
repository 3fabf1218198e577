"""`imgscan backup` and `imgscan restore`: the store as a folder, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from imgscan.commands.setup import only_scan, place_of, start
from imgscan.console import console
from imgscan.i18n import N_, _
from imgscan.store import backup as backups
from imgscan.store.keys import Lock, LockedBy


def backup(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help=N_("A new folder; named by day and time when left out."))
    ] = None,
) -> None:
    """Copy the store into a folder, also while a scan or a review runs, and check the copy."""
    settings = start()
    place = place_of(settings)
    goal = folder or Path(f"imgscan-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    backups.backup(place, goal)
    out = console()
    out.print(_("The store is in {folder}, checked page by page.").format(folder=goal.absolute()))
    lock = Lock.read(place.lock)
    if lock is not None and lock.locked_by is LockedBy.FILE:
        out.print(_("The key file is not in it: keep {key} too, and somewhere else.").format(key=place.smith.key_file))
    if lock is not None and lock.locked_by is LockedBy.KEYRING:
        out.print(_("Its key is in the system keyring of this computer, and opens it here only."))


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=N_("A folder that `imgscan backup` made."))],
    replace: Annotated[bool, typer.Option("--replace", help=N_("Also where there is a store: it is lost."))] = False,
) -> None:
    """Put a backup back, after checking it page by page."""
    settings = start()
    with only_scan(settings):
        backups.restore(place_of(settings), folder, replace=replace)
    console().print(_("The store of {folder} is back.").format(folder=folder))
