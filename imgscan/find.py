"""Finds the lines of an upright page at a scale that fits its glyphs; sheets that lie small or aslant are straightened.

Part of `read`, the sixth step of the line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from imgscan.engine import Engine
from imgscan.frames import Pixels, apply_quad, tiles
from imgscan.quads import bounds, centre, covered, glyph_height, holds, moved, sides, view_of
from imgscan.types import Quad

FIRST_SIDE = 960
WORTH = 1.1  # less enlarged than so much shows nothing new
MOST_AT_ONCE = 1_000_000  # pixels of one detection: about what the first look takes; memory grows with it
LAP = 0.03  # of the long side: two bands share so much on either side of their seam, more than a line is high
ENLARGED = 2.0  # a sheet is brought to at most so many times its own pixels


@dataclass(frozen=True, slots=True)
class Scales:
    """Which size text is brought to before it is looked for. In pixels of the picture as resized for detection."""

    glyph: float  # the smallest lines are brought to this height ...
    longest: int  # ... but nothing is enlarged beyond this long side


def find_lines(pixels: Pixels, sheets: Sequence[Quad], engine: Engine, scales: Scales) -> list[Quad]:
    """Boxes of text lines, in `pixels`, no line twice. `sheets` are outlines in `pixels` (imgscan.sheets)."""
    found: list[Quad] = []
    for top, left, tile in tiles(pixels):
        here = [moved(sheet, -left, -top) for sheet in sheets]
        coarse = engine.detect(tile, FIRST_SIDE)
        for quad in (*_closer(tile, coarse, here, engine, scales), *coarse):
            _add(found, moved(quad, left, top))
    return found


def _closer(tile: Pixels, coarse: Sequence[Quad], sheets: Sequence[Quad], engine: Engine, scales: Scales) -> list[Quad]:
    """What a second, closer detection finds: on each sheet, and on the whole where small lines lie on none."""
    seen = min(1.0, FIRST_SIDE / max(tile.shape[:2]))
    found: list[Quad] = []
    lying = list(coarse)
    for sheet in sheets:
        inside = [quad for quad in lying if holds(sheet, centre(quad))]
        wanted = wanted_scale(inside, max(sides(sheet)), scales)
        if wanted > WORTH * seen:
            found += _on_sheet(tile, sheet, min(wanted, ENLARGED), engine)
        lying = [quad for quad in lying if quad not in inside]
    if lying or not sheets:
        wanted = min(1.0, wanted_scale(lying, max(tile.shape[:2]), scales))
        if wanted > WORTH * seen:
            found += detect_in_bands(tile, round(wanted * max(tile.shape[:2])), engine)
    return found


def wanted_scale(quads: Sequence[Quad], long_side: float, scales: Scales) -> float:
    """By how much to resize, so that the smallest tenth of the lines comes to the wanted height."""
    most = scales.longest / long_side
    if not quads:
        return most
    heights = sorted(glyph_height(quad) for quad in quads)
    return min(scales.glyph / max(heights[len(heights) // 10], 1.0), most)


def _on_sheet(tile: Pixels, sheet: Quad, scale: float, engine: Engine) -> list[Quad]:
    view, back = view_of(tile, sheet, scale)
    return [apply_quad(back, quad) for quad in detect_in_bands(view, max(view.shape[:2]), engine)]


def detect_in_bands(pixels: Pixels, long_side: int, engine: Engine) -> list[Quad]:
    """Lines of the upright `pixels`, seen with a long side of `long_side` px, in bands from top to bottom.

    Lines stay whole in one of them, and memory stays small.
    """
    height, width = pixels.shape[:2]
    shrink = long_side / max(height, width)
    count = math.ceil(shrink * shrink * height * width / MOST_AT_ONCE)
    if count == 1:
        return list(engine.detect(pixels, long_side))
    lap = LAP * max(height, width)
    found: list[Quad] = []
    for band in range(count):
        top = max(0, int(band * height / count - lap))
        part = pixels[top : int((band + 1) * height / count + lap)]
        quads = engine.detect(part, round(shrink * max(part.shape[:2])))
        found += [moved(quad, 0, top) for quad in quads if not _cut(quad, top, part, height)]
    return found


def _cut(quad: Quad, top: int, band: Pixels, height: int) -> bool:
    """True for a line at an edge of its band that goes on in the next one, which shows it whole."""
    _left, upper, _right, lower = bounds(quad)
    rows = band.shape[0]
    return (top > 0 and upper <= 1) or (top + rows < height and lower >= rows - 1)


def _add(found: list[Quad], quad: Quad) -> None:
    """Keep `quad` unless a box like it is there; of two halves of a line cut by a seam the longer one wins."""
    for index, other in enumerate(found):
        if covered(quad, other) > 0.7:
            return
        if covered(other, quad) > 0.7 and sides(other)[1] > 0.6 * sides(quad)[1]:
            found[index] = quad
            return
    found.append(quad)
