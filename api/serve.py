"""Serves the review page on this computer alone, until it is interrupted.

The command line needs no more than this:

    with closing(open_store(settings)) as database:
        rulebook = rulebook.load([...])
        words = Words(lambda reason: describe(reason, rulebook), lambda rule: name_of(rule, rulebook))
        serve(ReviewQueue(database, settings.review_from), words, reviewers=settings.reviewers or [getpass.getuser()],
              language=settings.language, port=port, open_browser=not no_open, announce=print)

`announce` gets each one-time link (a whole line) as soon as it can be opened: at the start, and again whenever a
sign-in has lapsed. Returns at SIGINT or SIGTERM with nothing left running.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from types import FrameType

import uvicorn

from api.app import create_app
from api.office import Office
from api.security import Gate
from api.words import Words
from imgscan.errors import UsageError
from imgscan.i18n import _
from imgscan.preview import Previewer
from imgscan.store.reviewing import ReviewQueue

LOOPBACK = "127.0.0.1"


def serve(
    queue: ReviewQueue,
    words: Words,
    *,
    reviewers: Sequence[str],
    announce: Callable[[str], None],
    language: str = "zh_CN",
    port: int = 0,
    open_browser: bool = True,
    idle_seconds: float = 600.0,
    blur: bool = True,
    openapi: bool = False,
    office: Office | None = None,
) -> None:
    """Serve until interrupted. `port` 0 takes a free one. Raises UsageError where the port is taken."""
    gate = Gate(*reviewers, idle=idle_seconds)
    previewer = Previewer()
    with _until_interrupted(), closing(_listen(port)) as listening, closing(previewer):
        origin = f"http://{LOOPBACK}:{listening.getsockname()[1]}"

        def new_link() -> str:
            link = f"{origin}/launch?token={gate.new_token()}"
            announce(link)
            return link

        gate.on_lapse = new_link
        config = uvicorn.Config(
            create_app(queue, previewer, gate, words, language, blur=blur, openapi=openapi, office=office),
            server_header=False,
            access_log=False,
            proxy_headers=False,
            log_level="warning",
            limit_concurrency=64,
            timeout_graceful_shutdown=3,
            ws="none",
        )

        def ready() -> None:
            link = new_link()
            if open_browser:
                webbrowser.open(link)

        _Server(config, ready, previewer.close).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says when it answers, and when it will not for long."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # All modules stand by now and stay: a full collection that walks them holds up a request for 125 ms.
        gc.collect()
        gc.freeze()
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # First the pictures, for a request that waits for one would hold up everything else.
        await asyncio.to_thread(self._ending)
        await super().shutdown(sockets)


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """End the block quietly at SIGINT or SIGTERM, which uvicorn raises again after it has closed everything."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    """A listening socket on the loopback address. Connections wait in it until the server takes them."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            _("Port {port} is taken by another program.").format(port=port),
            _("Name another with --port, or leave it out: a free one is then taken."),
        ) from error
    listening.listen(128)
    return listening
