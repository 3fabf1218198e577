"""The routes of the application, walked from the application itself: one that is added later cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

ANY_ID = "0" * 32


def walk(app: FastAPI) -> Iterator[Route | Mount]:
    """Every route, those of included routers too."""

    def inside(routes: list[BaseRoute]) -> Iterator[Route | Mount]:
        for route in routes:
            if isinstance(route, Route | Mount):
                yield route
            elif hasattr(route, "original_router"):
                yield from inside(route.original_router.routes)

    yield from inside(app.router.routes)


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every (method, path) that the application answers, with its parameters filled in."""
    for route in walk(app):
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/style.css"
            continue
        for method in sorted(route.methods or ()):
            yield method, filled(route.path)


def changing(app: FastAPI) -> list[str]:
    """The paths, as they are written down, of all routes that take anything but a look."""
    return [
        route.path for route in walk(app) if isinstance(route, Route) and (route.methods or set()) - {"GET", "HEAD"}
    ]


def filled(path: str, value: str = ANY_ID) -> str:
    """`path` with `value` for each of its parameters."""
    return re.sub(r"\{[^}]*\}", lambda _match: value, path)
