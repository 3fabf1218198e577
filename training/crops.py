"""Training crops for the reader: a line with some paper around it, where exactly the line stands, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.mark_reader.alphabet import KINDS, MarkKind, spell
from imgscan.specimens import fonts
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import NEGATIVE, POSITIVE, SHEETS
from imgscan.specimens.sheet import Corners, Sheet, Text
from imgscan.specimens.shot import glyph_height
from training import texts
from training.scene import QuickDice, Scene, around, stage

MARGIN = 0.8
"""Glyph heights of surroundings that are kept, so that each epoch cuts the line a little differently."""
LONGEST = 13.0
"""Lines longer than this many glyph heights are cut: a mark is short."""
TALLEST = 36.0
"""Taller glyphs are stored at this height: the reader sees 32 px."""
SPARE_GLARE = 0.7
"""In a window this small a lamp's mirror image would nearly always lie on the line; in a picture it rarely does."""
TIERS = ("standard", "hard", "hard", "extreme", "extreme", "extreme")


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A line: pixels (BGR), its corners in them, what it says (spelt), its kind (of KINDS), where it came from."""

    pixels: Pixels
    quad: Corners
    text: str
    kind: int
    tier: str
    layout: str
    height: float


def _segment(text: Text, dice: Dice) -> Text | None:
    """`text`, or a part of it that is short enough."""
    left, _top, right, _bottom = text.ink()
    if right - left <= 0 or not text.text.strip():
        return None
    stripped = text.text.strip()
    if (right - left) / text.size <= LONGEST and stripped == text.text:
        return text
    if text.turn:
        return None
    count = dice.integer(3, 11)
    start = dice.integer(0, max(0, len(text.text) - count))
    part = text.text[start : start + count]
    lead = len(part) - len(part.lstrip())
    start, part = start + lead, part.strip()
    if not part:
        return None
    return replace(text, x=text.x + fonts.width(text.role, text.text[:start]) * text.size, text=part)


def _cut(scene: Scene, text: Text, dice: Dice) -> Crop | None:
    quad = scene.quad(text)
    height = glyph_height(quad)
    if not scene.in_frame(quad) or not 6 <= height <= 90:
        return None
    calm = scene
    if scene.shot.glare and dice.chance(SPARE_GLARE):
        calm = replace(scene, shot=replace(scene.shot, glare=False))
    rect = around(quad, MARGIN, scene.shot)
    pixels = calm.window(rect, dice)
    quad = quad - np.array(rect[:2])
    if height > TALLEST:
        shrink = TALLEST / height
        pixels = np.asarray(cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        quad = quad * (np.array(pixels.shape[1::-1]) / ((rect[2] - rect[0]), (rect[3] - rect[1])))
    kind = KINDS.index(texts.kind_of(text.text))
    return Crop(pixels, quad, spell(text.text), kind, scene.shot.tier, scene.layout, height)


def text_at(sheet: Sheet, index: int) -> Text:
    """Item `index`, which must be a line of text."""
    item = sheet.items[index]
    if not isinstance(item, Text):
        raise TypeError(item)
    return item


def with_text(sheet: Sheet, index: int, words: str, dice: Dice) -> Text:
    """Put other words in place of item `index`, mostly in its face, within the sheet."""
    old = text_at(sheet, index)
    role = old.role if dice.chance(0.6) else dice.pick(("hei", "hei_light", "sans", "song_bold", "song", "kai"))
    new = replace(old, text=words, role=role, mark=old.mark)
    _left, _top, right, _bottom = new.ink()
    over = right - (sheet.width - 4)
    if over > 0:
        new = replace(new, x=max(3.0, new.x - over))
    sheet.items[index] = new
    return new


def lines_of(sheet: Sheet) -> tuple[list[int], list[int]]:
    """The indices of the marks among the items of `sheet`, and those of its other lines."""
    lines = [(i, item) for i, item in enumerate(sheet.items) if isinstance(item, Text) and item.text.strip()]
    return [i for i, item in lines if item.mark], [i for i, item in lines if not item.mark]


def draw(seed: int, index: int) -> list[Crop]:
    """A few crops of one planned photograph: its mark, another mark in its place, ordinary lines, look-alikes."""
    dice = QuickDice(seed, index, 5)
    tier = dice.pick(TIERS)
    layout = dice.pick(tuple(POSITIVE) if dice.chance(0.8) else tuple(NEGATIVE))
    sheet = SHEETS[layout](Dice(seed, index, 1))
    scene = stage(seed, index, layout, tier, sheet)
    marks, others = lines_of(sheet)
    crops = [_cut(scene, text_at(sheet, i), dice) for i in marks]
    for i in marks:
        for words in (texts.mark(dice), texts.mark(dice), texts.no_mark(dice)):
            text = with_text(sheet, i, words, dice)
            crops.append(_cut(scene, text, dice))
    for i in dice.sample(others, 3):
        line = with_text(sheet, i, texts.no_mark(dice), dice) if dice.chance(0.5) else text_at(sheet, i)
        part = _segment(line, dice)
        if part is not None:
            crops.append(_cut(scene, part, dice))
    return [crop for crop in crops if crop is not None and crop.text]


def is_mark(crop: Crop) -> bool:
    """True for a crop of any kind of mark."""
    return KINDS[crop.kind] is not MarkKind.OTHER
