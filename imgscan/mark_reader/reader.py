"""Runs our two networks: `MarkReader.read` says what a line is, `MarkReader.spot` where a small mark may stand.

Called by `imgscan.read` for what OCR is unsure of. Evidence, not an oracle: what a probability is worth beside OCR and
layout is for the judge to weigh. Figures, limits and milliseconds: docs/mark-reader.md.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan.batches import batches
from imgscan.errors import WeightsError
from imgscan.frames import Pixels
from imgscan.i18n import _
from imgscan.mark_reader.alphabet import KINDS, LEVELS, MarkKind, collapse
from imgscan.mark_reader.ground import STRIDE, even, quads_of
from imgscan.mark_reader.phrases import best_phrase
from imgscan.mark_reader.picture import batch, planes
from imgscan.memory import make_room
from imgscan.quads import scaled, warped
from imgscan.types import Level, Quad

FOLDER = Path(__file__).parent
TABLE = FOLDER / "networks.json"
"""Written by the training: file, SHA-256 and calibration of each network."""
BATCH = 16
WIDTH_RATIO = 1.3
"""Lines are padded to the widest of their batch; beyond this ratio padding costs more than a second call."""
BAND, LAP = 1024, 96
"""Rows that the spotter looks at in one go at most, and rows that two bands share."""
BAND_PIXELS = 2e6
"""Pixels of a band and what it shares, where its own rows are more than what it shares: wider than 5,000 px is rare."""
A_PIXEL = 120
"""Bytes that the spotter takes for each pixel that it looks at."""
MOST_PIXELS = 6e6
"""Larger pictures are shrunk to this: their small marks are no longer small."""
GRID = 8
"""The spotter's input is filled up to multiples of this."""


@dataclass(frozen=True, slots=True)
class MarkReading:
    """What the reader makes of one line.

    `text`: the known phrase of its kind that the letters fit (`phrases`), else the letters: over the alphabet of marks,
    UNKNOWN for anything else, level words as printed. `probability`: that `kind` is right; `mark_probability`: that the
    line is a mark of any kind; both calibrated on specimens, where two lines of five are marks.
    """

    text: str
    kind: MarkKind
    probability: float
    mark_probability: float

    @property
    def level(self) -> Level | None:
        """The level, where the line is a mark that has one."""
        return Level(self.kind.value) if self.kind in LEVELS else None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a mark may stand: its ink, in pixels of the picture that was looked at, and a score of 0..1."""

    quad: Quad
    score: float


@cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def digest() -> str:
    """Hex SHA-256 over the table of networks: part of the reading key."""
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()


def verified(folder: Path, name: str) -> bytes:
    """The bytes of network `name` in `folder`; raises WeightsError unless they are those of the table."""
    row = _table()[name]
    path = folder / str(row["file"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            _("The mark reader's network {path} cannot be read.").format(path=path), _("Install imgscan again.")
        ) from error
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise WeightsError(_("{path} is not the network it should be.").format(path=path), _("Install imgscan again."))
    return content


class MarkReader:
    """Both networks, one thread. Raises WeightsError when a file in `folder` is missing or altered."""

    def __init__(self, folder: Path = FOLDER) -> None:
        import onnxruntime  # noqa: PLC0415 (only a process that reads pays for it; telemetry: imgscan.env)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # else the largest picture ever seen stays allocated
        self._networks = {
            name: onnxruntime.InferenceSession(verified(folder, name), options, providers=["CPUExecutionProvider"])
            for name in ("reader", "spotter")
        }
        self._temperature = float(_table()["reader"]["temperature"])
        self._threshold = float(_table()["spotter"]["threshold"])

    def read(self, crops: Sequence[Pixels]) -> tuple[MarkReading, ...]:
        """One reading for each upright crop of a line (H x W x 3, BGR), cut with about a third of its height around."""
        lines = [planes(crop) for crop in crops]
        readings: dict[int, MarkReading] = {}
        for group in batches([line.shape[2] for line in lines], BATCH, WIDTH_RATIO):
            text, kind = self._networks["reader"].run(None, {"pixels": batch([lines[index] for index in group])})
            for row, index in enumerate(group):
                steps = math.ceil(lines[index].shape[2] / 4)
                readings[index] = self._reading(text[row, :steps], kind[row])
        return tuple(readings[index] for index in range(len(crops)))

    def _reading(self, text: NDArray[np.float32], kind: NDArray[np.float32]) -> MarkReading:
        shares = _softmax(kind / self._temperature)
        best = int(shares.argmax())
        steps = _softmax(text)
        written = best_phrase(KINDS[best], steps) or collapse([int(one) for one in steps.argmax(axis=1)])
        return MarkReading(written, KINDS[best], float(shares[best]), 1.0 - float(shares[0]))

    def spot(self, pixels: Pixels, most: int = 12) -> tuple[Spot, ...]:
        """Up to `most` places in the upright picture `pixels` (H x W x 3, BGR) where a mark of 8-30 px may stand."""
        shrink = min(1.0, math.sqrt(MOST_PIXELS / (pixels.shape[0] * pixels.shape[1])))
        shown = pixels
        if shrink < 1:
            shown = np.asarray(cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        answer = self._answer(shown)
        found = quads_of(answer, self._threshold)[:most]
        return tuple(Spot(scaled(quad, 1 / shrink), score) for quad, score in found)

    def _answer(self, pixels: Pixels) -> NDArray[np.float32]:
        height, width = pixels.shape[:2]
        rows, columns = -(-height // STRIDE), -(-width // STRIDE)
        whole = np.zeros((5, rows, columns), np.float32)
        for top, bottom in _bands(height, width):
            first, last = max(0, top - LAP), min(height, bottom + LAP)
            make_room(A_PIXEL * (last - first) * width)
            part = cv2.copyMakeBorder(
                pixels[first:last], 0, -(last - first) % GRID, 0, -width % GRID, cv2.BORDER_REPLICATE
            )
            answer = self._networks["spotter"].run(None, {"pixels": even(np.asarray(part, np.uint8))[None]})[0][0]
            kept = answer[:, (top - first) // STRIDE : -(-(bottom - first) // STRIDE), :columns]
            whole[:, top // STRIDE : top // STRIDE + kept.shape[1]] = kept
        whole[0] = 1 / (1 + np.exp(-whole[0]))
        return whole


def crop_spot(pixels: Pixels, quad: Quad, around: float = 0.17) -> Pixels:
    """What stands at a spot (or any quad of a mark's ink), straightened, with `around` of its height on each side."""
    a, b, c, d = np.array(quad, np.float64)
    along, down = (b - a + c - d) / 2, (d - a + c - b) / 2
    height = max(1.0, float(np.hypot(*down)))
    u, v = along / max(1e-6, float(np.hypot(*along))) * height * 1.5 * around, down * around
    corners = np.array([a - u - v, b + u - v, c + u + v, d - u + v], np.float32)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners.tolist()
    wide = max(4, round(float(np.hypot(*along)) + 3 * around * height))
    high = max(4, round(height * (1 + 2 * around)))
    return warped(pixels, ((ax, ay), (bx, by), (cx, cy), (dx, dy)), wide, high)


def _bands(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Rows from and to, without what the bands share; multiples of GRID, so that the answers fit together."""
    rows = min(BAND, max(2 * LAP, int(BAND_PIXELS / width) - 2 * LAP))
    rows -= rows % GRID
    for top in range(0, height, rows):
        yield top, min(height, top + rows)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
