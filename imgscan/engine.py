"""The OCR engine behind the line: the only place that knows PaddleOCR.

`Engine` is what the steps need; `PaddleEngine` runs PP-OCRv6 through onnxruntime, one thread a worker.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from imgscan import mark_reader, weights
from imgscan.batches import batches
from imgscan.errors import UsageError
from imgscan.frames import Pixels
from imgscan.i18n import _
from imgscan.mark_reader import MarkReader, look_again
from imgscan.memory import make_room
from imgscan.types import Quad, TextLine

# opencv#26488: older JPEG decoders fill the missing rows of a truncated photo with rows of another one.
MINIMUM_OPENCV = (4, 12)
BATCH = 8
DETECTION_A_PIXEL = 180  # bytes that finding lines takes for each pixel that it looks at
FAINT = 0.3  # mean probability of a box; below it, photos without text get boxes, too (docs/reading.md, triage)
# Lines are padded to the widest of their batch; beyond this ratio padding costs more than a second call.
BATCH_WIDTH_RATIO = 1.3
NARROWEST = 4.0  # width to height; the recogniser pads narrower lines to more than that anyway
BATCH_LENGTH = 64  # heights of a line; what a batch of long lines takes is never given back


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recogniser saw in one crop: text, and confidence 0..1."""

    text: str
    confidence: float


class Engine(Protocol):
    """What the line needs of an OCR engine. All pictures are H x W x 3, BGR, 8 bits."""

    @classmethod
    def stamp(cls) -> str:
        """Name, version and weights: readings of equal stamps are interchangeable. Loads nothing."""
        ...

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        """Boxes of text lines, in pixels of `pixels`, found with its long side shrunk to at most `long_side`.

        `faint` asks for what hardly looks like text, too.
        """
        ...

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        """One reading for each upright crop of a line; `strong` asks for the slower, better model."""
        ...

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        """How probably each upright crop of a line is a mark of any kind, 0..1; a fifth of the price of reading it."""
        ...

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        """Marks on the upright page `pixels` that reading the `lines` missed or misread, as further lines."""
        ...

    def quarter_turns(self, pixels: Pixels) -> int:
        """How many anticlockwise quarter turns (numpy.rot90) put the text of `pixels` upright: 0, 1, 2 or 3."""
        ...


def require_safe_opencv(version: str = cv2.__version__) -> None:
    """Raise UsageError when the installed OpenCV can show one photo's rows in another (older than 4.12)."""
    if tuple(int(part) for part in version.split(".")[:2]) < MINIMUM_OPENCV:
        raise UsageError(
            _("OpenCV {version} can mix rows of one photo into another.").format(version=version),
            _("Run: pip install --no-deps --require-hashes -r requirements/runtime.txt"),
        )


class PaddleEngine:
    """PP-OCRv6 tiny for finding and reading, small for reading again, the 4-way page orientation model, our own reader.

    `folder` holds one folder a model (imgscan.weights) and must have been verified by the caller.
    """

    def __init__(self, folder: Path) -> None:
        require_safe_opencv()
        import paddleocr  # noqa: PLC0415 (takes 2-6 s, so only a process that reads pays for it)

        cv2.setNumThreads(1)

        def load(kind: Any, tier: str, role: str) -> Any:
            name = weights.model(tier, role).name
            # An arena keeps what the largest picture took: without one a worker stays half as large, at 5 % more time.
            config = {
                "intra_op_num_threads": 1,
                "inter_op_num_threads": 1,
                "enable_cpu_mem_arena": False,
                "enable_mem_pattern": False,
            }
            return kind(model_name=name, model_dir=str(folder / name), engine="onnxruntime", engine_config=config)

        self._det = load(paddleocr.TextDetection, "tiny", "det")
        self._rec = load(paddleocr.TextRecognition, "tiny", "rec")
        self._strong = load(paddleocr.TextRecognition, "small", "rec")
        self._turn = load(paddleocr.DocImgOrientationClassification, "any", "turn")
        self._marks = MarkReader()

    @classmethod
    def stamp(cls) -> str:
        """Name, version and weights (see Engine.stamp)."""
        version = importlib.metadata.version("paddleocr")
        return f"paddleocr-{version}/{weights.digest()[:12]}/{mark_reader.digest()[:12]}"

    def detect(self, pixels: Pixels, long_side: int, *, faint: bool = False) -> tuple[Quad, ...]:
        """Boxes of text lines (see Engine.detect)."""
        height, width = pixels.shape[:2]
        shrink = min(1.0, long_side / max(height, width))
        make_room(int(DETECTION_A_PIXEL * shrink * shrink * height * width))
        sure = FAINT if faint else None  # None: as the model's own inference.yml says, 0.4
        result = self._det.predict(np.asarray(pixels), limit_side_len=long_side, limit_type="max", box_thresh=sure)[0]
        return tuple(_quad(polygon) for polygon in result["dt_polys"])

    def recognise(self, crops: Sequence[Pixels], *, strong: bool = False) -> tuple[Reading, ...]:
        """One reading for each crop (see Engine.recognise)."""
        model = self._strong if strong else self._rec
        readings: list[Reading] = [Reading("", 0.0)] * len(crops)
        for batch in _batches(crops):
            results = model.predict([np.asarray(crops[index]) for index in batch], batch_size=len(batch))
            for index, result in zip(batch, results, strict=True):
                readings[index] = Reading(result["rec_text"], float(result["rec_score"]))
        return tuple(readings)

    def mark_probabilities(self, crops: Sequence[Pixels]) -> tuple[float, ...]:
        """How probably each crop is a mark (see Engine.mark_probabilities)."""
        return tuple(reading.mark_probability for reading in self._marks.read(crops))

    def marks(self, pixels: Pixels, lines: Sequence[TextLine]) -> list[TextLine]:
        """What reading missed or misread (see Engine.marks)."""
        return look_again(pixels, lines, self._marks)

    def quarter_turns(self, pixels: Pixels) -> int:
        """How to put the page upright (see Engine.quarter_turns)."""
        result = self._turn.predict(np.asarray(pixels))[0]
        return int(result["label_names"][0]) // 90


def _quad(polygon: NDArray[Any]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in polygon)
    return (a, b, c, d)


def _batches(crops: Sequence[Pixels]) -> Iterator[list[int]]:
    """Group crops of like shape, so that little padding is read."""
    ratio = [crop.shape[1] / crop.shape[0] for crop in crops]
    return batches(ratio, BATCH, BATCH_WIDTH_RATIO, narrowest=NARROWEST, longest=BATCH_LENGTH)
