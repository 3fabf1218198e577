"""Full specimens for measuring, rendered once: upright, as files, with truth. Never seeds that were trained on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.specimens import Wish, render

UPRIGHT = Wish(turn=0, exif=1)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it is decoded (BGR) and what is known of it (imgscan.specimens.truth)."""

    pixels: Pixels
    kind: str
    layout: str
    tier: str
    level: str | None
    mark: str
    polygon: tuple[tuple[float, float], ...] | None
    glyph_px: float
    tags: tuple[str, ...]


def draw(folder: Path, seed: int, first: int, count: int) -> None:
    """Render the specimens that `folder` lacks; the picture is written before its truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(first, first + count):
        name = folder / f"{seed}-{index:05d}"
        if not name.with_suffix(".json").exists():
            specimen = render(seed, index, wish=UPRIGHT)
            name.with_suffix(".jpg").write_bytes(specimen.jpeg())
            name.with_suffix(".json").write_text(json.dumps(asdict(specimen.truth), ensure_ascii=False), "utf-8")


def pictures(folder: Path, seed: int) -> Iterator[Picture]:
    """The pictures of album `seed` that are in `folder`."""
    for path in sorted(folder.glob(f"{seed}-*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        pixels = cv2.imread(str(path.with_suffix(".jpg")))
        polygon = row["polygon"] and tuple((float(x), float(y)) for x, y in row["polygon"])
        names = ("kind", "layout", "tier", "level", "mark", "glyph_px")
        yield Picture(
            np.asarray(pixels, np.uint8), polygon=polygon, tags=tuple(row["tags"]), **{k: row[k] for k in names}
        )


def main(folder: str, seed: str, first: str, count: str) -> None:
    """`python -m training.album FOLDER SEED FIRST COUNT`."""
    cv2.setNumThreads(1)
    draw(Path(folder), int(seed), int(first), int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
