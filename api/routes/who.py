"""The way in and out, and the handing over of the seat: the one place where it is said who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from api.context import Context, Here
from api.schemas import PROBLEMS, WhoIn
from imgscan.errors import UsageError
from imgscan.i18n import _

router = APIRouter()

Name = Annotated[str, Query(max_length=200)]


@router.get("/launch", response_class=HTMLResponse, include_in_schema=False)
def launch(
    here: Here, request: Request, token: Annotated[str, Query(max_length=200)] = "", reviewer: Name = ""
) -> Response:
    """Exchange the one-time link for a sign-in, after asking who it is where several may."""
    if len(here.gate.reviewers) > 1 and not reviewer and here.gate.fits(token):
        return here.page(request, "choose.html", token=token)
    value = here.gate.exchange(token, reviewer)
    if value is None:
        return here.page(request, "locked.html", 401, minutes=round(here.gate.idle / 60))
    # A page and not a redirect: the next request then comes from here, wherever the link was clicked.
    return _signed_in(here, here.page(request, "launch.html"), value)


@router.post("/api/v1/who", status_code=204, responses=PROBLEMS)
def become(here: Here, request: Request, wanted: WhoIn) -> Response:
    """Hand the seat over to another of the reviewers that this computer knows."""
    value = here.gate.become(request.cookies.get(here.gate.cookie, ""), wanted.reviewer)
    if value is None:
        raise UsageError(_("There is no such reviewer here."), _("Name him in the setting `reviewers`."))
    return _signed_in(here, Response(status_code=204), value)


@router.post("/api/v1/sign-out", status_code=204, responses=PROBLEMS)
def sign_out(here: Here, request: Request) -> Response:
    """Lock the page; a new link is needed after that."""
    here.gate.end(request.cookies.get(here.gate.cookie, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(here.gate.cookie, path="/", httponly=True, samesite="strict")
    return answer


def _signed_in(here: Context, answer: Response, value: str) -> Response:
    answer.set_cookie(here.gate.cookie, value, httponly=True, samesite="strict", path="/")
    return answer
