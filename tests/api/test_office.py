from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select

import api.scanner
from api.app import create_app
from api.office import Office
from api.pace import Pace
from api.security import Gate
from imgscan.i18n import set_language
from imgscan.preview import Previewer
from imgscan.review import Decision, Verdict
from imgscan.store.database import Database
from imgscan.store.progress import ScanSoFar, newest_scan
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from imgscan.wording import left_words
from models import Album, FileRow, ScanRow
from tests.api.builders import StoreBuilder, finding
from tests.api.conftest import ORIGIN, WORDS
from tests.fakes.engine import SLOW, looked
from tests.fakes.offices import make_office
from tests.fakes.pages import write_page
from tests.fakes.runs import running

SECONDS = 90.0
Browser = Callable[..., TestClient]


@pytest.fixture
def albums(tmp_path: Path) -> Path:
    root = tmp_path / "相册"
    (root / "张示例").mkdir(parents=True)
    (root / "空").mkdir()
    return root


@pytest.fixture
def browser(queue: ReviewQueue, previewer: Previewer, office: Office) -> Browser:
    def make(language: str = "en", signed_in: bool = True) -> TestClient:
        gate = Gate("王复核")
        app = create_app(queue, previewer, gate, WORDS, language, office=office)
        client = TestClient(app, base_url=ORIGIN, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
        if signed_in:
            assert client.get("/launch", params={"token": gate.new_token()}).status_code == 200
        return client

    return make


def until(client: TestClient, *states: str) -> dict[str, Any]:
    """Ask until the scan is in one of `states`."""
    end = time.monotonic() + SECONDS
    while True:
        found: dict[str, Any] = client.get("/api/v1/scan").json()
        if found["state"] in states:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.1)


def until_begun(client: TestClient) -> None:
    """Ask until the scan has met a file."""
    end = time.monotonic() + SECONDS
    while not client.get("/api/v1/scan").json()["done"]:
        assert time.monotonic() < end
        time.sleep(0.1)


def folder(client: TestClient, name: str) -> str:
    root = client.get("/api/v1/scan/folders").json()["folders"][0]["id"]
    inside = client.get("/api/v1/scan/folders", params={"inside": root}).json()["folders"]
    found: str = next(each["id"] for each in inside if each["name"] == name)
    return found


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("path", ["/overview", "/scan"])
def test_pages_answer_in_both_languages(browser: Browser, build: StoreBuilder, path: str, language: str) -> None:
    build.hit(finding("机密★10年"), department="<b>处")
    build.file("a.dat", Status.ENCRYPTED, "The file is encrypted by its app.")
    answer = browser(language).get(path)
    assert answer.status_code == 200
    assert f'lang="{language.replace("zh_CN", "zh-CN")}"' in answer.text
    assert "<b>处" not in answer.text
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


def test_the_overview_shows_what_was_counted(browser: Browser, build: StoreBuilder, queue: ReviewQueue) -> None:
    hit = build.hit(department="示例局一处")
    build.hit(department="示例局二处")
    build.file("a.dat", Status.ENCRYPTED, "The file is encrypted by its app.")
    queue.decide(hit, 0, Verdict(Decision.CONFIRM), "王复核")
    page = browser().get("/overview").text
    assert "Found 3 files = 2 fully read + 1 not fully read" in page
    assert "2 suspected pictures = 1 confirmed + 0 dismissed + 1 still to review" in page
    assert "The file is encrypted by its app." in page
    assert page.count("<svg") == page.count("</svg>") > 5
    for name in ("示例局一处", "示例局二处"):
        assert name in page


@pytest.mark.parametrize("files", [0, 1])
@pytest.mark.parametrize("state", ["running", "interrupted"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"running": "Not final: a scan has not ended", "interrupted": "Not final: a scan was interrupted"}),
        ("zh_CN", {"running": "非最终结果：有扫描尚未结束", "interrupted": "非最终结果：有扫描中途停止"}),
    ],
)
def test_the_overview_of_a_scan_that_did_not_end_says_so_above_the_numbers(
    browser: Browser, build: StoreBuilder, *, state: str, language: str, words: dict[str, str], files: int
) -> None:
    build.new_scan(state)
    with build.database.writing() as session:
        build._album(session, "示例局一处", "张示例")
    if files:
        build.file("a.jpg", Status.CLEAN)
    page = browser(language).get("/overview").text
    above, _lead, _below = page.partition('<p class="lead">')
    assert words[state] in above.partition("<main")[2]
    note = above.rpartition('<div class="not-final"')[2]
    if files:
        assert ("示例局一处-张示例" in note) is (state == "interrupted")  # which folder to scan again
    assert not re.search("Nothing has been scanned|还没有扫描过", page)


