"""The pages a browser shows: the queue, and the files not fully read."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import words
from api.context import Here
from api.schemas import Counts, CoverageOut, Cursor, UnreadOut
from imgscan import wording
from imgscan.i18n import _
from imgscan.types import Level, Status

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/")
def queue(here: Here, request: Request) -> Response:
    """The review queue; what it shows follows from the address, so that a link keeps it."""
    choices = here.queue.choices()
    return here.page(
        request,
        "queue.html",
        counts=Counts.of(here.queue),
        classes=[(cls.value, _(name)) for cls, name in wording.CLASSES.items()],
        levels=[(level.value, words.level_name(level)) for level in Level],
        severities=[(severity.value, _(name)) for severity, name in wording.SEVERITIES.items()],
        rules=[(rule, words.shown(here.words.rule(rule))) for rule in choices.rules],
        departments=[(name, words.shown(name)) for name in choices.departments],
        owners=[(name, words.shown(name)) for name in choices.owners],
        reasons=[(reason.value, _(name)) for reason, name in words.REASONS.items()],
        blur=here.blur,
        idle=round(here.gate.idle),
    )


@router.get("/unread")
def unread(here: Here, request: Request, cursor: Cursor | None = None, status: Status | None = None) -> Response:
    """Files that were not fully read."""
    page = here.queue.unread.page(cursor, status=status)
    return here.page(
        request,
        "unread.html",
        counts=Counts.of(here.queue),
        coverage=CoverageOut.of(here.queue.coverage()),
        files=[UnreadOut.of(file) for file in page.files],
        next_cursor=page.next_cursor,
        wanted=status.value if status else "",
        idle=round(here.gate.idle),
    )
