from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.security import CONTENT_SECURITY_POLICY, Gate
from imgscan.review import HitState
from imgscan.store.reviewing import ReviewQueue
from tests.api.builders import StoreBuilder, draw_page, finding
from tests.api.conftest import ORIGIN, MakeClient
from tests.api.routes import routes_of

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


def test_the_walk_knows_the_routes(client: MakeClient) -> None:
    app = client().app
    assert isinstance(app, FastAPI)
    known = set(routes_of(app))
    assert {("GET", "/"), ("GET", "/launch"), ("POST", "/api/v1/undo"), ("GET", "/static/style.css")} <= known
    assert len(known) >= 14


def test_no_route_shows_the_interface_to_strangers(client: MakeClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client().get(path).status_code == 404


def test_every_answer_has_the_headers(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(content=draw_page())
    inside, outside = client(), client(signed_in=False)
    assert isinstance(inside.app, FastAPI)
    answers = [each.request(method, path) for method, path in routes_of(inside.app) for each in (outside, inside)]
    inside = client()
    answers += [inside.get(f"/api/v1/hits/{hit}/picture"), inside.get("/static/none.js"), inside.get("/nothing")]
    answers += [
        inside.get("/", headers={"host": "evil.example"}),
        inside.post("/api/v1/undo", headers={"sec-fetch-site": "cross-site"}),
    ]
    assert {answer.status_code for answer in answers} >= {200, 401, 403, 404, 405} - {405}
    for answer in answers:
        assert HEADERS.items() <= dict(answer.headers).items(), answer.request.url
        cached = answer.request.url.path.startswith("/static/") and answer.status_code == 200
        assert ("no-store" in answer.headers.get("cache-control", "")) is not cached


def test_an_unforeseen_error_is_answered_with_headers_and_without_details(
    client: MakeClient, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("CANARY")

    browser = client(raises=False)
    monkeypatch.setattr(queue, "counts", broken)
    answer = browser.get("/api/v1/counts")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "CANARY" not in answer.text
    assert HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST", "127.0.0.1"])
def test_this_computer_is_let_in(client: MakeClient, host: str) -> None:
    assert client().get("/api/v1/counts", headers={"host": host}).status_code == 200


def test_two_hosts_are_refused(client: MakeClient) -> None:
    answer = client().get("/api/v1/counts", headers=[("host", "127.0.0.1:8000"), ("host", "evil.example")])
    assert answer.status_code == 403


def test_an_old_browser_with_our_origin_may_decide(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    hit = build.hit()
    browser = client()
    del browser.headers["sec-fetch-site"]
    answer = browser.post(
        f"/api/v1/hits/{hit}/verdicts", json={"version": 0, "decision": "confirm"}, headers={"origin": ORIGIN}
    )
    assert answer.status_code == 200
    assert queue.counts()[HitState.CONFIRMED] == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", '{"version": 0, "decision": "confirm"}'),
        ("application/x-www-form-urlencoded", "version=0&decision=confirm"),
        ("multipart/form-data; boundary=x", "--x--"),
        ("", '{"version": 0, "decision": "confirm"}'),
    ],
)
def test_what_a_form_can_send_is_no_decision(
    client: MakeClient, build: StoreBuilder, queue: ReviewQueue, kind: str, body: str
) -> None:
    hit = build.hit()
    headers = {"content-type": kind} if kind else {}
    assert client().post(f"/api/v1/hits/{hit}/verdicts", content=body, headers=headers).status_code == 422
    assert queue.item(hit).version == 0


def test_without_a_sign_in_nothing_is_shown_or_done(
    client: MakeClient, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hit = build.hit(finding("CANARY"), content=draw_page())
    browser = client(signed_in=False)
    assert isinstance(browser.app, FastAPI)
    for method, path in routes_of(browser.app):
        answer = browser.request(method, path.replace("0" * 32, hit), json={"version": 0, "decision": "confirm"})
        assert answer.status_code == (200 if path.startswith("/static/") else 401), path
        assert "CANARY" not in answer.text
        assert "image" not in answer.headers["content-type"]
    assert queue.item(hit).version == 0


def test_a_link_opens_once(client: MakeClient) -> None:
    gate = Gate("甲")
    token = gate.new_token()
    first, second = client(gate=gate, signed_in=False), client(gate=gate, signed_in=False)
    assert first.get("/launch", params={"token": token}).status_code == 200
    assert first.get("/").status_code == 200
    assert second.get("/launch", params={"token": token}).status_code == 401
    assert second.get("/").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\udcff", "机密", "a" * 201])
def test_guesses_open_nothing(client: MakeClient, token: str) -> None:
    gate = Gate("甲")
    good = gate.new_token()
    browser = client(gate=gate, signed_in=False)
    answer = browser.get("/launch", params={"token": token.encode("utf-8", "replace")})
    assert answer.status_code in (401, 422)
    assert "set-cookie" not in answer.headers
    assert gate.exchange(good)


def test_a_new_link_replaces_the_unused_one() -> None:
    gate = Gate("甲")
    old, new = gate.new_token(), gate.new_token()
    assert gate.exchange(old) is None
    assert gate.exchange(new)


def test_the_cookie_is_out_of_reach(client: MakeClient) -> None:
    gate = Gate("甲")
    answer = client(gate=gate, signed_in=False).get("/launch", params={"token": gate.new_token()})
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(rf"{gate.cookie}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=strict", cookie)


def test_only_digests_are_kept() -> None:
    gate = Gate("甲")
    token = gate.new_token()
    value = gate.exchange(token)
    kept = repr([getattr(gate, name) for name in vars(gate)])
    assert value
    assert value not in kept
    assert token not in kept


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_sign_in_lapses_when_nobody_is_there(client: MakeClient) -> None:
    clock, links = Clock(), []
    gate = Gate("甲", idle=600, absolute=3600, clock=clock)
    gate.on_lapse = lambda: links.append("new link")
    browser = client(gate=gate)
    for _minutes in range(5):
        clock.now += 599
        assert browser.get("/api/v1/counts").status_code == 200
    clock.now += 400
    assert browser.get("/api/v1/counts", headers={"x-imgscan-passive": "1"}).status_code == 200
    clock.now += 201
    assert browser.get("/api/v1/counts").status_code == 401
    assert browser.get("/api/v1/counts").status_code == 401
    assert links == ["new link"]


def test_a_sign_in_ends_after_a_working_day(client: MakeClient) -> None:
    clock = Clock()
    browser = client(gate=Gate("甲", idle=600, absolute=3600, clock=clock))
    for _minutes in range(9):
        clock.now += 400
        assert browser.get("/").status_code == 200
    clock.now += 1
    assert browser.get("/").status_code == 401


def test_locking_ends_the_sign_in_on_the_server(client: MakeClient) -> None:
    links: list[str] = []
    gate = Gate("甲")
    gate.on_lapse = lambda: links.append("new link")
    browser = client(gate=gate)
    stolen = dict(browser.cookies)
    assert browser.post("/api/v1/sign-out").status_code == 204
    browser.cookies.update(stolen)
    assert browser.get("/").status_code == 401
    assert links == ["new link"]


def test_nobody_can_say_who_he_is(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    hit = build.hit()
    browser = client("甲")
    body = {"version": 0, "decision": "confirm"}
    assert browser.post(f"/api/v1/hits/{hit}/verdicts", json={**body, "reviewer": "乙"}).status_code == 422
    browser.post(f"/api/v1/hits/{hit}/verdicts?reviewer=乙", json=body, headers={"x-reviewer": "x"})
    assert [entry.reviewer for entry in queue.item(hit).history] == ["甲"]


def test_too_much_is_not_read(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit()
    body = {"version": 0, "decision": "confirm", "note": "x" * 100_000}
    assert client().post(f"/api/v1/hits/{hit}/verdicts", json=body).status_code == 413


def test_a_symlink_put_in_place_of_a_picture_is_not_followed(
    client: MakeClient, build: StoreBuilder, tmp_path: Path, queue: ReviewQueue
) -> None:
    content = draw_page()
    hit = build.hit(content=content)
    browser = client()
    (path,) = queue.original(hit).paths
    Path(path.decode()).unlink()
    Path(path.decode()).symlink_to("/etc/passwd")
    answer = browser.get(f"/api/v1/hits/{hit}/picture")
    assert (answer.status_code, answer.json()["code"]) == (404, "original_missing")
    (tmp_path / "copy.jpg").write_bytes(content)
    Path(path.decode()).unlink()
    Path(path.decode()).symlink_to(tmp_path / "copy.jpg")
    assert browser.get(f"/api/v1/hits/{hit}/picture").status_code == 404


def test_templates_and_scripts_load_nothing_and_hold_nothing_inline() -> None:
    here = Path(__file__).parents[2] / "api"
    files = [*here.glob("templates/*.html"), *here.glob("static/*")]
    assert len(files) > 10
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), file
        addresses = re.findall(r"https?://[^\s\"'`)]+", text)
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, file  # a name, never fetched
        if file.suffix == ".html":
            assert not re.search(r"<\w[^>]*\son\w+\s*=", text), file
            assert not re.search(r"\sstyle\s*=|<style|javascript:", text), file
            assert not re.search(r"<script(?![^>]*\ssrc=)", text), file
        if file.suffix == ".js":
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text), (
                file
            )
