"""Every test of the store that takes `database` runs on each kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imgscan.store.database import Database
from imgscan.store.keys import Keys

KEYS = Keys.of(b"k" * 32)


@pytest.fixture(params=["plain", "encrypted"])
def database(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    with closing(Database(home / "imgscan.db", KEYS if request.param == "encrypted" else None)) as opened:
        yield opened
