"""`imgscan rekey`: a new key for the store."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from imgscan.commands.setup import ask_passphrase, only_scan, place_of, require_yes, start
from imgscan.console import console
from imgscan.i18n import N_, _
from imgscan.store.keys import LockedBy
from imgscan.store.opening import rekey as lock_anew


def rekey(
    to: Annotated[
        LockedBy,
        typer.Option(
            "--to", metavar="file|passphrase|keyring", help=N_("What opens the store from now on."), show_default=False
        ),
    ] = LockedBy.FILE,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask."))] = False,
) -> None:
    """Lock the store with a new key: a key file, a passphrase, or the system keyring. Encrypts a plain store."""
    settings = start()
    place = place_of(settings)
    if not yes and sys.stdin.isatty() and place.lock.exists():
        question = _("Backups made so far open only with a copy of the key that holds now, which is replaced. Go on?")
        require_yes(question)

    def passphrase(new: bool) -> str:  # a passphrase in the environment is the one that holds now
        return ask_passphrase(new) if new else place.smith.passphrase(new)

    with only_scan(settings):
        lock_anew(replace(place, smith=replace(place.smith, passphrase=passphrase), plain=False), to)
    out = console()
    out.print(_("The store has a new key."))
    out.print(_("Backups made before open only with a copy of the old key. Without one, make a new backup now."))
    if to is LockedBy.FILE:
        out.print(_("Key file: {path}. Without it the store cannot be opened.").format(path=place.smith.key_file))
