"""What every command begins with: settings read once, language set, libraries kept inside the data folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from getpass import getpass, getuser
from pathlib import Path
from typing import Any

import typer

from imgscan import env
from imgscan.console import console, said_yes
from imgscan.engine import PaddleEngine
from imgscan.errors import UsageError
from imgscan.i18n import _, set_language
from imgscan.line import Limits, reading_key
from imgscan.pipeline import Readers
from imgscan.pipeline import only_scan as file_lock
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.settings import Settings, load_settings
from imgscan.store import audit, opening
from imgscan.store.database import Database
from imgscan.store.keys import LockedBy, Locksmith
from imgscan.store.opening import Place
from imgscan.store.scanning import ScanStore
from imgscan.workers import WorkerConfig


def start(**flags: Any) -> Settings:
    """Read the settings (flags that are None were not given) and prepare the process. Raises SettingsError."""
    settings = load_settings(**flags)
    os.environ.pop("IMGSCAN_PASSPHRASE", None)  # what this process starts need not know it
    set_language(settings.language)
    env.prepare(settings)
    return settings


def user_name() -> str:
    """Who runs this process, as the system knows them."""
    try:
        return getuser()
    except (KeyError, OSError):  # a user id without a name, as in a container
        return str(os.getuid())


def open_store(settings: Settings, ask: Callable[[bool], str] | None = None) -> Database:
    """The store that the settings name, made when absent; said loudly where plain. Raises as `opening.open_store`.

    `ask` takes the place of `ask_passphrase`.
    """
    database = opening.open_store(place_of(settings, ask))
    if database.keys is None:
        warning = _("This store is NOT encrypted: whoever can read {path} can read what was found.")
        console(to_stderr=True).print(warning.format(path=database.name), style="bold yellow")
    if audit.lost(database):
        warning = _(
            "The store {path} has lost what it was told last: the file or its log was damaged, or an older copy was "
            "put in its place. Scan the albums again and look through the newest decisions, or restore a backup."
        )
        console(to_stderr=True).print(warning.format(path=database.name), style="bold red")
    return database


def open_filled_store(settings: Settings) -> Database:
    """The store as `open_store`, never made. Raises UsageError where none is."""
    require_store(settings)
    return open_store(settings)


def require_store(settings: Settings) -> None:
    """Raise UsageError where no store is.

    A database of PostgreSQL is no matter of the folder; opening it says whose keys are missing here.
    """
    if not settings.database_url:
        opening.require(place_of(settings))


def store_exists(settings: Settings) -> bool:
    """True where something was stored."""
    return opening.exists(place_of(settings))


def require_known(campaign: str, known: Collection[str]) -> None:
    """Raise UsageError unless the store knows the campaign: a mistyped one has nothing to tell and nothing to lose."""
    if campaign not in known:
        raise UsageError(
            _("The store holds nothing of a campaign {name}.").format(name=campaign),
            _("It knows: {names}").format(names="、".join(filter(None, known)) or "-"),
        )


def place_of(settings: Settings, ask: Callable[[bool], str] | None = None) -> Place:
    """Where the store lies and what opens it."""

    def passphrase(new: bool) -> str:
        if settings.passphrase is not None:
            return settings.passphrase.get_secret_value()
        return (ask or ask_passphrase)(new)

    return Place(
        settings.database_path,
        settings.lock_of_keys_path,
        Locksmith(settings.key_path, passphrase),
        LockedBy(settings.key_from),
        settings.plain_store,
        settings.database_url.get_secret_value() if settings.database_url else "",
    )


@contextmanager
def only_scan(settings: Settings) -> Iterator[None]:
    """Be the only scan of the store: on this computer, and of its database. Raises AlreadyRunningError."""
    with file_lock(settings.lock_path), opening.only_scan_of(place_of(settings)):
        yield


def require_yes(question: str) -> None:
    """Ask on the terminal. Raises UsageError where there is none, typer.Abort unless the answer is yes."""
    if not sys.stdin.isatty():
        raise UsageError(_("There is no terminal to ask whether you are sure."), _("Add --yes."))
    if not said_yes(question):
        raise typer.Abort


def ask_passphrase(new: bool) -> str:
    """Ask on the terminal, twice for a `new` one. Raises UsageError where there is none, or the two differ."""
    if not sys.stdin.isatty():
        raise UsageError(
            _("The store opens with a passphrase, and there is no terminal to ask for it."),
            _("Run the command in a terminal, or give it in IMGSCAN_PASSPHRASE."),
        )
    try:
        given = getpass(_("New passphrase of the store: ") if new else _("Passphrase of the store: "))
        again = getpass(_("Once more: ")) if new else given
    except EOFError:  # Ctrl-D
        raise typer.Abort from None
    if again != given:
        raise UsageError(_("The two are not the same."), _("Run the command again."))
    return given


def packs(settings: Settings) -> tuple[Path, ...]:
    """The rule packs in force: the built-in one, then the site's own and its watch-list where there are any."""
    site = (settings.site_rules_path,) if settings.site_rules_path.exists() else ()
    return (BUILT_IN, *site, *watchlist_of(settings))


def watchlist_path(settings: Settings) -> Path:
    """The file of the site's own watch-list; may be absent."""
    return settings.home / "watchlist.json"


def watchlist_of(settings: Settings) -> tuple[Path, ...]:
    """That file as a pack, where there is one."""
    path = watchlist_path(settings)
    return (path,) if path.is_file() else ()


def readers(settings: Settings, rulebook: Rulebook) -> Readers:
    """How the reading processes are to be started; they refuse rules that are not those of `rulebook`."""
    limits = Limits(
        settings.max_file_mib * 2**20,
        settings.max_megapixels * 10**6,
        settings.review_from,
        seconds=settings.timeout_seconds / 2,  # the page in hand may take the other half
    )
    config = WorkerConfig(
        PaddleEngine,
        settings.weights_path,
        packs(settings),
        settings.profile,
        limits,
        settings.worker_memory_mib,
        rulebook.digest,
        temporary=settings.temporary_path,
    )
    return Readers(config, settings.workers, settings.timeout_seconds)


def judging_key(settings: Settings, rulebook: Rulebook) -> str:
    """What must be equal for two judgements of one text to be equal: the rules, and from where on a hit is a hit."""
    usual = settings.review_from is Settings.model_fields["review_from"].default
    return rulebook.digest if usual else f"{rulebook.digest}/{settings.review_from.value}"


def store_for(database: Database, settings: Settings, rulebook: Rulebook) -> ScanStore:
    """The scan's side of the store, for the engine and the rules in force."""
    return ScanStore(
        database,
        reading_key(PaddleEngine.stamp(), settings.profile),
        judging_key(settings, rulebook),
        review_from=settings.review_from,
        keep_all=settings.keep_text == "all",
    )


def rules_in_force(settings: Settings) -> Rulebook:
    """The rulebook of those packs. Raises RuleError."""
    return load(packs(settings))
