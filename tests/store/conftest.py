"""Every test of the store that takes `database` runs on each kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgscan.store.database import Database
from imgscan.store.keys import Keys
from tests.fakes import postgresql

KEYS = Keys.of(b"k" * 32)
KINDS = ("plain", "encrypted", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a running server."""
    if postgresql.programs() is None:
        pytest.skip("no PostgreSQL server on this computer; on Debian: apt-get install postgresql")
    with postgresql.server() as address:
        yield address


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    """A store of each kind. Tests that look into the file are marked `on_files`."""
    on_files = request.node.get_closest_marker("on_files") is not None
    if request.param == "postgresql" and on_files:
        pytest.skip("about the SQLite file")
    place: Path | str = home / "imgscan.db"
    if request.param == "postgresql":
        place = postgresql.fresh_database(request.getfixturevalue("postgresql_server"))
    with closing(Database(place, None if request.param == "plain" else KEYS)) as opened:
        yield opened
