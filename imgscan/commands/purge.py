"""`imgscan purge`: forgets a campaign, what is old, or everything."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from imgscan.commands.setup import only_scan, open_filled_store, place_of, require_known, start
from imgscan.console import console
from imgscan.errors import UsageError
from imgscan.i18n import N_, _
from imgscan.store.ledger import campaigns
from imgscan.store.purging import purge_campaign, purge_everything, purge_older


def purge(
    campaign: Annotated[str | None, typer.Option(help=N_("Forget the albums of this campaign."))] = None,
    older_than: Annotated[
        int | None,
        typer.Option("--older-than", metavar="DAYS", min=1, help=N_("Forget files that no scan has met for so long.")),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=N_("Destroy the store and its keys, hashes and verdicts too."))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask."))] = False,
) -> None:
    """Forget what was found: paths, texts, marks. Hashes and verdicts stay, unless all is forgotten."""
    if (campaign is not None) + (older_than is not None) + everything != 1:
        raise UsageError(_("Say what to forget."), _("Give one of --campaign, --older-than and --all."))
    settings = start()
    if not yes:
        _ask()
    out = console()
    with only_scan(settings):
        if everything:
            purge_everything(place_of(settings))
            out.print(_("The store and its keys are destroyed. Backups are not: destroy them, too."))
            return
        with closing(open_filled_store(settings)) as database:
            if campaign is not None:
                known = campaigns(database)
                purged = purge_campaign(database, campaign)
                require_known(campaign, known)
            else:
                purged = purge_older(database, datetime.now(UTC) - timedelta(days=older_than or 0))
    words = _("Forgotten: {files} files, {pictures} pictures. Hashes and verdicts stay. Backups still hold them.")
    out.print(words.format(files=purged.files, pictures=purged.pictures))


def _ask() -> None:
    if not sys.stdin.isatty():
        raise UsageError(_("There is no terminal to ask whether you are sure."), _("Add --yes."))
    typer.confirm(_("What is forgotten cannot be brought back. Go on?"), abort=True)
