"""Serves a store the way the command line does, in a process of its own (see `conftest.Server`)."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from api.serve import serve
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from tests.api.conftest import WORDS


def main(database: str, language: str, idle: str, port: str, master: str = "") -> None:
    """Serve until interrupted; each line on standard output is a link. `master` opens an encrypted store, in hex."""
    keys = Keys.of(bytes.fromhex(master)) if master else None
    with closing(Database(Path(database), keys)) as opened:
        serve(
            ReviewQueue(opened),
            WORDS,
            reviewers=["王复核"],
            announce=lambda link: print(link, flush=True),  # noqa: T201
            language=language,
            port=int(port),
            open_browser=False,
            idle_seconds=float(idle),
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
