"""Trains the spotter: `python -m training.spotter TILES OUT COUNT`.

The core of a mark answers; its rim, and marks that the tile's border cuts, do not count.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from imgscan.frames import Pixels
from imgscan.mark_reader.ground import CORE, END, REACH, STRIDE, Planes, even, quads_of
from training.nets import Spotter
from training.tiles import SIDE, Tile, load

SEED = 11
BATCH = 16
RATE = 3e-3
MOST_NEGATIVE = 4
"""Of the cells without a mark, the hardest so many for each one with a mark are learnt from."""
log = logging.getLogger("training.spotter")


def targets(quads: np.ndarray, shape: tuple[int, int]) -> Planes:
    """6 x h x w for a tile: wanted score, four distances over REACH, and a weight (0 where it does not count)."""
    high, wide = shape[0] // STRIDE, shape[1] // STRIDE
    out = np.zeros((6, high, wide), np.float32)
    out[5] = 1
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    at = np.stack([(x + 0.5) * STRIDE, (y + 0.5) * STRIDE], axis=-1)
    for quad in quads.astype(np.float64):
        a, b, c, d = quad
        down = (d - a + c - b) / 2
        height = float(np.hypot(*down))
        along = (b - a + c - d) / 2
        length = float(np.hypot(*along))
        u = along / max(length, 1e-6)
        v = np.array([-u[1], u[0]])
        middle = quad.mean(axis=0)
        s, t = (at - middle) @ u, (at - middle) @ v
        half = max(CORE * height, STRIDE * 1.01) / 2
        core = (np.abs(s) <= max(length / 2 - END * height, STRIDE / 2)) & (np.abs(t) <= half)
        rim = (np.abs(s) <= length / 2 + 0.3 * height) & (np.abs(t) <= height / 2 + 0.2 * height)
        whole = bool((quad > 0).all() and (quad < (shape[1], shape[0])).all())
        out[5][rim] = 0
        if not whole or height < 5 or height > 34:
            continue
        out[0][core] = 1
        out[5][core] = 1
        # The edges as lines: from the middle of each cell straight across to them.
        for channel, (start, end) in ((1, (a, b)), (3, (d, c))):
            edge = (end - start) / max(1e-6, float(np.hypot(*(end - start))))
            normal = np.array([-edge[1], edge[0]])
            way = ((start - at) @ normal)[..., None] * normal
            out[channel][core], out[channel + 1][core] = way[core][:, 0] / REACH, way[core][:, 1] / REACH
    return out


def vary(tile: Tile, dice: np.random.Generator) -> tuple[Pixels, np.ndarray]:
    """Another size, a little turned, other light and colours."""
    scale, turn = dice.uniform(0.8, 1.2), dice.normal(0, 4)
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), turn, scale)
    matrix[:, 2] += dice.uniform(-24, 24, 2)
    pixels = cv2.warpAffine(tile.pixels, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    quads = tile.quads @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32)
    if dice.random() < 0.3:
        pixels = np.clip(pixels + dice.normal(0, dice.uniform(1, 7), pixels.shape), 0, 255).astype(np.uint8)
    if dice.random() < 0.1:
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    if dice.random() < 0.3:
        pixels = np.clip(pixels * dice.uniform(0.6, 1.3), 0, 255).astype(np.uint8)
    return np.asarray(pixels, np.uint8), quads


def loss_of(answer: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy over the cells with a mark and the hardest without; distances where there is a mark."""
    score, truth, counts = answer[:, 0], wanted[:, 0], wanted[:, 5]
    each = nn.functional.binary_cross_entropy_with_logits(score, truth, reduction="none") * counts
    positive = truth > 0.5
    marks = max(1, int(positive.sum()))
    without = each[(~positive) & (counts > 0)]
    hardest = without.topk(min(len(without), MOST_NEGATIVE * marks + 64)).values
    place = nn.functional.smooth_l1_loss(answer[:, 1:], wanted[:, 1:5], reduction="none", beta=0.1).sum(1)
    return each[positive].sum() / marks + hardest.sum() / marks + place[positive].sum() / marks


