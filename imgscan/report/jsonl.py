"""The JSON lines of docs/design.md: one object a file, the same words from `scan` and from `report`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from imgscan.i18n import _
from imgscan.review import Ending
from imgscan.types import Finding, Reason, ScanResult

Describe = Callable[[Reason], str]


def to_object(result: ScanResult, describe: Describe, ending: Ending) -> dict[str, Any]:
    """One file as the object of docs/design.md, "Command line"; `ending` says whether the list it is of is whole."""
    return {
        "path": result.found.display,
        "sha256": result.sha256 or None,
        "status": result.status.value,
        "problem": _(result.problem),
        "width": result.width,
        "height": result.height,
        "engine": result.engine,
        "rules": result.rules,
        "ms": result.ms,
        "scan": ending.value,
        "findings": [finding_object(finding, describe) for finding in result.findings],
    }


def finding_object(finding: Finding, describe: Describe) -> dict[str, Any]:
    """One finding as the object of docs/design.md; `polygons` holds every box where a mark spans several."""
    polygons = [[[round(x, 1), round(y, 1)] for x, y in polygon] for polygon in finding.polygons]
    return {
        "rule": finding.rule,
        "class": finding.cls.value,
        "level": finding.level,
        "severity": finding.severity.value,
        "confidence": round(finding.confidence, 3),
        "text": finding.text,
        "polygon": polygons[0] if polygons else None,
        "polygons": polygons,
        "page": finding.page,
        "reasons": [describe(reason) for reason in finding.reasons],
    }


def write_jsonl(results: Iterable[ScanResult], describe: Describe, out: TextIO, ending: Ending) -> None:
    """One line a file. ASCII only: invalid UTF-8 of a path stays a surrogate escape and comes back by os.fsencode."""
    for result in results:
        out.write(json.dumps(to_object(result, describe, ending), ensure_ascii=True) + "\n")
