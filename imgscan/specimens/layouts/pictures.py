"""Pictures without any text, for triage: gradients, textures, landscapes made of noise."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import Pixels

Field = npt.NDArray[np.float32]


def _octaves(dice: Dice, width: int, height: int, first: int, count: int) -> Field:
    """Fractal noise of about 0..1: `count` octaves, the first of `first` cells across."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(count):
        cells, share = first * 2**octave, 0.55**octave
        grain = dice.noise((max(2, cells * height // width) + 1, cells + 1))
        total += np.float32(share) * cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
        weight += share
    field: Field = total / np.float32(weight)
    return field


def _colour(dice: Dice, low: int, high: int) -> Field:
    # Nature is not gaudy: one grey with a tint, warm or cold.
    grey, tint = dice.integer(low, high), dice.uniform(-0.22, 0.22)
    return np.clip(grey * np.array([1 + tint, 1 + dice.uniform(-0.06, 0.1), 1 - tint], np.float32), 0, 255)


def gradient(dice: Dice, width: int, height: int) -> Pixels:
    """Sky, wall or lamplight: two or three colours that run into each other."""
    w, h = width // 4, height // 4
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = dice.uniform(0, 2 * np.pi)
    share = (x / w * np.cos(angle) + y / h * np.sin(angle) + 1.0) / 2.2
    share = np.clip(share + 0.12 * (_octaves(dice, w, h, 3, 3) - 0.5), 0, 1)[..., None]
    picture = _colour(dice, 10, 255) * share + _colour(dice, 10, 255) * (1 - share)
    spot = np.exp(-(((x / w - dice.uniform(0, 1)) / 0.18) ** 2 + ((y / h - dice.uniform(0, 1)) / 0.18) ** 2))[..., None]
    return _grown(picture + 70 * spot, width, height)


def texture(dice: Dice, width: int, height: int) -> Pixels:
    """Stone, cloth, tiles or bark, close by."""
    w, h = width // 2, height // 2
    rough = _octaves(dice, w, h, dice.pick((5, 9, 24)), 5)
    if dice.chance(0.5):  # woven or tiled
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        period = dice.uniform(12, 70)
        rough = 0.6 * rough + 0.4 * np.clip(
            np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period) * 2 + 0.5, 0, 1
        )
    share = np.clip((rough - 0.25) * 1.9, 0, 1)[..., None]
    return _grown(_colour(dice, 10, 120) * (1 - share) + _colour(dice, 110, 245) * share, width, height)


def landscape(dice: Dice, width: int, height: int) -> Pixels:
    """Sky with clouds and ridges of hills behind each other."""
    w, h = width // 2, height // 2
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    day = dice.chance(0.7)
    top, low = ((70, 120, 200), (200, 222, 240)) if day else ((40, 30, 80), (240, 150, 90))
    picture = np.array(top, np.float32) * (1 - y) + np.array(low, np.float32) * y + np.zeros((h, w, 3), np.float32)
    clouds = np.clip((_octaves(dice, w, h, 4, 5) - 0.5) * 3, 0, 1)[..., None] * np.clip(1 - 1.6 * y, 0, 1)
    picture = picture * (1 - 0.7 * clouds) + 250 * 0.7 * clouds
    far, near = np.array((130, 150, 170), np.float32), np.array((30, 60, 34), np.float32) + dice.uniform(-15, 25)
    ridges = dice.integer(3, 5)
    rows = np.arange(h, dtype=np.float32)[:, None]
    for ridge in range(ridges):
        skyline = _octaves(dice, w, 8, 2 + ridge, 5)[:1] - 0.5
        level = h * (0.45 + 0.45 * ridge / ridges) - skyline * h * 0.3
        share = (ridge + 1) / ridges
        leaves = (0.75 + 0.5 * _octaves(dice, w, h, 30, 4))[..., None]
        hill = (far * (1 - share) + near * share) * leaves
        picture = np.where((rows > level)[..., None], hill, picture)
    return _grown(np.asarray(picture, np.float32), width, height)


def _grown(picture: Field, width: int, height: int) -> Pixels:
    small = np.clip(picture, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


PICTURES: dict[str, Callable[[Dice, int, int], Pixels]] = {
    "gradient": gradient,
    "texture": texture,
    "landscape": landscape,
}
