"""The kept text of a picture as plain JSON and back: all of it, or the lines that carry a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from imgscan.types import Finding, Matrix, Page, Quad, Rect, RedInk, TextLine

NO_RED_INK: dict[str, Any] = {"seals": [], "rules": []}


def to_json(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Pages as plain values; `from_json` gives equal pages back."""
    return [
        {
            "number": page.number,
            "size": [page.width, page.height],
            "to_picture": page.to_picture,
            "red_ink": {"seals": page.red_ink.seals, "rules": page.red_ink.rules},
            "sheet": page.sheet,
            "taken_at": page.taken_at,
            "patches": page.patches,
            "lines": [
                {
                    "text": line.text,
                    "confidence": round(line.confidence, 4),
                    "quad": line.quad,
                    "height": round(line.height, 2),
                    "red": round(line.red, 3),
                    "reading": line.reading,
                }
                for line in page.lines
            ],
        }
        for page in pages
    ]


def from_json(values: Sequence[dict[str, Any]]) -> tuple[Page, ...]:
    """Pages from what `to_json` made; what early versions did not keep yet is unknown."""
    return tuple(
        Page(
            tuple(TextLine(**{**line, "quad": quad(line["quad"])}) for line in value["lines"]),
            value["size"][0],
            value["size"][1],
            _matrix(value["to_picture"]),
            value["number"],
            _red_ink(value.get("red_ink", NO_RED_INK)),
            quad(value.get("sheet")),
            value.get("taken_at", ""),
            tuple(map(_rect, value.get("patches", ()))),
        )
        for value in values
    )


def quad(values: Sequence[Sequence[float]] | None) -> Quad | None:
    """Four points from JSON lists; None stays None."""
    if values is None:
        return None
    a, b, c, d = ((float(x), float(y)) for x, y in values)
    return (a, b, c, d)


def _red_ink(value: dict[str, Any]) -> RedInk:
    return RedInk(tuple(map(_rect, value["seals"])), tuple(map(_rect, value["rules"])))


def _rect(sides: Sequence[float]) -> Rect:
    left, top, right, bottom = map(float, sides)
    return left, top, right, bottom


def _matrix(values: Sequence[Sequence[float]]) -> Matrix:
    first, second, third = ((float(a), float(b), float(c)) for a, b, c in values)
    return (first, second, third)


def matched(pages: Sequence[Page], findings: Sequence[Finding]) -> tuple[Page, ...]:
    """The pages with only those lines of whose text a finding holds a part."""
    kept = []
    for page in pages:
        texts = [finding.text for finding in findings if finding.page == page.number]
        lines = tuple(line for line in page.lines if any(_shares(line.text, text) for text in texts))
        if lines:
            kept.append(replace(page, lines=lines))
    return tuple(kept)


def _shares(line: str, finding: str) -> bool:
    parts = [part for part in finding.split("\n") if part]
    return any(part in line or line in part for part in parts)
