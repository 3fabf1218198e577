"""Puts the application together: routes, error answers, and around them language, guard and a limit on what is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from api.context import HERE, Context, make_templates
from api.errors import add_handlers
from api.language import Language
from api.office import Office
from api.presence import Presence
from api.routes import hits, losses, overview, pages, scans, unread, who
from api.security import Gate, Guard, problem
from api.words import Words
from imgscan.i18n import _
from imgscan.preview import Previewer
from imgscan.store.reviewing import ReviewQueue

MAX_BODY_BYTES = 64 * 1024
"""A decision on 500 picked hits with a full note needs about 40 kB."""
OPENAPI_PATH = "/api/v1/openapi.json"


def create_app(
    queue: ReviewQueue,
    previewer: Previewer,
    gate: Gate,
    words: Words,
    language: str = "zh_CN",
    *,
    blur: bool = True,
    openapi: bool = False,
    office: Office | None = None,
) -> FastAPI:
    """The application over one store. `gate` says who may in; the caller closes `queue`'s database and `previewer`.

    `openapi` serves the description of the API at OPENAPI_PATH to whoever is signed in.
    Without an `office` there is neither overview nor scan page.
    """
    here = Context(queue, previewer, gate, words, language, make_templates(), Presence(), blur)

    def locked(request: Request) -> Response:
        if request.url.path.startswith("/api/"):
            return problem(401, "locked", _("The page is locked."), _("Open the newest link in the terminal."))
        return here.page(request, "locked.html", 401, minutes=round(gate.idle / 60))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        previewer.warm_up()
        yield

    app = FastAPI(
        title="imgscan review",
        version="1",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        openapi_url=OPENAPI_PATH if openapi else None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(Language, default=language),
            Middleware(Guard, gate=gate, locked=locked),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
        ],
    )
    app.state.context = here
    add_handlers(app)
    app.include_router(hits.router)
    app.include_router(unread.router)
    app.include_router(losses.router)
    app.include_router(who.router)
    app.include_router(pages.router)
    here.templates.globals["office"] = office is not None
    if office is not None:
        app.state.office = office
        app.include_router(overview.router)
        app.include_router(scans.router)
    charts: list[str | tuple[str, str]] = [
        ("imgscan.report", "static")
    ]  # one style sheet for the charts of the page and of the printed report
    files = StaticFiles(directory=HERE / "static", packages=charts, follow_symlink=False)
    app.mount("/static", files, name="static")
    return app