def test_an_empty_store_says_so_and_offers_no_report(browser: Browser) -> None:
    page = browser().get("/overview").text
    assert "Nothing has been scanned yet." in page
    assert "/api/v1/report" not in page


@pytest.mark.parametrize(
    ("form", "start"), [("xlsx", b"PK"), ("html", b"<!doctype"), ("csv", b"\xef\xbb\xbf"), ("jsonl", b"{")]
)
def test_a_report_is_sent_as_a_file(
    browser: Browser, build: StoreBuilder, queue: ReviewQueue, form: str, start: bytes
) -> None:
    queue.decide(build.hit(), 0, Verdict(Decision.CONFIRM), "王复核")
    answer = browser().get("/api/v1/report", params={"form": form})
    assert answer.status_code == 200
    assert answer.content.lstrip().startswith(start)
    assert answer.headers["content-disposition"].startswith('attachment; filename="report-')
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_reports_are_for_those_who_are_signed_in(browser: Browser, build: StoreBuilder) -> None:
    build.hit()
    assert browser(signed_in=False).get("/api/v1/report").status_code == 401
    assert browser().get("/api/v1/report", params={"form": "exe"}).status_code == 422
    assert browser().get("/api/v1/report", params={"list": "../x"}).status_code == 422


def test_a_report_of_one_campaign(browser: Browser, build: StoreBuilder, database: Database) -> None:
    build.hit(owner="甲")
    with database.writing() as session:
        went_in = {"begun": build.scan, "completed": build.scan}
        session.add(Album(root=b"/else", campaign="回头看", owner="乙", **went_in))
        session.flush()
        album = session.scalars(select(Album.id).where(Album.campaign == "回头看")).one()
        session.add(FileRow(album_id=album, scan_id=build.scan, path=b"/else/a.jpg", status="clean"))
    client = browser()
    content = client.get("/api/v1/report", params={"form": "csv", "list": "ledger", "campaign": "回头看"}).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:2]] == ["乙"]
    assert '<option value="回头看">' in client.get("/overview").text
    book = load_workbook(io.BytesIO(client.get("/api/v1/report").content))
    assert len(book.worksheets) == 4
    lines = client.get("/api/v1/report", params={"form": "jsonl", "campaign": "回头看"}).text.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/else/a.jpg"]


def test_a_scan_is_started_seen_and_ends(browser: Browser, albums: Path, build: StoreBuilder) -> None:
    write_page(albums / "张示例" / "a.png", ["机密★10年"])
    write_page(albums / "张示例" / "b.png", ["今天天气很好"])
    (albums / "张示例" / "c.dat").write_bytes(b"")
    client = browser()
    assert client.get("/api/v1/scan").json()["state"] == "idle"
    wanted = {"folder": folder(client, "张示例"), "owner": "张示例", "department": "-- 示例局", "campaign": "=x"}
    assert client.post("/api/v1/scan", json=wanted).json()["state"] == "running"
    assert client.post("/api/v1/scan", json=wanted).status_code == 409
    found = until(client, "ended", "failed")
    assert (found["state"], found["said"]) == ("ended", "")
    assert (found["done"], found["hits"], found["not_fully_read"]) == (3, 1, 1)
    assert found["first"][0]["text"] == "机密★10年"
    with build.database.reading() as session:
        album = session.scalars(select(Album)).one()
        assert (album.owner, album.department, album.campaign) == ("张示例", "-- 示例局", "=x")
        assert album.root == bytes(albums / "张示例")


def test_a_scan_is_paused_and_goes_on_where_it_stopped(
    browser: Browser, albums: Path, database: Database, office: Office
) -> None:
    for n in range(30):
        write_page(albums / "张示例" / f"{n:02}.png", [SLOW, f"第{n}页"], salt=n)
    client = browser()
    client.post("/api/v1/scan", json={"folder": folder(client, "张示例")})
    end = time.monotonic() + SECONDS
    while client.get("/api/v1/scan").json()["done"] < 3:
        assert time.monotonic() < end
        time.sleep(0.1)
    running_ = client.get("/api/v1/scan").json()
    assert running_["total"] == 30
    assert client.post("/api/v1/scan/pause").json()["state"] in ("pausing", "paused")
    paused = until(client, "paused")
    assert 3 <= paused["done"] < 30
    assert client.post("/api/v1/scan/pause").status_code == 400
    read = looked(database.path.parent / "weights")
    assert client.post("/api/v1/scan/go-on").json()["state"] == "running"
    ended = until(client, "ended", "failed")
    assert ended["state"] == "ended"
    assert ended["done"] == 30
    assert looked(database.path.parent / "weights") <= 30 + 2 * 2  # what was finished is not read again
    assert read < 30


