"""Reads an upright page once more with our own networks: what they see beside OCR becomes further lines of the page.

The call stands at the end of `imgscan.read.read`. Lines from here carry `reading="mark"`, so that the judge can tell a
finding that nobody else read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from imgscan.frames import Pixels
from imgscan.mark_reader.alphabet import LEVELS, UNKNOWN, MarkKind
from imgscan.mark_reader.reader import MarkReader, MarkReading, crop_spot
from imgscan.quads import covered, glyph_height, is_column, sides
from imgscan.red_ink import red_share
from imgscan.types import Quad, TextLine

READING = "mark"
SHORT = 14  # characters: a mark is short
DOUBT = 0.9  # OCR that is surer than this of a line that holds no character of a mark is believed
MOST_LINES = 48  # doubtful lines that are read again, the shortest first: 1.5 ms each
SURE = 0.5  # from this probability on that its kind is right a reading is told; the judge weighs the rest
SAME = 0.5  # share of the smaller box from which two are of one place
MARKED = frozenset("密绝絕机機秘祕★内內部")
WHOLE_NUMBER = re.compile(r"\d{6,7}|.*[〔(（]20\d\d[〕)）]\d{1,3}[号號]")  # half a number is worse than none
_FOLD = str.maketrans("絕機祕", "绝机秘")


def look_again(pixels: Pixels, lines: Sequence[TextLine], reader: MarkReader) -> list[TextLine]:
    """Further lines of the page `pixels` (H x W x 3, BGR, upright), of which OCR read `lines`; only what is new."""
    doubtful = sorted((line for line in lines if line.quad and _doubtful(line)), key=lambda line: len(line.text))
    boxes = [line.quad for line in doubtful[:MOST_LINES] if line.quad]
    spots = [spot.quad for spot in reader.spot(pixels)]
    crops = [_crop_box(pixels, quad) for quad in boxes] + [crop_spot(pixels, quad) for quad in spots]
    heights = [glyph_height(quad) for quad in boxes] + [min(sides(quad)) for quad in spots]
    told: list[TextLine] = []
    readings = zip([*boxes, *spots], heights, crops, reader.read(crops), strict=True)
    for quad, height, crop, reading in sorted(readings, key=lambda row: -row[3].probability):
        text = wording(reading)
        if reading.probability < SURE or not _tells(reading.kind, text):
            continue
        if any(_same_place(quad, other.quad) and _says(other.text, text) for other in (*lines, *told)):
            continue
        if not any(_same_place(quad, other.quad) for other in told):  # the surest reading of a place is told
            told.append(TextLine(text, reading.probability, quad, height, red_share(crop), READING))
    return told


def wording(reading: MarkReading) -> str:
    """The text of a reading. Where letters and kind disagree about the level, the kind counts: it sees the whole."""
    text = reading.text.replace(UNKNOWN, "")
    if reading.kind not in LEVELS or reading.kind.value in text.translate(_FOLD):
        return text
    return reading.kind.value + (text[text.index("★") :] if "★" in text else "")


def _tells(kind: MarkKind, text: str) -> bool:
    if kind is MarkKind.NUMBER:
        return WHOLE_NUMBER.fullmatch(text) is not None
    return kind is not MarkKind.OTHER and bool(text)


def _doubtful(line: TextLine) -> bool:
    return len(line.text) <= SHORT and (line.confidence < DOUBT or bool(MARKED.intersection(line.text)))


def _crop_box(pixels: Pixels, quad: Quad) -> Pixels:
    """A box of the detector, which is wider than the ink already; a column is turned so that it can be read."""
    crop = crop_spot(pixels, quad, around=0.0)
    return np.ascontiguousarray(np.rot90(crop)) if is_column(quad) else crop


def _same_place(quad: Quad, other: Quad | None) -> bool:
    return other is not None and max(covered(quad, other), covered(other, quad)) > SAME


def _says(text: str, wanted: str) -> bool:
    """Whether `text` holds all of `wanted`: then the line is nothing new."""
    return wanted.translate(_FOLD) in text.translate(_FOLD).replace(" ", "").replace("　", "")
