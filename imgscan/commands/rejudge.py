"""`imgscan rejudge`: the rules in force over the text that was kept, no OCR."""

from __future__ import annotations

from contextlib import closing

import typer

from imgscan.commands.setup import only_scan, open_filled_store, rules_in_force, start
from imgscan.console import console, imgscan_command
from imgscan.errors import ExitCode
from imgscan.i18n import _
from imgscan.rejudge import rejudge as run_rejudge
from imgscan.store.rejudging import KeptTexts


def rejudge() -> None:
    """Judge the kept text again by the rules in force, without reading any picture."""
    settings = start()
    rulebook = rules_in_force(settings)
    out = console()
    try:
        with only_scan(settings), closing(open_filled_store(settings)) as database:
            outcome = run_rejudge(KeptTexts(database, settings.review_from), rulebook, settings.review_from)
    except KeyboardInterrupt as interrupt:  # what was judged is kept, one transaction a picture
        out.print(_("Interrupted. Run the same command again; it goes on where it stopped."))
        raise typer.Exit(ExitCode.INTERRUPTED) from interrupt
    out.print(
        _(
            "Judged again without reading: {judged}; changed: {changed}. "
            "Review queue: {entered} new or open again, {left} gone. Verdicts stay."
        ).format(judged=outcome.judged, changed=outcome.changed, entered=outcome.entered, left=outcome.left)
    )
    if outcome.to_read:
        out.print(
            _("Pictures of which less than all text is kept: {count}. The next scan reads them again.").format(
                count=outcome.to_read
            )
        )
        out.print(_("With keep_text = all, later changes of rules need no reading (docs/settings.md)."))
    if outcome.entered:
        out.print(_("Next: {command}").format(command=imgscan_command("review")))