def test_a_scan_that_fails_says_why(browser: Browser, albums: Path, office: Office) -> None:
    write_page(albums / "张示例" / "a.png", ["x"])
    client = browser()
    wanted = {"folder": folder(client, "张示例")}
    (office.database.path.parent / "rules").mkdir()
    (office.database.path.parent / "rules" / "broken.yml").write_text("rules:\n  - id: x.y\n    no_such_field: 1\n")
    client.post("/api/v1/scan", json=wanted)
    failed = until(client, "failed", "ended")
    assert failed["state"] == "failed", failed
    assert "broken.yml" in failed["said"]
    assert "\n" not in failed["said"]


def test_a_scan_started_elsewhere_is_seen_and_left_alone(browser: Browser, albums: Path, database: Database) -> None:
    for n in range(20):
        write_page(albums / "张示例" / f"{n:02}.png", [SLOW, f"第{n}页"], salt=n)
    client = browser()
    home = database.path.parent
    with running("scan", albums, home=home, IMGSCAN_WORKERS="1", IMGSCAN_PLAIN_STORE="1"):
        found = until(client, "elsewhere")
        assert found["state_text"] == "Running, started elsewhere"
        assert client.post("/api/v1/scan/pause").status_code == 400
        assert client.post("/api/v1/scan", json={"folder": folder(client, "空")}).status_code == 409
    assert until(client, "idle")["state"] == "idle"  # killed: its note beside the lock counts no more


@pytest.mark.parametrize(
    ("ends", "state", "words"),
    [
        ("before the store is asked", "idle", "The last scan came to its end"),
        ("after the store was asked", "elsewhere", "Running, started elsewhere"),
        ("never", "elsewhere", "Running, started elsewhere"),
    ],
)
def test_a_scan_elsewhere_that_ends_while_it_is_looked_at_was_not_killed(
    browser: Browser, build: StoreBuilder, monkeypatch: pytest.MonkeyPatch, *, ends: str, state: str, words: str
) -> None:
    scan = build.new_scan("running")
    holder = build.database.path.parent / "scan.lock.holder"
    holder.write_text(f"pid {os.getpid()}, here\n")

    def end() -> None:
        with build.database.writing() as session:
            session.get_one(ScanRow, scan).state = "complete"
        holder.unlink()

    def look(database: Database) -> ScanSoFar | None:
        if ends == "before the store is asked":
            end()
        found = newest_scan(database)
        if ends == "after the store was asked":
            end()
        return found

    client = browser()
    monkeypatch.setattr(api.scanner, "newest_scan", look)
    told = client.get("/api/v1/scan").json()
    assert (told["state"], told["state_text"]) == (state, words)


LAST = {
    "en": {
        "running": "The last scan has not ended: it runs elsewhere, or it was killed",
        "complete": "The last scan came to its end",
        "interrupted": "The last scan was interrupted: not every file was met",
    },
    "zh_CN": {
        "running": "上一次扫描尚未结束：正在别处进行，或已被强行终止",
        "complete": "上一次扫描已完成",
        "interrupted": "上一次扫描中途停止：有文件尚未扫描",
    },
}
OURS = {
    "en": "The scan that was started here, of {folder}, {how}. The numbers are of another",
    "zh_CN": "此前从本页面开始的对 {folder} 的扫描{how}。以上数字属于另一次",
}
HOW = {
    "en": {"ended": "has ended", "paused": "was paused", "failed": "failed"},
    "zh_CN": {"ended": "已结束", "paused": "已暂停", "failed": "失败"},
}


