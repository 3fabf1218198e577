"""Makes the pictures of the review pages for the documentation: `python -m tests.browser.screenshots [DATA FOLDER]`.

Without a data folder a small store is filled with drawn pages. Each picture is reduced in colours until it is small
enough, and is written as docs/images/PAGE-LANGUAGE.png. Chromium words the fields for dates in the language of the
user: for Chinese it needs its translations (Debian: chromium-l10n).
"""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from imgscan.store.database import Database
from imgscan.types import FindingClass, Level, Severity, Status
from tests.api.builders import StoreBuilder, box, draw_page, finding
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 150_000
REVIEWER = "张复核"


def fill(home: Path, albums: Path) -> None:
    """A few hits of each kind, of invented organs."""
    marks = (
        ("机密★10年", Level.JIMI, FindingClass.NATIONAL_SECRET, Severity.CRITICAL),
        ("秘密★5年", Level.MIMI, FindingClass.NATIONAL_SECRET, Severity.HIGH),
        ("内部资料 注意保存", None, FindingClass.INTERNAL, Severity.MEDIUM),
    )
    with closing(Database(home / "imgscan.db")) as opened:
        build = StoreBuilder(opened, albums)
        for n in range(12):
            mark, level, cls, severity = marks[n % len(marks)]
            place = box(90 + 20 * n, 90 + 10 * n, 240, 48)
            found = finding(mark, level=level, cls=cls, severity=severity, polygons=(place,), confidence=0.97 - n / 100)
            content = draw_page(800 + n, 1000, (place,))
            build.hit(found, content=content, name=f"样张/IMG_{n:04}.jpg", department="云岫市示例局")
        build.file("样张/wx_0001.dat", Status.ENCRYPTED)


@contextmanager
def launched(playwright: Playwright, language: str) -> Iterator[Browser]:
    """A browser as somebody has it who speaks that language."""
    spoken: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": language}
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=spoken)
    yield browser
    browser.close()


def take(browser: Browser, home: Path, language: str, images: Path) -> None:
    """Every page, as `imgscan review` shows it to one of two reviewers."""
    command = [sys.executable, "-m", "imgscan", "review", "--no-open"]
    words = os.environ | {
        "IMGSCAN_HOME": str(home),
        "IMGSCAN_LANGUAGE": language,
        "IMGSCAN_REVIEWERS": f"{REVIEWER},李复核",
    }
    with subprocess.Popen(command, env=words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            show(browser, server.stdout.readline().strip(), language, images)
        finally:
            server.send_signal(signal.SIGINT)


def show(browser: Browser, link: str, language: str, images: Path) -> None:
    """Open the pages one after the other and keep what they show."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale=language.replace("_", "-")).new_page()
    origin = link.partition("/launch")[0]

    def keep(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        (images / f"{name}-{language}.png").write_bytes(small(page.screenshot()))

    page.goto(link)
    keep("who")
    page.get_by_role("link", name=REVIEWER).click()
    page.wait_for_selector("#boxes polygon")
    keep("review")
    press(page, "b", "z")
    keep("revealed")
    press(page, "z", "b", "2")
    keep("dismiss")
    press(page, "Escape", "g", "j", "x")
    while page.locator("#list li:nth-child(-n+16) img[hidden]").count():
        page.wait_for_timeout(200)
    keep("grid")
    page.locator("#more summary").click()
    keep("filters")
    page.goto(f"{origin}/unread")
    keep("unread")
    page.locator('[data-do="lock"]').click()
    page.wait_for_selector(".card h1")
    keep("locked")
    page.context.close()


def press(page: Page, *keys: str) -> None:
    """One key after the other, each after what it does."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(400)


def small(png: bytes) -> bytes:
    """The same picture in at most MOST_BYTES: with fewer colours, then with fewer pixels."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for width in (picture.width, 1200, 1000, 800):
        for colours in (256, 64):
            out = io.BytesIO()
            scaled = picture.resize((width, round(picture.height * width / picture.width)))
            quantized(scaled, colours).save(out, "PNG", optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
    raise ValueError("the picture does not get small enough")


def quantized(picture: Image.Image, colours: int) -> Image.Image:
    """In so many colours, those of the style sheet among them: a photograph may not take the orange of a small dot."""
    sheet = (ROOT / "api" / "static" / "style.css").read_text(encoding="utf-8")
    light = sheet[: sheet.index("prefers-color-scheme: dark")]
    kept = [ImageColor.getrgb(colour) for colour in dict.fromkeys(re.findall(r"#[0-9a-f]{6}\b", light))]
    rest = picture.quantize(colours - len(kept), Image.Quantize.MEDIANCUT, kmeans=3).getpalette()
    assert rest is not None
    palette = [*(value for colour in kept for value in colour), *rest[: 3 * (colours - len(kept))]]
    # The nearest colour of each: Pillow looks it up coarsely, and white panels become grey.
    seen, where = np.unique(np.asarray(picture).reshape(-1, 3), axis=0, return_inverse=True)
    nearest = [np.argmin(np.abs(np.array(palette).reshape(-1, 3) - colour).sum(axis=1)) for colour in seen.astype(int)]
    reduced = Image.fromarray(np.array(nearest, np.uint8)[where].reshape(picture.height, picture.width), "P")
    reduced.putpalette(palette)
    return reduced


def take_all(playwright: Playwright, images: Path = IMAGES, home: str | None = None) -> None:
    """Write the pictures in both languages."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(home) if home else Path(folder) / "data"
        if home is None:
            fill(data, Path(folder) / "albums")
        for language in ("zh_CN", "en"):
            with launched(playwright, language) as browser:
                take(browser, data, language, images)


if __name__ == "__main__":
    with sync_playwright() as started:
        take_all(started, home=next(iter(sys.argv[1:]), None))
