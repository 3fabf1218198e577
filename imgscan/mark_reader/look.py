"""Reads an upright page once more with our own networks: what they see beside OCR becomes further lines of the page.

The call stands at the end of `imgscan.read.read`. Lines from here carry `reading="mark"`, so that the judge can tell a
finding that nobody else read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from imgscan.frames import Pixels
from imgscan.mark_reader.alphabet import LEVELS, UNKNOWN, MarkKind
from imgscan.mark_reader.reader import MarkReader, MarkReading, crop_spot
from imgscan.quads import covered, glyph_height, is_column, scaled, sides
from imgscan.red_ink import red_share
from imgscan.types import Quad, TextLine

READING = "mark"
SHORT = 14  # characters: a mark is short
DOUBT = 0.9  # OCR that is surer than this of a line that holds no character of a mark is believed
MOST_LINES = 48  # doubtful lines that are read again, the shortest first: 1.5 ms each
SPOTTED = 18.0  # px: marks are set in the size of the text or larger, and the spotter learnt on 8 to 30 px
WORTH_SHRINKING = 0.85
# Probability of its kind from which a reading is told; what it is worth beside the rest of the page, the judge says.
LEAST = 0.3
LEAST_ALONE = 0.7  # ... where the letters read name another level, or half of one
LEAST_PHRASE = 0.5
LEAST_NUMBER = 0.8
SAME = 0.5  # share of the smaller box from which two are of one place
MARKED = frozenset("密绝絕机機秘祕★内內部")
WORDS = {  # what the letters of a mark without a level must say
    MarkKind.WORK: re.compile("工作秘密|内部★|内部事项"),
    MarkKind.INTERNAL: re.compile(
        "^内部$|内部(?:资料|参阅|文件|刊物|传阅|通讯|使用|材料)|[会阅]后(?:收回|清退|退回)|仅供领导"
    ),
    MarkKind.COMMERCIAL: re.compile("商密"),
    MarkKind.TELEGRAM: re.compile("电报|明电|密传发电"),
    # Half a number is worse than none, but for a copy number, which its noughts and its place tell (sc.copy_number).
    MarkKind.NUMBER: re.compile(r"^\d{6,7}$|^000\d{1,2}$|[〔(（]20\d\d[〕)）]\d{1,3}号$"),
}
_FOLD = str.maketrans("絕機祕內號資參閱傳項會後報導級", "绝机秘内号资参阅传项会后报导级")


def look_again(pixels: Pixels, lines: Sequence[TextLine], reader: MarkReader) -> list[TextLine]:
    """Further lines of the page `pixels` (H x W x 3, BGR, upright), of which OCR read `lines`; only what is new."""
    doubtful = sorted((line for line in lines if line.quad and _doubtful(line)), key=lambda line: len(line.text))
    boxes = [line.quad for line in doubtful[:MOST_LINES] if line.quad]
    spots = _spots(pixels, lines, reader)
    crops = [_crop_box(pixels, quad) for quad in boxes] + [crop_spot(pixels, quad) for quad in spots]
    heights = [glyph_height(quad) for quad in boxes] + [min(sides(quad)) for quad in spots]
    told: list[TextLine] = []
    readings = zip([*boxes, *spots], heights, crops, reader.read(crops), strict=True)
    for quad, height, crop, reading in sorted(readings, key=lambda row: -row[3].probability):
        if not _tells(reading):
            continue
        there = [other for other in (*lines, *told) if _same_place(quad, other.quad)]
        text = _completed(wording(reading), there)
        if any(_knows(other, reading, text) for other in there):
            continue
        if not any(_same_place(quad, other.quad) for other in told):  # the surest reading of a place is told
            told.append(TextLine(text, reading.probability, quad, height, red_share(crop), READING))
    return told


def _spots(pixels: Pixels, lines: Sequence[TextLine], reader: MarkReader) -> list[Quad]:
    """Where a mark may stand, looked for on the page shrunk until its text has the height that the spotter knows."""
    heights = [glyph_height(line.quad) for line in lines if line.quad]
    shrink = min(1.0, SPOTTED / max(1.0, median(heights))) if heights else 1.0
    shown = pixels
    if shrink < WORTH_SHRINKING:
        shown = np.asarray(cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        shrink = 1.0
    return [scaled(spot.quad, 1.0 / shrink) for spot in reader.spot(shown)]


def wording(reading: MarkReading) -> str:
    """The text of a reading. Where letters and kind disagree about the level, the kind counts: it sees the whole."""
    text = reading.text.replace(UNKNOWN, "")
    if reading.kind not in LEVELS or reading.kind.value in text.translate(_FOLD):
        return text
    return reading.kind.value + (text[text.index("★") :] if "★" in text else "")


def _tells(reading: MarkReading) -> bool:
    """Whether what the two heads of the reader say, its kind and its letters, make a mark together."""
    letters = reading.text.translate(_FOLD)
    if reading.kind in LEVELS:
        return reading.probability >= (LEAST if reading.kind.value in letters else LEAST_ALONE)
    least = LEAST_NUMBER if reading.kind is MarkKind.NUMBER else LEAST_PHRASE
    words = WORDS.get(reading.kind)
    return reading.probability >= least and words is not None and words.search(letters) is not None


def _doubtful(line: TextLine) -> bool:
    return len(line.text) <= SHORT and (line.confidence < DOUBT or bool(MARKED.intersection(line.text)))


def _crop_box(pixels: Pixels, quad: Quad) -> Pixels:
    """A box of the detector, which is wider than the ink already; a column is turned so that it can be read."""
    crop = crop_spot(pixels, quad, around=0.0)
    return np.ascontiguousarray(np.rot90(crop)) if is_column(quad) else crop


def _same_place(quad: Quad, other: Quad | None) -> bool:
    return other is not None and max(covered(quad, other), covered(other, quad)) > SAME


def _completed(text: str, there: Sequence[TextLine]) -> str:
    """A level with what OCR read behind its star, where that is more: a term, or the 启用前 of an examination paper."""
    level, star, tail = text.partition("★")
    tails = [tail, *(other.text.partition("★")[2] for other in there)]
    return level + star + max(tails, key=len) if star else text


def _knows(other: TextLine, reading: MarkReading, text: str) -> bool:
    """Whether a line at the same place says all of `text` already, or was surely read and names its level or phrase."""
    written = other.text.translate(_FOLD).replace(" ", "").replace("\u3000", "")
    told = text.translate(_FOLD)
    named = reading.kind.value if reading.kind in LEVELS else told.partition("★")[0]
    surely = other.confidence >= DOUBT and named in written
    return surely or told in written
