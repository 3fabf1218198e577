"""Turns what went wrong into HTTP answers of one shape; nothing else in `api` does."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.context import context
from api.folders import NoSuchFolderError
from api.schemas import HitDetail
from api.security import problem
from api.words import shown
from imgscan.errors import AlreadyRunningError, ImgscanError, StoreError, UsageError
from imgscan.i18n import _
from imgscan.preview import NotShownError, OriginalMissingError
from imgscan.review import ConflictError, NoSuchItemError, NothingToUndoError, VeiledError

STATUS_AND_CODE: tuple[tuple[type[ImgscanError], int, str], ...] = (
    (ConflictError, 409, "conflict"),
    (NothingToUndoError, 409, "nothing_to_undo"),
    (VeiledError, 403, "veiled"),
    (NoSuchItemError, 404, "no_such_item"),
    (OriginalMissingError, 404, "original_missing"),
    (NotShownError, 422, "not_shown"),
    (NoSuchFolderError, 404, "no_such_folder"),
    (AlreadyRunningError, 409, "already_running"),
    (UsageError, 400, "usage"),
    (StoreError, 503, "store"),
    (ImgscanError, 500, "imgscan"),
)


def add_handlers(app: FastAPI) -> None:
    """Let `app` answer every error here."""
    app.exception_handler(ImgscanError)(_imgscan_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_error)


def _imgscan_error(request: Request, error: ImgscanError) -> Response:
    status, code = next((status, code) for kind, status, code in STATUS_AND_CODE if isinstance(error, kind))
    more: dict[str, object] = {}
    if isinstance(error, ConflictError):
        more["item"] = HitDetail.of(error.item, context(request).words).model_dump(mode="json", by_alias=True)
    return _answer(request, problem(status, code, error.message, error.cure, **more), error.message, error.cure)


def _validation_error(request: Request, error: RequestValidationError) -> Response:
    # Names of fields only: what was sent is not sent back.
    fields = ", ".join(".".join(str(part) for part in found["loc"][1:]) for found in error.errors())
    message = _("The request is not understood: {fields}").format(fields=shown(fields))
    cure = _("docs/review.md tells what is understood.")
    return _answer(request, problem(422, "invalid", message, cure), message, cure)


def _http_error(request: Request, error: HTTPException) -> Response:
    message, cure = _("There is nothing at this address."), _("Go back to the review page.")
    if error.status_code == 405:
        message, cure = _("This address does not take such a request."), _("docs/review.md tells which it takes.")
    elif error.status_code != 404:
        message = _("The request is refused ({status}).").format(status=error.status_code)
    answer = problem(error.status_code, "http", message, cure)
    answer.headers.update(error.headers or {})
    return _answer(request, answer, message, cure)


def _answer(request: Request, answer: JSONResponse, message: str, cure: str) -> Response:
    """JSON to programs, a page to people."""
    if request.url.path.startswith("/api/"):
        return answer
    return context(request).page(request, "error.html", answer.status_code, message=message, cure=cure)
