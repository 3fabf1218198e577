"""Text from outside as it may stand in a cell: visible, no formula, numbers masked unless asked for in full."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from imgscan.rulebook import Rulebook
from imgscan.types import Finding, FindingClass, Level
from imgscan.wording import harmless

STARTS_A_FORMULA = "=+-@＝＋－＠−﹢﹣﹦"
"""How a formula begins in Excel, WPS or LibreOffice, full-width forms included (OWASP, "CSV Injection")."""
MOST_CHARACTERS = 32_000
"""A cell of Excel holds 32,767 (its specifications and limits)."""
MASK = "＊"
"""In place of any number of characters, lest their count tell something."""

_NO_XML = re.compile("[\ufffe\uffff]")
_BRACKETED_YEAR = r"[〔\[(（【［]\s*[12][09]\d\d\s*[〕\])）】］]"
_NUMBER = re.compile(rf"\w{{0,12}}?({_BRACKETED_YEAR})\s*第?\s*\d+\s*号")
_DAY = r"(?<!\d)(?:19|20)\d\d\s*(?:年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)?|[./-]\s*\d{1,2}\s*[./-]\s*\d{1,2}(?!\d))"
"""A mark may name the day on which its term ends (rules/words.yml: 期限)."""
_OPEN = _DAY + r"|(?<!\d)\d{1,2}\s*(?:年|个月|月|天|日)|长期|[★☆*]|[\W_]"
# Words of marks that no rule has among its keywords, for a keyword is only the shortest part that a rule looks for.
_PLAIN_WORDS = (
    "工作", "国家", "商业", "文件", "资料", "材料", "信息", "密级", "期限", "注意", "严禁", "不得", "禁止", "请勿",
    "使用", "top", "secret", "confidential", "restricted", "internal", "use", "only", "proprietary",
)  # fmt: skip


def cell(text: str) -> str:
    """`text` for a cell of a table: nothing unseen in it, and it does not begin as a formula does."""
    visible = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", harmless(text))[:MOST_CHARACTERS]
    return f"'{visible}" if visible.lstrip().startswith(tuple(STARTS_A_FORMULA)) else visible


@dataclass(frozen=True, slots=True)
class Mask:
    """Leaves of a mark only the words that make it one; with `full` everything."""

    open_words: re.Pattern[str]
    full: bool = False

    @classmethod
    def of(cls, built_in: Rulebook, *, full: bool) -> Mask:
        """By the keywords of the rules that come with the program: a site's own are what it wants to hide."""
        words = {
            keyword
            for rule in built_in.rules
            if rule.cls not in (None, FindingClass.FILE_NUMBER, FindingClass.WATCHLIST)
            for keyword in rule.keywords
            if not any(char.isdigit() for char in keyword)
        }
        every = sorted({*words, *_PLAIN_WORDS, *Level}, key=len, reverse=True)
        return cls(re.compile("|".join([*map(re.escape, every), _OPEN]), re.IGNORECASE), full)

    def mark(self, finding: Finding) -> str:
        """The text of a mark. Of a file number the year is left, of a watch-list entry nothing."""
        text = " ".join(finding.text.split())
        if self.full:
            return text
        if finding.cls is FindingClass.WATCHLIST:
            return MASK
        if finding.cls in (FindingClass.FILE_NUMBER, FindingClass.TELEGRAM):
            return self._only(re.compile(rf"{_BRACKETED_YEAR}|[号字第]"), text)
        return self._only(self.open_words, text)

    def text(self, text: str) -> str:
        """A path or a note with the file numbers in it masked."""
        return text if self.full else _NUMBER.sub(rf"{MASK}\1{MASK}号", text)

    @staticmethod
    def _only(kept: re.Pattern[str], text: str) -> str:
        parts = [match[0] for match in kept.finditer(text)]
        between = kept.split(text)
        masked = [MASK if part else "" for part in between]
        return "".join(hidden + shown for hidden, shown in zip(masked, [*parts, ""], strict=True))


def joined(values: Iterable[str], most: int = 3) -> str:
    """Different values in one cell: the first `most`, and how many more there are."""
    every = list(dict.fromkeys(value for value in values if value))
    more = f" … (+{len(every) - most})" if len(every) > most else ""
    return "；".join(every[:most]) + more
