from __future__ import annotations

import ast
import re
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from imgscan import __version__
from tests.fakes.runs import REPOSITORY

OURS = ("imgscan", "api", "models", "rules")
LOCKS = ("runtime.txt", "development.txt", "training.txt", "peers.txt")
MODULES = [path for folder in ("imgscan", "api", "models") for path in sorted((REPOSITORY / folder).rglob("*.py"))]


def pins(lock: str) -> dict[str, str]:
    """Name and version of every pin; each line continues with its hashes."""
    text = (REPOSITORY / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._\[\]-]+)==(\S+)", text, re.MULTILINE))


def test_nobody_else_owns_our_names() -> None:
    owners = packages_distributions()
    assert [(name, owner) for name in OURS for owner in owners.get(name, []) if owner != "imgscan"] == []
    assert version("imgscan") == __version__  # ... and the distribution is there


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_line_names_an_index(lock: str) -> None:
    text = (REPOSITORY / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text.replace("\\\n", " "))[1:]
    assert len(entries) > 50
    for entry in entries:
        line = entry.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._\[\]-]+==\S+", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line
    bare = "\n".join(line.partition("#")[0] for line in text.splitlines())
    assert "://" not in text
    assert not re.search(r"(?m)^\s*(-i|--(extra-)?index[-]url|--find-links|-f|-e|--trusted-host)\b", bare)


def test_the_development_lock_holds_the_runtime_lock() -> None:
    runtime, development = pins("runtime.txt"), pins("development.txt")
    assert runtime.items() <= development.items()
    assert runtime["opencv-contrib-python"] == "4.14.0.94"
    assert runtime["paddleocr"] == "3.7.0"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_module_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), path
