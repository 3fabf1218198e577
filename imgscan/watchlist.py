"""A site's own list of document numbers and titles, kept only as salted hashes: what `judge` compares a page with.

What the hash protects: nobody reads the list by opening, searching or copying the file. What it does not protect:
who has the file can try guesses. A number has little to guess (organ, year, serial), so it costs scrypt with 4 MiB a
try, which slows guessing down and does not stop it; docs/rules.md gives the figures. Keep the file
like the list.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

FORMAT = 1
"""Raised when canonical forms or costs change: hashes of another format can match nothing."""
REMEMBERED = 4096  # texts a process hashes only once: the same head or line comes on many pictures


class Kind(StrEnum):
    """What an entry is."""

    NUMBER = "number"
    TITLE = "title"


COST: Mapping[Kind, int] = {Kind.NUMBER: 2**12, Kind.TITLE: 2**8}
"""scrypt's N (RFC 7914; r = 8): some 10 ms and 0.6 ms a try. A page holds few numbers, but every line may be a title,
and a title is long enough not to be guessed."""


class BadWatchlistError(ValueError):
    """The file is no watch-list of this format."""


class OtherSaltError(ValueError):
    """Two lists were made with different salts: their hashes cannot be told apart or put together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number or title. `length` counts the characters of its canonical form, so that others need no hash."""

    kind: Kind
    length: int
    digest: str
    added: str


@dataclass(frozen=True)
class Watchlist:
    """The list as it is kept: one salt, and the entries in the order they came."""

    salt: bytes = b""
    entries: tuple[Entry, ...] = ()

    @classmethod
    def fresh(cls) -> Watchlist:
        """An empty list with a salt of its own."""
        return cls(secrets.token_bytes(16))

    @cached_property
    def lengths(self) -> Mapping[Kind, frozenset[int]]:
        """The lengths that occur."""
        return {kind: frozenset(entry.length for entry in self.entries if entry.kind is kind) for kind in Kind}

    @cached_property
    def _digests(self) -> frozenset[str]:
        return frozenset(entry.digest for entry in self.entries)

    def holds(self, kind: Kind, canonical: str) -> bool:
        """Whether a number or title in canonical form is on the list."""
        return len(canonical) in self.lengths[kind] and _digest(self.salt, kind, canonical) in self._digests

    def with_these(self, forms: Iterable[tuple[Kind, str]], today: date) -> Watchlist:
        """The list with these canonical forms as well."""
        new = (Entry(kind, len(text), _digest(self.salt, kind, text), today.isoformat()) for kind, text in forms)
        return self._joined(new)

    def without(self, forms: Iterable[tuple[Kind, str]]) -> Watchlist:
        """The list without these canonical forms."""
        gone = {_digest(self.salt, kind, text) for kind, text in forms}
        return replace(self, entries=tuple(entry for entry in self.entries if entry.digest not in gone))

    def merged(self, other: Watchlist) -> Watchlist:
        """Both lists as one. Raises OtherSaltError unless one is empty or both have one salt."""
        if not self.entries:
            return other
        if other.entries and other.salt != self.salt:
            raise OtherSaltError
        return self._joined(other.entries)

    def _joined(self, new: Iterable[Entry]) -> Watchlist:
        every = {entry.digest: entry for entry in (*new, *self.entries)}
        old = {entry.digest for entry in self.entries}
        added = tuple(entry for digest, entry in every.items() if digest not in old)
        return replace(self, entries=(*self.entries, *added))

    def digest(self) -> str:
        """What changes when the list changes: part of the rules' digest, so that a changed list judges again."""
        told = "\n".join([str(FORMAT), self.salt.hex(), *sorted(entry.digest for entry in self.entries)])
        return hashlib.sha256(told.encode()).hexdigest()

    def to_json(self) -> str:
        """The list as text for a file."""
        entries = [
            {"kind": entry.kind.value, "length": entry.length, "hash": entry.digest, "added": entry.added}
            for entry in self.entries
        ]
        return json.dumps({"format": FORMAT, "salt": self.salt.hex(), "entries": entries}, indent=1) + "\n"


def from_json(text: str) -> Watchlist:
    """The list of a file's text. Raises BadWatchlistError."""
    try:
        value: Any = json.loads(text)
        if value["format"] != FORMAT:
            raise BadWatchlistError(f"format {value['format']}")
        salt = bytes.fromhex(value["salt"])
        entries = tuple(
            Entry(Kind(row["kind"]), int(row["length"]), str(row["hash"]), str(row["added"]))
            for row in value["entries"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadWatchlistError(repr(error)) from error
    return Watchlist(salt, entries)


def read(path: Path) -> Watchlist:
    """The list kept in `path`. Raises BadWatchlistError, OSError."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadWatchlistError(repr(error)) from error


@lru_cache(maxsize=REMEMBERED)
def _digest(salt: bytes, kind: Kind, canonical: str) -> str:
    told = f"{kind.value}\0{canonical}".encode(errors="surrogatepass")
    return hashlib.scrypt(told, salt=salt, n=COST[kind], r=8, p=1, dklen=16).hex()
