"""`imgscan doctor`: says whether this machine can scan, and what to do where it cannot."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from contextlib import closing

import typer
from rich.table import Table
from rich.text import Text

from imgscan import __version__, sandbox, weights
from imgscan.commands.setup import open_store, rules_in_force, start, store_exists
from imgscan.console import console
from imgscan.engine import require_safe_opencv
from imgscan.errors import ExitCode, ImgscanError, ReaderStartError, why
from imgscan.i18n import _
from imgscan.settings import Settings


def doctor() -> None:
    """Check this installation and say what to mend."""
    settings = start()
    table = Table(box=None, show_header=False, padding=(0, 2))
    for _column in range(3):
        table.add_column(overflow="fold")
    worst = ExitCode.OK
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        (_("program"), lambda: f"imgscan {__version__}, Python {platform.python_version()}"),
        (_("data folder"), lambda: _space(settings)),
        (_("decoder"), _decoder),
        (_("reading processes"), lambda: _walls(settings)),
        (_("OCR weights"), lambda: _weights(settings)),
        (_("store"), lambda: _store(settings)),
        (_("rules"), lambda: _rules(settings)),
    )
    for name, check in checks:
        try:
            table.add_row("✓", name, check())
        except ImgscanError as error:
            worst = worst or error.exit_code
            table.add_row(Text("✗", style="bold red"), name, f"{error.message}\n{error.cure}")
    console().print(table)
    raise typer.Exit(worst)


def _space(settings: Settings) -> str:
    free = shutil.disk_usage(settings.home).free // 2**20
    return _("{folder}, {free} MiB free").format(folder=settings.home, free=free)


def _decoder() -> str:
    import cv2  # noqa: PLC0415 (heavy)

    require_safe_opencv(cv2.__version__)
    return f"OpenCV {cv2.__version__}"


def _walls(settings: Settings) -> str:
    """Which walls stand around a reading process, by trying to get through them in one."""
    try:
        walls = sandbox.trial(settings.temporary_path)
    except OSError as error:
        raise ReaderStartError(
            _("The walls around reading processes cannot be put up: {why}.").format(why=why(error)),
            _("Update the kernel: one that has Landlock or seccomp in part only is not known to be safe."),
        ) from error
    if walls.files and walls.calls and not walls.opened:
        return _("walled in: no network, no other program, no file but those they need (Landlock, seccomp)")
    lacking = []
    if not walls.files:
        lacking.append(_("they may read any file that you may (Landlock: Linux 5.13 or newer)"))
    if not walls.calls:
        lacking.append(_("they may use the network (install libseccomp)"))
    if walls.opened and not lacking:
        lacking.append(_("this works although it must not: {ways}").format(ways=", ".join(walls.opened)))
    return _("walled in only in part: {lacking}").format(lacking="; ".join(lacking))


def _weights(settings: Settings) -> str:
    weights.verify(settings.weights_path)
    return str(settings.weights_path)


def _store(settings: Settings) -> str:
    if not store_exists(settings):
        return _("nothing stored yet")
    with closing(open_store(settings)) as database:
        if database.keys is None:
            return _("NOT encrypted ({path}); to encrypt it, run: imgscan rekey").format(path=database.name)
        return _("encrypted ({path})").format(path=database.name)


def _rules(settings: Settings) -> str:
    rulebook = rules_in_force(settings)
    return _("{n} rules, digest {digest}").format(n=len(rulebook.rules), digest=rulebook.digest[:12])
