"""The description of the API, and what becomes of requests made from it, good and bad (schemathesis)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.result import Ok

from api.app import OPENAPI_PATH, create_app
from api.security import Gate
from imgscan.preview import Previewer
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from tests.api.builders import StoreBuilder, draw_page
from tests.api.conftest import ORIGIN, WORDS, MakeClient
from tests.fakes.offices import make_office

EXAMPLES = 12
"""Requests a route and direction: enough for every field to be wrong once. More with `schemathesis run` by hand."""


@dataclass
class Signed:
    """A gate, and the headers of somebody who has just come through it."""

    gate: Gate

    @property
    def headers(self) -> dict[str, str]:
        value = self.gate.exchange(self.gate.new_token())
        return {
            "host": ORIGIN.removeprefix("http://"),
            "sec-fetch-site": "same-origin",
            "cookie": f"{self.gate.cookie}={value}",
        }


@pytest.fixture(scope="module")
def signed() -> Signed:
    return Signed(Gate("甲"))


@pytest.fixture(scope="module")
def described(
    signed: Signed, tmp_path_factory: pytest.TempPathFactory, previewer: Previewer
) -> Iterator[schemathesis.BaseSchema]:
    folder = tmp_path_factory.mktemp("store")
    with closing(Database(folder / "imgscan.db")) as database:
        build = StoreBuilder(database, folder / "albums")
        for number in range(3):
            build.hit(content=draw_page(800 + number))
        build.file("a.dat", Status.ENCRYPTED, "why")
        (folder / "albums" / "to choose").mkdir()
        office = make_office(database, [folder / "albums"])
        app = create_app(ReviewQueue(database), previewer, signed.gate, WORDS, "en", openapi=True, office=office)
        # 400: what a schema cannot say, such as that a dismissal names its reason.
        accepted = PositiveDataAcceptanceConfig(expected_statuses=["2xx", 400, 403, 404, 409])
        checks = ChecksConfig(positive_data_acceptance=accepted)
        config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(checks=checks)))
        with closing(office.scanner):
            yield schemathesis.openapi.from_asgi(OPENAPI_PATH, app, config=config, headers=signed.headers)


def reduced(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_answer_is_as_described(
    described: schemathesis.BaseSchema, signed: Signed, mode: schemathesis.GenerationMode
) -> None:
    """Of the status, the content type and the shape that is written down, never a 5xx, and bad requests are refused."""
    tried = set()
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(base_url=ORIGIN, headers=signed.headers)

        with suppress(Unsatisfiable):  # nothing can be wrong with a request that takes nothing
            reduced(EXAMPLES)(given(operation.as_strategy(generation_mode=mode))(ask))()
            tried.add(operation.path)
    assert tried >= {"/api/v1/hits", "/api/v1/undo", "/api/v1/scan", "/api/v1/scan/folders", "/api/v1/report"} - (
        {"/api/v1/undo"} if mode is schemathesis.GenerationMode.NEGATIVE else set()
    )


def test_the_description_is_served_when_asked_for_and_to_nobody_else(client: MakeClient) -> None:
    assert client().get(OPENAPI_PATH).status_code == 404
    assert client(openapi=True, signed_in=False).get(OPENAPI_PATH).status_code == 401
    described: dict[str, Any] = client(openapi=True).get(OPENAPI_PATH).json()
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    assert "/api/v1/hits/{hit_id}/verdicts" in described["paths"]
    for path, methods in described["paths"].items():
        for method in methods.values():
            shapes = {
                answer["content"]["application/json"]["schema"]["$ref"]
                for status, answer in method["responses"].items()
                if status >= "400"
            }
            assert shapes == {"#/components/schemas/Problem"}, path


def test_no_page_of_ours_shows_it_with_scripts_from_elsewhere(client: MakeClient) -> None:
    for path in ("/docs", "/redoc"):
        assert client(openapi=True).get(path).status_code == 404
