from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from api.presence import LASTS, Presence
from api.security import Gate
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from models import LookRow
from tests.api.builders import StoreBuilder, box, draw_page, finding
from tests.api.conftest import MakeClient

MARK = box(100, 80, 240, 48)
FAR = tuple(box(300, 800 + 6 * row, 240, 2) for row in range(8))  # strokes, as of a text
THERE = (300, 800, 540, 848)


def red_share(jpeg: bytes, place: tuple[int, int, int, int]) -> float:
    """How much of a place is as red as the drawn marks."""
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB").crop(place))
    return float(((pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 100)).mean())


def test_all_but_the_marks_is_hidden_until_it_is_revealed_by_name(
    client: MakeClient, build: StoreBuilder, database: Database
) -> None:
    hit = build.hit(finding(polygons=(MARK,)), content=draw_page(boxes=(MARK, *FAR)))
    browser, address = client("甲"), f"/api/v1/hits/{hit}/picture"
    for view in ("full", "mark", "crop"):
        assert browser.get(address, params={"view": view}).status_code == 200
    veiled = browser.get(address).content
    assert red_share(veiled, (100, 80, 340, 128)) > 0.9
    assert red_share(veiled, THERE) == 0
    refused = browser.get(address, params={"plain": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "veiled")
    assert browser.post(f"/api/v1/hits/{hit}/reveal").status_code == 204
    assert red_share(browser.get(address, params={"plain": True}).content, THERE) > 0.2
    assert client("乙").get(address, params={"plain": True}).status_code == 403
    with database.reading() as session:
        (row,) = session.query(LookRow).all()
        assert (row.reviewer, row.kind, row.at.tzinfo is not None) == ("甲", "revealed", True)


def test_the_setting_takes_the_blur_off_for_everybody(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(finding(polygons=(MARK,)), content=draw_page(boxes=(MARK, *FAR)))
    browser = client(blur=False)
    assert red_share(browser.get(f"/api/v1/hits/{hit}/picture").content, THERE) > 0.2
    assert 'data-do="blur"' not in browser.get("/").text
    assert 'data-do="blur"' in client().get("/").text


def test_what_is_new_to_me_and_who_else_is_there(client: MakeClient, build: StoreBuilder) -> None:
    first, second = build.hit(), build.hit()
    gate = Gate("甲", "乙")
    mine = client(gate=gate, reviewer="甲")
    yours = client(gate=gate, reviewer="乙", app=mine.app)
    assert mine.post(f"/api/v1/hits/{first}/seen").json() == {"looking": []}
    assert yours.post(f"/api/v1/hits/{first}/seen").json() == {"looking": [{"id": first, "reviewer": "甲"}]}
    assert mine.get("/api/v1/looking").json() == {"looking": [{"id": first, "reviewer": "乙"}]}
    mine.post(f"/api/v1/hits/{second}/seen")
    assert yours.get("/api/v1/looking").json() == {"looking": [{"id": second, "reviewer": "甲"}]}
    unseen = [item["id"] for item in yours.get("/api/v1/hits?unseen=true").json()["items"]]
    assert unseen == [second]
    assert mine.get("/api/v1/hits?unseen=true").json()["items"] == []
    assert client("丙").post("/api/v1/hits/none/seen").status_code == 404


def test_a_look_does_not_last_for_ever() -> None:
    now = [0.0]
    presence = Presence(lambda: now[0])
    presence.looks_at("甲", "a")
    now[0] = LASTS
    assert presence.others("乙") == [("a", "甲")]
    now[0] += 1
    assert presence.others("乙") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("taken_from=2026-03-12&taken_to=2026-03-12", {"early"}),
        ("taken_from=2026-03-13", {"late"}),
        ("folder={root}/DCIM", {"early"}),
        ("folder={root}", {"early", "late"}),
        ("found_to=2020-01-01", set()),
        ("found_from=2026-02-01", {"early", "late"}),
    ],
)
def test_filters_by_day_and_folder(client: MakeClient, build: StoreBuilder, query: str, expected: set[str]) -> None:
    build.hit(finding("early"), name="DCIM/a.jpg", taken_at="2026:03:12 10:00:00")
    build.hit(finding("late"), name="b.jpg", taken_at="2026:03:13 10:00:00")
    browser, root = client(), build.root / "示例局一处-张示例"
    items = browser.get(f"/api/v1/hits?{query.format(root=root)}").json()["items"]
    assert {item["title"] for item in items} == expected
    assert browser.get("/api/v1/folders").json()["folders"] == [str(root), f"{root}/DCIM"]
    (early,) = browser.get("/api/v1/hits?text=early").json()["items"]
    assert browser.get(f"/api/v1/hits/{early['id']}").json()["occurrences"][0]["folder"] == f"{root}/DCIM"


