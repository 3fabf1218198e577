"""A store that holds less than it was told says so on every page, and not in one terminal alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.security import Gate
from imgscan.preview import Previewer
from imgscan.review import Decision, Verdict
from imgscan.store.audit import lost, verify
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.api.builders import StoreBuilder
from tests.api.conftest import ORIGIN, WORDS
from tests.fakes.offices import make_office

PAGES = ("/", "/?state=decided", "/unread", "/overview", "/scan")
SAID = {"en": "The store has lost what it was told between", "zh_CN": "的内容：数据文件或其日志曾损坏"}


@pytest.fixture
def older(home: Path, tmp_path: Path) -> Iterator[Database]:
    """A store in whose place a copy was put that had not been told the last decision."""
    with closing(Database(home / "imgscan.db")) as database:
        build, queue = StoreBuilder(database, tmp_path / "albums"), ReviewQueue(database)
        first, second = build.hit(), build.hit()
        queue.decide(first, 0, Verdict(Decision.CONFIRM), "王复核")
    shutil.copy(home / "imgscan.db", tmp_path / "copy.db")
    with closing(Database(home / "imgscan.db")) as database:
        ReviewQueue(database).decide(second, 0, Verdict(Decision.CONFIRM), "王复核")
    shutil.copy(tmp_path / "copy.db", home / "imgscan.db")
    with closing(Database(home / "imgscan.db")) as database:
        yield database


def client(database: Database, previewer: Previewer, language: str = "en", reviewer: str = "王复核") -> TestClient:
    gate = Gate(reviewer)
    app = create_app(ReviewQueue(database), previewer, gate, WORDS, language, office=make_office(database))
    made = TestClient(app, base_url=ORIGIN, headers={"sec-fetch-site": "same-origin"})
    assert made.get("/launch", params={"token": gate.new_token()}).status_code == 200
    return made


def notice(page: str) -> str:
    """The visible notice of a page; "" where it is hidden."""
    found = re.search(r'<div class="lost" id="lost" role="alert"( hidden)?>\s*<p>(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return "" if found[1] else found[2]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_page_says_what_was_lost_and_what_to_do(older: Database, previewer: Previewer, language: str) -> None:
    asking = client(older, previewer, language)
    assert {notice(asking.get(path).text) for path in PAGES} == {""}
    assert asking.get("/api/v1/counts").json()["lost"] is None
    assert lost(older)  # while the page is open: a scan opened the store and found out
    for path in PAGES:
        assert SAID[language] in notice(asking.get(path).text)
        assert "imgscan restore" in notice(asking.get(path).text)
    told = asking.get("/api/v1/counts").json()["lost"]
    assert SAID[language] in told["text"]
    report = asking.get("/api/v1/report", params={"form": "csv", "list": "ledger"}).content.decode()
    assert SAID[language] in report
    printed = asking.get("/api/v1/report", params={"form": "html"}).content.decode()
    assert SAID[language] in printed.partition("<section")[0], "the head of a printed report says it"


def test_whoever_saw_to_it_takes_the_notice_away_for_everybody_by_name(older: Database, previewer: Previewer) -> None:
    lost(older)
    first, second = client(older, previewer), client(older, previewer, reviewer="李复核")
    row = first.get("/api/v1/counts").json()["lost"]["row"]
    assert first.post("/api/v1/lost/seen-to", json={"row": row + 1}).json()["code"] == "usage"
    assert first.post("/api/v1/lost/seen-to", json={"row": row}).json()["lost"] is None
    assert {notice(each.get(path).text) for each in (first, second) for path in PAGES} == {""}
    assert second.post("/api/v1/lost/seen-to", json={"row": row}).status_code == 400
    verify(older)
