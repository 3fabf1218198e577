"""`imgscan rules watchlist`: the site's own list of document numbers and titles, never shown in clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from imgscan.commands.setup import rules_in_force, start, watchlist_path
from imgscan.console import console, imgscan_command
from imgscan.errors import UsageError, why
from imgscan.i18n import N_, _
from imgscan.judge.watching import SHORTEST_TITLE, forms_of
from imgscan.report import write_file
from imgscan.rulebook import Rulebook
from imgscan.settings import Settings
from imgscan.watchlist import BadWatchlistError, Kind, OtherSaltError, Watchlist, read

app = typer.Typer(
    no_args_is_help=True, help=N_("The site's own list of document numbers and titles, kept as salted hashes only.")
)
Clear = Annotated[
    Path, typer.Option("--file", metavar="FILE", help=N_("A text file in UTF-8, one number or title a line."))
]
Hashed = Annotated[Path, typer.Option("--file", metavar="FILE", help=N_("A file that `export` wrote."))]


@app.command("add", help=N_("Put the numbers and titles of a text file on the list; the file is not kept."))
def add(file: Clear) -> None:
    """Put the numbers and titles of a text file on the list; the file is not kept."""
    settings = start()
    before = _kept(settings)
    after = before.with_these(_forms(file, rules_in_force(settings)), datetime.now(UTC).date())
    _keep(settings, after)
    console().print(_("Added: {count}.").format(count=len(after.entries) - len(before.entries)))
    _say(after)
    console().print(_("Take {file} away from this computer, or keep it like the documents it names.").format(file=file))
    _say_next()


@app.command("remove", help=N_("Take the numbers and titles of a text file off the list."))
def remove(file: Clear) -> None:
    """Take the numbers and titles of a text file off the list."""
    settings = start()
    before = _kept(settings)
    after = before.without(_forms(file, rules_in_force(settings)))
    _keep(settings, after)
    console().print(_("Removed: {count}.").format(count=len(before.entries) - len(after.entries)))
    _say(after)
    _say_next()


@app.command("list", help=N_("Show how many entries there are and when they came; never what they say."))
def list_() -> None:
    """Show how many entries there are and when they came; never what they say."""
    kept = _kept(start())
    _say(kept)
    for day, count in sorted(Counter(entry.added for entry in kept.entries).items()):
        console().print(f"  {day}  {count}")


@app.command("export", help=N_("Write the hashed list to a file for another workstation."))
def export(file: Annotated[Path, typer.Option("--file", metavar="FILE", help=N_("The file to write."))]) -> None:
    """Write the hashed list to a file for another workstation."""
    kept = _kept(start())
    _write(file, kept)
    _say(kept)
    console().print(_("Who has {file} can try guesses: carry it as you would the list itself.").format(file=file))


@app.command("import", help=N_("Take over a hashed list from another workstation."))
def import_(file: Hashed) -> None:
    """Take over a hashed list from another workstation."""
    settings = start()
    before, other = _kept(settings), _read(file)
    try:
        after = before.merged(other)
    except OtherSaltError as error:
        raise UsageError(
            _("{file} and the list of this workstation were made apart: their hashes cannot be put together.").format(
                file=file
            ),
            _("Add the text file itself here, or take {path} away first to use the other list in its place.").format(
                path=watchlist_path(settings)
            ),
        ) from error
    _keep(settings, after)
    console().print(_("Added: {count}.").format(count=len(after.entries) - len(before.entries)))
    _say(after)
    _say_next()


def _kept(settings: Settings) -> Watchlist:
    path = watchlist_path(settings)
    return _read(path) if path.exists() else Watchlist.fresh()


def _keep(settings: Settings, kept: Watchlist) -> None:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(watchlist_path(settings), kept)


def _write(path: Path, kept: Watchlist) -> None:
    def write(out: TextIO) -> None:
        out.write(kept.to_json())

    write_file(path, write)  # whole or not at all, and 0600


def _read(path: Path) -> Watchlist:
    try:
        return read(path)
    except (OSError, BadWatchlistError) as error:
        raise UsageError(
            _("{path} is no watch-list of this version of imgscan: {why}").format(
                path=path, why=why(error) if isinstance(error, OSError) else error
            ),
            _("Name a file that `imgscan rules watchlist export` of this version wrote."),
        ) from error


def _forms(path: Path, rulebook: Rulebook) -> Sequence[tuple[Kind, str]]:
    """The canonical forms of a list in clear. Errors name lines by number, for the text is not to be shown."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            _("{path} cannot be read as text: {why}").format(path=path, why=why(error)),
            _("Save it as a text file in UTF-8, one number or title a line."),
        ) from error
    forms: list[tuple[Kind, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = forms_of(line.strip(), rulebook)
        if not found:
            raise UsageError(
                _("Line {number} is a title of under {least} characters: it would be found everywhere.").format(
                    number=number, least=SHORTEST_TITLE
                ),
                _("Write the title in full, or take the line away. Nothing was changed."),
            )
        forms.extend(found)
    if not forms:
        raise UsageError(_("{path} holds no number and no title.").format(path=path), _("Write one a line."))
    return forms


def _say(kept: Watchlist) -> None:
    counted = Counter(entry.kind for entry in kept.entries)
    console().print(
        _("Numbers: {numbers}; titles: {titles}.").format(numbers=counted[Kind.NUMBER], titles=counted[Kind.TITLE])
    )


def _say_next() -> None:
    console().print(_("Next: {command}").format(command=imgscan_command("rejudge")))
