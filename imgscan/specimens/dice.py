"""The only source of chance of a specimen: beside the line, which it feeds with pages of known truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


class Dice:
    """Draws that depend on nothing but the numbers it is made with (PCG64, the same on every platform)."""

    def __init__(self, *entropy: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`, each as likely."""
        return choices[int(self.generator.integers(len(choices)))]

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `choices`, in random order."""
        return [choices[int(i)] for i in self.generator.permutation(len(choices))[:count]]

    def chance(self, probability: float) -> bool:
        """True with `probability` (0..1)."""
        return bool(self.generator.random() < probability)

    def uniform(self, low: float, high: float) -> float:
        """A number of [low, high)."""
        return float(self.generator.uniform(low, high))

    def integer(self, low: int, high: int) -> int:
        """A whole number of low..high, both included."""
        return int(self.generator.integers(low, high + 1))

    def normal(self, shape: tuple[int, ...], sigma: float) -> npt.NDArray[np.float32]:
        """Gaussian numbers of mean 0 and standard deviation `sigma`."""
        return self.generator.standard_normal(shape, dtype=np.float32) * np.float32(sigma)

    def noise(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Numbers of 0..1, each as likely."""
        return self.generator.random(shape, dtype=np.float32)
