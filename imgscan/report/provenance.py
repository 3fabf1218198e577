"""What stands behind a report: program, weights and rules by version and SHA-256, so that anybody can check it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from imgscan import __version__, weights
from imgscan.store.ledger import Used

_CODE = Path(__file__).resolve().parents[2]
_PACKAGES = ("imgscan", "api", "models", "rules")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a report comes from. Digests are hex SHA-256; `used` are those noted when the pictures were read."""

    made_at: datetime
    version: str
    code: str
    weights: str
    rules: str
    used: tuple[Used, ...]


def provenance(made_at: datetime, rules: str, used: tuple[Used, ...]) -> Provenance:
    """Of this installation; `rules` is the digest of the rules in force."""
    return Provenance(made_at, __version__, code_digest(), weights.digest(), rules, used)


@cache
def code_digest() -> str:
    """SHA-256 over name and content of every file of the program as it is installed; compiled files are left out."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((_CODE / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(_CODE).as_posix()} {content}\n".encode())
    return digest.hexdigest()
