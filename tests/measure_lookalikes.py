"""Measures prints: copies of a page against other pages of one form. `python -m tests.measure_lookalikes [FOLDER]`.

The pages are drawn flat, as a flatbed shows them: two photographs by hand differ far more. A folder of photographs can
be named; of those, copies are compared as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from imgscan.frames import Frame, Pixels
from imgscan.lookalike import COARSE_SIDE, FINE_BITS, FLAT, Likeness, likeness_of
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import SHEETS

PAGES_A_LAYOUT = 8
PIXELS_A_MM = 6.0
Copy = Callable[[Pixels], Pixels]


def sheet(layout: str, number: int) -> Pixels:
    """One page of a form, filled in anew for each `number`: BGR, without a camera."""
    drawn = SHEETS[layout](Dice(5, number, 1))
    return np.ascontiguousarray(drawn.draw(PIXELS_A_MM, (0, 0, drawn.width, drawn.height))[:, :, ::-1])


def recompressed(pixels: Pixels, quality: int) -> Pixels:
    """After JPEG of that quality."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)


def fitted(pixels: Pixels, side: int) -> Pixels:
    """Reduced to that long side."""
    factor = side / max(pixels.shape[:2])
    if factor >= 1.0:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


COPIES: dict[str, Copy] = {
    "recompressed": lambda pixels: recompressed(pixels, 50),
    "sent once": lambda pixels: recompressed(fitted(pixels, 1440), 60),
    "sent twice": lambda pixels: recompressed(fitted(recompressed(fitted(pixels, 1440), 60), 1080), 50),
    "preview of 480": lambda pixels: recompressed(fitted(pixels, 480), 70),
    "brightened": lambda pixels: recompressed(np.clip(pixels * 1.1 + 8.0, 0, 255).astype(np.uint8), 80),
    "carelessly scaled": lambda pixels: np.asarray(cv2.resize(pixels, None, fx=0.31, fy=0.31), np.uint8),
}


def likeness(pixels: Pixels) -> Likeness | None:
    """The print of a picture, where it has one."""
    height, width = pixels.shape[:2]
    made = likeness_of(Frame(pixels, width, height))
    return Likeness.of(made, width, height) if made else None


def _bits(one: Likeness, other: Likeness) -> tuple[int, int]:
    return (one.coarse ^ other.coarse).bit_count(), (one.fine ^ other.fine).bit_count()


def _say(what: str, found: list[tuple[int, int]], alike: list[bool]) -> None:
    coarse, fine = zip(*found, strict=True)
    numbers = [
        f"{name} min {min(bits)}, 1% {np.percentile(bits, 1):.0f}, median {np.median(bits):.0f}, "
        f"99% {np.percentile(bits, 99):.0f}, max {max(bits)}"
        for name, bits in (("of 64:", coarse), ("of 576:", fine))
    ]
    sys.stdout.write(
        f"{what}: {len(found)} pairs, {100 * np.mean(alike):.1f} % alike\n  " + "\n  ".join(numbers) + "\n"
    )


def _copies(pictures: list[Pixels]) -> None:
    made = [(pixels, print_) for pixels in pictures if (print_ := likeness(pixels))]
    for name, copy in COPIES.items():
        pairs = [(one, other) for pixels, one in made if (other := likeness(copy(pixels)))]
        _say(name, [_bits(*pair) for pair in pairs], [one.distance(other) is not None for one, other in pairs])


def _photos(folder: Path) -> Iterator[Pixels]:
    for path in sorted(folder.rglob("*.jpg")):
        pixels = cv2.imread(str(path))
        if pixels is not None:
            yield np.asarray(pixels, np.uint8)


def main(folder: str = "") -> None:
    """Say how far copies and other pages lie apart, layout by layout where other pages come near."""
    pages = {layout: [sheet(layout, number) for number in range(PAGES_A_LAYOUT)] for layout in SHEETS}
    _copies([page for several in pages.values() for page in several[:3]])
    pairs: list[tuple[Likeness, Likeness]] = []
    for layout, several in sorted(pages.items()):
        prints = [print_ for page in several if (print_ := likeness(page))]
        here = list(combinations(prints, 2))
        pairs += here
        near = min(_bits(*pair)[1] for pair in here)
        if near < 4 * FINE_BITS:
            alike = sum(one.distance(other) is not None for one, other in here)
            sys.stdout.write(f"{layout}: other pages from {near} of 576 on, {alike} of {len(here)} pairs alike\n")
    _say("other pages of one form", [_bits(*pair) for pair in pairs], [a.distance(b) is not None for a, b in pairs])
    flatness = [
        cv2.resize(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), (COARSE_SIDE,) * 2, interpolation=cv2.INTER_AREA).std()
        for several in pages.values()
        for page in several
    ]
    sys.stdout.write(f"contrast of pages: from {min(flatness):.1f} grey levels on (flat: below {FLAT})\n")
    if folder:
        _copies(list(_photos(Path(folder))))


if __name__ == "__main__":
    main(*sys.argv[1:])
