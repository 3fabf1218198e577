"""Folds read text to the form that rules match, and keeps the way back: the first half of judge, after read.

Order (domain reference, 6.3): compatibility forms (NFKC) and traditional script character by character, then blanks.
Nothing here guesses a misread character: confusions are data of the rule pack and count only where a mark stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
"""Inside a character class: Chinese characters, and the zero that is written as one."""

_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u00ad")
_BLANK = re.compile(r" +")
_LATIN = re.compile(r"[A-Za-z]")
# Blanks beside these are letter spacing, never a border between two things said.
_TIGHT_BESIDE = frozenset("★☆⭐·•:()[]{}〔〕【】〖〗「」『』")
_SINGLE = re.compile(rf"[{HAN}★☆⭐〔〕\[\]()]|\d{{1,4}}")


class _FoldTable(dict[int, str | None]):
    """A translation table that learns a character when it first meets it, because only some thousands ever occur."""

    def __init__(self, *, scanning: bool) -> None:
        super().__init__()
        self._scanning = scanning
        self._simplify = OpenCC("t2s").convert

    def __missing__(self, code: int) -> str | None:
        folded: str | None = self._fold(chr(code))
        if self._scanning and folded is not None:
            folded = folded.replace(" ", "").replace("\n", "").lower() or None
        self[code] = folded
        return folded

    def _fold(self, char: str) -> str | None:
        if char in _INVISIBLE:
            return None
        if char == "\n":
            return char
        if char.isspace():
            return " "
        return "".join(" " if c.isspace() else self._simple(c) for c in unicodedata.normalize("NFKC", char)) or None

    def _simple(self, char: str) -> str:
        if unicodedata.category(char) == "Cs":  # half of a pair, out of JSON: OpenCC takes only what UTF-8 can write
            return char
        simple: str = self._simplify(char)
        return simple if len(simple) == 1 else char


@cache
def _table(*, scanning: bool) -> _FoldTable:
    return _FoldTable(scanning=scanning)


def fold(raw: str) -> str:
    """`raw` in compatibility forms and simplified script; every blank becomes a space, line breaks stay."""
    return raw.translate(_table(scanning=False))


def scan_form(raw: str) -> str:
    """`raw` folded, lower case and without any blank: what the keyword filter reads. Fast, no way back."""
    return raw.translate(_table(scanning=True))


@dataclass(frozen=True, slots=True)
class View:
    """Text as rules see it. `at[i]` is (line, raw character) of `text[i]`; a blank put in between has raw -1."""

    text: str
    at: tuple[tuple[int, int], ...]

    def keep(self, indexes: Sequence[int]) -> View:
        """The view of only these characters."""
        return View("".join(self.text[i] for i in indexes), tuple(self.at[i] for i in indexes))

    def places(self, start: int, end: int) -> frozenset[tuple[int, int]]:
        """(line, raw character) of everything visible in `text[start:end]`."""
        return frozenset(at for at in self.at[start:end] if at[1] >= 0)


def folded_view(raw: str, line: int) -> View:
    """`raw` (the text of line number `line`) folded, with its way back."""
    table = _table(scanning=False)
    chars: list[str] = []
    at: list[tuple[int, int]] = []
    for index, char in enumerate(raw):
        for folded in table[ord(char)] or "":
            chars.append(folded)
            at.append((line, index))
    return View("".join(chars), tuple(at))


def join(views: Sequence[View], gap: str = "") -> View:
    """One view after the other; `gap` (nothing or one blank) between them."""
    text: list[str] = []
    at: list[tuple[int, int]] = []
    for number, view in enumerate(views):
        if number and gap:
            text.append(gap)
            at.append((view.at[0][0] if view.at else -1, -1))
        text.append(view.text)
        at.extend(view.at)
    return View("".join(text), tuple(at))


def spacings(view: View) -> tuple[View, ...]:
    """The ways to read the blanks of a view, without repeats.

    First letter spacing closed up (`机 密 ★ 10年`) while blanks between words stay as borders; then every blank kept
    single; then none left but those between Latin letters.
    """
    loose = view.keep(_single_blanks(view.text))
    if " " not in loose.text:
        return (loose,)
    ways = (loose.keep(_closed_up(loose.text)), loose, tight(loose))
    return tuple(way for number, way in enumerate(ways) if all(way.text != before.text for before in ways[:number]))


def tight(view: View) -> View:
    """The view without blanks, but for those between Latin letters."""
    text = view.text
    return view.keep([i for i, c in enumerate(text) if c != " " or _between_latin(text, i)])


def _single_blanks(text: str) -> list[int]:
    last = len(text.rstrip(" "))
    return [i for i, c in enumerate(text[:last]) if c != " " or (i > 0 and text[i - 1] != " ")]


def _between_latin(text: str, index: int) -> bool:
    if not 0 < index < len(text) - 1:
        return False
    return bool(_LATIN.match(text[index - 1]) and _LATIN.match(text[index + 1]))


def _closed_up(text: str) -> list[int]:
    words = text.split(" ")
    single = [bool(_SINGLE.fullmatch(word)) for word in words]
    kept: list[int] = []
    position = 0
    for number, word in enumerate(words):
        kept.extend(range(position, position + len(word)))
        position += len(word)
        if number + 1 < len(words):
            if not _is_letter_spacing(words, single, number):
                kept.append(position)
            position += 1
    return kept


def _is_letter_spacing(words: list[str], single: list[bool], number: int) -> bool:
    """Whether the blank after word `number` only spaces letters: `机 密`, `密 级：机密`, `★ 10年`."""
    left, right = words[number], words[number + 1]
    if not left or not right:
        return True
    if left[-1] in _TIGHT_BESIDE or right[0] in _TIGHT_BESIDE:
        return True
    if single[number] and single[number + 1]:
        return True
    # One spaced letter beside a longer word belongs to it (密 级：机密), a run of them is a word of its own.
    if single[number]:
        return not (number > 0 and single[number - 1])
    if single[number + 1]:
        return not (number + 2 < len(words) and single[number + 2])
    return False


_DIGITS = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "〇": "0", "○": "0", "I": "1", "l": "1", "|": "1",
                         "i": "1", "S": "5", "s": "5", "B": "8", "Z": "2", "z": "2"})  # fmt: skip
_CHINESE = {c: n for n, c in enumerate("零一二三四五六七八九")}


def digits(text: str) -> str:
    """`text` with letters that OCR puts for digits (O l I S B ...) as digits. Only where a digit must stand."""
    return text.translate(_DIGITS)


def chinese_number(text: str) -> str:
    """A Chinese numeral below one hundred in Arabic digits (`二十` to `20`); anything else as it is."""
    tens, ten, ones = text.partition("十")
    if ten and len(tens) <= 1 and len(ones) <= 1 and all(c in _CHINESE for c in tens + ones):
        return str(10 * _CHINESE.get(tens, 1) + _CHINESE.get(ones, 0))
    return str(_CHINESE[text]) if text in _CHINESE else text


_YEARS = re.compile(r"(?P<n>[0-9OoIlQ|]{1,2}|[一二三四五六七八九十]{1,3})(?P<unit>年|午|开|牛|个?月)$")
_NOT_TEXT = re.compile(r"[\W_]+")


def canonical_term(term: str) -> str:
    """The term of a mark as it was printed: digits repaired, Chinese numerals in Arabic, brackets dropped."""
    bare = _NOT_TEXT.sub("", term)
    match = _YEARS.match(bare)
    if not match:
        return re.sub(r"(?<=\d)[OoIl](?=\d|年|月|日)", lambda found: digits(found[0]), bare)
    unit = "年" if match["unit"] in "午开牛" else "个月" if match["unit"].endswith("月") else match["unit"]
    return chinese_number(digits(match["n"])) + unit


def canonical_text(text: str) -> str:
    """`text` without blanks, punctuation and signs: what stays the same from one reading to the next."""
    return _NOT_TEXT.sub("", text).upper()
