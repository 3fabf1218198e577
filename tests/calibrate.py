"""Calibrates the weights of rules/words.yml on specimens: `python -m tests.calibrate FOLDER [--check] [--write]`.

Makes albums 100 to 106 in FOLDER where they are missing, scans them with all text kept (needs the OCR weights, once),
fits the weights on 100 to 104, and says how sure and how right the findings of 105 and 106 are, before and after.
`--write` puts better weights into rules/words.yml and draws docs/images/reliability.svg. `--check` fits nothing: it
scans 105 and 106 only and says (and with `--write` draws) how sure and how right the findings are by today's weights.

A finding is right where the truth says that its picture carries a mark of its class, and wrong on a negative picture.
Findings of another class on a positive picture (the number on a marked page) are left out: nothing is known of them.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imgscan.judge import judge
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.specimens import generate
from imgscan.specimens.truth import TRUTH_FILE, Truth, read_truths
from imgscan.store.rejudging import KeptTexts
from imgscan.types import Finding, Severity
from tests.fakes.runs import opened

FIT, CHECK = range(100, 105), range(105, 107)
PICTURES = 60
BINS = 10
PRIOR = 4.0
"""How strongly a weight is held at its hand-made value: so many findings' worth of doubt."""
LEAST = 8
"""A reason that fewer findings have keeps its hand-made weight."""
PLOT = Path(__file__).resolve().parents[1] / "docs" / "images" / "reliability.svg"

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One finding: its weighted reasons by their key in `weights`, all else on the scale of log odds, and its truth."""

    reasons: frozenset[str]
    base: float
    read: float
    right: bool
    seed: int


def main() -> None:
    """Fits, compares, and with `--write` keeps what is better."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    folder: Path = told.folder
    truths = {seed: _album(folder, seed) for seed in (*(() if told.check else FIT), *CHECK)}
    if not (folder / "home").exists():
        _scan(folder)
    rules = load()
    samples = collect(folder, truths, rules)
    if told.check:
        _check(samples, rules, draw=told.write)
    else:
        _calibrate(samples, rules, write=told.write)


def _check(samples: Sequence[Sample], rules: Rulebook, *, draw: bool) -> None:
    sure = predictions(samples, rules.weights)
    right = np.array([sample.right for sample in samples], float)
    sys.stdout.write(f"{len(samples)} findings ({int(right.sum())} right), calibration error "
                     f"{100 * error(sure, right):.1f} %, log loss {log_loss(sure, right):.3f}\n")  # fmt: skip
    if draw:
        PLOT.write_text(plot({"now": sure}, right), encoding="utf-8")


def _calibrate(samples: Sequence[Sample], rules: Rulebook, *, write: bool) -> None:
    fitting, checking = ([s for s in samples if s.seed in seeds] for seeds in (FIT, CHECK))
    fitted = fit(fitting, rules.weights)
    before, after = (predictions(checking, weights) for weights in (rules.weights, fitted))
    right = np.array([sample.right for sample in checking], float)
    say = sys.stdout.write
    say(f"fitted on {len(fitting)} findings, checked on {len(checking)} ({int(right.sum())} right)\n")
    for name, sure in (("before", before), ("after", after)):
        say(f"{name}: calibration error {100 * error(sure, right):.1f} %, log loss {log_loss(sure, right):.3f}\n")
    for key, value in fitted.items():
        if value != rules.weights[key]:
            say(f"  {key}: {rules.weights[key]:+.1f} -> {value:+.1f}\n")
    better = error(after, right) < error(before, right) and log_loss(after, right) < log_loss(before, right)
    say("better\n" if better else "no better: the weights stay\n")
    if write:
        if better:
            write_weights(BUILT_IN / "words.yml", fitted)
        PLOT.parent.mkdir(exist_ok=True)
        PLOT.write_text(plot({"before": before, "after": after}, right), encoding="utf-8")


def _album(folder: Path, seed: int) -> dict[str, Truth]:
    album = folder / "albums" / str(seed)
    if not (album / TRUTH_FILE).exists():
        generate(album, seed, PICTURES)
    return {truth.file: truth for truth in read_truths(album)}


def _scan(folder: Path) -> None:
    """Read all pictures once: take FOLDER/home away after a change of the reader. Exit 3: truth.jsonl is no picture."""
    told = {**os.environ, "IMGSCAN_HOME": str(folder / "home"), "IMGSCAN_KEEP_TEXT": "all"}
    done = subprocess.run([sys.executable, "-m", "imgscan", "scan", str(folder / "albums")], env=told, check=False)
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)


def collect(folder: Path, truths: Mapping[int, Mapping[str, Truth]], rules: Rulebook) -> list[Sample]:
    """Every finding of the albums of which the truth is known."""
    samples: list[Sample] = []
    with closing(opened(folder / "home")) as database:
        kept = KeptTexts(database, Severity.MEDIUM)
        for text in kept.texts("all"):
            path = Path(kept.path(text.sha256))
            truth = truths[int(path.parent.name)][path.name]
            for page in text.pages:
                samples += [
                    _sample(finding, rules, int(path.parent.name), truth.kind == "positive")
                    for finding in judge(page, rules)
                    if truth.kind == "negative" or finding.cls.value in truth.classes
                    if not any(reason.code == "reading:mark" for reason in finding.reasons)
                ]
    return samples


