"""What all tests share: an environment without the caller's settings, a data folder of its own, the real weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.office import Office
from imgscan import weights
from imgscan.i18n import current_language, set_language
from imgscan.preview import Previewer
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from tests.api.builders import StoreBuilder
from tests.fakes.offices import make_office

REPOSITORY = Path(__file__).resolve().parents[1]
_NAMED = os.environ.get("IMGSCAN_WEIGHTS")  # before `clean_environment` takes it away


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the caller's reaches a test, and nothing that a test writes reaches the caller's data folder."""
    for name in [name for name in os.environ if name.startswith("IMGSCAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IMGSCAN_HOME", str(tmp_path / "home"))
    before = current_language()
    mask = os.umask(0o077)
    os.umask(mask)
    yield
    os.umask(mask)
    set_language(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder that IMGSCAN_HOME names; nobody has made it yet."""
    return tmp_path / "home"


@pytest.fixture
def english() -> Callable[[], None]:
    """Speak English from here on."""
    set_language("en")
    return lambda: set_language("en")


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with closing(Database(home / "imgscan.db")) as opened:
        yield opened


@pytest.fixture
def build(database: Database, tmp_path: Path) -> StoreBuilder:
    """Fills the store of `database` through the tables themselves."""
    return StoreBuilder(database, tmp_path / "albums")


@pytest.fixture
def queue(database: Database) -> ReviewQueue:
    """The review queue over `database`."""
    return ReviewQueue(database)


@pytest.fixture
def office(database: Database, albums: Path) -> Iterator[Office]:
    """The overview and the scans over `database`; a test that asks for it says what its `albums` hold."""
    made = make_office(database, [albums])
    with closing(made.scanner):
        yield made


@pytest.fixture(scope="session")
def previewer() -> Iterator[Previewer]:
    """Shows pictures; one process for all tests."""
    with closing(Previewer(workers=1)) as previewer:
        yield previewer


@pytest.fixture(scope="session")
def real_weights() -> Path:
    """The folder of the real OCR weights: IMGSCAN_WEIGHTS, else the demo's."""
    folder = Path(_NAMED) if _NAMED else REPOSITORY / "demo-data" / "weights"
    if list(weights.problems(folder)):
        pytest.skip(f"no OCR weights in {folder}; install them with: make demo")
    return folder


@pytest.fixture(scope="session")
def photos() -> Path:
    """Real photographs beside the repository; they are not part of it."""
    folder = REPOSITORY.parent / "shared" / "photos"
    if not folder.is_dir():
        pytest.skip(f"no photographs in {folder}")
    return folder
