"""The pages a browser shows: the queue, the files not fully read, and the way in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from api import words
from api.context import Here
from api.schemas import Counts, CoverageOut, Cursor, UnreadOut
from imgscan import wording
from imgscan.i18n import _
from imgscan.types import Level

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/")
def queue(here: Here, request: Request) -> Response:
    """The review queue; what it shows follows from the address, so that a link keeps it."""
    choices = here.queue.choices()
    return here.page(
        request,
        "queue.html",
        counts=_counts(here),
        classes=[(cls.value, _(name)) for cls, name in wording.CLASSES.items()],
        levels=[(level.value, words.level_name(level)) for level in Level],
        severities=[(severity.value, _(name)) for severity, name in wording.SEVERITIES.items()],
        rules=[(rule, words.shown(here.words.rule(rule))) for rule in choices.rules],
        departments=[(name, words.shown(name)) for name in choices.departments],
        owners=[(name, words.shown(name)) for name in choices.owners],
        reasons=[(reason.value, _(name)) for reason, name in words.REASONS.items()],
        idle=round(here.gate.idle),
    )


@router.get("/unread")
def unread(here: Here, request: Request, cursor: Cursor | None = None) -> Response:
    """Files that were not fully read."""
    page = here.queue.unread.page(cursor)
    return here.page(
        request,
        "unread.html",
        counts=_counts(here),
        coverage=CoverageOut.of(here.queue.coverage()),
        files=[UnreadOut.of(file) for file in page.files],
        next_cursor=page.next_cursor,
        idle=round(here.gate.idle),
    )


@router.get("/launch")
def launch(here: Here, request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Exchange the one-time link for a sign-in."""
    value = here.gate.exchange(token)
    if value is None:
        return here.page(request, "locked.html", 401, minutes=round(here.gate.idle / 60))
    # A page and not a redirect: the next request then comes from here, wherever the link was clicked.
    answer = here.page(request, "launch.html")
    answer.set_cookie(here.gate.cookie, value, httponly=True, samesite="strict", path="/")
    return answer


@router.post("/api/v1/sign-out", status_code=204)
def sign_out(here: Here, request: Request) -> Response:
    """Lock the page; a new link is needed after that."""
    here.gate.end(request.cookies.get(here.gate.cookie, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(here.gate.cookie, path="/", httponly=True, samesite="strict")
    return answer


def _counts(here: Here) -> Counts:
    return Counts.of(here.queue.counts(), here.queue.coverage())
