"""Trains the reader: `python -m training.reader CROPS OUT COUNT`. Both heads at once: text by CTC, kind by softmax."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from imgscan.frames import Pixels
from imgscan.mark_reader.alphabet import ALPHABET, KINDS, MarkKind, collapse
from imgscan.mark_reader.picture import Planes, batch, planes
from training.cache import load
from training.crops import Crop
from training.nets import Reader

SEED = 7
BATCH = 32
RATE = 1.5e-3
GENTLE = 0.12
"""For this share of the training the extreme tier is left out: what nobody can read teaches nothing at first."""
_INDEX = {char: place + 1 for place, char in enumerate(ALPHABET)}
LONG = 6.0
"""Of ordinary lines longer than this many heights three of ten are learnt from: they cost most and teach least."""
log = logging.getLogger("training.reader")


def jitter(crop: Crop, dice: np.random.Generator, amount: float = 1.0) -> Pixels:
    """The line as a detector may cut it: a little too high, too long, askew or off."""
    a, b, c, d = crop.quad.astype(np.float64)
    along, down = (b - a + c - d) / 2, (d - a + c - b) / 2
    height = np.hypot(*down)
    unit, up = along / max(1e-6, np.hypot(*along)), down / max(1e-6, height)
    left, right = dice.uniform(-0.08, 0.6, 2) * height * amount
    over, under = dice.uniform(-0.02, 0.38, 2) * height * amount
    corners = np.array(
        [
            a - unit * left - up * over,
            b + unit * right - up * over,
            c + unit * right + up * under,
            d - unit * left + up * under,
        ]
    )
    corners += dice.normal(0, 0.04 * height * amount, (4, 2))
    wide = int(max(8, round(np.hypot(*(corners[1] - corners[0])))))
    high = int(max(6, round(np.hypot(*(corners[3] - corners[0])))))
    target = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    cut = cv2.warpPerspective(
        crop.pixels, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)


def weather(cut: Pixels, dice: np.random.Generator) -> Pixels:
    """A little more of what the specimens do already, so that one rendered crop serves many times."""
    if dice.random() < 0.15:
        cut = np.asarray(cv2.GaussianBlur(cut, (0, 0), dice.uniform(0.4, 0.9)), np.uint8)
    if dice.random() < 0.2:
        shrink = dice.uniform(0.6, 0.95)
        small = cv2.resize(cut, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        cut = np.asarray(cv2.resize(small, cut.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    if dice.random() < 0.3:
        noise = dice.normal(0, dice.uniform(2, 9), cut.shape)
        cut = np.clip(cut + noise, 0, 255).astype(np.uint8)
    if dice.random() < 0.15:
        quality = int(dice.integers(35, 75))
        cut = np.asarray(cv2.imdecode(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)
    if dice.random() < 0.08:
        cut = np.repeat(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    if dice.random() < 0.05:
        cut = 255 - cut
    return cut


def _aspect(crop: Crop) -> float:
    return float(np.hypot(*(crop.quad[1] - crop.quad[0])) / max(1.0, np.hypot(*(crop.quad[3] - crop.quad[0]))))


def batches(crops: list[Crop], dice: np.random.Generator, *, train: bool) -> Iterator[tuple[Planes, list[Crop]]]:
    """Shuffled batches of crops of like length."""
    aspect = np.array([_aspect(crop) for crop in crops])
    if train:
        aspect = aspect * dice.uniform(0.8, 1.25, len(crops))
    order = np.argsort(aspect)
    groups = [order[start : start + BATCH] for start in range(0, len(crops), BATCH)]
    if train:
        dice.shuffle(groups)
    for group in groups:
        chosen = [crops[i] for i in group]
        cuts = [jitter(crop, dice) for crop in chosen]
        if train:
            cuts = [weather(cut, dice) for cut in cuts]
        yield batch([planes(cut) for cut in cuts]), chosen


def text_loss(logits: Tensor, crops: list[Crop]) -> Tensor:
    """CTC, which sums over all ways to write the text; lines that are no mark count a fifth."""
    targets = [[_INDEX[char] for char in crop.text] for crop in crops]
    lengths = torch.tensor([len(target) for target in targets])
    steps = torch.full((len(crops),), logits.shape[1])
    likely = logits.log_softmax(2).transpose(0, 1)
    flat = torch.tensor([one for target in targets for one in target])
    losses = nn.functional.ctc_loss(likely, flat, steps, lengths, reduction="none", zero_infinity=True)
    weight = torch.tensor([1.0 if crop.kind else 0.2 for crop in crops])
    return (losses / lengths.clamp(min=1) * weight).mean()


@torch.no_grad()
def examine(net: Reader, crops: list[Crop], seed: int = 1) -> dict[str, float]:
    """Shares right on `crops`, cut with a fixed jitter."""
    net.eval()
    right: dict[str, list[bool]] = {}
    for pixels, chosen in batches(crops, np.random.default_rng(seed), train=False):
        text, kind = net(torch.from_numpy(pixels))
        best, paths = kind.argmax(1).tolist(), text.argmax(2).tolist()
        for crop, guess, path in zip(chosen, best, paths, strict=True):
            name = "level" if 1 <= crop.kind <= 3 else "mark" if crop.kind else "other"
            right.setdefault(f"{name} {crop.tier}", []).append(guess == crop.kind)
            if crop.kind:
                right.setdefault(f"text {crop.tier}", []).append(collapse(path) == crop.text)
                if 1 <= crop.kind <= 3:
                    read = _level_of(collapse(path))
                    right.setdefault(f"level-by-text {crop.tier}", []).append(read == KINDS[crop.kind])
    net.train()
    return {name: sum(rows) / len(rows) for name, rows in sorted(right.items())}


def _level_of(text: str) -> str:
    text = text.replace("絕", "绝").replace("機", "机").replace("祕", "秘")
    return next((one for one in (MarkKind.JUEMI, MarkKind.JIMI, MarkKind.MIMI) if one in text), "")


def train(folder: Path, held: list[Crop], out: Path, total: int, start: Path | None = None) -> None:
    """Show the net `total` crops; the rate rises for the first thirtieth and then falls to nothing as a cosine does."""
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    net = Reader()
    if start:
        net.load_state_dict(torch.load(start, weights_only=True))
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.02)
    seen, epoch, shown = 0, 0, 0
    mean = np.zeros(2)
    while seen < total:
        crops = [crop for path in sorted(folder.glob("crops-1*.npz")) for crop in load(path) if len(crop.text) <= 16]
        crops = [crop for crop in crops if crop.kind or _aspect(crop) < LONG or dice.random() < 0.3]
        if seen < GENTLE * total:
            crops = [crop for crop in crops if crop.tier != "extreme"]
        log.info("epoch %d: %d crops", epoch, len(crops))
        for pixels, chosen in batches(crops, dice, train=True):
            if seen >= total:
                break
            share = seen / total
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1, share / 0.03 + 0.05) * (0.5 + 0.5 * np.cos(np.pi * share))
            text, kind = net(torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last))
            target = torch.tensor([crop.kind for crop in chosen])
            losses = text_loss(text, chosen), nn.functional.cross_entropy(kind, target, label_smoothing=0.02)
            loss = losses[0] + 1.5 * losses[1]
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            seen += len(chosen)
            mean += 0.02 * (np.array([one.item() for one in losses]) - mean)
            if seen - shown > 2000:
                shown = seen
                torch.save(net.state_dict(), out)
                log.info("%d crops, loss of text %.3f, of kind %.3f", seen, *mean)
        epoch += 1
        torch.save(net.state_dict(), out)
        log.info(
            "after epoch %d: %s", epoch, {name: round(share, 3) for name, share in examine(net, held[:2000]).items()}
        )
    log.info("end: %s", examine(net, held))


def main(folder: str, out: str, total: str, start: str = "") -> None:
    """Train on albums 10,000 and later in FOLDER, look at album 20,000 of it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)  # a second thread waits more than it works where cores are shared
    held = [crop for path in sorted(Path(folder).glob("crops-2*.npz")) for crop in load(path)]
    train(Path(folder), held, Path(out), int(total), Path(start) if start else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
