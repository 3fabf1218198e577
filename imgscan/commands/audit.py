"""`imgscan audit`: whether the audit trail is whole."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from imgscan.commands.setup import open_filled_store, start
from imgscan.console import console
from imgscan.errors import StoreError, UsageError
from imgscan.i18n import N_, _
from imgscan.store import audit

app = typer.Typer(no_args_is_help=True, help=N_("The trail of results, verdicts and purges."))


@app.command("verify", help=N_("Check that no row of the audit trail was changed, added or taken away."))
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="NUMBER:HASH", help=N_("A head noted down earlier: it must still be there."))
    ] = None,
) -> None:
    """Check that no row of the audit trail was changed, added or taken away."""
    settings = start()
    if head is not None and audit.Head.of(head) is None:
        raise UsageError(
            _("{head} is no head of an audit trail.").format(head=head),
            _("A head is a number, a colon and 64 hexadecimal digits, as audit verify and each report say it."),
        )
    with closing(open_filled_store(settings)) as database:
        found = audit.verify(database)
        if head is not None and not audit.holds(database, head):
            raise StoreError(
                _("The audit trail does not hold {head}.").format(head=head),
                _("Rows were cut off, or the store is another one or an older backup."),
            )
    console().print(_("The audit trail is whole: {count} rows.").format(count=found.number))
    console().print(_("Head: {head} (note it down elsewhere; --head checks it later)").format(head=found))
