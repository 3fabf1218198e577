"""Groups lines of like width into batches, so that little padding is read. Used by `engine` and the mark reader."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence


def batches(
    widths: Sequence[float], most: int, ratio: float, *, narrowest: float = 0.0, longest: float = math.inf
) -> Iterator[list[int]]:
    """Indexes of `widths`, narrow ones first, in groups of up to `most`.

    The widest of a group is at most `ratio` times its narrowest, or `narrowest` where that is more; a group padded to
    its widest is at most `longest` wide in all.
    """
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=widths.__getitem__):
        full = len(batch) == most or (len(batch) + 1) * widths[index] > longest
        if batch and (full or widths[index] > max(widths[batch[0]], narrowest) * ratio):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
