"""Which phrase blurred letters fit best, against adding up every way to write it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from imgscan.mark_reader.alphabet import ALPHABET, MarkKind, collapse, spell
from imgscan.mark_reader.phrases import PHRASES, best_phrase, likelihoods

KINDS_WITH_PHRASES = sorted(PHRASES)


def steps_of(text: str, sure: float = 0.9) -> NDArray[np.float32]:
    """Probabilities that write `text`, a blank around each letter, and leave the rest to all others alike."""
    path = [0, *(one for char in text for one in (ALPHABET.index(char) + 1, 0))]
    steps = np.full((len(path), 1 + len(ALPHABET)), (1 - sure) / len(ALPHABET), np.float32)
    steps[np.arange(len(path)), path] = sure
    return steps


@pytest.mark.parametrize("text", ["内部", "内内", "部", "密"])
def test_a_likelihood_is_the_sum_over_every_way_to_write_the_text(text: str) -> None:
    letters = sorted({0, *(ALPHABET.index(char) + 1 for char in "内部密")})
    steps = np.random.default_rng(3).dirichlet(np.ones(1 + len(ALPHABET)), 5).astype(np.float32)
    ways = [path for path in product(letters, repeat=5) if collapse(list(path)) == text]
    wanted = sum(float(np.prod([steps[at, one] for at, one in enumerate(path)])) for path in ways)
    assert ways
    assert np.exp(likelihoods(np.log(steps), [text, "内部资料"])[0]) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize(
    ("kind", "read", "phrase"),
    [
        (MarkKind.INTERNAL, "内部讯录", "内部通讯录"),
        (MarkKind.INTERNAL, "后收回", "会后收回"),
        (MarkKind.COMMERCIAL, "核商密★10年", "核心商密★10年"),
        (MarkKind.WORK, "工秘密★8年", "工作秘密★8年"),
    ],
)
def test_a_letter_that_is_missing_does_not_hide_the_phrase(kind: MarkKind, read: str, phrase: str) -> None:
    # The letter that the best path leaves out has a share of its own, as in a blurred picture.
    steps = steps_of(read)
    (missing,) = (char for char in phrase if char not in read)
    steps[0::2, ALPHABET.index(missing) + 1] = 0.3
    assert best_phrase(kind, steps / steps.sum(axis=1, keepdims=True)) == phrase


@pytest.mark.parametrize("term", ["★3年", "★8年", "★9年", "★30年", "★6个月", "★长期", "★", ""])
@pytest.mark.parametrize(
    ("kind", "phrase"), [(MarkKind.WORK, "工作秘密"), (MarkKind.WORK, "内部"), (MarkKind.COMMERCIAL, "普通商密")]
)
def test_a_term_is_never_made_up(kind: MarkKind, phrase: str, term: str) -> None:
    assert best_phrase(kind, steps_of(phrase + term)) == phrase + term


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (MarkKind.INTERNAL, "部后年月日"),
        (MarkKind.INTERNAL, "□"),
        (MarkKind.JIMI, "机密"),
        (MarkKind.NUMBER, "000417"),
        (MarkKind.OTHER, "内部"),
    ],
)
def test_letters_that_make_no_phrase_stay_letters(kind: MarkKind, read: str) -> None:
    assert best_phrase(kind, steps_of(read)) == ""


@pytest.mark.parametrize("kind", KINDS_WITH_PHRASES)
def test_every_phrase_can_be_written(kind: MarkKind) -> None:
    assert all(spell(phrase) == phrase and "□" not in phrase and "★" not in phrase for phrase in PHRASES[kind])
    assert len(set(PHRASES[kind])) == len(PHRASES[kind])