def test_files_are_asked_for_again(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    build.file("a.jpg", Status.TIMEOUT)
    build.file("b.jpg", Status.UNREADABLE)
    browser = client()
    (slow,) = browser.get("/api/v1/unread?status=timeout").json()["files"]
    assert browser.post("/api/v1/unread/retry", json={"files": [slow["id"], 99999]}).json() == {"files": 1}
    assert {file["path"][-5]: file["waits"] for file in browser.get("/api/v1/unread").json()["files"]} == {
        "a": True,
        "b": False,
    }
    assert "Waits for the next scan" in browser.get("/unread?status=timeout").text
    for files in ([], [0], ["x"], [1] * 501, None):
        assert browser.post("/api/v1/unread/retry", json={"files": files}).status_code == 422


def test_look_alikes_are_listed_with_their_number(client: MakeClient, build: StoreBuilder, database: Database) -> None:
    group = [build.hit() for _ in range(3)]
    alone = build.hit()
    build.group(*group)
    browser = client()
    items = browser.get(f"/api/v1/hits/{group[1]}/group").json()["items"]
    assert {item["id"] for item in items} == set(group)
    assert {item["group_size"] for item in items} == {3}
    assert [item["id"] for item in browser.get(f"/api/v1/hits/{alone}/group").json()["items"]] == [alone]


def test_several_reviewers_say_who_they_are(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    hits = [build.hit(), build.hit()]
    gate = Gate("张三", "李四")
    browser = client(gate=gate, signed_in=False)
    token = gate.new_token()
    choice = browser.get("/launch", params={"token": token})
    assert choice.status_code == 200
    assert "set-cookie" not in choice.headers
    assert "张三" in choice.text
    assert "李四" in choice.text
    for stranger in ("王五", "张三 ", "root"):
        assert browser.get("/launch", params={"token": token, "reviewer": stranger}).status_code == 401
    assert browser.get("/launch", params={"token": token, "reviewer": "李四"}).status_code == 200
    assert browser.get("/launch", params={"token": token, "reviewer": "张三"}).status_code == 401  # it opens once
    body: dict[str, object] = {"version": 0, "decision": "confirm"}
    browser.post(f"/api/v1/hits/{hits[0]}/verdicts", json=body)
    stolen = dict(browser.cookies)
    assert browser.post("/api/v1/who", json={"reviewer": "王五"}).status_code == 400
    assert browser.post("/api/v1/who", json={"reviewer": "张三"}).status_code == 204
    browser.post(f"/api/v1/hits/{hits[1]}/verdicts", json=body)
    assert [queue.item(hit).history[0].reviewer for hit in hits] == ["李四", "张三"]
    browser.cookies.clear()
    browser.cookies.update(stolen)
    assert browser.get("/api/v1/counts").status_code == 401  # handing over changes the cookie


def test_without_names_nobody_is_asked(client: MakeClient) -> None:
    gate = Gate("甲")
    answer = client(gate=gate, signed_in=False).get("/launch", params={"token": gate.new_token()})
    assert "set-cookie" in answer.headers
