"""Makes probabilities mean what they say: `python -m training.calibrate CROPS FOLDER` writes the table of networks.

One temperature divides the reader's logits; it is the one under which held-out crops (album 20,000) are likeliest.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from imgscan.mark_reader.picture import batch, planes
from training.cache import load
from training.reader import jitter

SPOTTER_THRESHOLD = 0.3
"""Cells of the heat map count from here on; the figures of docs/mark-reader.md hold for it."""
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)

Floats = npt.NDArray[np.float64]


def answers(folder: Path, network: Path) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Logits and true kinds of the held-out crops in `folder`."""
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    dice = np.random.default_rng(5)
    logits, kinds = [], []
    for path in sorted(folder.glob("crops-2*.npz")):
        for crop in load(path):
            line = planes(jitter(crop, dice, 0.8))
            logits.append(session.run(["kind"], {"pixels": batch([line])})[0][0].astype(np.float64))
            kinds.append(crop.kind)
    return np.array(logits), np.array(kinds)


def likelihood(logits: Floats, kinds: npt.NDArray[np.int64], temperature: float) -> float:
    """Mean log probability of the truth."""
    scaled = logits / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    return float((scaled[np.arange(len(kinds)), kinds] - np.log(np.exp(scaled).sum(axis=1))).mean())


def reliability(
    logits: Floats, kinds: npt.NDArray[np.int64], temperature: float
) -> list[tuple[str, int, float, float]]:
    """For each bin of the stated probability: how many, the mean that was stated, the share that was right."""
    scaled = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    shares = scaled / scaled.sum(axis=1, keepdims=True)
    stated, right = shares.max(axis=1), shares.argmax(axis=1) == kinds
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = (stated >= low) & ((stated < high) | (high == BINS[-1]))
        if inside.any():
            rows.append(
                (f"{low:.2f}-{high:.2f}", int(inside.sum()), float(stated[inside].mean()), float(right[inside].mean()))
            )
    return rows


def main(crops: str, folder: str) -> None:
    """Calibrate FOLDER/reader.onnx on the held-out crops and write FOLDER/networks.json."""
    cv2.setNumThreads(1)
    target = Path(folder)
    logits, kinds = answers(Path(crops), target / "reader.onnx")
    choices = np.geomspace(0.5, 3.0, 61)
    temperature = round(float(max(choices, key=lambda one: likelihood(logits, kinds, float(one)))), 3)
    table = {
        "reader": {"file": "reader.onnx", "temperature": temperature},
        "spotter": {"file": "spotter.onnx", "threshold": SPOTTER_THRESHOLD},
    }
    for row in table.values():
        row["sha256"] = hashlib.sha256((target / str(row["file"])).read_bytes()).hexdigest()
    (target / "networks.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    report = [
        f"temperature {temperature}; log likelihood {likelihood(logits, kinds, 1.0):.3f} without, "
        f"{likelihood(logits, kinds, temperature):.3f} with it; {len(kinds)} crops"
    ]
    report += [
        f"| {name} | {count} | {stated:.3f} | {right:.3f} |"
        for name, count, stated, right in reliability(logits, kinds, temperature)
    ]
    sys.stdout.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
