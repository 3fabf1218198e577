"""Makes the pictures of the review page for the documentation: `python -m tests.browser.screenshots [DATABASE]`.

Without a database a small one is filled with drawn pages. Each picture is reduced in colours until it is small enough.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from imgscan.store.database import Database
from imgscan.types import FindingClass, Level, Severity, Status
from tests.api.builders import StoreBuilder, box, draw_page, finding
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000


def fill(database: Path, albums: Path) -> None:
    """A few hits of each kind, of invented organs."""
    marks = (
        ("机密★10年", Level.JIMI, FindingClass.NATIONAL_SECRET, Severity.CRITICAL),
        ("秘密★5年", Level.MIMI, FindingClass.NATIONAL_SECRET, Severity.HIGH),
        ("内部资料 注意保存", None, FindingClass.INTERNAL, Severity.MEDIUM),
    )
    with closing(Database(database)) as opened:
        build = StoreBuilder(opened, albums)
        for n in range(12):
            mark, level, cls, severity = marks[n % len(marks)]
            place = box(90 + 20 * n, 90 + 10 * n, 240, 48)
            found = finding(mark, level=level, cls=cls, severity=severity, polygons=(place,), confidence=0.97 - n / 100)
            content = draw_page(800 + n, 1000, (place,))
            build.hit(found, content=content, name=f"样张/IMG_{n:04}.jpg", department="云岫市示例局")
        build.file("样张/wx_0001.dat", Status.ENCRYPTED)


def take(browser: Browser, home: Path, language: str, goal: Path) -> None:
    """One picture of the queue with its first entry open, as `imgscan review` shows it."""
    command = [sys.executable, "-m", "imgscan", "review", "--no-open"]
    words = {**os.environ, "IMGSCAN_HOME": str(home), "IMGSCAN_LANGUAGE": language, "LOGNAME": "reviewer"}
    with subprocess.Popen(command, env=words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            show(browser, server.stdout.readline().strip(), goal)
        finally:
            server.send_signal(signal.SIGINT)


def show(browser: Browser, link: str, goal: Path) -> None:
    """Open the page by its one-time link and keep what it shows."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(link)
    page.wait_for_selector("#boxes polygon")
    page.wait_for_load_state("networkidle")
    goal.write_bytes(small(page.screenshot()))
    page.context.close()


def small(png: bytes) -> bytes:
    """The same picture in at most MOST_BYTES: with fewer colours, then with fewer pixels."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for width in (picture.width, 1200, 1000, 800):
        for colours in (256, 64):
            out = io.BytesIO()
            scaled = picture.resize((width, round(picture.height * width / picture.width)))
            scaled.quantize(colours).save(out, "PNG", optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
    raise ValueError("the picture does not get small enough")


def main(database: str | None = None) -> None:
    """Write docs/images/review-<language>.png for both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(database) if database else Path(folder) / "data" / "imgscan.db"
        if database is None:
            fill(path, Path(folder) / "albums")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for language in ("zh_CN", "en"):
            take(browser, path.parent, language, IMAGES / f"review-{language}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
