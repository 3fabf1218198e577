from __future__ import annotations

import io
import json
import threading

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from imgscan.review import HitState
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Level, Severity, Status
from tests.api.builders import StoreBuilder, box, draw_page, finding
from tests.api.conftest import MakeClient


def decide(browser: TestClient, hit: str, version: int, decision: str = "confirm", **more: object) -> Response:
    return browser.post(f"/api/v1/hits/{hit}/verdicts", json={"version": version, "decision": decision, **more})


def test_list_in_words(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(finding("机密★10年"), name="相册/IMG_1.jpg", copies=["b.jpg"])
    (item,) = client().get("/api/v1/hits").json()["items"]
    assert item == {
        "id": hit,
        "state": "new",
        "state_text": "To review",
        "version": 0,
        "severity": "critical",
        "severity_text": "Critical",
        "level": "机密",
        "level_text": "suspected 机密 (secret), by the mark's wording",
        "class": "national_secret",
        "class_text": "National secret mark",
        "confidence": 0.97,
        "title": "机密★10年",
        "name": "IMG_1.jpg",
        "files": 2,
        "gone": False,
        "gone_text": "",
        "owner": "张示例",
        "department": "示例局一处",
        "group_size": 1,
    }


def test_a_mark_read_from_two_lines_is_shown_on_one(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(finding("密级\n机密"))
    browser = client()
    (item,) = browser.get("/api/v1/hits").json()["items"]
    assert item["title"] == "密级 机密"
    assert browser.get(f"/api/v1/hits/{hit}").json()["findings"][0]["text"] == "密级 机密"


def test_list_pages_and_filters(client: MakeClient, build: StoreBuilder) -> None:
    hits = {build.hit(finding(str(n), confidence=n / 10)) for n in range(7)}
    label = build.hit(
        finding("内部资料", cls=FindingClass.INTERNAL, level=None, severity=Severity.MEDIUM, rule="in.label"),
        owner="乙",
    )
    browser = client()
    first = browser.get("/api/v1/hits", params={"limit": 5}).json()
    rest = browser.get("/api/v1/hits", params={"limit": 5, "cursor": first["next"]}).json()
    assert {item["id"] for item in first["items"] + rest["items"]} == hits | {label}
    assert rest["next"] is None
    for narrow in (
        {"class": "internal"},
        {"severity": "medium"},
        {"rule": "in.label"},
        {"owner": "乙"},
        {"text": "资料"},
    ):
        assert [item["id"] for item in browser.get("/api/v1/hits", params=narrow).json()["items"]] == [label]
    decide(browser, label, 0)
    states = browser.get("/api/v1/hits", params={"state": ["confirmed", "unsure"]}).json()["items"]
    assert [item["id"] for item in states] == [label]


@pytest.mark.parametrize(
    "query",
    [
        "state=secret",
        "class=x",
        "level=top",
        "severity=9",
        "limit=0",
        "limit=201",
        "cursor=" + "x" * 401,
        "text=" + "x" * 201,
    ],
)
def test_bad_queries_are_told(client: MakeClient, query: str) -> None:
    answer = client().get(f"/api/v1/hits?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert query.partition("=")[0] in answer.json()["message"]
    assert "xxx" not in answer.text


def test_a_foreign_cursor_is_told(client: MakeClient) -> None:
    answer = client().get("/api/v1/hits?cursor=abc")
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")
    assert answer.json()["cure"]


def test_detail_in_words(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(finding(polygons=(box(1, 2, 3, 4),)))
    item = client().get(f"/api/v1/hits/{hit}").json()
    (found,) = item["findings"]
    assert found["polygons"] == [[[1, 2], [4, 2], [4, 6], [1, 6]]]
    assert found["rule_text"] == "name of ns.mark"
    assert found["reasons"][1] == {
        "code": "zone:head_left",
        "text": "why zone:head_left",
        "weight": 0.2,
        "polygon": [[1, 2], [4, 2], [4, 6], [1, 6]],
    }
    assert item["occurrences"][0]["path"].endswith("/IMG_00001.jpg")
    assert (item["width"], item["height"], item["alike"], item["history"]) == (800, 1000, 0, [])


def test_files_that_are_gone_are_told_from_those_that_are_there(client: MakeClient, build: StoreBuilder) -> None:
    moved, gone = build.hit(finding(confidence=0.9), name="old.jpg"), build.hit(finding(confidence=0.8))
    build.new_scan("interrupted")
    build.enter_album()  # it met nothing, and says nothing of what it did not meet
    asking = client()
    assert [item["gone"] for item in asking.get("/api/v1/hits").json()["items"]] == [False, False]
    build.new_scan()
    build.again("old.jpg", now="new.jpg")
    first, second = (asking.get(f"/api/v1/hits/{hit}").json() for hit in (moved, gone))
    assert [(file["name"], file["there"]) for file in first["occurrences"]] == [("new.jpg", True), ("old.jpg", False)]
    assert (first["name"], first["files"], first["gone"], first["gone_text"]) == ("new.jpg", 1, False, "")
    assert (second["files"], second["gone"], second["gone_text"]) == (0, True, "no longer there")
    assert [item["gone"] for item in asking.get("/api/v1/hits").json()["items"]] == [False, True]


def test_nothing_there(client: MakeClient) -> None:
    answer = client().get("/api/v1/hits/nothing")
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "cure"}


def test_decide_and_undo(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit()
    browser = client("甲")
    answer = decide(browser, hit, 0, "dismiss", reason="misread", note=" 见说明 ").json()
    assert answer["items"][0]["state"] == "dismissed"
    assert answer["items"][0]["version"] == 1
    assert answer["counts"]["dismissed"] == 1
    (entry,) = browser.get(f"/api/v1/hits/{hit}").json()["history"]
    assert (entry["text"], entry["note"], entry["reviewer"]) == ("dismissed · False alarm: misread", "见说明", "甲")
    undone = browser.post("/api/v1/undo").json()
    (item,) = undone["items"]
    assert (item["id"], item["state"], undone["counts"]["new"]) == (hit, "new", 1)
    assert browser.get(f"/api/v1/hits/{hit}").json()["history"][-1]["text"] == "undone, so reopened"
    nothing = browser.post("/api/v1/undo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_undo")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": 0, "decision": "dismiss"}, 400),
        ({"version": 0, "decision": "confirm", "reason": "other"}, 400),
        ({"version": 0, "decision": "reopen"}, 422),
        ({"version": 0, "decision": "dismiss", "reason": "bored"}, 422),
        ({"version": -1, "decision": "confirm"}, 422),
        ({"version": "0x", "decision": "confirm"}, 422),
        ({"decision": "confirm"}, 422),
        ({"version": 0, "decision": "confirm", "note": "x" * 2001}, 422),
        ({"version": 0, "decision": "confirm", "decisions": []}, 422),
        ([], 422),
        (None, 422),
    ],
)
def test_bad_decisions_change_nothing(
    client: MakeClient, build: StoreBuilder, queue: ReviewQueue, body: object, status: int
) -> None:
    hit = build.hit()
    assert client().post(f"/api/v1/hits/{hit}/verdicts", json=body).status_code == status
    assert queue.item(hit).version == 0


def test_two_reviewers_one_wins_and_the_other_sees_it(
    client: MakeClient, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hit = build.hit()
    first, second = client("甲"), client("乙")
    assert decide(first, hit, 0).status_code == 200
    answer = decide(second, hit, 0, "unsure")
    assert answer.status_code == 409
    fresh = answer.json()
    assert fresh["code"] == "conflict"
    assert (fresh["item"]["state"], fresh["item"]["version"]) == ("confirmed", 1)
    assert fresh["item"]["history"][0]["reviewer"] == "甲"
    assert decide(second, hit, 1, "unsure").status_code == 200
    assert [entry.reviewer for entry in queue.item(hit).history] == ["甲", "乙"]


def test_200_races_have_one_winner_each(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    hits = [build.hit(finding(str(n))) for n in range(200)]
    answers: dict[str, list[int]] = {"甲": [], "乙": []}
    start = threading.Barrier(2, timeout=30)

    def review(name: str, browser: TestClient) -> None:
        for hit in hits:
            start.wait()
            answers[name].append(decide(browser, hit, 0).status_code)

    threads = [threading.Thread(target=review, args=(name, client(name))) for name in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sorted(pair) for pair in zip(*answers.values(), strict=True)] == [[200, 409]] * len(hits)
    for hit, status in zip(hits, answers["甲"], strict=True):
        assert [entry.reviewer for entry in queue.item(hit).history] == ["甲" if status == 200 else "乙"]


def test_same_marks_at_once(client: MakeClient, build: StoreBuilder) -> None:
    hits = [build.hit(finding("内部资料")) for _ in range(3)]
    browser = client()
    item = browser.get(f"/api/v1/hits/{hits[0]}").json()
    assert item["alike"] == 2
    wrong = decide(browser, hits[0], 0, alike=1)
    assert wrong.status_code == 409
    answer = decide(browser, hits[0], 0, alike=2).json()
    assert {each["id"] for each in answer["items"]} == set(hits)
    assert answer["counts"]["confirmed"] == 3


def test_a_selection_at_once(client: MakeClient, build: StoreBuilder, queue: ReviewQueue) -> None:
    hits = [build.hit(finding(str(n))) for n in range(3)]
    browser = client()
    picks = [{"id": hit, "version": 0} for hit in hits]
    body = {"picks": picks, "decision": "dismiss", "reason": "test_picture"}
    assert {each["id"] for each in browser.post("/api/v1/verdicts", json=body).json()["items"]} == set(hits)
    assert browser.post("/api/v1/verdicts", json=body).status_code == 409
    assert queue.counts()[HitState.DISMISSED] == 3
    assert len(browser.post("/api/v1/undo").json()["items"]) == 3


def test_decisions_last_through_a_restart(client: MakeClient, build: StoreBuilder, database: Database) -> None:
    hit = build.hit()
    decide(client(), hit, 0, "unsure")
    database.close()
    again = Database(database.path)
    assert ReviewQueue(again).item(hit).state is HitState.UNSURE
    again.close()


def test_pictures_are_fresh_jpegs_with_their_place(client: MakeClient, build: StoreBuilder) -> None:
    mark = box(500, 700, 200, 40)
    hit = build.hit(finding(polygons=(mark,)), content=draw_page(boxes=(mark,)))
    browser = client()
    browser.post(f"/api/v1/hits/{hit}/reveal")
    full = browser.get(f"/api/v1/hits/{hit}/picture?plain=true")
    assert full.headers["content-type"] == "image/jpeg"
    assert full.headers["x-picture-size"] == "800 1000"
    assert full.headers["x-picture-rect"] == "0 0 800 1000"
    close = browser.get(f"/api/v1/hits/{hit}/picture?view=mark")
    left, top, width, height = map(int, close.headers["x-picture-rect"].split())
    picture = Image.open(io.BytesIO(close.content))
    assert picture.size == (width, height)
    red, green, _blue = picture.convert("RGB").getpixel((600 - left, 720 - top))  # type: ignore[misc]
    assert red > 150 > green


def test_a_missing_original_is_told_and_the_hit_can_be_decided(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit()
    browser = client()
    answer = browser.get(f"/api/v1/hits/{hit}/picture")
    assert (answer.status_code, answer.json()["code"]) == (404, "original_missing")
    assert "original" in answer.json()["message"]
    assert decide(browser, hit, 0).status_code == 200


def test_a_picture_that_cannot_be_shown_is_told(client: MakeClient, build: StoreBuilder) -> None:
    hit = build.hit(content=b"\xff\xd8\xff\xe0 broken")
    answer = client().get(f"/api/v1/hits/{hit}/picture")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_shown")


def test_coverage_counts_and_unread(client: MakeClient, build: StoreBuilder) -> None:
    build.file("a.jpg", Status.CLEAN)
    build.file("b.dat", Status.ENCRYPTED, "The file is damaged: no decoder can read it.")
    build.hit()
    browser = client()
    coverage = browser.get("/api/v1/coverage").json()
    assert coverage["found"] == sum(each["count"] for each in coverage["statuses"]) == 3
    assert coverage["not_fully_read"] == 1
    (file,) = browser.get("/api/v1/unread").json()["files"]
    assert (file["status"], file["status_text"]) == ("encrypted", "Encrypted")
    counts = browser.get("/api/v1/counts").json()
    assert (counts["new"], counts["found"], counts["not_fully_read"]) == (1, 3, 1)
    assert (counts["ending"], counts["ending_text"]) == ("complete", "")


@pytest.mark.parametrize(
    ("state", "ending"), [("running", "running"), ("interrupted", "interrupted"), ("failed", "interrupted")]
)
def test_counts_of_a_scan_that_has_not_come_to_its_end_say_so(
    client: MakeClient, build: StoreBuilder, state: str, ending: str
) -> None:
    build.new_scan(state)
    build.file("a.jpg", Status.CLEAN)
    browser = client()
    for path in ("/api/v1/counts", "/api/v1/coverage"):
        told = browser.get(path).json()
        assert (told["found"], told["ending"]) == (1, ending)
        assert told["ending_text"].startswith("Not final: a scan")
    for path in ("/", "/unread"):
        shown = browser.get(path).text
        assert told["ending_text"] in shown
        assert f'data-ending="{ending}" title="{told["ending_text"]}" >' in shown  # not hidden


NASTY = [
    b"\xff\xfe.jpg",
    "\u202egpj.exe".encode(),
    b"a\nb\tc\x1b[31m.jpg",
    b"<script>alert(1)</script>.jpg",
    b"'\"><img src=x onerror=alert(1)>.jpg",
    b"{{7*7}}.jpg",
]


@pytest.mark.parametrize("name", NASTY)
def test_any_name_can_be_shown_and_nothing_hides_in_it(client: MakeClient, build: StoreBuilder, name: bytes) -> None:
    hit = build.hit(finding(text=name.decode("utf-8", "replace")), name=name)
    browser = client()
    answer = browser.get(f"/api/v1/hits/{hit}")
    assert answer.status_code == 200
    shown = json.loads(answer.content)["occurrences"][0]["path"]
    assert not any(ord(character) < 32 or 0x202A <= ord(character) <= 0x202E for character in shown)
    assert browser.get("/api/v1/hits").status_code == 200
    if name.isascii() and name.isalnum():
        assert name.decode() in shown


def test_level_is_only_ever_suspected(client: MakeClient, build: StoreBuilder) -> None:
    build.hit(finding(level=Level.JUEMI))
    text = client().get("/api/v1/hits").text
    assert "suspected" in text
    assert "涉密" not in text
