"""What lies around and on the page: desks, clutter, a finger, a pen. Drawn small or locally: thousands are made."""

from __future__ import annotations

import cv2
import numpy as np

from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import Colour, Corners, Pixels

_WOODS: tuple[tuple[Colour, Colour], ...] = (
    ((122, 84, 52), (164, 122, 82)),
    ((92, 60, 40), (128, 90, 62)),
    ((176, 146, 108), (204, 178, 142)),
)
_PLAINS: tuple[Colour, ...] = ((196, 198, 196), (150, 156, 158), (214, 206, 192), (96, 110, 120), (226, 228, 228))
_CLOTHS: tuple[Colour, ...] = ((70, 92, 80), (92, 70, 74), (70, 76, 100), (150, 140, 120))
_SKINS: tuple[Colour, ...] = ((222, 178, 150), (204, 156, 126), (186, 136, 106), (236, 196, 170))


def backdrop(kind: str, width: int, height: int, page: Corners, dice: Dice) -> Pixels:
    """Surface under the page, RGB, with the page's soft shadow; `page` in px of the picture."""
    factor = 3  # the desk is out of focus anyway
    w, h = -(-width // factor), -(-height // factor)
    small = _surface(kind, w, h, dice)
    shade = np.full((h, w), 255, np.uint8)
    moved = page / factor + np.array([dice.uniform(-0.008, 0.012), dice.uniform(0.002, 0.014)]) * max(w, h)
    cv2.fillConvexPoly(shade, np.round(moved).astype(np.int32), int(dice.uniform(110, 170)))
    soft = cv2.GaussianBlur(shade, (0, 0), max(1.0, max(w, h) * 0.007))
    shaded = cv2.multiply(small, cv2.merge([soft] * 3), scale=1 / 255)
    return np.asarray(cv2.resize(shaded, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _surface(kind: str, w: int, h: int, dice: Dice) -> Pixels:
    if kind == "wood":
        return _wood(w, h, dice)
    if kind == "cloth":
        weave = dice.normal((h, w, 1), 9) + np.array(dice.pick(_CLOTHS), np.float32)
        return np.asarray(np.clip(weave, 0, 255), np.uint8)
    if kind == "dark":
        base = np.array(dice.pick(((34, 36, 40), (52, 46, 42), (24, 26, 30))), np.float32)
        return np.clip(dice.normal((h, w, 1), 3) + base, 0, 255).astype(np.uint8)
    if kind == "busy":
        return _clutter(_wood(w, h, dice) if dice.chance(0.5) else _plain(w, h, dice), dice)
    return _plain(w, h, dice)


def _plain(w: int, h: int, dice: Dice) -> Pixels:
    patches = cv2.resize(dice.normal((5, 4), 5), (w, h), interpolation=cv2.INTER_CUBIC)[..., None]
    wall = patches + dice.normal((h, w, 1), 2) + np.array(dice.pick(_PLAINS), np.float32)
    return np.asarray(np.clip(wall, 0, 255), np.uint8)


def _wood(w: int, h: int, dice: Dice) -> Pixels:
    dark, light = (np.array(c, np.float32) for c in dice.pick(_WOODS))
    broad = cv2.resize(dice.noise((7, max(4, w // 24))), (w, h), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(dice.noise((max(2, h // 60), max(4, w // 2))), (w, h), interpolation=cv2.INTER_LINEAR)
    share = np.clip(0.65 * broad + 0.35 * fine, 0, 1)[..., None]
    grain = dark * (1 - share) + light * share
    return np.asarray(np.clip(grain, 0, 255), np.uint8)


def _clutter(ground: Pixels, dice: Dice) -> Pixels:
    """Books, sheets of print, a keyboard, cups: shapes that a page finder may take for a page."""
    picture = np.ascontiguousarray(ground)
    h, w = picture.shape[:2]
    for _ in range(dice.integer(7, 13)):
        centre = dice.uniform(0, w), dice.uniform(0, h)
        size = dice.uniform(0.15, 0.45) * w, dice.uniform(0.1, 0.4) * h
        colour = dice.pick(
            (
                (180, 60, 54),
                (52, 84, 130),
                (236, 234, 226),
                (230, 228, 220),
                (210, 176, 80),
                (60, 110, 84),
                (44, 44, 48),
            )
        )
        box = np.asarray(cv2.boxPoints((centre, size, dice.uniform(0, 180))), np.float64)
        kind = dice.integer(0, 5)
        if kind == 0:
            radius = int(min(size) / 3)
            cv2.circle(picture, (int(centre[0]), int(centre[1])), radius, (240, 238, 232), -1, cv2.LINE_AA)
            cv2.circle(picture, (int(centre[0]), int(centre[1])), int(radius * 0.82), (96, 58, 30), -1, cv2.LINE_AA)
            continue
        cv2.fillConvexPoly(picture, box.astype(np.int32), colour, cv2.LINE_AA)
        cv2.polylines(
            picture,
            [box.astype(np.int32)],
            isClosed=True,
            color=tuple(int(c * 0.7) for c in colour),
            thickness=2,
            lineType=cv2.LINE_AA,
        )
        if sum(colour) > 640:  # light: a printed sheet
            _print(picture, box, dice)
    return picture


def _print(picture: Pixels, box: Corners, dice: Dice) -> None:
    """Grey lines as of print on the quad `box`."""
    across, down = box[1] - box[0], box[3] - box[0]
    rows = dice.integer(6, 14)
    for row in range(1, rows):
        start = box[0] + 0.1 * across + down * row / rows
        end = box[0] + dice.uniform(0.5, 0.9) * across + down * row / rows
        cv2.line(picture, tuple(int(v) for v in start), tuple(int(v) for v in end), (130, 130, 130), 1, cv2.LINE_AA)


def lay_pen(picture: Pixels, mark: Corners, dice: Dice) -> Pixels:
    """A pen across the last third of `mark`: thin enough to leave most strokes to be seen."""
    across, down = mark[1] - mark[0], mark[3] - mark[0]
    glyph = float(np.linalg.norm(down))
    point = mark[0] + dice.uniform(0.62, 0.95) * across + 0.5 * down
    lean = dice.uniform(-0.5, 0.5)
    direction = down / glyph * np.cos(lean) + across / np.linalg.norm(across) * np.sin(lean)
    normal = np.array([-direction[1], direction[0]])
    half = glyph * dice.uniform(0.16, 0.24)
    start, end = point - direction * glyph * dice.uniform(1.2, 3), point + direction * glyph * dice.uniform(14, 22)
    colour = np.array(dice.pick(((30, 32, 38), (36, 60, 140), (150, 30, 34), (196, 198, 202))), np.float64)
    shadow = (
        np.array([start - normal * half, end - normal * half, end + normal * half, start + normal * half]) + half * 0.7
    )
    shaded = picture.copy()
    cv2.fillConvexPoly(shaded, np.round(shadow * 16).astype(np.int32), (60, 60, 60), cv2.LINE_AA, 4)
    picture = np.asarray(cv2.addWeighted(picture, 0.65, shaded, 0.35, 0), np.uint8)
    for share in np.linspace(1, -0.8, 7):  # a cylinder: light on one side
        light = 1.5 - 0.75 * abs(share + 0.15)
        body = np.array(
            [start - normal * half, end - normal * half, end + normal * half * share, start + normal * half * share]
        )
        cv2.fillConvexPoly(
            picture,
            np.round(body * 16).astype(np.int32),
            tuple(float(v) for v in np.clip(colour * light, 0, 255)),
            cv2.LINE_AA,
            4,
        )
    return picture


def lay_finger(picture: Pixels, mark: Corners, dice: Dice) -> Pixels:
    """A fingertip over the end of `mark` (at most its last third), coming in along the text from the right."""
    across, down = mark[1] - mark[0], mark[3] - mark[0]
    glyph, length = float(np.linalg.norm(down)), float(np.linalg.norm(across))
    radius = glyph * dice.uniform(1.25, 1.6)  # a fingertip is 13 to 17 mm wide, a glyph 5.2 mm high
    axis = np.deg2rad(dice.uniform(-55, 55))
    unit = across / length
    direction = np.array(
        [unit[0] * np.cos(axis) - unit[1] * np.sin(axis), unit[0] * np.sin(axis) + unit[1] * np.cos(axis)]
    )
    # Longer marks lose more of their term; of two bare characters only the edge of the second is touched.
    covered = dice.uniform(0.12, 0.28) if length > 3 * glyph else dice.uniform(0.05, 0.12)
    tip = mark[0] + across * (1 - covered) + down * dice.uniform(0.3, 0.7)
    reach = float(np.hypot(*picture.shape[:2]))  # to the border of the frame
    root = tip + direction * reach
    low = np.floor(np.minimum(tip, root) - 2 * radius).astype(int)
    high = np.ceil(np.maximum(tip, root) + 2 * radius).astype(int)
    (x0, y0), (x1, y1) = np.clip(low, 0, picture.shape[1::-1]), np.clip(high, 0, picture.shape[1::-1])
    if x1 <= x0 or y1 <= y0:
        return picture
    y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    along = (x - tip[0]) * direction[0] + (y - tip[1]) * direction[1]
    side = -(x - tip[0]) * direction[1] + (y - tip[1]) * direction[0]
    centre = radius * 1.0
    distance = np.hypot(np.minimum(along - centre, 0), side) / (radius * (1 + 0.02 * np.maximum(along, 0) / radius))
    alpha = np.clip((1 - distance) * radius / 1.5, 0, 1)[..., None]
    gloom = np.clip(1.35 - distance, 0, 1)[..., None] * 0.5
    skin = np.array(dice.pick(_SKINS), np.float32) * (1.06 - 0.42 * np.clip(distance, 0, 1.1) ** 2.2)[..., None]
    nail = np.hypot((along - radius * 1.0) / (radius * 0.72), side / (radius * 0.56))
    glow = np.clip((1 - nail) * 4, 0, 1)[..., None]
    skin = skin * (1 - 0.55 * glow) + np.array((240, 204, 194), np.float32) * 0.55 * glow
    patch = picture[y0:y1, x0:x1].astype(np.float32)
    patch = patch * (1 - gloom * (1 - alpha))
    out = picture.copy()
    out[y0:y1, x0:x1] = np.clip(patch * (1 - alpha) + skin * alpha, 0, 255).astype(np.uint8)
    return out
