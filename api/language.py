"""The middleware that chooses an answer's language: `?lang=`, else the browser's earlier choice, else the default."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import LANGUAGE_COOKIE
from api.security import cookie_of
from imgscan.i18n import LANGUAGES, set_language

YEAR = 365 * 24 * 3600


class Language:
    """Sets the language for one request, and remembers a choice in a cookie that holds nothing else."""

    def __init__(self, app: ASGIApp, default: str) -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose, then pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        chosen = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
        kept = cookie_of(Headers(scope=scope), LANGUAGE_COOKIE)
        spoken = next((each for each in (chosen, kept) if each in LANGUAGES), self._default)
        set_language(spoken)

        async def send_with_choice(message: Message) -> None:
            if message["type"] == "http.response.start" and chosen == spoken:
                cookie = f"{LANGUAGE_COOKIE}={spoken}; Path=/; Max-Age={YEAR}; SameSite=Strict; HttpOnly"
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_choice)
