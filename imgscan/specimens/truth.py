"""What is known about a specimen: the record that a bench compares the line's findings with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TRUTH_FILE = "truth.jsonl"
TIERS = ("standard", "hard", "extreme")


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of one file.

    `classes`: every class that a finding may rightly have, the expected one first. `mark`: the text that must be found,
    blanks between spaced characters left out; "" for a negative. `polygon`: its ink, in pixels of the final picture as
    a viewer shows it (after EXIF orientation), clockwise from the text's own top left. `glyph_px`: height of its glyphs
    there. `tags`: degradations and framing. `expected_max_severity`: what a finding on a negative may reach at most.
    """

    file: str
    kind: str
    layout: str
    tier: str
    classes: tuple[str, ...] = ()
    level: str | None = None
    mark: str = ""
    polygon: tuple[tuple[float, float], ...] | None = None
    glyph_px: float = 0.0
    tags: tuple[str, ...] = ()
    expected_max_severity: str | None = None

    def to_json(self) -> str:
        """One line of truth.jsonl, without the line end."""
        return json.dumps(asdict(self), ensure_ascii=False)


def _of(row: dict[str, Any]) -> Truth:
    polygon = row["polygon"]
    return Truth(
        **row
        | {
            "classes": tuple(row["classes"]),
            "tags": tuple(row["tags"]),
            "polygon": None if polygon is None else tuple((float(x), float(y)) for x, y in polygon),
        }
    )


def read_truths(folder: Path) -> list[Truth]:
    """The truths of an album folder, in the order of its truth.jsonl."""
    text = (folder / TRUTH_FILE).read_text(encoding="utf-8")
    return [_of(json.loads(line)) for line in text.splitlines()]


def write_truths(folder: Path, truths: Iterable[Truth]) -> None:
    """Write truth.jsonl of an album folder."""
    text = "".join(truth.to_json() + "\n" for truth in truths)
    (folder / TRUTH_FILE).write_text(text, encoding="utf-8", newline="\n")
