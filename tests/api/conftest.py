"""A running application over a store that the test fills, and clients that are signed in to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from api.app import create_app
from api.office import Office
from api.security import Gate
from api.words import Words
from imgscan.preview import Previewer
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.fakes.offices import make_office

ORIGIN = "http://127.0.0.1:8000"
WORDS = Words(
    reason=lambda reason: f"why {reason.code} {reason.detail}".strip(),
    rule=lambda rule: f"name of {rule}",
)
MakeClient = Callable[..., TestClient]


@pytest.fixture
def client(queue: ReviewQueue, previewer: Previewer, database: Database) -> MakeClient:
    """Makes a client: of a browser that came by the launch link, or not, as `reviewer`."""

    def make(
        reviewer: str = "甲",
        *,
        signed_in: bool = True,
        gate: Gate | None = None,
        language: str = "en",
        raises: bool = True,
        app: ASGIApp | None = None,
        blur: bool = True,
        openapi: bool = False,
        office: Office | None = None,
    ) -> TestClient:
        gate = gate or Gate(reviewer)
        office = office or make_office(database)  # its routes are held to what all routes are held to
        app = app or create_app(queue, previewer, gate, WORDS, language, blur=blur, openapi=openapi, office=office)
        made = TestClient(
            app,
            base_url=ORIGIN,
            headers={"sec-fetch-site": "same-origin"},
            raise_server_exceptions=raises,
            follow_redirects=False,
        )
        if signed_in:
            assert made.get("/launch", params={"token": gate.new_token(), "reviewer": reviewer}).status_code == 200
        return made

    return make