@pytest.mark.parametrize("theirs", ["running", "complete", "interrupted"])
@pytest.mark.parametrize(
    ("language", "ours"), [("en", "ended"), ("zh_CN", "ended"), ("en", "failed"), ("zh_CN", "paused")]
)
def test_numbers_of_a_colleagues_scan_do_not_stand_under_the_end_of_ours(
    browser: Browser, build: StoreBuilder, albums: Path, database: Database, *, language: str, ours: str, theirs: str
) -> None:
    for n in range(8 if ours == "paused" else 1):
        write_page(albums / "张示例" / f"{n}.png", [SLOW if ours == "paused" else "x", f"第{n}页"], salt=n)
    if ours == "failed":
        (database.path.parent / "rules").mkdir()
        (database.path.parent / "rules" / "broken.yml").write_text("rules:\n  - id: x.y\n    no_such_field: 1\n")
    client = browser(language)
    client.post("/api/v1/scan", json={"folder": folder(client, "张示例")})
    if ours == "paused":
        until_begun(client)
        client.post("/api/v1/scan/pause")
    before = until(client, "ended", "failed", "paused")
    path = str(albums / "张示例")
    assert (before["state"], before["ours_text"], before["folder_text"]) == (ours, "", path)
    assert before["state_text"] not in LAST[language].values()
    build.new_scan(theirs, datetime.now(UTC))  # on another machine: no note lies beside our scan lock
    told = client.get("/api/v1/scan").json()
    assert (told["state"], told["state_text"], told["done"]) == (ours, LAST[language][theirs], 0)
    assert told["ours_text"].startswith(OURS[language].format(folder=path, how=HOW[language][ours]))
    assert told["folder_text"] == ""  # it has met no file yet
    build.file("theirs.jpg", Status.CLEAN)
    told = client.get("/api/v1/scan").json()
    assert (told["done"], told["folder_text"]) == (1, str(build.root / "示例局一处-张示例"))
    if ours == "failed":
        assert "broken.yml" in told["said"]


def test_a_scan_that_never_began_does_not_stand_above_the_numbers_of_an_older_one(
    browser: Browser, build: StoreBuilder, albums: Path, database: Database
) -> None:
    build.file("old.jpg", Status.CLEAN)
    client = browser()
    assert client.get("/api/v1/scan").json()["done"] == 1
    (database.path.parent / "rules").mkdir()
    (database.path.parent / "rules" / "broken.yml").write_text("rules:\n  - id: x.y\n    no_such_field: 1\n")
    client.post("/api/v1/scan", json={"folder": folder(client, "张示例")})
    failed = until(client, "failed", "ended")
    assert (failed["state_text"], failed["began"], failed["done"], failed["ours_text"]) == ("Failed", None, 0, "")
    assert failed["folder_text"] == str(albums / "张示例")


