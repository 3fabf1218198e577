"""Rendered crops on disk: shards that are drawn once, by as many processes as wanted, and read whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.crops import Crop


def save(path: Path, crops: Sequence[Crop]) -> None:
    """Write `crops`; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        np.savez(
            out,
            pixels=np.concatenate([crop.pixels.ravel() for crop in crops]),
            shapes=np.array([crop.pixels.shape[:2] for crop in crops], np.int32),
            quads=np.array([crop.quad for crop in crops], np.float32),
            kinds=np.array([crop.kind for crop in crops], np.int64),
            heights=np.array([crop.height for crop in crops], np.float32),
            texts=np.array([crop.text for crop in crops]),
            tiers=np.array([crop.tier for crop in crops]),
            layouts=np.array([crop.layout for crop in crops]),
        )
    part.rename(path)


def load(path: Path) -> list[Crop]:
    """The crops of a shard."""
    with np.load(path) as kept:
        pixels, shapes, quads = kept["pixels"], kept["shapes"], kept["quads"]
        kinds, heights = kept["kinds"], kept["heights"]
        texts, tiers, layouts = kept["texts"], kept["tiers"], kept["layouts"]
    crops, start = [], 0
    for i, (height, width) in enumerate(shapes):
        end = start + int(height) * int(width) * 3
        crops.append(
            Crop(
                pixels[start:end].reshape(height, width, 3),
                quads[i],
                str(texts[i]),
                int(kinds[i]),
                str(tiers[i]),
                str(layouts[i]),
                float(heights[i]),
            )
        )
        start = end
    return crops
