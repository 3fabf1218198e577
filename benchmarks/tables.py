"""A comparison as Markdown, to be pasted into docs/peers.md, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.figures import Figures, Spread, fastest_equal
from benchmarks.tools import OURS, TOOLS
from imgscan.bench import Share

NOTHING = "-"


def markdown(run: str, figures: Sequence[Figures], absent: Mapping[str, str]) -> str:
    """The whole report. `run` says what was run, `absent` which tools were not and why."""
    parts = [run, _quality(figures), _speed(figures), _kinds(figures), _verdict(figures)]
    parts += [f"Not run: {name}: {why}" for name, why in absent.items()]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(run: Mapping[str, Any], figures: Sequence[Figures], absent: Mapping[str, str]) -> dict[str, Any]:
    """The same as plain values."""
    return {"run": dict(run), "tools": [one.as_json() for one in figures], "not_run": dict(absent)}


def _quality(figures: Sequence[Figures]) -> str:
    head = ("tool", "standard", "hard", "extreme", "specimens raised falsely", "photos raised falsely", "not read")
    return _table(
        head,
        (
            (
                one.tool,
                *(_share(share) for share in one.recall.values()),
                _share(one.raised_specimens),
                _share(one.raised_photos),
                str(len(one.failed)),
            )
            for one in figures
        ),
    )


def _speed(figures: Sequence[Figures]) -> str:
    head = ("tool", "processor s a picture", f"times {OURS}", "wall s a picture", f"times {OURS}", "peak MiB")
    return _table(
        head,
        (
            (
                one.tool,
                _spread(one.cpu),
                _spread(one.cpu_ratio),
                _spread(one.wall),
                _spread(one.wall_ratio),
                str(one.peak_mib),
            )
            for one in figures
        ),
    )


def _kinds(figures: Sequence[Figures]) -> str:
    kinds = sorted({kind for one in figures for kind in one.cpu_by_kind})
    rows = ((one.tool, *(_seconds(one.cpu_by_kind.get(kind)) for kind in kinds)) for one in figures)
    return _table(("processor s a picture", *kinds), rows)


def _verdict(figures: Sequence[Figures]) -> str:
    ours = next((one for one in figures if one.tool == OURS), None)
    if ours is None or len(figures) < 2:
        return ""
    found = f"{OURS} finds {100 * ours.recall_of_all:.1f} % of all marks"
    rival = fastest_equal(figures, OURS)
    if rival is None:
        best = max((one for one in figures if one is not ours), key=lambda one: one.recall_of_all)
        return (
            f"{found}; no peer finds as many. The best is {best.tool} with {100 * best.recall_of_all:.1f} %, at "
            f"{_spread(best.cpu_ratio)} times the processor time."
        )
    return (
        f"{found}. The fastest peer that finds as many is {rival.tool} with {100 * rival.recall_of_all:.1f} %, at "
        f"{_spread(rival.cpu_ratio)} times the processor time."
    )


def said_of(name: str) -> str:
    """What a tool is, for the head of the report."""
    return next(tool.what for tool in TOOLS if tool.name == name)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _share(share: Share) -> str:
    return f"{share.hits}/{share.of} = {share.percent:.1f} %" if share.of else NOTHING


def _spread(spread: Spread | None) -> str:
    return NOTHING if spread is None else f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})"


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"
