"""What is written on training crops: marks of every kind, and lines that look like marks and are none."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import opencc

from imgscan.mark_reader.alphabet import MarkKind
from imgscan.specimens import words
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts.restricted import REFERENCE_MARKS

_LEVEL = re.compile(
    r"[（(]?(?:密级[：:]|涉密计算机[（(])?(绝密|机密|秘密)"
    r"(?:级计算机|级)?(?:[★·*][^，。；]{0,12})?[）)]?"
)
_KINDS = (
    (re.compile(r"工作秘密(?:★.*|注意保[存管密])?|内部★.*|内部事项.*"), MarkKind.WORK),
    (
        re.compile(
            r"(?:[（(]?内部(?:资料|参阅|文件|刊物|传阅|通讯录|使用|材料)?[）)]?(?:注意保[存管密]|请勿外传|不得外传)?|仅供领导参阅"
            r"|(?:涉密会议材料)?(?:阅后清退|会后收回|阅后收回|阅后退回))"
        ),
        MarkKind.INTERNAL,
    ),
    (re.compile(r".{0,8}(?:核心|普通)商密(?:★.*)?"), MarkKind.COMMERCIAL),
    (re.compile(r"(?:内部)?传真电报|内部明电|明传电报|密码电报|中共.{2,6}密码电报|.{2,6}密传发电"), MarkKind.TELEGRAM),
    (re.compile(r"\d{6,7}|.{2,8}〔20\d\d〕\d{1,3}号"), MarkKind.NUMBER),
)
_BY_LEVEL = {"绝密": MarkKind.JUEMI, "机密": MarkKind.JIMI, "秘密": MarkKind.MIMI}

INTERNAL = (
    *REFERENCE_MARKS,
    "内部",
    "内　部",
    "内部文件",
    "内部通讯录 注意保密",
    "内部通讯录",
    "内部使用 不得外传",
    "阅后清退",
    "会后收回",
    "阅后收回",
    "阅后退回",
    "涉密会议材料 会后收回",
)
SHORT, SENTENCES = (
    tuple(block.split("\n"))
    for block in (Path(__file__).parent / "lookalikes.txt").read_text(encoding="utf-8").strip().split("\n\n")
)
"""Lines that are no mark, the more like one the better; sentences are cut at random."""


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def kind_of(text: str) -> MarkKind:
    """What `text` is where it stands alone on a line."""
    tight = re.sub(r"\s+", "", _simplifier().convert(text).replace("祕", "秘"))
    match = _LEVEL.fullmatch(tight)
    if match:
        return _BY_LEVEL[match[1]]
    for pattern, kind in _KINDS:
        if pattern.fullmatch(tight):
            return kind
    return MarkKind.OTHER


def _level_mark(dice: Dice) -> str:
    rank = dice.pick(("绝密", "机密", "秘密"))
    form = dice.uniform(0, 1)
    if form < 0.55:
        return words.mark(dice, rank)
    return dice.pick(
        (
            rank,
            rank,
            f"{rank[0]}　{rank[1]}",
            f"{rank[0]}　{rank[1]}",
            f"{rank[0]} {rank[1]}",
            f"（{rank}）",
            f"{rank}★",
            f"（{rank}★{dice.pick(words.TERMS[rank])}）",
            f"{rank}级",
            f"密级：{rank}",
            f"涉密计算机（{rank}）",
            f"{rank}级计算机",
            f"{rank}·{dice.pick(('永久', '10年', '5年'))}",
            f"{rank}★{dice.pick('一二三五十')}年",
            f"{rank}*{dice.pick('13520')}年",
            f"{rank}★{dice.pick(('启用前', '考试结束前'))}",
            f"{rank}★至{words.date(dice)}",
        )
    )


def _number(dice: Dice) -> str:
    if dice.chance(0.4):
        return f"{dice.integer(1, 9999):06d}"
    code = dice.pick(words.PLACES) + dice.pick(
        ("委密电", "府密电", "政发", "政办发", "府办函", "委发", "示例局发", "组字")
    )
    return words.number(dice, code)


def mark(dice: Dice) -> str:
    """A mark; every second one carries a level."""
    kind = dice.uniform(0, 1)
    if kind < 0.6:
        text = _level_mark(dice)
    elif kind < 0.72:
        text = dice.pick(
            (
                "工作秘密",
                f"内部★{dice.integer(1, 9)}年",
                "内部事项 注意保管",
                "内部★长期",
                "工作秘密 注意保管",
                f"工作秘密★{dice.integer(1, 9)}年",
            )
        )
    elif kind < 0.84:
        text = dice.pick(INTERNAL)
    elif kind < 0.9:
        owner = dice.pick(("", "", dice.pick(words.COMPANIES) + dice.pick((" ", "·"))))
        text = (
            f"{owner}{dice.pick(('核心商密', '普通商密'))}{dice.pick(('', '★长期', '★10年', '★3年', '★5年', '★6个月'))}"
        )
    elif kind < 0.94:
        text = dice.pick(
            ("内部传真电报", "传真电报", "内部明电", "明传电报", "密码电报", f"{words.place(dice)}密传发电")
        )
    else:
        text = _number(dice)
    if dice.chance(0.15):
        text = _converter().convert(text)
        if dice.chance(0.3):
            text = text.replace("秘", "祕")
    return text


def no_mark(dice: Dice) -> str:
    """Something that is no mark, the more like one the better."""
    form = dice.uniform(0, 1)
    if form < 0.55:
        text = dice.pick(SHORT)
    elif form < 0.75:
        whole = dice.pick(SENTENCES)
        start = dice.integer(0, max(0, len(whole) - 6))
        text = whole[start : start + dice.integer(4, 12)]
    elif form < 0.85:
        text = dice.pick(
            (
                words.date(dice),
                f"第{dice.integer(1, 90)}期",
                f"{dice.integer(1, 99)}.{dice.integer(0, 99):02d}元",
                f"{dice.integer(100, 99999)}",
                f"{dice.integer(6, 23)}:{dice.integer(10, 59)}",
                f"总第{dice.integer(1, 999)}期",
                f"{dice.integer(1, 12)}月{dice.integer(1, 28)}日",
                f"1{dice.integer(10**9, 10**10 - 1)}",
            )
        )
    else:
        whole = words.sentence(dice)
        start = dice.integer(0, max(0, len(whole) - 6))
        text = whole[start : start + dice.integer(2, 12)]
    if dice.chance(0.12):
        text = _converter().convert(text)
    return text
