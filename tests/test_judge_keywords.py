"""The keyword filter calls exactly the rules of which a keyword occurs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imgscan.judge.keywords import KeywordFilter

_LETTERS = st.text(alphabet="机密★(1", max_size=12)
_WORDS = st.lists(
    st.tuples(
        st.sampled_from(["ns.mark", "ns.star", "fn.number"]), st.text(alphabet="机密★(1", min_size=1, max_size=3)
    ),
    max_size=8,
)


@given(_WORDS, _LETTERS)
def test_calls_the_rules_whose_keywords_occur(words: list[tuple[str, str]], scan: str) -> None:
    keywords = KeywordFilter.of(words)
    assert keywords.rules(scan) == {rule for rule, word in words if word in scan}


@given(_WORDS, _LETTERS)
def test_places_begin_wherever_a_keyword_begins(words: list[tuple[str, str]], scan: str) -> None:
    starts = {i for i in range(len(scan)) if any(scan.startswith(word, i) for _, word in words)}
    assert {start for start, _ in KeywordFilter.of(words).places(scan)} == starts


def test_without_keywords_nothing_is_called() -> None:
    assert KeywordFilter().rules("机密★10年") == frozenset()
