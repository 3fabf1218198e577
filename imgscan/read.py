"""Reads the text of an upright page: find lines at a fitting scale, read them, read doubtful ones again. Sixth step.

What each second look buys is measured in docs/reading.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from imgscan.engine import Engine
from imgscan.find import Scales, detect_in_bands, find_lines, wanted_scale
from imgscan.frames import Frame, Pixels, Upright
from imgscan.normalise import HAN
from imgscan.overlaid import LARGE, behind_text, stamped
from imgscan.patches import find_patches
from imgscan.quads import bounds, centre, covered, glyph_height, holds, is_column, moved, scaled, straighten
from imgscan.red_ink import Region, Shrunk, red_marks, red_region, red_share, shrunk, without_red
from imgscan.triage import Triage
from imgscan.types import Matrix, Page, Quad, TextLine
from imgscan.upright import MOSTLY, turn, upright

# Bump when a change to any step before `judge` can change what is read: it is part of the reading key.
PREPROCESSING = 8

# Characters of marks and of what the small recogniser makes of them (domain.md, 6.1): worth a second, better look.
SUSPECT = re.compile("[密绝絕秘祕★☆⭐〔〕]|内[部參参]|机[宓蜜窑容盛店综绵惊]|明电|电报|商密")
CHINESE = re.compile(f"[{HAN}]")
TRADITIONAL = re.compile("[國會機關發為應當區縣務處實該與並時後門開過這們來說對無業東車長書見經給專總據電號員產動學體]")


@dataclass(frozen=True, slots=True)
class Profile:
    """How closely a page is read."""

    scales: Scales
    strong_head: int  # so many lines from the top are read by the strong model when short
    doubt: float  # a short line below this confidence is read again


PROFILES = {
    "fast": Profile(Scales(glyph=10.0, longest=960), strong_head=0, doubt=0.5),
    "balanced": Profile(Scales(glyph=14.0, longest=1600), strong_head=6, doubt=0.85),
    "thorough": Profile(Scales(glyph=18.0, longest=2560), strong_head=30, doubt=0.98),
}

SHORT = 14  # characters: marks, copy numbers and labels are short, sentences are not
AS_LARGE = 0.8  # of the height of words over the text: boxes of lines that swallowed a part of a stamp reach 0.7
OVERLAID_SIDE = 480  # large words show in a small picture, and two characters far apart are one line
SEAL_SIDE = 960  # the surroundings of red ink are searched at least at this scale
CROSSED = (0.05, 0.9)  # the share of red in a line's ink that a seal across it makes; more is red text
NOISE = 0.6  # mean confidence below which the page was probably turned the wrong way
LINES_TRIED = 8  # lines tell which way is up
CLEARLY = 0.1  # of confidence: less is no reason to turn a page
SURELY = 0.9  # a page on its side reads so well once turned; vertical text, whose characters then lie, does not
UNREAD = 0.3  # below such a confidence the quick recogniser has next to no character right ...
SURE = 0.97  # ... and from this on all
LIKELY = 0.01  # probability of a mark, by our own reader, from which lines of both kinds are read again


def read(frame: Frame, found: Triage, engine: Engine, profile: Profile) -> Page:
    """Read one frame; where its lines read as noise, the way up that reads best is taken instead."""
    page = upright(frame, found, engine)
    sight = _look(page, engine, profile)
    if sight.lines and (_sense(_in_chinese(sight).lines) < NOISE or _on_its_side(sight)):
        better = _better_turn(sight, engine)
        if better:
            page = turn(frame, found.sheets, _turns_of(page.to_picture) + better)
            sight = _look(page, engine, profile)
    lines = _second_look(sight, engine, profile)
    small = shrunk(page.pixels)
    red = red_region(small)
    if red is not None:
        lines += _behind_red_ink(page.pixels, red, lines, engine, profile)
    lines += engine.marks(page.pixels, lines)
    lines += _over_text(small, lines, engine, profile, with_red=red is not None)
    height, width = page.pixels.shape[:2]
    scale = _scale(page.to_picture)
    ordered = sorted(lines, key=lambda line: _reading_order(line, width, height))
    kept = tuple(replace(line, height=line.height * scale) for line in ordered if line.text)
    ink = red_marks(small)
    red_head = ink.rules or any(line.red > MOSTLY for line in kept)
    patches = find_patches(page.pixels) if red_head else ()  # elsewhere there is no mark to cover
    sheet = _sheet_of(kept, page.sheets)
    return Page(kept, width, height, page.to_picture, page.number, ink, sheet, patches=patches)


def _sheet_of(lines: Sequence[TextLine], sheets: Sequence[Quad]) -> Quad | None:
    """The smallest sheet that most lines stand on."""
    middles = [centre(line.quad) for line in lines if line.quad]
    for sheet in reversed(sheets):  # largest first
        if sum(holds(sheet, middle) for middle in middles) > MOSTLY * len(middles):
            return sheet
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """The lines of a page as the quick recogniser reads them, and their crops."""

    lines: list[TextLine]
    crops: list[Pixels]


def _look(page: Upright, engine: Engine, profile: Profile) -> _Sight:
    return _read_lines(page.pixels, find_lines(page.pixels, page.sheets, engine, profile.scales), engine)


def _read_lines(pixels: Pixels, quads: Sequence[Quad], engine: Engine) -> _Sight:
    crops = [crop_line(pixels, quad) for quad in quads]
    lines = [
        TextLine(reading.text, reading.confidence, quad, glyph_height(quad), red_share(crop))
        for reading, quad, crop in zip(engine.recognise(crops), quads, crops, strict=True)
    ]
    return _Sight(lines, crops)


def _better_turn(sight: _Sight, engine: Engine) -> int:
    """By how many more quarter turns the longest lines read clearly better; 0 where none does."""
    told = _in_chinese(sight)
    # A column was turned when it was cut out (crop_line); as it stands on the page it is turned back.
    standing = [
        np.rot90(crop, -1) if line.quad and is_column(line.quad) else crop
        for line, crop in zip(told.lines, told.crops, strict=True)
    ]
    longest = sorted(standing, key=lambda crop: max(crop.shape[:2]), reverse=True)[:LINES_TRIED]
    senses = []
    for quarter_turns in range(4):
        turned = [np.ascontiguousarray(np.rot90(crop, quarter_turns)) for crop in longest]
        readings = engine.recognise([crop for crop in turned if crop.shape[1] >= crop.shape[0]])
        senses.append(_sense([TextLine(reading.text, reading.confidence) for reading in readings]))
    best = max(range(4), key=senses.__getitem__)
    needed = max(senses[0] + CLEARLY, SURELY if _on_its_side(sight) else 0.0)
    return best if senses[best] > needed else 0


def _in_chinese(sight: _Sight) -> _Sight:
    """The lines with Chinese characters, all where none has any: telephone numbers read as surely upside down."""
    told = [pair for pair in zip(sight.lines, sight.crops, strict=True) if CHINESE.search(pair[0].text)]
    return _Sight([line for line, _crop in told], [crop for _line, crop in told]) if told else sight


def _on_its_side(sight: _Sight) -> bool:
    """True where most lines are columns: a page the orientation model missed, or one of upright vertical text."""
    columns = sum(line.quad is not None and is_column(line.quad) for line in sight.lines)
    return columns >= 4 and columns > 0.6 * len(sight.lines)


def _scale(to_picture: Matrix) -> float:
    (a, b, _c), _second, _third = to_picture
    return math.hypot(a, b)


def _turns_of(to_picture: Matrix) -> int:
    (a, b, _c), _second, _third = to_picture
    if a:
        return 0 if a > 0 else 2
    return 1 if b < 0 else 3


def _sense(lines: Sequence[TextLine]) -> float:
    """Mean confidence by length: upright text reads surer than turned text."""
    weight = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / weight if weight else 0.0


def _reading_order(line: TextLine, width: int, height: int) -> tuple[float, float]:
    left, top, _right, bottom = bounds(line.quad) if line.quad else (0.0, 0.0, 0.0, 0.0)
    row = max(1.0, 0.012 * max(width, height))  # lines that differ less in height stand side by side
    return (round((top + bottom) / 2.0 / row), left)


def _top(line: TextLine) -> float:
    return bounds(line.quad)[1] if line.quad else 0.0


def crop_line(pixels: Pixels, quad: Quad) -> Pixels:
    """The line cut out and straightened; a column is turned so that it can be read as a line."""
    crop, _back = straighten(pixels, quad)
    return np.ascontiguousarray(np.rot90(crop) if is_column(quad) else crop)


def _second_look(sight: _Sight, engine: Engine, profile: Profile) -> list[TextLine]:
    """The lines, with those that could be part of a mark as the strong recogniser reads them."""
    lines = list(sight.lines)
    again = _doubtful(sight, engine, profile)
    readings = engine.recognise([sight.crops[index] for index in again], strong=True)
    for index, reading in zip(again, readings, strict=True):
        if reading.text:
            lines[index] = replace(lines[index], text=reading.text, confidence=reading.confidence, reading="strong")
    return lines


def _doubtful(sight: _Sight, engine: Engine, profile: Profile) -> list[int]:
    """Which lines could be part of a mark and deserve the strong model, five times as slow as the quick one.

    Where that one was sure of a line with characters of marks, or read next to nothing, our own reader says whether it
    is a mark at all. It is not asked of the lines between: it knows no foreign marks, bans of chats or watch-lists.
    """
    text = "".join(line.text for line in sight.lines)
    traditional = len(TRADITIONAL.findall(text)) > 0.04 * len(text)
    short = [index for index, line in enumerate(sight.lines) if len(line.text) <= SHORT]
    head = set(sorted(short, key=lambda index: _top(sight.lines[index]))[: profile.strong_head])
    surely: list[int] = []
    perhaps: list[int] = []
    for index, line in enumerate(sight.lines):
        suspect, unsure = SUSPECT.search(line.text), line.confidence < SURE
        doubted = index in short and (traditional or line.confidence < profile.doubt or (index in head and unsure))
        if (suspect and unsure) or (doubted and line.confidence >= UNREAD):
            surely.append(index)
        elif suspect or doubted:
            perhaps.append(index)
    likely = engine.mark_probabilities([sight.crops[index] for index in perhaps])
    return surely + [index for index, one in zip(perhaps, likely, strict=True) if one >= LIKELY]


def _behind_red_ink(
    pixels: Pixels, region: Region, lines: Sequence[TextLine], engine: Engine, profile: Profile
) -> list[TextLine]:
    """Look and read again, without red, where red ink is; what a seal crosses or hid comes as further lines."""
    left, top, right, bottom = region
    clear = without_red(pixels[top:bottom, left:right])
    long_side = max(clear.shape[:2])
    enlarge = max(1.0, SEAL_SIDE / long_side)
    shown = clear  # resizing by 1 would copy it
    if enlarge > 1.0:
        shown = np.asarray(cv2.resize(clear, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC), np.uint8)
    known = [line.quad for line in lines if line.quad]
    wanted = max(SEAL_SIDE, wanted_scale(known, long_side, profile.scales) * long_side)
    side = round(min(wanted, enlarge * long_side))
    quads = [scaled(quad, 1.0 / enlarge) for quad in detect_in_bands(shown, side, engine)]
    crossed = [
        quad
        for quad, place in ((quad, moved(quad, left, top)) for quad in quads)
        if CROSSED[0] < red_share(crop_line(pixels, place)) < CROSSED[1]
        or all(covered(place, other) < 0.5 for other in known)
    ]
    seen = _second_look(_read_lines(clear, crossed, engine), engine, profile)
    return [replace(line, quad=moved(line.quad, left, top), red=0.0, reading="red") for line in seen if line.quad]


def _over_text(
    small: Shrunk, lines: Sequence[TextLine], engine: Engine, profile: Profile, *, with_red: bool
) -> list[TextLine]:
    """Large words across or behind the text, each as a further line where it was not read before."""
    views = [(behind_text(small.pixels), 0.0)]
    if with_red:
        views.append((stamped(small.pixels), 1.0))
    found = []
    for pixels, red in views:
        large = [quad for quad in detect_in_bands(pixels, OVERLAID_SIDE, engine) if glyph_height(quad) >= LARGE]
        quads = [quad for quad in large if not _is_read(scaled(quad, 1.0 / small.factor), lines)]
        seen = _second_look(_read_lines(pixels, quads, engine), engine, profile)
        found += [
            replace(line, quad=scaled(line.quad, 1.0 / small.factor), height=line.height / small.factor, red=red)
            for line in seen
            if line.quad
        ]
    return [
        replace(line, reading="overlaid")
        for line in found
        if not _is_over(line.quad, [other for other in lines if other.text == line.text])
    ]


def _is_read(quad: Quad, lines: Sequence[TextLine]) -> bool:
    """Whether a line as large was surely read there: a title, say. The lines that a watermark crosses are lower."""
    height = AS_LARGE * glyph_height(quad)
    return _is_over(quad, [line for line in lines if line.confidence > SURE and line.height > height])


def _is_over(quad: Quad | None, lines: Sequence[TextLine]) -> bool:
    return quad is not None and any(line.quad and covered(quad, line.quad) > 0.5 for line in lines)