def test_closing_the_server_stops_its_scan(browser: Browser, albums: Path, office: Office, database: Database) -> None:
    for n in range(40):
        write_page(albums / "张示例" / f"{n:02}.png", [SLOW, f"第{n}页"], salt=n)
    client = browser()
    client.post("/api/v1/scan", json={"folder": folder(client, "张示例")})
    end = time.monotonic() + SECONDS
    while not client.get("/api/v1/scan").json()["done"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    office.scanner.close()
    with database.reading() as session:
        assert session.scalars(select(ScanRow.state)).one() == "interrupted"


@pytest.mark.parametrize(
    "wanted",
    [
        {"folder": "../../etc"},
        {"folder": "/etc"},
        {"folder": "0" * 32, "path": "/etc"},
        {"folder": "0" * 32, "owner": "a\x00b"},
        {"folder": "0" * 32, "owner": "\u202e"},
        {"folder": "0" * 32, "owner": "x" * 101},
        {},
    ],
)
def test_a_request_that_is_not_understood_starts_nothing(browser: Browser, wanted: dict[str, str]) -> None:
    client = browser()
    assert client.post("/api/v1/scan", json=wanted).status_code in (400, 422)
    assert client.get("/api/v1/scan").json()["state"] == "idle"


def test_two_hundred_ways_out_of_the_roots_open_nothing(browser: Browser) -> None:
    client = browser()
    folder(client, "空")
    steps = ("..", "%2e%2e", "..%2f", "....//", "..\\", "/etc/passwd", "\x00", "file:///etc", "~root", "．．")
    tried = [f"{step * n}{tail}" for step in steps for n in range(1, 6) for tail in ("", "/etc", "%00", "0" * 32)]
    assert len(tried) == 200
    for each in tried:
        assert client.get("/api/v1/scan/folders", params={"inside": each}).status_code in (404, 422)
        assert client.post("/api/v1/scan", json={"folder": each}).status_code in (404, 422)
    assert client.post("/api/v1/scan", json={"folder": "0" * 32}).json()["code"] == "no_such_folder"
    assert client.get("/api/v1/scan").json()["state"] == "idle"


@pytest.mark.parametrize("path", ["/api/v1/scan", "/api/v1/scan/pause", "/api/v1/scan/go-on"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site", "content-type": "application/x-www-form-urlencoded"},
        {"sec-fetch-site": "cross-site", "content-type": "text/plain"},
    ],
)
def test_other_pages_start_and_stop_nothing(browser: Browser, path: str, headers: dict[str, str]) -> None:
    client = browser()
    answer = client.post(path, content=json.dumps({"folder": folder(client, "空")}), headers=headers)
    assert answer.status_code == 403
    assert client.get("/api/v1/scan").json()["state"] == "idle"


def test_nothing_to_pause_or_to_go_on_with(browser: Browser) -> None:
    client = browser()
    for path in ("/api/v1/scan/pause", "/api/v1/scan/go-on"):
        answer = client.post(path)
        assert answer.status_code == 400
        assert answer.json()["cure"]


def test_without_roots_the_page_says_how_to_allow_one(
    queue: ReviewQueue, previewer: Previewer, database: Database
) -> None:
    gate = Gate("甲")
    office = make_office(database)
    client = TestClient(create_app(queue, previewer, gate, WORDS, "en", office=office), base_url=ORIGIN)
    client.get("/launch", params={"token": gate.new_token()})
    page = client.get("/scan").text
    assert "scan_roots" in page
    assert "<form id=" not in page


def test_the_pace_is_that_of_the_last_minute(tmp_path: Path) -> None:
    clock = [1000.0]
    for n in range(7):
        (tmp_path / f"{n}.jpg").write_bytes(b"")
    pace = Pace((), lambda: clock[0])
    began = datetime.now(UTC)
    root = bytes(tmp_path)
    assert pace.look(1, 0, [root], began)[1:] == (None, None)
    end = time.monotonic() + SECONDS
    while pace.look(1, 0, [root], began)[0] is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    clock[0] += 30
    total, rate, left = pace.look(1, 3, [root], began)
    assert (total, round(rate or 0, 2), round(left or 0)) == (7, 0.1, 40)
    clock[0] += 100
    total, rate, left = pace.look(1, 5, [root], began)
    assert round(rate or 0, 3) == 0.02
    assert pace.look(1, 9, [root], began)[0] == 9  # more files than were counted: members of archives
    assert pace.look(2, 0, [root], began)[1] is None
    pace.close()


def test_nothing_is_said_of_the_time_left_before_there_is_a_basis(tmp_path: Path) -> None:
    clock = [1000.0]
    for n in range(100):
        (tmp_path / f"{n}.jpg").write_bytes(b"")
    pace = Pace((), lambda: clock[0])
    began, root = datetime.now(UTC), bytes(tmp_path)
    end = time.monotonic() + SECONDS
    while pace.look(1, 0, [root], began)[0] is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    told = []
    for seconds, done in ((5, 10), (5, 12), (5, 15)):
        clock[0] += seconds
        _total, rate, left = pace.look(1, done, [root], began)
        told.append((rate is not None, left is not None))
    assert told == [(True, False), (True, True), (True, True)]
    assert pace.look(2, 0, [root], began)[2] is None
    clock[0] += 30
    assert pace.look(2, 2, [root], began)[2] is None  # two files are no basis
    pace.close()


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (5, "less than a minute left", "不到 1 分钟"),
        (60, "about 1 minute left", "1 分钟"),
        (197, "about 3 minutes left", "3 分钟"),
        (720, "about 10 minutes left", "10 分钟"),
        (2840, "about 45 minutes left", "45 分钟"),
        (6000, "about 1.5 hours left", "1.5 小时"),
        (7200, "about 2 hours left", "2 小时"),
        (3600 * 17.3, "about 17 hours left", "17 小时"),
    ],
)
def test_times_are_told_as_roughly_as_they_are_known(seconds: float, en: str, zh: str) -> None:
    set_language("en")
    assert left_words(seconds) == en
    set_language("zh_CN")
    assert zh in left_words(seconds)


def test_the_scan_page_names_the_folders_as_they_were_configured(
    browser: Browser, office: Office, albums: Path, tmp_path: Path
) -> None:
    (tmp_path / "way").symlink_to(albums)
    office.folders.configured = (tmp_path / "way", tmp_path / "gone")
    page = browser().get("/scan").text
    assert (
        f'<bdi class="path">{tmp_path / "way"}</bdi> · <bdi class="path">{tmp_path / "gone"}</bdi> (not there)' in page
    )
    assert f"data-home>{office.home}<" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("complete", "The last scan came to its end"),
        ("interrupted", "The last scan was interrupted: not every file was met"),
        ("failed", "The last scan failed: not every file was met"),
        ("running", "The last scan has not ended: it runs elsewhere, or it was killed"),
    ],
)
def test_the_numbers_of_the_last_scan_stand_under_how_it_ended(
    browser: Browser, build: StoreBuilder, state: str, words: str
) -> None:
    build.new_scan(state)
    build.file("a.jpg", Status.CLEAN)
    found = browser().get("/api/v1/scan").json()
    assert (found["state"], found["done"], found["state_text"]) == ("idle", 1, words)
