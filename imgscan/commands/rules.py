"""`imgscan rules`: check, list and try the rule packs."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from imgscan.commands import rule_preview, watchlist
from imgscan.commands.setup import packs, rules_in_force, start
from imgscan.console import console
from imgscan.errors import ExitCode, UsageError
from imgscan.i18n import N_, _, current_language, ngettext
from imgscan.judge import describe, judge, page_of_text
from imgscan.report import finding_object
from imgscan.rulebook import check as check_packs
from imgscan.wording import CLASSES, SEVERITIES

app = typer.Typer(no_args_is_help=True, help=N_("The rules: what is looked for, and why."))
app.add_typer(watchlist.app, name="watchlist")
app.command("preview", help=N_("Show what a changed pack would add, drop and re-grade over the kept texts."))(
    rule_preview.preview
)


@app.command("check", help=N_("Check every rule against the schema and against its own examples."))
def check(
    pack: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PACK...]", help=N_("Folders with rule packs; those in force when none.")),
    ] = None,
) -> None:
    """Check every rule against the schema and against its own examples."""
    settings = start()
    problems = check_packs(tuple(pack) if pack else packs(settings))
    out = console()
    for problem in problems:
        out.print(f"{problem}\n  {problem.cure}")
    if problems:
        out.print(ngettext("{n} problem", "{n} problems", len(problems)).format(n=len(problems)))
        raise typer.Exit(ExitCode.USAGE)
    out.print(_("All rules are in order."))


@app.command("list", help=N_("List the rules in force."))
def list_() -> None:
    """List the rules in force."""
    rulebook = rules_in_force(start())
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (_("Rule"), _("Name"), _("Class"), _("Severity")):
        table.add_column(heading, overflow="fold")
    for rule in rulebook.rules:
        table.add_row(
            rule.id,
            rule.name_en if current_language() == "en" else rule.name,
            _(CLASSES[rule.cls]) if rule.cls else "-",
            _(SEVERITIES[rule.severity]) if rule.severity else "-",
        )
    console().print(table)


@app.command(
    "try", help=N_('Judge text: reads {"text": ...} a line on standard input, writes {"findings": [...]} a line.')
)
def try_() -> None:
    """Judge text: reads {"text": ...} a line on standard input, writes {"findings": [...]} a line."""
    rulebook = rules_in_force(start())
    words = partial(describe, rulebook=rulebook)
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            page = page_of_text(_text_of(line, number))
            findings = [finding_object(finding, words) for finding in judge(page, rulebook)]
            sys.stdout.write(json.dumps({"findings": findings}, ensure_ascii=False) + "\n")
            sys.stdout.flush()


def _text_of(line: str, number: int) -> str:
    try:
        value: Any = json.loads(line)
        text = value["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise UsageError(
            _("Line {number} of standard input is no JSON object with a text.").format(number=number),
            _('Write one object a line, for example: {"text": "line1\\nline2"}'),
        )
    return text