def _sample(finding: Finding, rules: Rulebook, seed: int, right: bool) -> Sample:
    """What `imgscan.judge.findings` made the confidence of, taken apart again."""
    keys = {reason.code.removeprefix("signal:") for reason in finding.reasons} & rules.weights.keys()
    told = rules.told(finding.rule)
    rule = next(rule for rule in rules.rules if rule is told)
    others = sum(reason.weight for reason in finding.reasons if reason.code.startswith("context:"))
    base = math.log(rule.confidence / (1 - rule.confidence)) + others
    odds = base + sum(rules.weights[key] for key in keys)
    read = min(1.0, finding.confidence * (1 + math.exp(-odds)))
    return Sample(frozenset(keys), base, read, right, seed)


def predictions(samples: Sequence[Sample], weights: Mapping[str, float]) -> Vector:
    """The confidence of each finding by these weights."""
    odds = np.array([s.base + sum(weights[key] for key in s.reasons) for s in samples])
    read = np.array([s.read for s in samples])
    return np.asarray(np.clip(read / (1 + np.exp(-odds)), 0.005, 0.995))


def fit(samples: Sequence[Sample], weights: Mapping[str, float]) -> dict[str, float]:
    """Logistic regression by Newton's method, held at the hand-made weights by a normal prior.

    What was made to raise never lowers and the other way round, and what was made to weigh nothing is left alone:
    reviewers read the reasons, and albums of specimens have chance likenesses (declassified papers have red lines too).
    """
    counts = {key: sum(key in sample.reasons for sample in samples) for key in weights}
    keys = [key for key, count in counts.items() if count >= LEAST and weights[key]]
    has = np.array([[key in sample.reasons for key in keys] for sample in samples], float)
    fixed = np.array([s.base + sum(weights[k] for k in s.reasons if k not in keys) for s in samples])
    right = np.array([sample.right for sample in samples], float)
    start = np.array([weights[key] for key in keys])
    found = start
    for _step in range(50):
        sure = 1 / (1 + np.exp(-(fixed + has @ found)))
        slope = has.T @ (right - sure) - PRIOR * (found - start)
        curve = (has * (sure * (1 - sure))[:, None]).T @ has + PRIOR * np.eye(len(keys))
        before = found
        found = found + np.linalg.solve(curve, slope)
        found = np.where(start > 0, np.maximum(found, 0), np.minimum(found, 0))
        if np.abs(found - before).max() < 1e-6:
            break
    return {**weights, **{key: round(float(value), 1) for key, value in zip(keys, found, strict=True)}}


def bins(sure: Vector, right: Vector) -> list[tuple[float, float, int]]:
    """For each bin that has findings: mean confidence, share of right ones, how many."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    filled = [places == place for place in range(BINS) if (places == place).any()]
    return [(float(sure[here].mean()), float(right[here].mean()), int(here.sum())) for here in filled]


def error(sure: Vector, right: Vector) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al., AAAI 2015)."""
    return sum(abs(mean - share) * count for mean, share, count in bins(sure, right)) / len(right)


def log_loss(sure: Vector, right: Vector) -> float:
    """Mean negative log likelihood."""
    return float(-np.mean(right * np.log(sure) + (1 - right) * np.log(1 - sure)))


def write_weights(path: Path, weights: Mapping[str, float]) -> None:
    """Put the numbers of `weights` into the file, and leave everything else of it as it is."""
    above, heading, below = path.read_text(encoding="utf-8").partition("\nweights:\n")
    for key, value in weights.items():
        below = re.sub(rf"(?m)^(  '?{re.escape(key)}'?: ).*$", rf"\g<1>{value}", below)
    path.write_text(above + heading + below, encoding="utf-8")


def plot(runs: Mapping[str, Vector], right: Vector) -> str:
    """A reliability diagram: confidence across, share of right findings up, the area of a dot by its findings."""
    side, margin = 320, 44
    colours = {"before": "#b9770e", "after": "#1f618d", "now": "#1f618d"}
    named = {"before": "校准前 before", "after": "校准后 after", "now": "现用 in force"}

    def at(across: float, up: float) -> tuple[float, float]:
        return round(margin + across * side, 1), round(margin / 2 + (1 - up) * side, 1)

    width, height = side + 2 * margin + 130, side + 2 * margin
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for tick in range(0, 11, 2):
        (x, y), (left, top) = at(tick / 10, 0), at(0, tick / 10)
        out.append(f'<path d="M{x} {y}V{margin / 2}M{left} {top}H{margin + side}" stroke="#e5e5e5"/>')
        out.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{tick / 10:.1f}</text>')
        out.append(f'<text x="{left - 6}" y="{top + 4}" text-anchor="end">{tick / 10:.1f}</text>')
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    out.append(f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#888" stroke-dasharray="4 4"/>')
    for row, (name, sure) in enumerate(runs.items()):
        dots = [(at(mean, share), count) for mean, share, count in bins(sure, right)]
        line = "L".join(f"{x} {y}" for (x, y), _count in dots)
        out.append(f'<path d="M{line}" fill="none" stroke="{colours[name]}" stroke-width="1.5"/>')
        for (x, y), count in dots:
            out.append(
                f'<circle cx="{x}" cy="{y}" r="{1.5 + math.sqrt(count):.1f}" fill="{colours[name]}" opacity="0.7"/>'
            )
        legend = margin + side + 12, margin + 44 * row
        out.append(f'<text x="{legend[0]}" y="{legend[1]}" fill="{colours[name]}">{named[name]}</text>')
        told = f"ECE {100 * error(sure, right):.1f} %, n = {len(right)}"
        out.append(f'<text x="{legend[0]}" y="{legend[1] + 16}" fill="{colours[name]}">{told}</text>')
    out.append(f'<text x="{margin + side / 2}" y="{height - 16}" text-anchor="middle">可信度 confidence</text>')
    turned = f"translate(12 {margin / 2 + side / 2}) rotate(-90)"
    out.append(f'<text transform="{turned}" text-anchor="middle">实际正确的比例 share that is right</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
