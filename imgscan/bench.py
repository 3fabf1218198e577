"""Measures the line on an album with known truth: what is found, what is raised falsely, how fast, and where time goes.

A truth file has one JSON object a line (imgscan.specimens.truth). Figures mean what docs/reading.md says they mean.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from imgscan.engine import Engine, Reading
from imgscan.frames import Pixels
from imgscan.line import Line, read_one
from imgscan.specimens.truth import Truth
from imgscan.types import Finding, FindingClass, FoundFile, Quad, ScanResult, Severity, TextLine

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Share:
    """`hits` of `of`."""

    hits: int = 0
    of: int = 0

    def add(self, hit: bool) -> None:
        """Count one more."""
        self.of += 1
        self.hits += hit

    @property
    def percent(self) -> float:
        """0..100; 0 of nothing."""
        return 100.0 * self.hits / self.of if self.of else 0.0


@dataclass(slots=True)
class Scores:
    """What one run over an album measured. Times in seconds, memory in MiB."""

    recall_by_tier: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    recall_by_tag: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    recall_by_layout: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    level_right: Share = field(default_factory=Share)
    false_alarms: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    milliseconds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    missed: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=dict)
    photos: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: int = 0

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, Share):
        return asdict(value)
    return {name: _plain(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def score(truths: Iterable[Truth], results: Iterable[ScanResult]) -> Scores:
    """Compare results with the truth: a positive is found by a finding of its class that is graded as it should be.

    That is medium or above, but low or above for commercial marks, whose ordinary kind the rules grade low on purpose.
    """
    scores = Scores()
    expected = {truth.file: truth for truth in truths}
    for result in results:
        truth = expected.get(Path(result.found.display).name)
        if truth is None:
            continue
        scores.photos += 1
        scores.milliseconds[truth.layout].append(result.ms)
        worth = [finding for finding in result.findings if finding.severity >= Severity.MEDIUM]
        if truth.kind == "positive":
            _score_positive(scores, truth, result.findings)
        else:
            scores.false_alarms[truth.layout].add(bool(worth))
            if worth:
                scores.raised.append(f"{truth.file}: {truth.layout}: {', '.join(finding.text for finding in worth)}")
    return scores


def _score_positive(scores: Scores, truth: Truth, findings: Sequence[Finding]) -> None:
    same = [one for one in findings if one.cls.value in truth.classes and one.severity >= _least(one.cls)]
    scores.recall_by_tier[truth.tier].add(bool(same))
    scores.recall_by_layout[truth.layout].add(bool(same))
    for tag in truth.tags:
        scores.recall_by_tag[f"{truth.tier} {tag}"].add(bool(same))
    if not same:
        scores.missed.append(f"{truth.file}: {truth.tier} {truth.layout} {' '.join(truth.tags)}")
    elif truth.level:
        scores.level_right.add(any(finding.level == truth.level for finding in same))


def _least(cls: FindingClass) -> Severity:
    return Severity.LOW if cls is FindingClass.COMMERCIAL else Severity.MEDIUM


class TimedEngine:
    """An engine that counts the processor time of each of its calls, for the table of steps. An `engine.Engine`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @classmethod
    def stamp(cls) -> str:
        """Never stored: a bench keeps no readings."""
        return "timed"

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        """See Engine.detect."""
        step = "triage" if faint else "detect"
        return self._timed(step, lambda: self._engine.detect(pixels, long_side, faint=faint))

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        """See Engine.recognise."""
        step = "recognise (strong)" if strong else "recognise"
        return self._timed(step, lambda: self._engine.recognise(crops, strong=strong))

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        """See Engine.mark_probabilities."""
        return self._timed("mark reader", lambda: self._engine.mark_probabilities(crops))

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        """See Engine.marks."""
        return self._timed("mark reader", lambda: self._engine.marks(pixels, lines))

    def quarter_turns(self, pixels: Pixels) -> int:
        """See Engine.quarter_turns."""
        return self._timed("orientation", lambda: self._engine.quarter_turns(pixels))

    def _timed(self, step: str, call: Callable[[], Answer]) -> Answer:
        started = time.process_time()
        try:
            return call()
        finally:
            self.seconds[step] += time.process_time() - started


def time_steps(paths: Sequence[Path], line: Line) -> dict[str, float]:
    """Seconds of processor time by step over `paths`, read in this process one after the other."""
    timed = TimedEngine(line.engine)
    line = Line(timed, line.rulebook, line.profile, line.limits)
    started = time.process_time()
    for path in paths:
        read_one(FoundFile(b"", str(path).encode(), path.stat().st_size), line)
    total = time.process_time() - started
    return {**dict(sorted(timed.seconds.items())), "everything else": total - sum(timed.seconds.values())}
