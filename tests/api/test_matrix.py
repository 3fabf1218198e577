"""Every route of the application against what comes from elsewhere: foreign hosts, other pages, ways out of folders.

The routes are walked from the application, and what each changing one is asked must be known here: a new route fails
these tests until it stands in the matrix.
"""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.routing import Route

import api.routes
from api.office import Office
from api.security import Gate
from imgscan.review import Decision, Verdict
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from models import Base
from tests.api.builders import StoreBuilder, draw_page, finding
from tests.api.conftest import MakeClient
from tests.api.routes import changing, filled, routes_of, walk
from tests.fakes.engine import SLOW
from tests.fakes.pages import write_page

SECONDS = 90.0
OURS = {"甲", "乙"}
FOREIGN_HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "localhost:80@evil.example",
    "evil.example#127.0.0.1",
    "evil.example/127.0.0.1",
    "evil.example?127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1:8000:9000",
    "127.0.0.1:",
    "127.0.0.1:999999",
    "127.0.0.1:80a",
    "127.0.0.1:８０",
    "127.0.0.1 evil.example",
    "127.0.0.1,evil.example",
    "127.0.0.2",
    "127.1",
    "127.0.0.01",
    "0.0.0.0",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "[::]",
    "::1",
    "[::1",
    "[::1].evil.example",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "localhost.",
    "localhost.localdomain",
    "ip6-localhost",
    "xlocalhost",
    "localhostx",
    "*",
    "null",
    " ",
    "",
    "http://127.0.0.1",
    "127.0.0.1/",
]


CROSS_SITE = {
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site": {"sec-fetch-site": "same-site"},
    "cross-site navigation": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    "nonsense": {"sec-fetch-site": "same-originx"},
    "no metadata, no origin": {"sec-fetch-site": ""},
    "no metadata, foreign origin": {"sec-fetch-site": "", "origin": "http://evil.example"},
    "no metadata, other port": {"sec-fetch-site": "", "origin": "http://127.0.0.1:9"},
    "no metadata, null origin": {"sec-fetch-site": "", "origin": "null"},
}


def questions(dependant: Dependant) -> set[str]:
    """The names of all parameters that may stand after the question mark."""
    return {name.alias for name in dependant.query_params}.union(*map(questions, dependant.dependencies))


