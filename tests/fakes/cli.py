"""The real command line with a fake engine: `python -m tests.fakes.cli scan ...`, for tests that kill processes."""

from __future__ import annotations

import os
from pathlib import Path

import imgscan.commands.setup
import imgscan.weights
from imgscan.cli import main
from imgscan.settings import Settings
from tests.fakes import engine


def _accept(folder: Path) -> None:
    """Fake engines need no weights."""


if __name__ == "__main__":
    chosen = getattr(engine, os.environ.pop("FAKE_ENGINE", "FakeEngine"))
    imgscan.commands.setup.PaddleEngine = chosen  # type: ignore[attr-defined]
    imgscan.weights.verify = _accept
    # It counts in its weights folder, so that is where its processes may write.
    Settings.temporary_path = Settings.weights_path  # type: ignore[method-assign]
    main()
