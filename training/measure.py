"""What the committed networks are worth on specimens and photographs never seen: the figures of docs/mark-reader.md.

`python -m training.measure ALBUM SEED [PHOTOS]`; ALBUM is what training.album has rendered.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.mark_reader import MarkReader, MarkReading, crop_spot, look_again
from imgscan.mark_reader.alphabet import LEVELS, MarkKind
from imgscan.types import Point, Quad
from training.album import Picture, pictures
from training.texts import kind_of

FOLD = str.maketrans("絕機祕內長號", "绝机秘内长号")
Readings = list[tuple[Quad, MarkReading]]
SURE = 0.5
"""A reading counts as a mark from this probability of being one on."""


def level_by_text(text: str) -> str | None:
    """The level that the read text itself names."""
    return next((one for one in ("绝密", "机密", "秘密") if one in text.translate(FOLD)), None)


def detector_like(polygon: Sequence[Point], dice: np.random.Generator) -> Quad:
    """The box that a text detector would give: a little larger than the ink, a little off."""
    a, b, c, d = np.array(polygon, np.float64)
    along, down = (b - a + c - d) / 2, (d - a + c - b) / 2
    height = float(np.hypot(*down))
    u, v = along / max(1e-6, float(np.hypot(*along))), down / max(1e-6, height)
    left, right = dice.uniform(0.05, 0.45, 2) * height
    over, under = dice.uniform(0.05, 0.3, 2) * height
    corners = np.array([a - u * left - v * over, b + u * right - v * over, c + u * right + v * under])
    corners = np.vstack([corners, d - u * left + v * under]) + dice.normal(0, 0.03 * height, (4, 2))
    p, q, r, s = ((float(x), float(y)) for x, y in corners)
    return (p, q, r, s)


def crop_of(pixels: Pixels, quad: Quad) -> Pixels:
    """What stands in `quad`, straightened."""
    a, b, _c, d = (np.array(corner) for corner in quad)
    wide, high = max(4, round(float(np.hypot(*(b - a))))), max(4, round(float(np.hypot(*(d - a)))))
    target = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(quad, np.float32), target)
    cut = cv2.warpPerspective(pixels, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def overlap(quad: Quad, other: Quad) -> float:
    """Shared area over the area of both."""
    one, two = np.array(quad, np.float32), np.array(other, np.float32)
    shared = cv2.intersectConvexConvex(one, two)[0]
    return float(shared / max(1e-6, cv2.contourArea(one) + cv2.contourArea(two) - shared))


class Tally:
    """Right of all, by name."""

    def __init__(self) -> None:
        self._rows: dict[str, list[bool]] = defaultdict(list)

    def add(self, name: str, right: bool) -> None:
        """Count one."""
        self._rows[name].append(right)

    def lines(self) -> Iterable[str]:
        """`name right/all share`."""
        for name, rows in sorted(self._rows.items()):
            yield f"{name:44} {sum(rows)}/{len(rows)} = {sum(rows) / len(rows):.1%}"


def judged(picture: Picture, readings: Readings) -> MarkReading | None:
    """The reading of the place that overlaps the mark most."""
    if picture.polygon is None:
        return None
    truth: Quad = picture.polygon  # type: ignore[assignment]
    rows = [(overlap(quad, truth), reading) for quad, reading in readings]
    best = max(rows, key=lambda row: row[0], default=(0.0, None))
    return best[1] if best[0] > 0.3 else None


def timed(what: Callable[[], object]) -> float:
    """Processor milliseconds of a call."""
    begun = time.process_time()
    what()
    return (time.process_time() - begun) * 1e3


class _Figures:
    """What is counted over an album."""

    def __init__(self) -> None:
        self.tally, self.false, self.alarms = Tally(), Counter[str](), Counter[str]()
        self.proposals: list[int] = []
        self.spent: list[float] = []

    def negative(self, picture: Picture, found: Readings) -> None:
        """Count what was read on a picture that has no mark."""
        marks = [one for _quad, one in found if one.mark_probability >= SURE and one.kind is not MarkKind.NUMBER]
        self.false["pictures"] += 1
        self.false["with a mark other than a number"] += bool(marks)
        self.false["with a level"] += any(one.kind in LEVELS for one in marks)
        self.alarms.update(f"{picture.layout}: {one.kind} {one.text}" for one in marks)

    def positive(self, picture: Picture, found: Readings, given: MarkReading) -> None:
        """Count whether the mark was spotted, and read; `given`: the reading of the box a detector would give."""
        tally, tier, kind = self.tally, picture.tier, kind_of(picture.mark)
        truth: Quad = picture.polygon  # type: ignore[assignment]
        place = judged(picture, found)
        tally.add(f"kind, given the box {tier}", given.kind is kind)
        if picture.level:
            tally.add(f"level, given the box: kind {tier}", given.kind == picture.level)
            tally.add(f"level, given the box: text {tier}", level_by_text(given.text) == picture.level)
            if given.kind in LEVELS and given.probability >= 0.9:
                tally.add(f"level right where sure (0.9) {tier}", given.kind == picture.level)
        if picture.glyph_px <= 30:  # what is larger is the detector's to find
            tally.add(f"mark spotted {tier}", max((overlap(q, truth) for q, _r in found), default=0) > 0.3)
            right = place is not None and place.kind is kind and place.mark_probability >= SURE
            tally.add(f"kind, spotted and read {tier}", right)
            if picture.level:
                tally.add(f"level, spotted and read {tier}", place is not None and place.kind == picture.level)

    def show(self) -> None:
        """Print all."""
        for line in self.tally.lines():
            print(line)
        print(f"negatives: {dict(self.false)}; proposals a picture: {np.mean(self.proposals):.1f}")
        print(f"spotter, processor ms a megapixel: median {np.median(self.spent):.0f}")
        for name, count in self.alarms.most_common(30):
            print(f"  {count} {name}")


def spotted(pixels: Pixels, reader: MarkReader) -> Readings:
    """What the spotter proposes, and what the reader makes of it."""
    quads = [spot.quad for spot in reader.spot(pixels)]
    return list(zip(quads, reader.read([crop_spot(pixels, quad) for quad in quads]), strict=True))


def album(folder: Path, seed: int, reader: MarkReader) -> None:
    """Recall, level and false alarms on the specimens."""
    figures, dice = _Figures(), np.random.default_rng(3)
    for picture in pictures(folder, seed):
        begun = time.process_time()
        found = spotted(picture.pixels, reader)
        megapixels = picture.pixels.shape[0] * picture.pixels.shape[1] / 1e6
        figures.spent.append((time.process_time() - begun) * 1e3 / megapixels)
        figures.proposals.append(len(found))
        if picture.polygon is None:
            figures.negative(picture, found)
        else:
            (given,) = reader.read([crop_of(picture.pixels, detector_like(picture.polygon, dice))])
            figures.positive(picture, found, given)
    figures.show()


def photographs(folder: Path, reader: MarkReader) -> None:
    """What `look_again` tells of real photographs without OCR beside it; those with a mark are left out."""
    rows = [line.split("\t") for line in (folder / "manifest.tsv").read_text(encoding="utf-8").splitlines()]
    looked, told = 0, list[tuple[str, str, float]]()
    for row in (dict(zip(rows[0], one, strict=False)) for one in rows[1:]):
        pixels = cv2.imread(str(folder / row["file"])) if row["expected"] == "none" else None
        if pixels is None:
            continue
        looked += 1
        lines = look_again(np.asarray(pixels, np.uint8), [], reader)
        told += [(row["file"], line.text, round(line.confidence, 2)) for line in lines]
    print(f"photographs looked at: {looked}, with a mark told: {len({one[0] for one in told})}")
    for one in told:
        print("  ", *one)


def crop_time(reader: MarkReader) -> float:
    """Processor milliseconds a crop of 160 x 32, in batches of 16."""
    crops = [np.random.default_rng(i).integers(0, 255, (32, 160, 3)).astype(np.uint8) for i in range(16)]
    reader.read(crops)
    return min(timed(lambda: reader.read(crops)) for _ in range(5)) / len(crops)


def main(folder: str, seed: str, photos: str = "") -> None:
    """Print the figures."""
    cv2.setNumThreads(1)
    reader = MarkReader()
    print(f"reader, processor ms a crop: {crop_time(reader):.1f}")
    album(Path(folder), int(seed), reader)
    if photos:
        photographs(Path(photos), reader)


if __name__ == "__main__":
    main(*sys.argv[1:])
