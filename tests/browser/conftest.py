"""A real server in a process of its own and a real headless Chromium that may see nothing else."""

from __future__ import annotations

import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Playwright, sync_playwright

from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.api.builders import StoreBuilder

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)"))


class Server:
    """`api.serve` over one database. `link` is the newest launch link."""

    def __init__(self, database: Path, language: str = "en", idle: float = 600.0, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.browser.host", str(database), language, str(idle), str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._links: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.link = self.next_link()
        self.origin = self.link.partition("/launch")[0]

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._links.put(line.strip())

    def next_link(self) -> str:
        """The next link that the server announces."""
        return self._links.get(timeout=60)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Interrupt it; its exit status and what it wrote to standard error."""
        self._process.send_signal(number)
        try:
            status = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join()
        assert self._process.stdout
        assert self._process.stderr
        said = self._process.stderr.read()
        self._process.stdout.close()
        self._process.stderr.close()
        return status, said


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "data" / "imgscan.db")
    yield database
    database.close()


@pytest.fixture
def build(database: Database, tmp_path: Path) -> StoreBuilder:
    return StoreBuilder(database, tmp_path / "albums")


@pytest.fixture
def review_queue(database: Database) -> ReviewQueue:
    return ReviewQueue(database)


@pytest.fixture
def serve(database: Database) -> Iterator[Callable[..., Server]]:
    """Starts servers over the test's database; each must end well."""
    servers: list[Server] = []

    def start(**options: Any) -> Server:
        servers.append(Server(database.path, **options))
        return servers[-1]

    yield start
    for server in servers:
        if server._process.returncode is None:
            status, said = server.stop()
            assert status == 0, said
            assert said == ""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


class Watch:
    """What a page did that it must not do."""

    def __init__(self, page: Page, origin: str) -> None:
        self.wrongs: list[str] = []
        self.requests: list[str] = []
        page.on("request", lambda request: self._request(request.url, origin))
        page.on("pageerror", lambda error: self.wrongs.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("popup", lambda popup: self.wrongs.append(f"popup: {popup.url}"))
        page.on("websocket", lambda socket: self.wrongs.append(f"websocket: {socket.url}"))

    def _request(self, url: str, origin: str) -> None:
        self.requests.append(url)
        if not url.startswith((origin + "/", f"blob:{origin}/")):
            self.wrongs.append(f"request: {url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, kind: str, text: str) -> None:
        # The browser itself logs every answer that is an error; those are looked at where they matter.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.wrongs.append(f"console: {text}")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens the page of a server by its link in a fresh profile, and watches it to the end."""
    watched: list[tuple[Page, Watch]] = []

    def start(server: Server, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        page = chromium.new_context(**options).new_page()
        watched.append((page, Watch(page, server.origin)))
        page.goto(server.link)
        page.wait_for_url(server.origin + "/")
        return page

    yield start
    for page, watch in watched:
        page.context.close()
        assert watch.wrongs == []
        assert watch.requests
