"""What triage costs and what it loses: `python -m tests.measure_triage ALBUM` (specimens with truth.jsonl), real OCR.

Of every positive that triage sends home, it tells whether the full line would have found its mark. Then the time that a
12-megapixel photo without text takes on its way home, against the time of decoding it at 1/4 scale, in the same run.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from imgscan import env
from imgscan.bench import score
from imgscan.decode import decode, glance, read_header
from imgscan.engine import Engine, PaddleEngine
from imgscan.frames import Frame
from imgscan.judge import judge
from imgscan.line import Limits, Line, read_one
from imgscan.read import PROFILES, read
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.settings import load_settings
from imgscan.specimens.truth import Truth, read_truths
from imgscan.triage import Triage, look_closer, side_of, triage
from imgscan.types import FoundFile, Quad, ScanResult, Severity, Status

MOST_PIXELS = 600_000_000
ROUNDS = 7
PHOTOS = 9
SCENES = ("landscape", "texture", "gradient")


def sent_home(album: Path, truths: list[Truth], engine: Engine) -> list[Truth]:
    """The positives in which triage sees nothing."""
    home = []
    for truth in truths:
        content = (album / truth.file).read_bytes()
        header = read_header(content, MOST_PIXELS)
        frame = glance(content, header, side_of(header.width, header.height)) or next(iter(decode(content, header)))
        seen = triage(frame, engine)
        if not seen.quads:
            seen = look_closer(next(iter(decode(content, header))), seen, engine)
        if seen.empty:
            home.append(truth)
    return home


def found_without_triage(album: Path, truth: Truth, engine: Engine, rulebook: Rulebook) -> bool:
    """Whether the rest of the line finds the mark when it is made to look."""
    frame = next(iter(decode((album / truth.file).read_bytes())))
    whole = Triage((_whole(frame),))
    page = read(frame, whole, engine, PROFILES["balanced"])
    found = FoundFile(b"", truth.file.encode())
    scores = score([truth], [ScanResult(found, Status.HIT, findings=judge(page, rulebook))])
    return scores.recall_by_tier[truth.tier].hits == 1


def _whole(frame: Frame) -> Quad:
    width, height = float(frame.width), float(frame.height)
    return ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))


def without_text(album: Path, truths: list[Truth]) -> list[bytes]:
    """Scenes without text brought to 12 megapixels, with a sensor's noise, as JPEG of quality 90."""
    rng = np.random.default_rng(12)
    photos = []
    for truth in [truth for truth in truths if truth.layout in SCENES][:PHOTOS]:
        frame = next(iter(decode((album / truth.file).read_bytes())))
        large = cv2.resize(frame.pixels, (4032, 3024), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + rng.normal(0, 5, large.shape), 0, 255).astype(np.uint8)
        photos.append(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return photos


def median_seconds(call: Callable[[], object]) -> float:
    """Processor seconds of one call, the median of ROUNDS after a first one that is not counted."""
    call()
    spent = []
    for _round in range(ROUNDS):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return statistics.median(spent)


def main() -> None:
    """Measure and print."""
    settings = load_settings()
    env.prepare(settings)
    engine, rulebook = PaddleEngine(settings.weights_path), load((BUILT_IN,))
    album = Path(sys.argv[1])
    truths = read_truths(album)
    positives = [truth for truth in truths if truth.kind == "positive"]
    home = sent_home(album, positives, engine)
    lost = [truth.file for truth in home if found_without_triage(album, truth, engine, rulebook)]
    tell(f"{len(positives)} positives: {len(home)} sent home, of which the full line finds {len(lost)} {lost}")
    line = Line(engine, rulebook, PROFILES["balanced"], Limits(2**28, MOST_PIXELS, Severity.MEDIUM))
    path = settings.temporary_path / "without-text.jpg"
    ratios = []
    for photo in without_text(album, truths):
        path.write_bytes(photo)
        found = FoundFile(bytes(path.parent), bytes(path), len(photo))
        content = np.frombuffer(photo, np.uint8)
        decoding = median_seconds(partial(cv2.imdecode, content, cv2.IMREAD_REDUCED_COLOR_4))
        ratios.append(median_seconds(partial(read_one, found, line)) / decoding)
    path.unlink(missing_ok=True)
    shown = " ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    tell(f"12 MP without text, in times of decoding at 1/4: {shown}; median {statistics.median(ratios):.2f}")


def tell(words: str) -> None:
    """For whoever measures."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
