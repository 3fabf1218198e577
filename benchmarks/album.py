"""The album of a comparison: specimens with known truth and, where a folder is given, real photographs.

It is dealt into slices that are alike: each has its share of every tier, of the negatives and of the photographs.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imgscan.specimens.truth import Truth

MANIFEST = "manifest.tsv"
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})  # what every tool should open
# Files made to harm or broken on purpose are the subject of tests, not of a comparison of readers.
LEFT_OUT = frozenset({"bomb", "unreadable", "partial"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what may be counted on it: every one for speed, one with a truth for recall or false alarms.

    `kind`: `standard`, `hard` or `extreme` for a specimen with a mark, `negative` for one without, `unmarked` for a
    photograph that its manifest calls unmarked, `photo` for one of which nothing is known. `classes`: those of its mark
    that count as found.
    """

    path: Path
    kind: str
    classes: frozenset[str] = frozenset()


def specimens(folder: Path, truths: Iterable[Truth]) -> list[Picture]:
    """The pictures of an album of specimens."""
    return [
        Picture(folder / truth.file, truth.tier, frozenset(truth.classes))
        if truth.kind == "positive"
        else Picture(folder / truth.file, "negative")
        for truth in truths
    ]


def photographs(folder: Path, most: int | None = None) -> list[Picture]:
    """The photographs of a folder, at most so many, taken evenly.

    With a manifest.tsv (columns `file` and `expected`) those that it lists: `none` there means that no mark is to be
    seen; broken and hostile files are left out. Without one every picture below the folder, for speed alone.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        with manifest.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
        listed = {folder / row["file"]: row["expected"] for row in rows if row["expected"] not in LEFT_OUT}
    else:
        listed = dict.fromkeys(sorted(path for path in folder.rglob("*") if path.is_file()), "")
    pictures = [
        Picture(path, "unmarked" if expected == "none" else "photo")
        for path, expected in listed.items()
        if path.suffix.lower() in SUFFIXES
    ]
    if most is None or most >= len(pictures):
        return pictures
    return [pictures[index * len(pictures) // most] for index in range(most)]


def dealt(pictures: Sequence[Picture], slices: int, seed: int) -> list[list[Picture]]:
    """The album in so many slices that are alike: shuffled within each kind, then dealt one by one."""
    by_kind: defaultdict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_kind[picture.kind].append(picture)
    chance = random.Random(seed)
    ordered = [one for kind in sorted(by_kind) for one in chance.sample(by_kind[kind], len(by_kind[kind]))]
    return [ordered[number::slices] for number in range(slices)]
