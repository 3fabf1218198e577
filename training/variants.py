"""What storing weights as int8 costs: `python -m training.variants CROPS READER.pt`, on the held-out crops."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import torch

from training.calibrate import answers, likelihood
from training.export import AXES, export, export_reader, small
from training.nets import Reader


def _fp32(weights: Path, path: Path) -> None:
    net = Reader()
    net.load_state_dict(torch.load(weights, weights_only=True))
    export(net, torch.zeros(2, 3, 32, 160), ["text", "kind"], AXES, path, squeeze=lambda model: model)


def _pruned(weights: Path, path: Path, share: float) -> None:
    """The smallest `share` of each large tensor set to nothing, then stored as int8."""

    def prune(model: onnx.ModelProto) -> onnx.ModelProto:
        for tensor in model.graph.initializer:
            weight = onnx.numpy_helper.to_array(tensor)
            if weight.ndim > 1 and weight.dtype == np.float32:
                kept = np.where(np.abs(weight) < np.quantile(np.abs(weight), share), 0, weight).astype(np.float32)
                tensor.CopyFrom(onnx.numpy_helper.from_array(kept, tensor.name))
        return small(model)

    net = Reader()
    net.load_state_dict(torch.load(weights, weights_only=True))
    export(net, torch.zeros(2, 3, 32, 160), ["text", "kind"], AXES, path, squeeze=prune)


def _milliseconds(path: Path) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    pixels = np.random.default_rng(1).normal(0, 1, (16, 3, 32, 160)).astype(np.float32)
    spent = []
    for _ in range(6):
        begun = time.process_time()
        session.run(None, {"pixels": pixels})
        spent.append(time.process_time() - begun)
    return min(spent) / 16 * 1e3


def main(crops: str, weights: str) -> None:
    """Print size, share of kinds right, likelihood and time of each variant."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reader.onnx"
        variants = {
            "32 bits": lambda: _fp32(Path(weights), path),
            "int8 weights (shipped)": lambda: export_reader(Path(weights), path),
            "int8, 30 % pruned": lambda: _pruned(Path(weights), path, 0.3),
            "int8, 50 % pruned": lambda: _pruned(Path(weights), path, 0.5),
        }
        for name, make in variants.items():
            make()
            logits, kinds = answers(Path(crops), path)
            right = float((logits.argmax(axis=1) == kinds).mean())
            size = path.stat().st_size / 1e3
            print(
                f"| {name} | {size:.0f} kB | {right:.2%} of {len(kinds)} | {likelihood(logits, kinds, 1.0):.4f} "
                f"| {_milliseconds(path):.1f} ms |"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
