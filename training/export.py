"""PyTorch -> ONNX with weights of eight bits: `python -m training.export READER.pt SPOTTER.pt FOLDER`.

Only the storage is small: each weight is an int8 times a scale an output channel, and onnxruntime multiplies that out
once, when it loads the network. The arithmetic stays that of 32 bits.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from training.nets import Reader, Spotter

OPSET = 17
AXES = {"pixels": {0: "n", 3: "width"}, "text": {0: "n", 1: "steps"}, "kind": {0: "n"}}
LEAST = 512
"""Smaller tensors (biases) stay as they are."""


def _axis(graph: onnx.GraphProto, name: str) -> int:
    """The output channels of weight `name`: the last axis for a plain matrix product, else the first."""
    for node in graph.node:
        if name in node.input:
            turned = any(one.name == "transB" and one.i for one in node.attribute)
            return 1 if node.op_type == "MatMul" or (node.op_type == "Gemm" and not turned) else 0
    raise KeyError(name)


def small(model: onnx.ModelProto) -> onnx.ModelProto:
    """`model` with its large weights as int8."""
    graph = model.graph
    ahead, kept = [], []
    for tensor in graph.initializer:
        weight = numpy_helper.to_array(tensor)
        if weight.dtype != np.float32 or weight.ndim < 2 or weight.size < LEAST:
            kept.append(tensor)
            continue
        axis = _axis(graph, tensor.name)
        others = tuple(i for i in range(weight.ndim) if i != axis)
        scale = np.maximum(np.abs(weight).max(axis=others, keepdims=True), 1e-8) / 127
        coded = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
        kept.append(numpy_helper.from_array(coded, tensor.name + ".int8"))
        kept.append(numpy_helper.from_array(scale.astype(np.float32), tensor.name + ".scale"))
        ahead.append(helper.make_node("Cast", [tensor.name + ".int8"], [tensor.name + ".wide"], to=TensorProto.FLOAT))
        ahead.append(helper.make_node("Mul", [tensor.name + ".wide", tensor.name + ".scale"], [tensor.name]))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*ahead, *nodes])
    onnx.checker.check_model(model)
    return model


def export(
    net: torch.nn.Module,
    example: torch.Tensor,
    names: list[str],
    axes: dict[str, dict[int, str]],
    path: Path,
    *,
    squeeze: Callable[[onnx.ModelProto], onnx.ModelProto] = small,
) -> None:
    """Write `net` to `path`, its weights made small by `squeeze`."""
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is called the old one
        torch.onnx.export(
            net,
            (example,),
            str(path),
            dynamo=False,
            input_names=["pixels"],
            output_names=names,
            dynamic_axes=axes,
            opset_version=OPSET,
        )
    model = squeeze(onnx.load(str(path)))
    for node in model.graph.node:
        node.doc_string = ""
    path.write_bytes(model.SerializeToString(deterministic=True))


def export_reader(weights: Path, path: Path) -> None:
    """The reader: pixels N x 3 x 32 x W -> text N x W/4 x (1 + alphabet), kind N x kinds (logits)."""
    net = Reader()
    net.load_state_dict(torch.load(weights, weights_only=True))
    export(net, torch.zeros(2, 3, 32, 160), ["text", "kind"], AXES, path)


def export_spotter(weights: Path, path: Path) -> None:
    """The spotter: pixels 1 x 3 x H x W -> answer 1 x 5 x H/4 x W/4 (a logit and four distances)."""
    net = Spotter()
    net.load_state_dict(torch.load(weights, weights_only=True))
    axes = {"pixels": {0: "n", 2: "height", 3: "width"}, "answer": {0: "n", 2: "rows", 3: "columns"}}
    export(net, torch.zeros(1, 3, 256, 256), ["answer"], axes, path)


def main(reader: str, spotter: str, folder: str) -> None:
    """Write reader.onnx and spotter.onnx into FOLDER."""
    export_reader(Path(reader), Path(folder) / "reader.onnx")
    export_spotter(Path(spotter), Path(folder) / "spotter.onnx")


if __name__ == "__main__":
    main(*sys.argv[1:])
