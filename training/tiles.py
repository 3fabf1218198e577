"""Training tiles for the spotter: a square of a photograph and where in it the marks stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgscan.frames import Pixels
from imgscan.mark_reader.alphabet import MarkKind
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import NEGATIVE, POSITIVE, SHEETS
from imgscan.specimens.sheet import Text
from imgscan.specimens.shot import glyph_height
from training import texts
from training.crops import lines_of, text_at, with_text
from training.scene import QuickDice, Scene, stage

SIDE = 256
TIERS = ("hard", "hard", "extreme", "extreme", "extreme")
SPARE_GLARE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """`quads`: N x 4 x 2, every mark of any kind whose middle is in the tile, in its pixels."""

    pixels: Pixels
    quads: npt.NDArray[np.float32]
    kinds: tuple[str, ...]
    tier: str


def _window(scene: Scene, middle: npt.NDArray[np.float64]) -> tuple[int, int, int, int] | None:
    if min(scene.shot.width, scene.shot.height) < SIDE:
        return None
    left = int(np.clip(middle[0] - SIDE / 2, 0, scene.shot.width - SIDE))
    top = int(np.clip(middle[1] - SIDE / 2, 0, scene.shot.height - SIDE))
    return left, top, left + SIDE, top + SIDE


def _tile(scene: Scene, middle: npt.NDArray[np.float64], dice: Dice) -> Tile | None:
    window = _window(scene, middle)
    if window is None:
        return None
    shot = scene.shot
    if shot.glare and dice.chance(SPARE_GLARE):
        scene = replace(scene, shot=replace(shot, glare=False))
    quads, kinds = [], []
    for item in scene.sheet.items:
        if not isinstance(item, Text) or not item.text.strip() or item.opacity < 0.5:
            continue
        kind = texts.kind_of(item.text)
        if kind is MarkKind.OTHER:
            continue
        quad = scene.quad(item) - np.array(window[:2])
        if (quad.max(axis=0) > 0).all() and (quad.min(axis=0) < SIDE).all():
            quads.append(quad)
            kinds.append(str(kind))
    pixels = scene.window(window, dice)
    return Tile(pixels, np.array(quads, np.float32).reshape(-1, 4, 2), tuple(kinds), shot.tier)


def draw(seed: int, index: int) -> list[Tile]:
    """Tiles of one planned photograph: around its mark as it is, with another text there, and somewhere else."""
    dice = QuickDice(seed, index, 6)
    layout = dice.pick(tuple(POSITIVE) if dice.chance(0.75) else tuple(NEGATIVE))
    sheet = SHEETS[layout](Dice(seed, index, 1))
    scene = stage(seed, index, layout, dice.pick(TIERS), sheet)
    marks, others = lines_of(sheet)
    tiles: list[Tile | None] = []
    for i in marks:
        for words in ("", texts.mark(dice) if dice.chance(0.7) else texts.no_mark(dice)):
            item = with_text(sheet, i, words, dice) if words else text_at(sheet, i)
            quad = scene.quad(item)
            away = np.array([dice.uniform(-0.35, 0.35), dice.uniform(-0.4, 0.4)]) * SIDE
            if 7 <= glyph_height(quad) <= 28:
                tiles.append(_tile(scene, quad.mean(axis=0) + away, dice))
    for i in dice.sample(others, 2 if marks else 3):
        item = text_at(sheet, i)
        away = np.array([dice.uniform(-0.4, 0.4), dice.uniform(-0.4, 0.4)]) * SIDE
        tiles.append(_tile(scene, scene.quad(item).mean(axis=0) + away, dice))
    if dice.chance(0.15):
        place = np.array([dice.uniform(0, scene.shot.width), dice.uniform(0, scene.shot.height)])
        tiles.append(_tile(scene, place, dice))
    return [tile for tile in tiles if tile is not None]


def save(path: Path, tiles: list[Tile]) -> None:
    """Write `tiles`; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    counts = [len(tile.quads) for tile in tiles]
    with part.open("wb") as out:
        np.savez(
            out,
            pixels=np.stack([tile.pixels for tile in tiles]),
            counts=np.array(counts),
            quads=np.concatenate([tile.quads for tile in tiles]),
            kinds=np.array([kind for tile in tiles for kind in tile.kinds] or [""]),
            tiers=np.array([tile.tier for tile in tiles]),
        )
    part.rename(path)


def load(path: Path) -> list[Tile]:
    """The tiles of a shard."""
    with np.load(path) as kept:
        pixels, counts, quads, kinds, tiers = (kept[name] for name in ("pixels", "counts", "quads", "kinds", "tiers"))
    tiles, start = [], 0
    for i, count in enumerate(counts):
        end = start + int(count)
        names = tuple(str(kind) for kind in kinds[start:end])
        tiles.append(Tile(pixels[i], quads[start:end], names, str(tiers[i])))
        start = end
    return tiles
