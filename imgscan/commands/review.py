"""`imgscan review`: the review page on this computer alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from imgscan.commands.setup import ask_passphrase, open_store, require_store, rules_in_force, start, user_name
from imgscan.console import console
from imgscan.i18n import N_, _, current_language
from imgscan.rulebook import Rulebook
from imgscan.settings import Settings
from imgscan.store.database import Database

if TYPE_CHECKING:
    from api.scanner import Scanner


def review(
    port: Annotated[int, typer.Option(min=0, max=65535, help=N_("The port; a free one when 0."))] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help=N_("Only print the link, open no browser."))] = False,
    openapi: Annotated[
        bool, typer.Option("--openapi", help=N_("Serve the description of the API too, at /api/v1/openapi.json."))
    ] = False,
) -> None:
    """Show the suspected pictures in a browser, worst first, to confirm or dismiss."""
    settings = start()

    from api.folders import Folders  # noqa: PLC0415 (heavy; --help must be quick)
    from api.office import Office  # noqa: PLC0415
    from api.serve import serve  # noqa: PLC0415
    from api.words import Words  # noqa: PLC0415
    from imgscan.judge import describe  # noqa: PLC0415
    from imgscan.store.reviewing import ReviewQueue  # noqa: PLC0415

    if not settings.scan_roots:  # from which the page can start a first scan
        require_store(settings)
    rulebook = rules_in_force(settings)
    reviewers = settings.reviewers or (user_name(),)
    given = [settings.passphrase.get_secret_value()] if settings.passphrase is not None else []

    def ask(new: bool) -> str:
        given.append(ask_passphrase(new))
        return given[-1]

    with closing(open_store(settings, ask)) as database, closing(_scanner(settings, database, given)) as scanner:
        serve(
            ReviewQueue(database, settings.review_from),
            Words(partial(describe, rulebook=rulebook), partial(_rule_name, rulebook)),
            reviewers=reviewers,
            announce=announcer(len(reviewers), opens_browser=not no_open),
            language=settings.language,
            port=port,
            open_browser=not no_open,
            blur=settings.blur,
            openapi=openapi,
            office=Office(
                database,
                rulebook,
                scanner,
                Folders(settings.scan_roots, (settings.home, settings.weights_path)),
                settings.home,
                settings.temporary_path,
            ),
        )


def announcer(reviewers: int, *, opens_browser: bool) -> Callable[[str], None]:
    """Prints each link on a line of its own on standard output; what to do with it, on standard error."""
    links = 0

    def announce(link: str) -> None:
        nonlocal links
        links += 1
        told = console(to_stderr=True)
        if links > 1:
            told.print(_("The page was locked. Open this link in the browser to go on; it works once:"))
        elif opens_browser:
            told.print(_("The review page opens in the browser. If not, open this link there; it works once:"))
        else:
            told.print(_("Open this link in the browser on this computer; it works once:"))
        console().print(link)
        if links == 1 and reviewers > 1:
            told.print(_("Who you are is chosen there."))
        if links == 1:
            told.print(_("Ctrl-C here ends the review page; every decision is kept."))

    return announce


def _scanner(settings: Settings, database: Database, passphrases: Sequence[str]) -> Scanner:
    """What runs the scans that the page starts: with the data folder, and the passphrase that opened the store here."""
    from api.scanner import Scanner  # noqa: PLC0415 (as above)

    given = {"IMGSCAN_HOME": str(settings.home)}
    if passphrases:
        given["IMGSCAN_PASSPHRASE"] = passphrases[-1]
    return Scanner(database, settings.lock_path, own=(settings.home, settings.weights_path), environment=given)


def _rule_name(rulebook: Rulebook, rule_id: str) -> str:
    """What the rule is called; a rule that is no longer in force keeps its id."""
    for rule in rulebook.rules:
        if rule.id == rule_id:
            return rule.name_en if current_language() == "en" else rule.name
    return rule_id
