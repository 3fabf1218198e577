"""Draws shards of training material: `python -m training.draw crops|tiles FOLDER SEED FIRST LAST`, a process a core."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2

from training import cache, crops, tiles

DRAWS = {"crops": 250, "tiles": 100}
"""Photographs planned for each shard; each gives about five crops, or four tiles."""


def shard(kind: str, folder: Path, seed: int, number: int) -> Path:
    """Draw shard `number` of album `seed` unless it is there already; returns its file."""
    path = folder / f"{kind}-{seed}-{number:04d}.npz"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    indices = range(number * DRAWS[kind], (number + 1) * DRAWS[kind])
    if kind == "crops":
        cache.save(path, [crop for index in indices for crop in crops.draw(seed, index)])
    else:
        tiles.save(path, [tile for index in indices for tile in tiles.draw(seed, index)])
    return path


def main(kind: str, folder: str, seed: str, first: str, last: str) -> None:
    """Draw the shards FIRST..LAST of album SEED into FOLDER."""
    cv2.setNumThreads(1)
    for number in range(int(first), int(last) + 1):
        shard(kind, Path(folder), int(seed), number)


if __name__ == "__main__":
    main(*sys.argv[1:])
