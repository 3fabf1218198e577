"""What every route needs, made once by `create_app`: the queue, the previews, the gate, the words and the templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from api.presence import Presence
from api.security import Gate
from api.words import Words
from imgscan import i18n
from imgscan.preview import Previewer
from imgscan.report.printed import TEMPLATES as REPORT_TEMPLATES
from imgscan.report.printed import make_environment
from imgscan.store.reviewing import ReviewQueue

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "imgscan-language"


@dataclass(frozen=True, slots=True)
class Context:
    """One a running application. `language` is spoken where the browser has not chosen one.

    `blur` is the setting by which a picture shows its marks alone until somebody takes the blur off.
    """

    queue: ReviewQueue
    previewer: Previewer
    gate: Gate
    words: Words
    language: str
    templates: Environment
    presence: Presence
    blur: bool

    def page(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page from one of the templates."""
        page = self.templates.get_template(template)
        signed_in = request.state.reviewer if hasattr(request.state, "reviewer") else None
        return HTMLResponse(
            page.render(
                reviewer=signed_in,
                reviewers=self.gate.reviewers,
                language=i18n.current_language(),
                path=request.url.path,
                **values,
            ),
            status,
        )


def make_templates() -> Environment:
    """The templates of the page, and those of the printed report for what both show."""
    return make_environment(HERE / "templates", REPORT_TEMPLATES)


def context(request: Request) -> Context:
    """The context of the application that `request` came to."""
    found: Context = request.app.state.context
    return found


Here = Annotated[Context, Depends(context)]
