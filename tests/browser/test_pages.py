"""What holds on every page, in both languages, light and dark: nothing serious for axe, nothing beside the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.office import Office
from imgscan.review import Decision, Verdict
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Level, Severity, Status
from tests.api.builders import StoreBuilder, draw_page, finding
from tests.browser.conftest import OpenPage, ServerHere
from tests.browser.test_queue import wait_for_picture
from tests.fakes.offices import make_office

Serve = Callable[..., ServerHere]
LONG = "云岫市示例局" * 12
SERIOUS = ("serious", "critical")


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    made = make_office(database)
    yield made
    made.scanner.close()


def fill(build: StoreBuilder, queue: ReviewQueue) -> None:
    """A store with something for every part of every page."""
    hits = [
        build.hit(finding(LONG), name=f"{LONG[:60]}.jpg", content=draw_page(), owner=LONG[:30], department=LONG[:30]),
        build.hit(finding("绝密", level=Level.JUEMI), content=draw_page(801), copies=["b.jpg"]),
        build.hit(finding("机密★10年"), content=draw_page(802)),
        build.hit(finding("机密★10年"), content=draw_page(803)),
        build.hit(finding("内部资料", level=None, cls=FindingClass.INTERNAL, severity=Severity.MEDIUM)),
    ]
    build.group(*hits[2:4])
    build.lose()
    queue.decide(hits[1], 0, Verdict(Decision.UNSURE, note="见附件"), "李四")
    queue.undo("李四")
    for status in Status:
        if not status.fully_read:
            build.file(f"{LONG[:40]}-{status.value}.jpg", status, "The file is damaged: no decoder can read it.")


def look_at(page: Page, width: int) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [
        f"{each['id']}: {node['html'][:120]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("wider than the window")
    return [f"{page.url}: {each}" for each in found]


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["office", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_can_be_used_by_everybody(
    *,
    serve: Serve,
    open_page: OpenPage,
    build: StoreBuilder,
    queue: ReviewQueue,
    office: Office,
    language: str,
    scheme: Any,
    size: tuple[int, int],
) -> None:
    fill(build, queue)
    server = serve(language=language, reviewers=("张三", "李四"), office=office)
    viewport = {"width": size[0], "height": size[1]}
    page = open_page(server, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    wrongs = look_at(page, size[0])  # who reviews?
    page.get_by_role("link", name="张三").click()
    wait_for_picture(page)
    page.wait_for_load_state("networkidle")
    wrongs += look_at(page, size[0])
    page.keyboard.press("2")
    expect(page.locator("#why")).to_be_visible()
    wrongs += look_at(page, size[0])
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Slash")
    wrongs += look_at(page, size[0])
    page.keyboard.press("Escape")
    page.locator("#more summary").click()
    wrongs += look_at(page, size[0])
    for address in ("/?view=grid", "/?state=decided", "/?state=all", "/unread", "/overview", "/scan", "/nothing"):
        page.goto(server.origin + address)
        page.wait_for_load_state("networkidle")
        wrongs += look_at(page, size[0])
    page.goto(server.origin)
    page.locator('[data-do="lock"]').click()
    expect(page.locator(".card h1")).to_be_visible()
    wrongs += look_at(page, size[0])
    assert wrongs == []
