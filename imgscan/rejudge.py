"""Judges kept texts again by the rules in force, without OCR: what a changed rule, weight or watch-list makes of them.

Stands beside `imgscan.pipeline`, which judges what it reads; the caller holds the scan lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imgscan.line import judge_again
from imgscan.rulebook import Rulebook
from imgscan.store.rejudging import KeptTexts
from imgscan.types import Severity


@dataclass(slots=True)
class Rejudged:
    """Pictures counted: judged now, changed by it, new in the review queue, gone from it, and those to read again."""

    judged: int = 0
    changed: int = 0
    entered: int = 0
    left: int = 0
    to_read: int = 0


def rejudge(
    kept: KeptTexts, rulebook: Rulebook, review_from: Severity, progress: Callable[[], None] = lambda: None
) -> Rejudged:
    """Judge every whole text that other rules judged, one transaction a picture; `progress` is called after each.

    Interrupted, it can be run again and goes on. Pictures of which less text was kept are only counted: the next scan
    reads them again (docs/design.md, "Identity").
    """
    outcome = Rejudged(to_read=kept.count("matched", "none", judged_by=rulebook.digest))
    for text in kept.texts("all", judged_by=rulebook.digest):
        status, findings = judge_again(text.pages, text.status, text.problem, rulebook, review_from)
        change = kept.put(text, rulebook.digest, status, findings)
        outcome.judged += 1
        outcome.changed += change.any
        outcome.entered += change.waits and not change.waited
        outcome.left += change.waited and not change.waits
        progress()
    kept.regroup()
    return outcome
