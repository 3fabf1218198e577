"""A real server, in a thread or in a process of its own, and a real headless Chromium that may see nothing else."""

from __future__ import annotations

import queue as queue_module
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
import uvicorn
from playwright.sync_api import Browser, Dialog, Page, Playwright, expect, sync_playwright

from api.app import create_app
from api.security import Gate
from imgscan.preview import Previewer
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.api.conftest import WORDS

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
expect.set_options(timeout=20_000)  # a busy computer may take its time; what is waited for comes at once on an idle one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)"))


class Server(Protocol):
    """What a page needs to know of a server."""

    link: str
    origin: str


class ServerHere:
    """The application behind a real socket, in a thread: quick to start, and it shares the test's previewer."""

    def __init__(
        self,
        queue: ReviewQueue,
        previewer: Previewer,
        language: str = "en",
        idle: float = 600.0,
        reviewers: Sequence[str] = ("王复核",),
        **options: Any,
    ) -> None:
        self.gate = Gate(*reviewers, idle=idle)
        self.gate.on_lapse = self._announce
        self._links: queue_module.Queue[str] = queue_module.Queue()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            create_app(queue, previewer, self.gate, WORDS, language, **options),
            log_level="warning",
            ws="none",
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()
        self._announce()
        self.link = self.next_link()

    def _announce(self) -> None:
        self._links.put(f"{self.origin}/launch?token={self.gate.new_token()}")

    def next_link(self) -> str:
        """The next link that the server announces."""
        return self._links.get(timeout=60)

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._socket.close()


class ServerApart:
    """`api.serve` in a process of its own, as the command line has it. `link` is the newest launch link."""

    def __init__(
        self, database: Path, language: str = "en", idle: float = 600.0, port: int = 0, master: str = ""
    ) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "tests.browser.host",
                str(database),
                language,
                str(idle),
                str(port),
                master,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._links: queue_module.Queue[str] = queue_module.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.pid = self._process.pid
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
def serve(queue: ReviewQueue, previewer: Previewer) -> Iterator[Callable[..., ServerHere]]:
    """Starts servers over the test's database in threads of this process."""
    servers: list[ServerHere] = []

    def start(**options: Any) -> ServerHere:
        servers.append(ServerHere(queue, previewer, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def serve_apart(database: Database) -> Iterator[Callable[..., ServerApart]]:
    """Starts servers over the test's database in processes of their own; each must end well."""
    servers: list[ServerApart] = []

    def start(**options: Any) -> ServerApart:
        servers.append(ServerApart(database.path, **options))
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
        page.wait_for_url(re.compile(f"^{server.origin}/(launch.*)?$"))
        if page.locator(".names").count() == 0:  # else the reviewer is asked first who it is
            page.wait_for_url(server.origin + "/")
        return page

    yield start
    for page, watch in watched:
        page.context.close()
        assert watch.wrongs == []
        assert watch.requests
