"""How fast a scan goes and how long it will take: counts files beside it, and looks at what it did lately."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from imgscan.discover import count_files
from imgscan.types import display_path
from imgscan.wording import BASIS_FILES, BASIS_SECONDS

WINDOW = 60.0
"""Seconds that the rate is taken over: long enough for slow pictures, short enough to follow a change."""
SHORTEST = 3.0


class Pace:
    """Of one scan at a time. Files are counted in a thread, by the walk of the scan itself; nothing is opened."""

    def __init__(self, own: Sequence[Path], clock: Callable[[], float]) -> None:
        self._own = tuple(own)
        self._clock = clock
        self._lock = Lock()
        self._scan: int | None = None
        self._counts: dict[bytes, int | None] = {}
        self._seen: deque[tuple[float, int]] = deque()
        self._ended = False

    def look(
        self, scan: int, done: int, roots: Sequence[bytes], began: datetime
    ) -> tuple[int | None, float | None, float | None]:
        """Files in `roots` (None while they are counted), files a second, seconds left; None where nothing is known."""
        now = self._clock()
        with self._lock:
            if scan != self._scan:
                self._scan, self._counts = scan, {}
                # What was done before the first look counts over the whole time since it began.
                self._seen = deque([(now - (datetime.now(UTC) - began).total_seconds(), 0)])
            self._seen.append((now, done))
            while len(self._seen) > 2 and now - self._seen[1][0] > WINDOW:
                self._seen.popleft()
            new = [root for root in roots if root not in self._counts]
            self._counts.update(dict.fromkeys(new))
            counted = [self._counts[root] for root in roots]
            then, done_then = self._seen[0]
        for root in new:
            Thread(target=self._count, args=(scan, root), daemon=True).start()
        ended, seconds = done - done_then, now - then
        rate = ended / seconds if seconds >= SHORTEST and ended else None
        if not counted or None in counted:
            return None, rate, None
        total = max(sum(count or 0 for count in counted), done)  # files in archives are counted as they are met
        known = rate and seconds >= BASIS_SECONDS and ended >= BASIS_FILES
        return total, rate, (total - done) / rate if rate and known else None

    def rest(self) -> None:
        """Nothing runs: forget, so that the next look begins anew."""
        with self._lock:
            self._scan = None

    def close(self) -> None:
        """Let the counting threads end."""
        self._ended = True

    def _count(self, scan: int, root: bytes) -> None:
        found = count_files(Path(display_path(root)), self._own, lambda: self._ended or self._scan != scan)
        with self._lock:
            if found is not None and self._scan == scan:
                self._counts[root] = found