def _overlap(quad: np.ndarray, other: np.ndarray) -> float:
    shared = cv2.intersectConvexConvex(quad.astype(np.float32), other.astype(np.float32))[0]
    both = cv2.contourArea(quad.astype(np.float32)) + cv2.contourArea(other.astype(np.float32)) - shared
    return float(shared / both) if both > 0 else 0.0


@torch.no_grad()
def examine(net: Spotter, tiles: list[Tile], threshold: float = 0.3) -> dict[str, float]:
    """Recall of whole marks (overlap above half of the union), their mean overlap, proposals a tile beside marks."""
    net.eval()
    hits: dict[str, list[bool]] = {}
    overlaps, false = [], 0
    for tile in tiles:
        answer = net(torch.from_numpy(even(tile.pixels))[None])[0].numpy()
        answer[0] = 1 / (1 + np.exp(-answer[0]))
        found = [np.array(quad) for quad, _score in quads_of(answer, threshold)]
        for quad in tile.quads:
            height = float(np.hypot(*(quad[3] - quad[0])))
            if (quad > 2).all() and (quad < SIDE - 2).all() and height < 30:
                best = max((_overlap(one, quad) for one in found), default=0.0)
                hits.setdefault(tile.tier, []).append(best > 0.5)
                overlaps.append(best)
        false += sum(max((_overlap(one, quad) for quad in tile.quads), default=0.0) < 0.1 for one in found)
    net.train()
    shares = {tier: sum(rows) / len(rows) for tier, rows in sorted(hits.items())}
    return shares | {"overlap": float(np.mean(overlaps)), "false a tile": false / len(tiles)}


def train(folder: Path, held: list[Tile], out: Path, total: int, start: Path | None = None) -> None:
    """Show the net `total` tiles."""
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    net = Spotter()
    if start:
        net.load_state_dict(torch.load(start, weights_only=True))
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    log.info("%d parameters", sum(one.numel() for one in net.parameters()))
    rate = RATE if start is None else RATE / 2
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    seen, epoch, mean, shown = 0, 0, 0.0, 0
    while seen < total:
        tiles = [tile for path in sorted(folder.glob("tiles-1*.npz")) for tile in load(path)]
        log.info("epoch %d: %d tiles", epoch, len(tiles))
        order = dice.permutation(len(tiles))
        for first in range(0, len(order) - BATCH + 1, BATCH):
            share = seen / total
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, share / 0.03 + 0.05) * (0.5 + 0.5 * np.cos(np.pi * share))
            if seen >= total:
                break
            varied = [vary(tiles[i], dice) for i in order[first : first + BATCH]]
            pixels = torch.from_numpy(np.stack([even(one) for one, _quads in varied]))
            wanted = torch.from_numpy(np.stack([targets(quads, (SIDE, SIDE)) for _one, quads in varied]))
            loss = loss_of(net(pixels.contiguous(memory_format=torch.channels_last)), wanted)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            seen += BATCH
            mean += 0.02 * (loss.item() - mean)
            if seen - shown > 1000:
                shown = seen
                torch.save(net.state_dict(), out)
                log.info("%d tiles, loss %.3f", seen, mean)
        epoch += 1
        torch.save(net.state_dict(), out)
        shares = examine(net, held[:400])
        log.info("after epoch %d: %s", epoch, {name: round(value, 3) for name, value in shares.items()})
    log.info("end: %s", examine(net, held))


def main(folder: str, out: str, total: str, start: str = "") -> None:
    """Train on albums 10,000 and later in FOLDER, look at album 20,000 of it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    held = [tile for path in sorted(Path(folder).glob("tiles-2*.npz")) for tile in load(path)]
    train(Path(folder), held, Path(out), int(total), Path(start) if start else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
