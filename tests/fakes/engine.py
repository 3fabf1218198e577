"""Engines for tests: one that reads pages written in blocks, and others named after the disaster they stage.

All are classes at module level that take the weights folder, so that a spawned reading process can make them. Each page
looked at adds a line to `looked` in that folder: this is how tests count OCR.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imgscan.engine import Reading
from imgscan.frames import Pixels
from imgscan.types import Quad, TextLine
from tests.fakes.pages import cut, quarter_turns, strips, text_of

CRASH, HANG, SWELL, SLOW, SPOIL = "crash here", "hang here", "swell here", "slow here", "spoil here"


def looked(folder: Path) -> int:
    """How many pages the engines with this weights folder looked at."""
    log = folder / "looked"
    return len(log.read_bytes().splitlines()) if log.exists() else 0


class FakeEngine:
    """Reads what `tests.fakes.pages` writes, exactly."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "looked"

    @classmethod
    def stamp(cls) -> str:
        return "fake-1"

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        if faint:  # triage: once a page that shows text
            with self._log.open("ab", buffering=0) as log:
                log.write(b"%d\n" % os.getpid())
        return tuple(strips(pixels))

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        return tuple(self._read(text_of(crop)) for crop in crops)

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        return (1.0,) * len(crops)

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        return []

    def quarter_turns(self, pixels: Pixels) -> int:
        found = strips(pixels)
        return quarter_turns(cut(pixels, found[0])) if found else 0

    def _read(self, text: str) -> Reading:
        self.stage(text)
        return Reading(text, 0.99 if text else 0.0)

    def stage(self, text: str) -> None:
        """What else happens where `text` is read."""
        if text == SLOW:
            time.sleep(0.4)


class CrashingEngine(FakeEngine):
    """Dies as a decoder with a wild pointer does."""

    def stage(self, text: str) -> None:
        if text == CRASH:
            os.kill(os.getpid(), signal.SIGSEGV)
        super().stage(text)


class HangingEngine(FakeEngine):
    """Never comes back."""

    def stage(self, text: str) -> None:
        if text == HANG:
            time.sleep(3600)
        super().stage(text)


class SwellingEngine(FakeEngine):
    """Takes memory until none is left."""

    def stage(self, text: str) -> None:
        if text == SWELL:
            taken = []
            while True:
                taken.append(np.empty(2**28, np.uint8))
        super().stage(text)


class SpoilingEngine(FakeEngine):
    """Reads a picture well and dies of it at the next."""

    _spoilt = False

    def stage(self, text: str) -> None:
        if self._spoilt:
            os.kill(os.getpid(), signal.SIGSEGV)
        self._spoilt = text == SPOIL
        super().stage(text)


class DisastrousEngine(CrashingEngine, HangingEngine, SwellingEngine, SpoilingEngine):
    """All disasters in one album."""


class UnstartableEngine(FakeEngine):
    """Cannot even be made, as with a broken library."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        os.kill(os.getpid(), signal.SIGKILL)


class Told:
    """Answers what it is told and remembers what it was shown."""

    def __init__(self, quads: tuple[Quad, ...], turns: int = 0) -> None:
        self.quads, self.turns = quads, turns
        self.shown: list[tuple[tuple[int, ...], int | None]] = []

    @classmethod
    def stamp(cls) -> str:
        return "told"

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        self.shown.append((pixels.shape, long_side))
        return self.quads

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        raise AssertionError("nothing was to be read")

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        raise AssertionError("nothing was to be read")

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        return []

    def quarter_turns(self, pixels: Pixels) -> int:
        self.shown.append((pixels.shape, None))
        return self.turns
