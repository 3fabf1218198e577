from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imgscan.errors import ExitCode
from imgscan.types import Status
from tests.fakes.runs import environment, tree_digest

pytestmark = pytest.mark.ocr


def test_real_photographs_end_with_honest_statuses(photos: Path, real_weights: Path, tmp_path: Path) -> None:
    """The format collection: HEIC, broken files and bombs among them."""
    rows = [line.split("\t") for line in (photos / "manifest.tsv").read_text(encoding="utf-8").splitlines()]
    expected = {row[0]: dict(zip(rows[0], row, strict=False))["expected"] for row in rows[1:]}
    # Ten seconds for one picture of 200 megapixels are spent in tests/test_decode.py already.
    wanted = [name for name in expected if name.startswith("formats/") and "200MP" not in name]
    before = tree_digest(photos / "formats")
    done = subprocess.run(
        [sys.executable, "-m", "imgscan", "scan", *(photos / name for name in wanted), "--jsonl", "-"],
        env=environment(tmp_path / "home", IMGSCAN_WEIGHTS=str(real_weights)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == ExitCode.NOT_FULLY_READ, done.stderr
    found = {Path(one["path"]).relative_to(photos).as_posix(): one for one in map(json.loads, done.stdout.splitlines())}
    assert set(found) == set(wanted)
    for name, one in found.items():
        status = Status(one["status"])
        assert status not in (Status.CRASHED, Status.TIMEOUT), name
        if expected[name] == "unreadable":
            assert not status.fully_read, name
        if not status.fully_read:
            assert one["problem"], name
        if expected[name] == "readable":
            assert status.fully_read, (name, status, one["problem"])
    assert tree_digest(photos / "formats") == before
