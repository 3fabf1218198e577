"""What the mark reader can read and what it can call a line: shared by the reader and its training."""

from __future__ import annotations

import re
from enum import StrEnum

UNKNOWN = "□"
"""Stands for a run of characters that are not in the alphabet."""

ALPHABET = (
    UNKNOWN + "0123456789★·：:（）()*〔〕号號年月日个個前长長期至永久一二三五十"
    "绝絕机機秘祕密级級工作内內部资資料文件参參阅閱传傳注意保管存刊物请請勿外事项項通讯訊录錄使用不得仅僅供领領导導"
    "会會议議后後收回清退材核心普商电電报報明码碼真涉计計算启啟公布佈开開始任务務完成考试試结結束"
    "特急加委府办辦发發政函字解平"
)
"""Every character that the reader writes; position + 1 is its class (0 is the blank of CTC)."""

_KNOWN = frozenset(ALPHABET)
_BLANKS = re.compile(r"\s+")


class MarkKind(StrEnum):
    """What a line is, by its own characters alone: what stands around it is for the judge to weigh."""

    OTHER = "other"
    JUEMI = "绝密"
    JIMI = "机密"
    MIMI = "秘密"
    WORK = "work_secret"
    INTERNAL = "internal"
    COMMERCIAL = "commercial"
    TELEGRAM = "telegram"
    NUMBER = "number"


KINDS: tuple[MarkKind, ...] = tuple(MarkKind)
"""The order of the classifier's outputs."""
LEVELS = frozenset({MarkKind.JUEMI, MarkKind.JIMI, MarkKind.MIMI})


def spell(text: str) -> str:
    """`text` as the reader writes it: blanks left out, each run of characters outside the alphabet as one UNKNOWN."""
    spelt = "".join(char if char in _KNOWN else UNKNOWN for char in _BLANKS.sub("", text))
    return re.sub(f"{UNKNOWN}+", UNKNOWN, spelt)


def collapse(classes: list[int]) -> str:
    """The text of a best path: repeats merged, blanks (class 0) dropped, a run of UNKNOWN written once."""
    text, last = [], 0
    for one in classes:
        if one and one != last:
            text.append(ALPHABET[one - 1])
        last = one
    return re.sub(f"{UNKNOWN}+", UNKNOWN, "".join(text))
