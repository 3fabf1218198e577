"""Makes the pictures of docs/reports.md: `python -m tests.browser.office_pictures`. Both pages in both languages."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from imgscan.preview import Previewer
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.browser.conftest import ServerHere
from tests.browser.screenshots import IMAGES, launched, small
from tests.fakes.engine import SLOW
from tests.fakes.offices import make_office
from tests.fakes.pages import write_page
from tests.fakes.stores import fill

SLOWLY = 90_000
MARKS = ("机密★10年", "秘密★5年", "内部资料 注意保存", "绝密★长期")


def overview(browser: Browser, folder: Path, language: str, images: Path) -> None:
    """The overview of a store of invented people."""
    with closing(Database(folder / "imgscan.db")) as database, closing(Previewer(workers=1)) as previewer:
        fill(database, 4000, 900)
        office = make_office(database)
        server = ServerHere(ReviewQueue(database), previewer, language=language, office=office)
        try:
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            page.goto(server.link)
            page.wait_for_url(server.origin + "/")
            page.goto(server.origin + "/overview")
            page.wait_for_load_state("networkidle")
            (images / f"overview-{language}.png").write_bytes(small(page.screenshot(full_page=True)))
            page.context.close()
        finally:
            server.stop()
            office.scanner.close()


def scan(browser: Browser, folder: Path, language: str, images: Path) -> None:
    """A scan while it runs."""
    albums = folder / "albums"
    for n in range(60):
        lines = [SLOW, MARKS[n % len(MARKS)] if n % 6 == 0 else f"第{n}页"]
        write_page(albums / "云岫市示例局" / "张示例" / f"{n:02}.png", lines, salt=n)
    for name in ("李样本", "王举例"):
        (albums / "云岫市示例局" / name).mkdir()
    with closing(Database(folder / "home" / "imgscan.db")) as database, closing(Previewer(workers=1)) as previewer:
        office = make_office(database, [albums])
        server = ServerHere(ReviewQueue(database), previewer, language=language, office=office)
        try:
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            page.goto(server.link)
            page.wait_for_url(server.origin + "/")
            page.goto(server.origin + "/scan")
            for name in ("albums", "云岫市示例局", "张示例"):
                page.locator(".folder", has_text=name).click()
            page.locator('[name="owner"]').fill("张示例")
            page.locator('[type="submit"]').click()
            expect(page.locator(".first li")).to_have_count(4, timeout=SLOWLY)
            page.route("**/api/v1/scan", lambda _route: None)  # nothing changes any more
            time.sleep(2)
            # Where this computer keeps its temporary files is nobody's business.
            for place, shown in (
                ("[data-scan=folder]", "/albums/云岫市示例局/张示例"),
                ("#start .path", "/albums"),
                ("[data-home]", "/home/user/imgscan"),
            ):
                page.locator(place).evaluate("(each, text) => { each.textContent = text; }", shown)
            (images / f"scan-{language}.png").write_bytes(small(page.screenshot(full_page=True)))
            page.context.close()
        finally:
            server.stop()
            office.scanner.close()


def take_all(playwright: Playwright, images: Path = IMAGES) -> None:
    """Write overview-<language>.png and scan-<language>.png."""
    for language in ("zh_CN", "en"):
        with launched(playwright, language) as browser:
            for take in (overview, scan):
                with tempfile.TemporaryDirectory() as folder:
                    take(browser, Path(folder), language, images)


if __name__ == "__main__":
    with sync_playwright() as started:
        take_all(started)
