"""The phrases of marks that have no level, and which of them blurred letters fit best: used by `reader`.

A reader of single letters drops or doubles one where the picture is poor (内部通录, 内部明明电); which of a handful of
known phrases was printed can still be told. The likelihood of a phrase is that of connectionist temporal
classification: the sum over all ways to write it (Graves et al., 2006, section 4.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from imgscan.mark_reader.alphabet import ALPHABET, MarkKind, collapse, spell

_BANS = ("", "注意保存", "注意保密", "注意保管", "请勿外传", "不得外传")
PHRASES: Mapping[MarkKind, tuple[str, ...]] = {
    MarkKind.INTERNAL: (
        *(
            f"内部{what}{ban}"
            for what in ("", "资料", "文件", "参阅", "刊物", "传阅", "通讯录", "材料")
            for ban in _BANS
        ),
        "内部使用",
        "内部使用不得外传",
        *(f"{when}后{what}" for when in "会阅" for what in ("收回", "清退", "退回")),
        "涉密会议材料会后收回",
        "仅供领导参阅",
    ),
    MarkKind.WORK: (
        *(f"工作秘密{what}" for what in ("", "注意保存", "注意保管", "注意保密")),
        *(f"内部{what}" for what in ("", "事项", "事项注意保管", "事项注意保存")),
    ),
    MarkKind.COMMERCIAL: ("核心商密", "普通商密"),
    MarkKind.TELEGRAM: ("内部明电", "传真电报", "内部传真电报", "明传电报", "密码电报"),
}
"""As `alphabet.spell` writes them, without a term: wordings of domain reference 2 and 3. What stands behind a star is
never made up: a digit more or less is another mark."""
FITS = 0.5
"""Geometric mean a letter of a phrase's likelihood over that of the letters as read, from which the phrase is told."""
_IMPOSSIBLE = -1e9
_LEAST = 1e-9
_STAR = ALPHABET.index("★") + 1


def best_phrase(kind: MarkKind, steps: NDArray[np.float32]) -> str:
    """The phrase of `kind` that T x (1 + alphabet) probabilities fit best; "" where none fits, or the kind has none.

    What the letters say from a star on is kept as it was read.
    """
    phrases = PHRASES.get(kind, ())
    path = [int(one) for one in steps.argmax(axis=1)]
    end = path.index(_STAR) if _STAR in path else len(path)
    if not phrases or not end:
        return ""
    logs = np.log(np.maximum(steps[:end], _LEAST))
    likely = likelihoods(logs, phrases)
    best = int(likely.argmax())
    as_read = float(logs.max(axis=1).sum())
    fits = (likely[best] - as_read) / len(phrases[best]) >= np.log(FITS)
    return phrases[best] + collapse(path[end:]) if fits else ""


def likelihoods(logs: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
    """For each text the logarithm of the probability that T x (1 + alphabet) log probabilities write it."""
    labels = [[ALPHABET.index(char) + 1 for char in spell(text)] for text in texts]
    states = 2 * max(map(len, labels)) + 1
    path = np.zeros((len(labels), states), np.int64)  # blank, letter, blank, letter, ..., blank
    for row, letters in zip(path, labels, strict=True):
        row[1 : 2 * len(letters) : 2] = letters
    may_skip = np.zeros(path.shape, bool)
    may_skip[:, 2:] = (path[:, 2:] != 0) & (path[:, 2:] != path[:, :-2])
    at = np.full(path.shape, _IMPOSSIBLE)
    at[:, :2] = logs[0, path[:, :2]]
    for step in logs[1:]:
        one = np.pad(at, ((0, 0), (1, 0)), constant_values=_IMPOSSIBLE)[:, :-1]
        two = np.where(may_skip, np.pad(at, ((0, 0), (2, 0)), constant_values=_IMPOSSIBLE)[:, :-2], _IMPOSSIBLE)
        at = np.logaddexp(np.logaddexp(at, one), two) + step[path]
    last = np.array([2 * len(letters) for letters in labels])
    rows = np.arange(len(labels))
    return np.asarray(np.logaddexp(at[rows, last], at[rows, last - 1]), np.float64)
