"""`imgscan purge`: forgets a campaign, what is old, or everything."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from imgscan.commands.setup import only_scan, open_filled_store, place_of, require_known, require_yes, start
from imgscan.console import console
from imgscan.errors import UsageError
from imgscan.i18n import N_, _, ngettext
from imgscan.store.database import Database
from imgscan.store.ledger import campaigns, coverage_of
from imgscan.store.opening import Place
from imgscan.store.purging import Purged, purge_campaign, purge_everything, purge_older
from imgscan.wording import harmless


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
    place = place_of(settings)
    if everything:
        if not yes:
            _ask(_("The store {path}, its keys, all hashes and verdicts will be destroyed.").format(path=_name(place)))
        with only_scan(settings):
            _destroy(place)
        return
    with only_scan(settings), closing(open_filled_store(settings)) as database:
        if campaign is not None:
            purged = _forget_campaign(database, campaign, ask=not yes)
        else:
            days = older_than or 0
            if not yes:
                _ask(_("All files that no scan has met for {days} days will be forgotten.").format(days=days))
            purged = purge_older(database, datetime.now(UTC) - timedelta(days=days))
    words = _("Forgotten: {files} files, {pictures} pictures. Hashes and verdicts stay. Backups still hold them.")
    console().print(words.format(files=purged.files, pictures=purged.pictures))


def _forget_campaign(database: Database, campaign: str, *, ask: bool) -> Purged:
    """Also one that is not known: where the file could not be written anew, the same command is to do that."""
    known = campaigns(database)
    if ask and campaign in known:
        files = coverage_of(database, campaign).found
        words = ngettext(
            "{files} file of the campaign {name} will be forgotten.",
            "{files} files of the campaign {name} will be forgotten.",
            files,
        )
        _ask(words.format(files=files, name=harmless(campaign) or _("without a name")))
    purged = purge_campaign(database, campaign)
    require_known(campaign, known)
    return purged


def _destroy(place: Place) -> None:
    folder = place.database.parent
    before = set(folder.iterdir())
    purge_everything(place)  # also what a purge left that was killed
    if not place.url and set(folder.iterdir()) == before:
        raise UsageError(_("There is no store {path}: nothing was destroyed.").format(path=_name(place)))
    console().print(_("The store and its keys are destroyed. Backups are not: destroy them, too."))


def _name(place: Place) -> str:
    """The store as a person knows it: its address may hold a password."""
    return "PostgreSQL" if place.url else harmless(str(place.database))


def _ask(what: str) -> None:
    require_yes(_("{what} That cannot be undone. Go on?").format(what=what))
