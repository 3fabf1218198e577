"""What each part of the line brings: `python -m tests.measure_ablation ALBUM...` (specimens with truth), real OCR.

Each picture is read once, with the mark reader asked twice: with its spotter and without. The rows then leave lines or
boxes out of the page that was read and judge it again, so that they differ in nothing else; only seals, covers and
sheet stay those of the whole page, and which lines OCR reads twice is in every row what the reader said.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from imgscan import env
from imgscan.bench import Scores, score
from imgscan.engine import PaddleEngine
from imgscan.frames import Pixels
from imgscan.judge import judge
from imgscan.line import Limits, Line, read_one
from imgscan.mark_reader import READING, MarkReader, Spot, look_again
from imgscan.read import PROFILES
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.settings import load_settings
from imgscan.specimens.truth import Truth, read_truths
from imgscan.types import FoundFile, Page, ScanResult, Severity, TextLine

UNSPOTTED = "unspotted"
"""What the mark reader read in the boxes of the detector alone."""
ROWS: dict[str, tuple[frozenset[str], bool]] = {
    "detector and OCR, text alone": (frozenset({READING, UNSPOTTED}), False),
    "... and layout": (frozenset({READING, UNSPOTTED}), True),
    "... and reader, in the detector's boxes": (frozenset({READING}), True),
    "... and spotter (the whole line)": (frozenset({UNSPOTTED}), True),
    "whole line, text alone": (frozenset({UNSPOTTED}), False),
}
"""The readings that a row leaves out, and whether it knows where the lines stand."""


class BoxReader(MarkReader):
    """The reader without its spotter."""

    def spot(self, pixels: Pixels, most: int = 12) -> tuple[Spot, ...]:
        """Nothing."""
        return ()


class AskedTwice(PaddleEngine):
    """An engine whose page has the lines of the mark reader with and without its spotter."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._boxes = BoxReader()

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        """Both readings, told apart."""
        unspotted = look_again(pixels, lines, self._boxes)
        return super().marks(pixels, lines) + [replace(line, reading=UNSPOTTED) for line in unspotted]


def as_row(page: Page, left_out: frozenset[str], placed: bool) -> Page:
    """The page as a row of the table sees it."""
    lines = tuple(
        replace(line, reading=READING if line.reading == UNSPOTTED else line.reading)
        for line in page.lines
        if line.reading not in left_out
    )
    if placed:
        return replace(page, lines=lines)
    return Page(tuple(TextLine(line.text, line.confidence, reading=line.reading) for line in lines))


def results(row: str, read: Sequence[ScanResult], rulebook: Rulebook) -> Iterator[ScanResult]:
    """The results with findings as this row has them."""
    for result in read:
        pages = [as_row(page, *ROWS[row]) for page in result.pages]
        yield replace(result, findings=tuple(finding for page in pages for finding in judge(page, rulebook)))


def told(row: str, scores: Scores) -> str:
    """One row of the table."""
    tiers = [scores.recall_by_tier[tier] for tier in ("standard", "hard", "extreme")]
    raised = sum(share.hits for share in scores.false_alarms.values())
    of = sum(share.of for share in scores.false_alarms.values())
    shares = [*(f"{share.hits}/{share.of}" for share in (*tiers, scores.level_right)), f"{raised}/{of}"]
    return f"| {row} | {' | '.join(shares)} |\n"


def main(albums: Sequence[Path]) -> None:
    """Read the albums, print the table."""
    settings = load_settings()
    env.prepare(settings)
    rulebook = load((BUILT_IN,))
    limits = Limits(2**28, 100_000_000, Severity.MEDIUM)
    line = Line(AskedTwice(settings.weights_path), rulebook, PROFILES["balanced"], limits)
    truths: list[Truth] = []
    read: list[ScanResult] = []
    for album in albums:
        for truth in read_truths(album):
            name = f"{album.name}-{truth.file}"
            result = read_one(FoundFile(b"", os.fsencode(album / truth.file)), line)
            truths.append(replace(truth, file=name))
            read.append(replace(result, found=FoundFile(b"", name.encode())))
    sys.stdout.write("| | standard | hard | extreme | level right | negatives raised |\n|---|---|---|---|---|---|\n")
    for row in ROWS:
        sys.stdout.write(told(row, score(truths, results(row, read, rulebook))))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
