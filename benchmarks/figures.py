"""What a comparison says: recall, false alarms, seconds a picture, ratios to imgscan with their spread over rounds."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.rounds import Turn
from imgscan.bench import Share
from imgscan.specimens.truth import TIERS

Seconds = Callable[[Turn], float]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range over the rounds."""

    median: float
    low: float
    high: float


@dataclass(slots=True)
class Figures:
    """One tool. Ratios are its seconds over those of imgscan on the same pictures: above 1 imgscan is the faster."""

    tool: str
    recall: dict[str, Share] = field(default_factory=lambda: {tier: Share() for tier in TIERS})
    raised_specimens: Share = field(default_factory=Share)
    raised_photos: Share = field(default_factory=Share)
    read: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    cpu_by_kind: dict[str, float] = field(default_factory=dict)
    cpu: Spread | None = None
    wall: Spread | None = None
    cpu_ratio: Spread | None = None
    wall_ratio: Spread | None = None
    peak_mib: int = 0

    @property
    def recall_of_all(self) -> float:
        """Over all tiers, 0..1; 0 where no specimen has a mark."""
        return sum(share.hits for share in self.recall.values()) / max(1, sum(s.of for s in self.recall.values()))

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def spread(values: Sequence[float]) -> Spread | None:
    """Median and range; None of nothing."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def figures_of(name: str, turns: Sequence[Turn], base: str) -> Figures:
    """The figures of one tool out of the turns of all; ratios are to `base`."""
    mine = [turn for turn in turns if turn.tool == name]
    figures = Figures(name, peak_mib=max((turn.peak_mib for turn in mine), default=0))
    for turn in mine:
        _count(figures, turn)
    read = [turn for turn in mine if not turn.failed]
    figures.read = len(read)
    figures.failed = {turn.picture.path.name: turn.failed for turn in mine if turn.failed}
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    for turn in read:
        by_kind[turn.picture.kind].append(turn.cpu)
    figures.cpu_by_kind = {kind: statistics.fmean(by_kind[kind]) for kind in sorted(by_kind)}
    figures.cpu, figures.wall = _a_picture(read, _cpu), _a_picture(read, _wall)
    theirs = [turn for turn in turns if turn.tool == base and not turn.failed]
    figures.cpu_ratio, figures.wall_ratio = ratios(read, theirs, _cpu), ratios(read, theirs, _wall)
    return figures


def ratios(ours: Iterable[Turn], theirs: Iterable[Turn], seconds: Seconds) -> Spread | None:
    """Seconds over seconds, round by round, each on the pictures that both have read in it."""
    one, other = _by_round(ours), _by_round(theirs)
    values = []
    for round_ in sorted(one.keys() & other.keys()):
        both = one[round_].keys() & other[round_].keys()
        below = sum(seconds(other[round_][path]) for path in both)
        if below > 0:
            values.append(sum(seconds(one[round_][path]) for path in both) / below)
    return spread(values)


def fastest_equal(figures: Sequence[Figures], base: str) -> Figures | None:
    """The fastest peer, by processor time, whose recall over all tiers is that of `base` or better; None if none is."""
    ours = next(one for one in figures if one.tool == base)
    able = [one for one in figures if one.tool != base and one.cpu_ratio and one.recall_of_all >= ours.recall_of_all]
    return min(able, key=lambda one: one.cpu_ratio.median if one.cpu_ratio else 0.0, default=None)


def _count(figures: Figures, turn: Turn) -> None:
    """A picture that could not be read counts as missed, or as not raised."""
    kind = turn.picture.kind
    if kind in figures.recall:
        figures.recall[kind].add(bool(turn.classes & turn.picture.classes))
    elif kind == "negative":
        figures.raised_specimens.add(bool(turn.classes))
    elif kind == "unmarked":
        figures.raised_photos.add(bool(turn.classes))


def _by_round(turns: Iterable[Turn]) -> dict[int, dict[str, Turn]]:
    grouped: defaultdict[int, dict[str, Turn]] = defaultdict(dict)
    for turn in turns:
        grouped[turn.round][str(turn.picture.path)] = turn
    return grouped


def _a_picture(turns: Iterable[Turn], seconds: Seconds) -> Spread | None:
    rounds = _by_round(turns).values()
    return spread([statistics.fmean(seconds(turn) for turn in round_.values()) for round_ in rounds])


def _cpu(turn: Turn) -> float:
    return turn.cpu


def _wall(turn: Turn) -> float:
    return turn.wall
