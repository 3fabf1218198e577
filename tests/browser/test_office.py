"""The overview and the scan page in a real browser, with a real child process that scans by a fake engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from api.office import Office
from imgscan.review import Decision, Verdict
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from tests.api.builders import StoreBuilder
from tests.browser.conftest import OpenPage, ServerHere
from tests.fakes.engine import SLOW
from tests.fakes.pages import write_page
from tests.fakes.stores import fill

SLOWLY = 90_000
SEVERE = ("serious", "critical")
HARM = "<img src=x onerror=alert(1)>"


@pytest.fixture
def albums(tmp_path: Path) -> Path:
    root = tmp_path / "相册"
    (root / "示例局" / "张示例").mkdir(parents=True)
    (root / HARM).mkdir()
    (root / "way-out").symlink_to("/")
    return root


@pytest.fixture
def start(serve: Callable[..., ServerHere], office: Office, open_page: OpenPage) -> Callable[..., Page]:
    """Opens a path of a server with an office."""

    def opened(path: str, language: str = "en", **options: Any) -> Page:
        server = serve(language=language, office=office)
        page = open_page(server, **options)
        page.goto(server.origin + path)
        return page

    return opened


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in SEVERE]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("path", ["/overview", "/scan"])
def test_axe_finds_nothing_serious(
    start: Callable[..., Page], database: Database, path: str, language: str, scheme: str
) -> None:
    fill(database, 400, 120)
    page = start(path, language, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert serious(page) == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize("path", ["/overview", "/scan"])
def test_nothing_sticks_out_at_the_side(
    start: Callable[..., Page], database: Database, path: str, size: tuple[int, int]
) -> None:
    fill(database, 400, 120)
    page = start(path, viewport={"width": size[0], "height": size[1]})
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_bars_are_as_long_as_their_numbers(start: Callable[..., Page], database: Database) -> None:
    fill(database, 1000, 300)
    page = start("/overview")
    for figure in page.locator("figure.levels, figure.classes, figure.departments").all():
        whole = figure.locator(".track").first.bounding_box()
        totals = [int(text) for text in figure.locator("svg .value").all_text_contents()]
        assert whole
        longest = max(totals)
        rows = figure.locator("tbody tr").all()
        wide = [box["width"] for part in figure.locator("svg.chart .part").all() if (box := part.bounding_box())]
        told = [int(cell) for row in rows for cell in row.locator("td").all_inner_texts()[:-1] if int(cell)]
        assert len(wide) == len(told)
        for width, value in zip(wide, told, strict=True):
            assert abs(width - whole["width"] * max(value / longest, 0.008)) < 1.5


def test_the_report_button_gives_a_spreadsheet(
    start: Callable[..., Page], build: StoreBuilder, queue: ReviewQueue, tmp_path: Path
) -> None:
    queue.decide(build.hit(), 0, Verdict(Decision.CONFIRM), "王复核")
    build.file("x.dat", Status.ENCRYPTED)
    page = start("/overview")
    with page.expect_download() as download:
        page.get_by_text("Ledger and problems (XLSX)").click()
    place = tmp_path / "taken.xlsx"
    download.value.save_as(place)
    assert load_workbook(place).sheetnames == [
        "Summary",
        "Self-check ledger",
        "List of problems",
        "Files not fully read",
    ]


def test_a_folder_is_chosen_scanned_paused_and_gone_on_with(start: Callable[..., Page], albums: Path) -> None:
    write_page(albums / "示例局" / "张示例" / "00.png", ["机密★10年"])
    for n in range(1, 45):
        write_page(albums / "示例局" / "张示例" / f"{n:02}.png", [SLOW, f"第{n}页"], salt=n)
    page = start("/scan")
    page.locator(".folder", has_text="相册").click()
    expect(page.locator(".folder")).to_have_text([HARM, "示例局"])  # the link out is not offered
    page.locator(".folder", has_text="示例局").click()
    page.locator(".folder", has_text="张示例").click()
    page.get_by_label("Person").fill("张示例")
    page.get_by_role("button", name="Scan 张示例").click()
    done = page.locator('[data-scan="done"]')
    expect(page.locator('[data-scan="state"]')).to_have_text("Scanning")
    expect(page.locator('[data-scan="total"]')).to_have_text("of 45 files", timeout=SLOWLY)
    expect(page.locator('[data-scan="hits"]')).to_have_text("1", timeout=SLOWLY)
    expect(page.locator(".first")).to_contain_text("机密★10年")
    expect(page.locator('[data-scan="rate"]')).to_contain_text("files/s", timeout=SLOWLY)
    expect(page.locator('[data-scan="left"]')).to_contain_text("left", timeout=SLOWLY)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator('[data-scan="state"]')).to_have_text("Paused", timeout=SLOWLY)
    assert 1 <= int(done.inner_text()) < 45
    page.get_by_role("button", name="Go on").click()
    expect(page.locator('[data-scan="state"]')).to_have_text("Ended", timeout=SLOWLY)
    expect(done).to_have_text("45")
    page.locator(".first a").click()
    expect(page.locator("#facts")).to_contain_text("机密★10年")


def test_the_tabs_count_with_the_scan(start: Callable[..., Page], build: StoreBuilder) -> None:
    build.new_scan("running")
    build.file("a.jpg", Status.CLEAN)
    page = start("/scan")
    expect(page.locator('[data-scan="done"]')).to_have_text("1")
    build.hit()
    expect(page.locator('[data-scan="hits"]')).to_have_text("1", timeout=10_000)
    expect(page.locator("[data-count=new]")).to_have_text("1", timeout=2000)  # the next look of its own is later


def test_the_overview_prints_in_light_on_any_screen(start: Callable[..., Page], database: Database) -> None:
    fill(database, 400, 120)
    page = start("/overview", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.evaluate("getComputedStyle(document.querySelector('.part.confirmed')).fill")
    assert ink == "rgb(143, 29, 23)"
    assert page.locator(".take-away").is_hidden()
