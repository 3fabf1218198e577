"""Light, lens and sensor: what happens to a photograph between the page and the file."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import Pixels
from imgscan.specimens.shot import Shot

GRID = 72
"""Light changes slowly: it is computed on a coarse grid of this many cells along the long side."""
NOISE_TILE = 383
"""Side of the noise that is repeated over the picture; a prime, so that it does not beat with the JPEG blocks."""


def develop(picture: Pixels, shot: Shot, larger: float, dice: Dice) -> Pixels:
    """`picture` (RGB) after light, lens and sensor; `larger`: its size against the final one."""
    if shot.flat:
        return _grain(picture, shot.noise, dice)
    if shot.moire:
        picture = _moire(picture, dice, 0.05 if shot.tier == "standard" else 0.1)
    picture = _light(picture, shot, dice)
    if shot.glare:
        picture = _glare(picture, dice, {"standard": 0.3, "hard": 0.5, "extreme": 0.75}[shot.tier])
    if shot.motion:
        picture = _motion(picture, shot.motion * larger, shot.motion_angle)
    if shot.blur * larger > 0.3:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), shot.blur * larger), np.uint8)
    return _grain(picture, shot.noise, dice)


def _grid(picture: Pixels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    height, width = picture.shape[:2]
    step = max(height, width) / GRID
    y, x = np.mgrid[0 : max(2, round(height / step)), 0 : max(2, round(width / step))].astype(np.float32)
    return x / x.max() * 2 - 1, y / y.max() * 2 - 1


def _light(picture: Pixels, shot: Shot, dice: Dice) -> Pixels:
    """Exposure, white balance, fall-off, a gradient and the shadow of the hand or phone, in one multiplication."""
    x, y = _grid(picture)
    angle = dice.uniform(0, 2 * np.pi)
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 1.42
    gain = shot.exposure * (1 - 0.06 * (x * x + y * y)) * (1 - shot.uneven * (slope + 1) / 2)
    if shot.shadow:
        edge, bias, soft = dice.uniform(0, 2 * np.pi), dice.uniform(-0.4, 0.4), dice.uniform(0.04, 0.3)
        bow = dice.uniform(-0.5, 0.5)
        across = x * np.cos(edge) + y * np.sin(edge) + bow * (y * np.cos(edge) - x * np.sin(edge)) ** 2 - bias
        gain = gain * (1 - shot.shadow / (1 + np.exp(-across / soft)))
    if shot.bend is not None:  # a bent sheet is lighter on one flank
        ridge = x if shot.bend.axis == 0 else y
        at = shot.bend.at * 2 - 1
        flank = np.sign(ridge - at) if shot.bend.fold else np.sin(2 * (ridge - at))
        gain = gain * (1 + 0.03 * flank)
    warmth = dice.uniform(-1, 1)
    cast = np.array((1 + 0.05 * warmth, 1.0 + dice.uniform(-0.015, 0.015), 1 - 0.08 * warmth), np.float32)
    field = np.clip(gain[..., None] * cast * 160, 0, 255).astype(np.float32)
    full = cv2.resize(field.astype(np.uint8), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(picture, full, scale=1 / 160), np.uint8)


def _glare(picture: Pixels, dice: Dice, strength: float) -> Pixels:
    """A lamp mirrored in the paper."""
    x, y = _grid(picture)
    cx, cy, size = dice.uniform(-0.8, 0.8), dice.uniform(-0.3, 0.9), dice.uniform(0.1, 0.3)
    spot = np.exp(-(((x - cx) / size) ** 2 + ((y - cy) / (size * dice.uniform(0.6, 1.6))) ** 2))
    small = np.clip(255 * strength * spot, 0, 255).astype(np.uint8)
    full = cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(picture, cv2.merge([full, full, full])), np.uint8)


def _moire(picture: Pixels, dice: Dice, depth: float) -> Pixels:
    """Bands of a photographed screen: two slow gratings, shifted a little between the colours."""
    height, width = picture.shape[:2]
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    bands = []
    period, tilt, phase = dice.uniform(7, 40), dice.uniform(0, np.pi), dice.uniform(0, 6)
    fine, lean = dice.uniform(3.5, 7), dice.uniform(0, np.pi)
    for channel in range(3):
        wave = np.zeros((height, width), np.float32)
        for length, angle, weight in ((period, tilt, 0.65), (fine, lean, 0.35)):
            a = x * np.float32(2 * np.pi * np.cos(angle) / length) + np.float32(phase + channel * 0.9)
            b = y * np.float32(2 * np.pi * np.sin(angle) / length)
            # sin(a + b) from two outer products: no trigonometry a pixel
            wave += np.float32(weight) * (np.outer(np.cos(b), np.sin(a)) + np.outer(np.sin(b), np.cos(a)))
        bands.append((160 * (1 + depth * (wave - 0.5))).astype(np.uint8))
    return np.asarray(cv2.multiply(picture, cv2.merge(bands), scale=1 / 160), np.uint8)


def _motion(picture: Pixels, length: float, angle: float) -> Pixels:
    """Straight camera shake of `length` px."""
    reach = max(1, int(np.ceil(length / 2)))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    direction = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    for step in np.linspace(-0.5, 0.5, 33):
        px, py = direction * step * length + reach
        x, y = int(np.floor(px)), int(np.floor(py))
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            weight = (1 - abs(px - x - dx)) * (1 - abs(py - y - dy))
            if weight > 1e-6 and x + dx < kernel.shape[1] and y + dy < kernel.shape[0]:
                kernel[y + dy, x + dx] += weight
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def _grain(picture: Pixels, sigma: float, dice: Dice) -> Pixels:
    """Sensor noise of `sigma` grey levels, softened as a phone does, a part of it in colour."""
    if sigma <= 0:
        return picture
    shape = (NOISE_TILE, NOISE_TILE)
    grey, colour = dice.normal((*shape, 1), sigma * 0.8), dice.normal((*shape, 3), sigma * 0.6)
    tile = np.round(grey + colour).astype(np.int16)
    height, width = picture.shape[:2]
    rows, columns = -(-height // NOISE_TILE), -(-width // NOISE_TILE)
    noise = np.tile(tile, (rows, columns, 1))[:height, :width]
    return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)


def recompress(picture: Pixels, shot: Shot) -> Pixels:
    """The rounds through a messenger: shrunk to the final size, then JPEG at each quality."""
    for index, quality in enumerate(shot.wechat):
        if index == 0:
            picture = np.asarray(cv2.resize(picture, (shot.width, shot.height), interpolation=cv2.INTER_AREA), np.uint8)
        if index < len(shot.wechat) - 1:  # the last round is the file itself
            coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
            picture = np.ascontiguousarray(decoded[..., ::-1])
    return picture
