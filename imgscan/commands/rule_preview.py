"""`imgscan rules preview`: what a changed pack would add, drop and re-grade over the kept texts. Changes nothing."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from imgscan.commands.setup import open_filled_store, rules_in_force, start, watchlist_of
from imgscan.console import console
from imgscan.i18n import N_, _
from imgscan.rule_preview import Difference, Kind, RulePreview
from imgscan.rule_preview import preview as run_preview
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.rejudging import KeptTexts
from imgscan.types import Severity
from imgscan.wording import CLASSES, SEVERITIES, harmless

KINDS = {Kind.ADDED: N_("added"), Kind.DROPPED: N_("dropped"), Kind.REGRADED: N_("re-graded")}
TEXT_SHOWN = 40


def preview(
    pack: Annotated[
        list[Path],
        typer.Argument(
            metavar="PACK...",
            help=N_("Folders with rule packs, to stand in place of the site's own over the built-in."),
        ),
    ],
) -> None:
    """Show what a changed rule pack would add, drop and re-grade over the kept texts. Changes nothing."""
    settings = start()
    now, then = rules_in_force(settings), load((BUILT_IN, *watchlist_of(settings), *pack))
    with closing(open_filled_store(settings)) as database:
        kept = KeptTexts(database, settings.review_from)
        told = run_preview(kept, now, then, settings.review_from)
        out = console()
        _print_basis(out, told)
        _print_groups(out, told)
        for difference in told.first_examples():
            out.print(_line(difference))
            out.print(f"      {harmless(kept.path(difference.sha256))}", style="dim")
    _print_queue(out, told)


def _print_basis(out: Console, told: RulePreview) -> None:
    out.print(_("Pictures judged by both, on all their text: {count}").format(count=told.whole))
    if told.matched_only:
        words = _("On the matched lines alone, so that nothing new on the rest of the page is seen: {count}")
        out.print(words.format(count=told.matched_only))
    if told.without_text:
        words = _("Not judged, because no text of them is kept (keep_text = all would keep it): {count}")
        out.print(words.format(count=told.without_text))


def _print_groups(out: Console, told: RulePreview) -> None:
    if not told.groups:
        out.print(_("No difference."))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (_("Change"), _("Class"), _("Severity"), _("Count")):
        table.add_column(heading)
    order = sorted(told.groups.items(), key=lambda item: (list(Kind).index(item[0][0]), item[0][1].value, -item[1]))
    for (kind, cls, before, after), count in order:
        table.add_row(_(KINDS[kind]), _(CLASSES[cls]), _severities(before, after), str(count))
    out.print(table)


def _severities(before: Severity | None, after: Severity | None) -> str:
    return " → ".join(_(SEVERITIES[severity]) for severity in (before, after) if severity is not None)


def _line(difference: Difference) -> str:
    finding = difference.finding
    before = difference.before.severity if difference.before else None
    after = difference.after.severity if difference.after else None
    text = harmless(finding.text.replace("\n", " "))
    shown = text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"
    words = (_(KINDS[difference.kind]), _severities(before, after), finding.level or "", _(CLASSES[finding.cls]))
    return "  " + " · ".join(word for word in (*words, shown, finding.rule) if word)


def _print_queue(out: Console, told: RulePreview) -> None:
    words = _("Review queue: {entering} pictures more, {leaving} fewer; about {minutes} min of review.")
    out.print(words.format(entering=told.entering, leaving=told.leaving, minutes=math.ceil(told.minutes)))
    if told.measured_on:
        words = _("Reckoned with {seconds:.1f} s a picture, as measured on {count} decisions in this store.")
    else:
        words = _("Reckoned with an assumed {seconds:.0f} s a picture: too few decisions in this store to measure it.")
    out.print(words.format(seconds=told.seconds_a_picture, count=told.measured_on))
    out.print(_("Nothing was changed. To put the pack in force, copy it to the data folder and run: imgscan rejudge"))
