"""A store that a passphrase opened for the page opens for the scans that the page starts as well."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import api.serve
import imgscan.commands.setup
from api.office import Office
from api.scanner import ScanState
from imgscan.commands import review
from imgscan.store.scanning import Labels
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_command, fake_imgscan

PASSPHRASE = "云岫市的长口令 2026"
SECONDS = 90.0


def test_a_scan_started_from_the_page_opens_the_store_with_the_passphrase_that_opened_it_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = tmp_path / "album"
    write_page(album / "a.png", ["机密★10年"])
    home.mkdir(mode=0o700)
    locked = {"IMGSCAN_KEY_FROM": "passphrase", "IMGSCAN_PASSPHRASE": PASSPHRASE}
    assert fake_imgscan("scan", album, home=home, **locked).returncode == 0
    write_page(album / "b.png", ["秘密★5年"])

    ended: list[ScanState] = []

    def serve(*_given: Any, office: Office, **_more: Any) -> None:
        """In the place of the server: start a scan, wait for its end."""
        office.scanner._command = tuple(fake_command())
        office.scanner.start(album, Labels())
        end = time.monotonic() + SECONDS
        while (state := office.scanner.state()).state not in ("ended", "failed"):
            assert time.monotonic() < end
            time.sleep(0.1)
        ended.append(state)

    asked: list[bool] = []

    def ask(new: bool) -> str:
        asked.append(new)
        return PASSPHRASE

    monkeypatch.setattr(api.serve, "serve", serve)
    monkeypatch.setattr(review, "ask_passphrase", ask)
    monkeypatch.setattr(imgscan.commands.setup, "ask_passphrase", ask)
    with patch.dict(os.environ):  # the command prepares the environment of its process
        review.review(port=0, no_open=True, openapi=False)
        assert "IMGSCAN_PASSPHRASE" not in os.environ  # nobody else is told
    assert [(state.state, state.said) for state in ended] == [("ended", "")]
    assert ended[0].so_far
    assert ended[0].so_far.hits == 1
    assert asked == [False]  # once, for a store that exists
