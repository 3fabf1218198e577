"""`imgscan doctor`: says whether this machine can scan, and what to do where it cannot."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable

import typer
from rich.table import Table
from rich.text import Text

from imgscan import __version__, weights
from imgscan.commands.setup import rules_in_force, start
from imgscan.console import console
from imgscan.engine import require_safe_opencv
from imgscan.errors import ExitCode, ImgscanError
from imgscan.i18n import _
from imgscan.settings import Settings


def doctor() -> None:
    """Check this installation and say what to mend."""
    settings = start()
    table = Table(box=None, show_header=False, padding=(0, 2))
    worst = ExitCode.OK
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        (_("program"), lambda: f"imgscan {__version__}, Python {platform.python_version()}"),
        (_("data folder"), lambda: _space(settings)),
        (_("decoder"), _decoder),
        (_("OCR weights"), lambda: _weights(settings)),
        (_("rules"), lambda: _rules(settings)),
    )
    for name, check in checks:
        try:
            table.add_row("✓", name, check())
        except ImgscanError as error:
            worst = worst or error.exit_code
            table.add_row(Text("✗", style="bold red"), name, f"{error.message} {error.cure}")
    console().print(table)
    raise typer.Exit(worst)


def _space(settings: Settings) -> str:
    free = shutil.disk_usage(settings.home).free // 2**20
    return _("{folder}, {free} MiB free").format(folder=settings.home, free=free)


def _decoder() -> str:
    import cv2  # noqa: PLC0415 (heavy)

    require_safe_opencv(cv2.__version__)
    return f"OpenCV {cv2.__version__}"


def _weights(settings: Settings) -> str:
    weights.verify(settings.weights_path)
    return str(settings.weights_path)


def _rules(settings: Settings) -> str:
    rulebook = rules_in_force(settings)
    return _("{n} rules, digest {digest}").format(n=len(rulebook.rules), digest=rulebook.digest[:12])
