"""Who has which hit before him right now: a hint to colleagues, in memory only, that binds nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

LASTS = 180.0
"""Seconds after which a look counts as over, where its reviewer has not looked at anything else since."""


class Presence:
    """The newest look of each reviewer. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._looks: dict[str, tuple[str, float]] = {}

    def looks_at(self, reviewer: str, hit_id: str) -> None:
        """From now on `reviewer` has this hit before him, and none else."""
        with self._lock:
            self._looks[reviewer] = (hit_id, self._clock())

    def others(self, reviewer: str) -> list[tuple[str, str]]:
        """Hit and name of everybody else who looks at one now."""
        now = self._clock()
        with self._lock:
            looks = sorted(self._looks.items())
        return [(hit, name) for name, (hit, at) in looks if name != reviewer and now - at <= LASTS]
