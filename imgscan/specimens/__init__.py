"""Fictitious official pages, photographed synthetically, with known truth: the line's benchmark and demo (样张)."""

from __future__ import annotations

from pathlib import Path

from imgscan.specimens.layouts import LAYOUTS
from imgscan.specimens.shot import Wish
from imgscan.specimens.studio import Specimen, render
from imgscan.specimens.truth import TIERS, TRUTH_FILE, Truth, read_truths, write_truths

__all__ = [
    "LAYOUTS",
    "TIERS",
    "TRUTH_FILE",
    "Specimen",
    "Truth",
    "Wish",
    "demo_album",
    "generate",
    "read_truths",
    "render",
]


def generate(folder: Path, seed: int, count: int) -> list[Truth]:
    """Write `count` JPEG files and truth.jsonl into `folder` (made if missing); raises ImgscanError without fonts.

    File i depends on `seed` and i only, so a larger `count` extends an album. The same library versions and fonts give
    the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truths = []
    for index in range(count):
        specimen = render(seed, index)
        (folder / specimen.truth.file).write_bytes(specimen.jpeg())
        truths.append(specimen.truth)
    write_truths(folder, truths)
    return truths


def demo_album() -> Path:
    """The folder of the ready demo pictures inside the package."""
    return Path(__file__).parent / "demo"
