from __future__ import annotations

import re

import pytest

from imgscan.types import Status
from tests.api.builders import StoreBuilder, finding
from tests.api.conftest import MakeClient


@pytest.mark.parametrize("path", ["/", "/unread"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_pages_answer_in_both_languages(client: MakeClient, build: StoreBuilder, path: str, language: str) -> None:
    build.hit()
    build.file("a.dat", Status.ENCRYPTED)
    answer = client(language=language).get(path)
    assert answer.status_code == 200
    assert f'lang="{language.replace("zh_CN", "zh-CN")}"' in answer.text


def test_the_title_tells_nobody_what_is_looked_at(client: MakeClient, build: StoreBuilder) -> None:
    build.hit(finding("机密"))
    page = client().get("/").text
    title = re.search(r"<title>(.*?)</title>", page)
    assert title
    assert title[1] == "Review"


def test_the_choice_of_language_is_kept(client: MakeClient) -> None:
    browser = client(language="zh_CN")
    assert 'lang="en"' in browser.get("/?lang=en").text
    assert '<html lang="en">' in browser.get("/").text
    assert '<html lang="en">' in browser.get("/?lang=klingon").text


def test_files_not_fully_read_are_listed_with_their_reason(client: MakeClient, build: StoreBuilder) -> None:
    build.file("<b>x.dat", Status.ENCRYPTED, "a <i>problem")
    build.file("fine.jpg", Status.CLEAN)
    page = client().get("/unread").text
    assert "&lt;b&gt;x.dat" in page
    assert "a &lt;i&gt;problem" in page
    assert "Encrypted" in page
    assert "fine.jpg" not in page
    assert "Of 2 files, 1 were not fully read" in page


def test_nothing_found_is_never_said_without_coverage(client: MakeClient, build: StoreBuilder) -> None:
    build.file("fine.jpg", Status.CLEAN)
    page = client().get("/unread").text
    assert "Every file of the last scan was fully read" in page
    assert "Of 1 file, 0 was not fully read" in page


def test_people_get_pages_and_programs_get_json(client: MakeClient) -> None:
    browser = client()
    assert browser.get("/nothing").headers["content-type"].startswith("text/html")
    assert browser.get("/unread?cursor=abc").status_code == 400
    assert browser.get("/unread?cursor=abc").headers["content-type"].startswith("text/html")
    assert browser.get("/api/v1/nothing").json()["code"] == "http"
    assert browser.put("/api/v1/undo").status_code == 405


def test_the_filters_offer_what_occurs(client: MakeClient, build: StoreBuilder) -> None:
    build.hit(finding(rule="<x>"), department="一处<b>")
    page = client().get("/").text
    assert '<option value="&lt;x&gt;">name of &lt;x&gt;</option>' in page
    assert "一处&lt;b&gt;" in page
