"""A panorama of 200 megapixels with one small mark: `python -m tests.panorama` says what is found, in what memory."""

from __future__ import annotations

import io
import queue
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imgscan.commands.setup import readers, rules_in_force, start
from imgscan.errors import ReaderStartError
from imgscan.specimens.fonts import font
from imgscan.types import FoundFile, ScanResult
from imgscan.workers import Workers

WIDTH, HEIGHT = 28_000, 7_200
"""Pixels: 201.6 megapixels, 3.9 times as wide as high."""
GLYPH = 44
"""Pixels of a mark of 16 points on a page of A4 at 200 dpi: the size that GB/T 9704 asks for."""
SHEET = (1650, 2340)


def panorama(mark: str, glyph: int = GLYPH, *, place: tuple[int, int] = (17_300, 3_900)) -> bytes:
    """A JPEG: a soft landscape, and on it one sheet of paper with `mark` in its corner and a few lines below."""
    rng = np.random.default_rng(20261122)
    coarse = rng.integers(70, 190, (18, 70, 3), np.uint8)
    scene: NDArray[Any] = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = rng.integers(0, 9, (1200, 1400, 3), np.uint8)
    for top in range(0, HEIGHT, 1200):
        for left in range(0, WIDTH, 1400):
            part = scene[top : top + 1200, left : left + 1400]
            cv2.add(part, grain[: part.shape[0], : part.shape[1]], dst=part)
    left, top = place
    scene[top : top + SHEET[1], left : left + SHEET[0]] = _sheet(mark, glyph)
    out = io.BytesIO()
    Image.fromarray(scene[:, :, ::-1]).save(out, "JPEG", quality=88)
    return out.getvalue()


def _sheet(mark: str, glyph: int) -> NDArray[Any]:
    page = Image.new("RGB", SHEET, (244, 244, 240))
    drawn = ImageDraw.Draw(page)
    drawn.text((200, 220), mark, (20, 20, 20), font("hei", glyph))
    drawn.text((420, 520), "关于云岫市示例事项的通知", (20, 20, 20), font("song_bold", glyph * 1.4))
    for row in range(14):
        text = "各示例单位应当按照本通知的要求认真做好有关示例工作。"
        drawn.text((200, 760 + 90 * row), text, (30, 30, 30), font("song", glyph))
    return np.asarray(page)[:, :, ::-1]


def main(file: Path) -> None:
    """Read `file` in a reading process; one line: status, marks, seconds, and the most MiB the process had resident."""
    settings = start()
    rulebook = rules_in_force(settings)
    config = replace(readers(settings, rulebook).config, albums=(file.parent,))
    answers: queue.SimpleQueue[ScanResult | ReaderStartError] = queue.SimpleQueue()
    with Workers(config, 1, 300.0) as workers:
        workers.submit(FoundFile(bytes(file.parent), bytes(file), file.stat().st_size), answers.put)
        result = answers.get()
    if isinstance(result, ReaderStartError):
        raise result
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024  # of the largest child that ended
    marks = " ".join(one.mark for one in result.findings)
    sys.stdout.write(f"{result.status.value}\t{marks}\t{result.ms / 1000:.1f}\t{peak}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "panorama.jpg").write_bytes(panorama("机密★10年"))
            main(Path(name) / "panorama.jpg")