def app_of(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


@pytest.fixture
def albums(tmp_path: Path) -> Path:
    """Allowed for scans; the one folder in it takes long."""
    root = tmp_path / "allowed"
    for n in range(40):
        write_page(root / "album" / f"{n:02}.png", [SLOW, f"第{n}页"], salt=n)
    return root


@pytest.fixture
def orders(build: StoreBuilder, queue: ReviewQueue, office: Office) -> dict[str, tuple[str, Any]]:
    """For each changing route, as it is written down, an address and what our own page could send there.

    In this order each of them is obeyed, and changes something.
    """
    first, second, third = build.hit(content=draw_page()), build.hit(), build.hit()
    queue.decide(third, 0, Verdict(Decision.CONFIRM), "甲")
    build.file("a.dat", Status.IO_ERROR, "why")
    (unread,) = queue.unread.page().files
    build.lose()
    loss = queue.losses.standing()
    assert loss is not None
    (root,) = office.folders.listing().folders
    (album,) = office.folders.listing(root.id).folders
    hit = "/api/v1/hits/{hit_id}"
    return {
        f"{hit}/reveal": (f"/api/v1/hits/{first}/reveal", None),
        f"{hit}/seen": (f"/api/v1/hits/{first}/seen", None),
        f"{hit}/verdicts": (f"/api/v1/hits/{first}/verdicts", {"version": 0, "decision": "confirm"}),
        "/api/v1/verdicts": (
            "/api/v1/verdicts",
            {"picks": [{"id": second, "version": 0}], "decision": "dismiss", "reason": "misread"},
        ),
        "/api/v1/undo": ("/api/v1/undo", None),
        "/api/v1/unread/retry": ("/api/v1/unread/retry", {"files": [unread.id]}),
        "/api/v1/lost/seen-to": ("/api/v1/lost/seen-to", {"row": loss.row}),
        "/api/v1/scan": ("/api/v1/scan", {"folder": album.id, "owner": "张示例"}),
        "/api/v1/scan/pause": ("/api/v1/scan/pause", None),
        "/api/v1/scan/go-on": ("/api/v1/scan/go-on", None),
        "/api/v1/who": ("/api/v1/who", {"reviewer": "乙"}),
        "/api/v1/sign-out": ("/api/v1/sign-out", None),
    }


@pytest.fixture
def everything(database: Database, office: Office) -> Callable[[TestClient, Gate], Any]:
    """All that a request could change: every row of every table, the scan, and who is signed in."""

    def snapshot(client: TestClient, gate: Gate) -> Any:
        with database.reading() as session:
            rows = {name: session.execute(select(table)).all() for name, table in Base.metadata.tables.items()}
        return rows, office.scanner.state().state, gate.who(client.cookies.get(gate.cookie) or "")

    return snapshot


def test_every_router_that_is_written_is_walked(client: MakeClient) -> None:
    """Also what only an office has: a module whose router were left out of these tests would be found here."""
    answered = {route.path for route in walk(app_of(client()))}
    modules = [
        import_module(f"{api.routes.__name__}.{each.name}") for each in pkgutil.iter_modules(api.routes.__path__)
    ]
    written = [route.path for module in modules for route in module.router.routes if isinstance(route, Route)]
    assert len(written) >= 25
    assert set(written) <= answered


def test_the_matrix_knows_every_changing_route(client: MakeClient, orders: dict[str, Any]) -> None:
    assert sorted(changing(app_of(client()))) == sorted(orders)


def test_each_order_of_the_matrix_is_obeyed_when_it_is_ours(
    client: MakeClient,
    office: Office,
    orders: dict[str, tuple[str, Any]],
    everything: Callable[[TestClient, Gate], Any],
) -> None:
    """Else the refusals below would prove nothing."""
    gate = Gate(*OURS)
    browser = client("甲", gate=gate, office=office)
    for path, (address, body) in orders.items():
        end = time.monotonic() + SECONDS
        while path.endswith("go-on") and office.scanner.state().state != "paused":
            assert time.monotonic() < end
            time.sleep(0.05)
        before = everything(browser, gate)
        answer = browser.post(address, json=body)
        assert answer.status_code in (200, 204), (path, answer.text)
        assert everything(browser, gate) != before, path


@pytest.mark.parametrize("form", CROSS_SITE)
def test_no_changing_route_takes_orders_from_elsewhere(
    client: MakeClient,
    office: Office,
    orders: dict[str, tuple[str, Any]],
    everything: Callable[[TestClient, Gate], Any],
    form: str,
) -> None:
    gate = Gate(*OURS)
    browser = client("甲", gate=gate, office=office)
    headers = {name: value for name, value in CROSS_SITE[form].items() if value}
    if "sec-fetch-site" not in headers:
        del browser.headers["sec-fetch-site"]
    before = everything(browser, gate)
    for address, body in orders.values():
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            sent = browser.build_request("POST", address, json=body, headers=headers)
            sent.headers["content-type"] = kind
            answer = browser.send(sent)
            assert (answer.status_code, answer.json()["code"]) == (403, "origin"), address
    assert everything(browser, gate) == before


@pytest.mark.parametrize("form", CROSS_SITE)
def test_what_programs_ask_for_is_not_come_to_by_a_link(
    client: MakeClient, build: StoreBuilder, everything: Callable[[TestClient, Gate], Any], form: str
) -> None:
    """A report that another page made the browser take would stand in the audit trail."""
    build.hit(finding("CANARY"))
    gate = Gate("甲")
    browser = client(gate=gate)
    before = everything(browser, gate)
    if site := CROSS_SITE[form].get("sec-fetch-site"):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
        for method, path in routes_of(app_of(browser)):
            if path.startswith("/api/"):
                assert browser.request(method, path, headers=headers).status_code == 403, path
    assert everything(browser, gate) == before


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_40_foreign_hosts_are_refused_by_every_route(client: MakeClient, build: StoreBuilder, host: str) -> None:
    build.hit(finding("CANARY"))
    browser = client()
    for method, path in routes_of(app_of(browser)):
        try:
            answer = browser.request(method, path, headers={b"host": host.encode("utf-8")})
        except ValueError:  # no client can even send it
            return
        assert answer.status_code == 403, path
        assert "CANARY" not in answer.text


def _traversals(outside: Path) -> list[str]:
    goals = ["etc/passwd", str(outside).lstrip("/"), "albums/secret.jpg", "home/imgscan.db", "app.py", ".ssh/id_rsa"]
    ups = [
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%252f",
        "..\\",
        "..%5c",
        "....//",
        "..;/",
        "%c0%ae%c0%ae/",
        "./../",
        "/",
    ]
    return [up * depth + goal for goal in goals for up in ups for depth in (1, 4, 9)] + [
        prefix + goal
        for goal in goals
        for prefix in ("/", "//", "file:///", "file://localhost/", "\\\\", "~/", "%00", "C:/", "http://evil.example/")
    ]


def test_200_traversals_reach_no_file(client: MakeClient, build: StoreBuilder, tmp_path: Path) -> None:
    """In the place of every parameter of an address, and shared out over the parameters of every question."""
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(draw_page() + b"CANARY")
    build.hit(content=draw_page())
    browser = client()
    payloads = _traversals(secret)
    assert len(set(payloads)) >= 200
    looks = [route for route in walk(app_of(browser)) if isinstance(route, APIRoute) and "GET" in (route.methods or ())]
    in_path = [route.path for route in looks if "{" in route.path]
    assert len(in_path) >= 3
    asked = [(filled(each.path), name) for each in looks for name in sorted(questions(each.dependant))]
    assert {name for _path, name in asked} >= {"inside", "campaign", "list", "form", "cursor", "folder", "token"}

    def harmless(address: str, **query: str) -> int:
        answer = browser.get(address, params=query or None)
        assert b"CANARY" not in answer.content, address
        assert b"root:" not in answer.content, address
        return answer.status_code

    for number, payload in enumerate(payloads):
        for path in (*in_path, "/static/{path}"):
            assert harmless(filled(path, payload)) in (404, 422), (path, payload)
        for path, name in asked[number % 5 :: 5]:
            assert harmless(path, **{name: payload}) in (200, 400, 401, 404, 422), (path, name, payload)
