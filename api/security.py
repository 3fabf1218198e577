"""Who may ask, and who is asking: everything about safety that holds for every route is decided here, in one place.

`Gate` keeps the sign-ins; `Guard` stands before the application and lets through what comes from this computer, from
our own page and from somebody signed in. A route is closed unless it is listed as open.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imgscan.i18n import _

OPEN_PATHS = ("/launch", "/static/")
"""What answers without a sign-in: the exchange of the one-time link, and our own scripts and styles."""
LOCAL_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
"""Any other Host is a foreign name that was made to point at this computer (DNS rebinding)."""
PASSIVE = "x-imgscan-passive"
"""Sent with what the page asks by itself: it does not count as somebody being there."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


@dataclass(slots=True)
class _SignIn:
    reviewer: str
    began: float
    seen: float


class Gate:
    """Exchanges a one-time token for a sign-in and knows who is signed in; of both only the SHA-256 is kept.

    `reviewers` are the names a sign-in may have; who opens the link says which is his. `idle` and `absolute` are
    seconds. `on_lapse` is called once for each sign-in that lapsed and is tried again: that is when the reviewer needs
    a new link. Accounts and roles would replace `reviewers` here and nothing elsewhere.
    """

    def __init__(
        self,
        *reviewers: str,
        idle: float = 600.0,
        absolute: float = 8 * 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reviewers = reviewers
        self.idle = idle
        self.absolute = absolute
        self.on_lapse: Callable[[], object] = lambda: None
        # Cookies do not know ports: two servers on one computer need two names.
        self.cookie = f"imgscan-{secrets.token_hex(4)}"
        self._clock = clock
        self._lock = Lock()
        self._token: bytes | None = None
        self._sign_ins: dict[bytes, _SignIn] = {}

    def new_token(self) -> str:
        """A token for one launch link; the former one, if unused, no longer opens anything."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._token = _digest(token)
        return token

    def fits(self, token: str) -> bool:
        """True for the token of the newest link, as long as nobody has spent it."""
        return self._token is not None and secrets.compare_digest(self._token, _digest(token))

    def exchange(self, token: str, reviewer: str = "") -> str | None:
        """The cookie value of a new sign-in for the right token, which is spent by it; None for any other.

        Without a name it is for the only reviewer there is; None too for a name that is not on the list.
        """
        name = reviewer if reviewer or len(self.reviewers) > 1 else self.reviewers[0]
        with self._lock:
            if name not in self.reviewers or not self.fits(token):
                return None
            self._token = None
            now = self._clock()
            return self._sign_in(_SignIn(name, now, now))

    def become(self, value: str, reviewer: str) -> str | None:
        """The seat is handed over: a new cookie value for `reviewer`; None for a name that is not on the list."""
        with self._lock:
            before = self._sign_ins.get(_digest(value))
            if before is None or reviewer not in self.reviewers:
                return None
            del self._sign_ins[_digest(value)]
            return self._sign_in(_SignIn(reviewer, before.began, self._clock()))

    def _sign_in(self, sign_in: _SignIn) -> str:
        value = secrets.token_urlsafe(32)
        self._sign_ins[_digest(value)] = sign_in
        return value

    def who(self, value: str, passive: bool = False) -> str | None:
        """The reviewer behind a cookie value, None where there is none any more. A look that is not passive counts."""
        key = _digest(value)
        with self._lock:
            known = self._sign_ins.get(key)
            if known is None:
                return None
            now = self._clock()
            if now - known.seen <= self.idle and now - known.began <= self.absolute:
                if not passive:
                    known.seen = now
                return known.reviewer
            del self._sign_ins[key]
        self.on_lapse()
        return None

    def end(self, value: str) -> None:
        """Sign out; a new link is needed after that."""
        with self._lock:
            ended = self._sign_ins.pop(_digest(value), None)
        if ended is not None:
            self.on_lapse()


class Guard:
    """The middleware around all routes: headers, Host, origin, sign-in, in this order."""

    def __init__(self, app: ASGIApp, gate: Gate, locked: Callable[[Request], Response]) -> None:
        self._app = app
        self._gate = gate
        self._locked = locked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on to the application."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        started = False

        async def send_and_know(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        answer_with = _with_headers(scope["path"], send_and_know)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answer_with)
            return
        try:
            await self._app(scope, receive, answer_with)
        except Exception:
            # Answered here, for only here are the headers added; raised on, so that it is logged and known.
            if not started:
                answer = problem(500, "internal", _("Something went wrong inside imgscan."), _("Reload the page."))
                await answer(scope, receive, answer_with)
            raise

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not LOCAL_HOST.fullmatch(hosts[0]):
            return problem(403, "host", _("This address is not that of the review page."), _("Use the launch link."))
        if not _from_our_page(scope, headers, hosts[0]):
            return problem(403, "origin", _("The request came from another page."), _("Use the review page itself."))
        reviewer = self._reviewer(headers)
        scope.setdefault("state", {})["reviewer"] = reviewer
        if reviewer is None and not scope["path"].startswith(OPEN_PATHS):
            return self._locked(Request(scope))
        return None

    def _reviewer(self, headers: Headers) -> str | None:
        value = cookie_of(headers, self._gate.cookie)
        return self._gate.who(value, passive=PASSIVE in headers) if value else None


def reviewer(request: Request) -> str:
    """Who is asking, as the server knows it; no request can say so itself."""
    name: str = request.state.reviewer
    return name


Reviewer = Annotated[str, Depends(reviewer)]


def problem(status: int, code: str, message: str, cure: str, **more: object) -> JSONResponse:
    """The one shape of an error: a code for programs, what is wrong and what mends it for people."""
    return JSONResponse({"code": code, "message": message, "cure": cure, **more}, status)


def cookie_of(headers: Headers, name: str) -> str:
    """The value of one cookie, empty where it is not there."""
    for line in headers.getlist("cookie"):
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(line)
        except CookieError:
            continue
        if name in jar:
            return jar[name].value
    return ""


def _from_our_page(scope: Scope, headers: Headers, host: str) -> bool:
    """What Fetch Metadata says; for a browser without it, the Origin must be ours where something may change."""
    reads = scope["method"] in ("GET", "HEAD")
    site = headers.get("sec-fetch-site")
    if site is not None:
        # Pages may be come to by a link in a mail or a chat: without our cookie, which is SameSite=Strict, they show
        # nothing. What programs ask for never is: a report is noted in the audit trail when it is taken away.
        comes_by_link = reads and headers.get("sec-fetch-mode") == "navigate" and not scope["path"].startswith("/api/")
        return site in ("same-origin", "none") or comes_by_link
    return reads or headers.get("origin") == f"http://{host}"


def _with_headers(path: str, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if not path.startswith("/static/") or message["status"] >= 400:
                headers["cache-control"] = "no-store"
        await send(message)

    return send_with_headers


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
