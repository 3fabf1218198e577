from __future__ import annotations

import pytest

from imgscan.mark_reader.alphabet import ALPHABET, KINDS, UNKNOWN, MarkKind, collapse, spell


def test_every_character_stands_once() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert ALPHABET[0] == UNKNOWN


@pytest.mark.parametrize(
    "text", ["绝密★30年", "機密★長期", "祕密", "工作秘密", "内部资料注意保存", "密级：机密", "秘密★2030年12月31日"]
)
def test_marks_can_be_spelt(text: str) -> None:
    assert spell(text) == text


def test_blanks_go_and_strangers_become_one_sign() -> None:
    assert spell("机　密") == "机密"
    assert spell("云岫委密电〔2024〕12号") == "□委密电〔2024〕12号"


def test_a_best_path_is_read_as_ctc_writes_it() -> None:
    one, year, other = (ALPHABET.index(char) + 1 for char in ("1", "年", UNKNOWN))
    assert collapse([0, one, one, 0, one, year, year, 0]) == "11年"
    assert collapse([other, 0, other, one]) == "□1"
    assert collapse([0, 0]) == ""


def test_nothing_is_the_first_kind() -> None:
    assert KINDS[0] is MarkKind.OTHER  # 1 - its probability is that of a mark
