"""The photograph: a sheet seen through the plan of a shot, as pixels of the final picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgscan.specimens import optics
from imgscan.specimens.backdrop import backdrop, lay_finger, lay_pen
from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import RED, Box, Corners, Pixels, Seal, Sheet
from imgscan.specimens.shot import Bend, Homography, Shot, anchor, glyph_height, inverse, project, sheet_corners

BLUE = (36, 66, 168)
OVERSAMPLING = 1.12
"""Pixels of the drawn sheet a pixel of the photograph, at the mark: little blur from resampling, little waste."""
WECHAT_SHRINK = 1.35
"""A photo that WeChat is to shrink is taken this much larger."""
MAX_DRAWN = 24e6
CELL = 8


def mark_polygon(sheet: Sheet, shot: Shot) -> Corners | None:
    """The mark's corners in px of the final picture, or None."""
    corners = sheet.mark_corners()
    if corners is None:
        return None
    return project(shot.to_picture, corners if shot.bend is None else shot.bend.bend(corners, sheet))


def photograph(sheet: Sheet, shot: Shot, dice: Dice, *, with_mark: bool = True) -> Pixels:
    """The final picture as a viewer shows it, RGB; `with_mark` False leaves out the mark's ink and nothing else."""
    larger = WECHAT_SHRINK if shot.wechat else 1.0
    width, height = round(shot.width * larger), round(shot.height * larger)
    matrix = np.diag([width / shot.width, height / shot.height, 1.0]) @ shot.to_picture
    _stamp(sheet, shot, dice)
    picture = _expose(sheet, shot, matrix, (width, height), dice, with_mark=with_mark)
    if shot.obstacle:
        place = anchor(sheet)
        place = project(matrix, place if shot.bend is None else shot.bend.bend(place, sheet))
        picture = (lay_pen if shot.obstacle == "pen" else lay_finger)(picture, place, dice)
    picture = optics.develop(picture, shot, larger, dice)
    return optics.recompress(picture, shot)


def develop_scene(scene: Pixels, shot: Shot, dice: Dice) -> Pixels:
    """The final picture of a scene that is no page."""
    return optics.recompress(optics.develop(scene, shot, 1.0, dice), shot)


def _stamp(sheet: Sheet, shot: Shot, dice: Dice) -> None:
    """A seal over the mark."""
    if not shot.seal:
        return
    corners = anchor(sheet)
    across = corners[1] - corners[0]
    x, y = corners[0] + across * dice.uniform(0.25, 0.8) + (corners[3] - corners[0]) * dice.uniform(-0.8, 1.8)
    fill = RED if shot.seal == "red" else BLUE
    sheet.add(
        Seal(x, y, dice.uniform(34, 42), "云岫市示例局机要专用章", fill, dice.uniform(-50, 50), dice.uniform(0.6, 0.85))
    )


def _window(sheet: Sheet, shot: Shot, matrix: Homography, size: tuple[int, int]) -> Box:
    """The part of the sheet that the frame shows, in mm."""
    frame = np.array([(x * size[0] / 8, y * size[1] / 8) for x in range(9) for y in range(9)], np.float64)
    back = inverse(matrix)
    depth = np.hstack([frame, np.ones((len(frame), 1))]) @ back[2]
    centre_depth = np.array([size[0] / 2, size[1] / 2, 1.0]) @ back[2]
    if (depth * centre_depth <= 0).any():  # the horizon is in the frame
        return 0.0, 0.0, sheet.width, sheet.height
    seen = project(back, frame)
    spare = 4 + (abs(shot.bend.amount) if shot.bend else 0)
    x0, y0 = np.maximum(seen.min(axis=0) - spare, 0)
    x1, y1 = np.minimum(seen.max(axis=0) + spare, (sheet.width, sheet.height))
    return float(x0), float(y0), float(x1), float(y1)


def _expose(
    sheet: Sheet, shot: Shot, matrix: Homography, size: tuple[int, int], dice: Dice, *, with_mark: bool
) -> Pixels:
    corners = anchor(sheet)
    window = _window(sheet, shot, matrix, size)
    local = glyph_height(project(matrix, corners)) / glyph_height(corners)
    if shot.flat and not shot.turn:
        drawn = sheet.draw(local, (0, 0, sheet.width, sheet.height), with_mark=with_mark)
        return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    area = (window[2] - window[0]) * (window[3] - window[1])
    scale = min(local * OVERSAMPLING, (MAX_DRAWN / max(area, 1.0)) ** 0.5)
    drawn = sheet.draw(scale, window, with_mark=with_mark)
    # Rows and columns of the drawing -> mm: pixel centres lie half a pixel in.
    to_mm = np.array([(1 / scale, 0, window[0] + 0.5 / scale), (0, 1 / scale, window[1] + 0.5 / scale), (0, 0, 1)])
    to_pixel = np.array([(1, 0, -0.5), (0, 1, -0.5), (0, 0, 1)]) @ matrix @ to_mm
    outline = project(matrix, sheet_corners(sheet))
    picture = backdrop(_ground(sheet, shot), *size, outline, dice)
    if shot.bend is None:
        warped = cv2.warpPerspective(
            drawn, to_pixel, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
        )
        return np.asarray(warped, np.uint8)
    places = _bent_map(sheet, shot.bend, matrix, to_mm, size)
    warped = cv2.remap(
        drawn, places, np.empty(0, np.float32), cv2.INTER_LINEAR, dst=picture, borderMode=cv2.BORDER_TRANSPARENT
    )
    return np.asarray(warped, np.uint8)


def _ground(sheet: Sheet, shot: Shot) -> str:
    if sheet.surface == "screen":
        return "dark"  # the bezel
    return "plain" if sheet.surface == "label" and shot.backdrop == "cloth" else shot.backdrop


def _bent_map(
    sheet: Sheet, bend: Bend, matrix: Homography, to_mm: Homography, size: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """For every pixel of the picture the (x, y) in the drawing, computed every CELL px and interpolated."""
    nx, ny = size[0] // CELL + 2, size[1] // CELL + 2
    x, y = np.meshgrid(np.arange(nx) * CELL, np.arange(ny) * CELL)
    nodes = np.column_stack([x.ravel(), y.ravel()]).astype(np.float64) + 0.5
    flat = bend.unbend(project(inverse(matrix), nodes), sheet)
    place = project(inverse(to_mm), flat).reshape(ny, nx, 2).astype(np.float32)
    # warpAffine with a pure scale: node (i, j) lands exactly on pixel (CELL*i, CELL*j).
    grow = np.array([(1 / CELL, 0, 0), (0, 1 / CELL, 0)], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    grown = cv2.warpAffine(np.clip(place, -1e5, 1e5), grow, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(grown, np.float32)
