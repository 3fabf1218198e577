"""Chats on a phone's glass: quoting a number or mark of a secret paper (positive), or everyday talk (negative)."""

from __future__ import annotations

from imgscan.specimens import fonts, words
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts.page import centred, footer, wrap
from imgscan.specimens.sheet import Colour, Shape, Sheet, Text

EM = 2.75
"""Text of a chat bubble in mm of the glass."""
_SMALL_TALK = (
    "今晚几点吃饭？",
    "我到楼下了",
    "好的，收到",
    "周末去爬山吗",
    "那家面馆还开着吗",
    "路上有点堵，晚十分钟",
    "快递帮我拿一下，取件码在短信里",
    "孩子作业写完了没",
    "内部价八折，要的话我帮你留一份",
    "密码我改成生日了哈",
    "这件事保密啊，别告诉她",
    "明天降温，多穿点",
    "电影票买好了，七点半的",
    "哈哈哈哈",
    "行，就这么定",
    "猫又把杯子碰掉了",
    "会议改到下午三点",
    "帮我带杯豆浆，谢谢",
)


def _glass(dice: Dice, kind: str) -> Sheet:
    sheet = Sheet(68.0, dice.pick((121.0, 136.0, 147.0)), (237, 237, 237), "screen", kind, reference=EM)
    sheet.focus = sheet.height
    sheet.add(Shape((0, 0, 68, 11.5), (247, 247, 247)), Shape((0, 11.5, 68, 11.6), (210, 210, 210)))
    sheet.add(
        Text(3, 1, 2.3, f"{dice.integer(6, 23)}:{dice.integer(0, 59):02d}", "sans"),
        Text(58, 1, 2.3, f"{dice.integer(11, 99)}%", "sans"),
    )
    name = dice.pick(
        (words.person(dice), f"{dice.pick(words.TRADES)}工作群（{dice.integer(5, 88)}）", "一家人", "老同学")
    )
    centred(sheet, 6, 3.1, name, "hei_light")
    sheet.add(Text(3, 5.8, 3.4, "＜", "sans"), Text(62, 5.6, 3.4, "…", "sans"))
    return sheet


def _bubble(sheet: Sheet, dice: Dice, y: float, text: str, *, mine: bool, mark: str = "") -> float:
    """A speech bubble; a line that is `mark` becomes the sheet's mark. Returns the y below it."""
    lines = [row for part in text.split("\n") for row in wrap(part, "sans", EM, 42)]
    wide = max(fonts.width("sans", line) for line in lines) * EM + 5
    tall = len(lines) * EM * 1.42 + 3.6
    face: Colour = dice.pick(((90, 130, 180), (200, 150, 90), (110, 160, 120), (170, 110, 140)))
    left = 68 - 10.5 - wide if mine else 10.5
    sheet.add(Shape((60, y, 66.5, y + 6.5) if mine else (1.5, y, 8, y + 6.5), face, radius=0.8))
    sheet.add(Shape((left, y, left + wide, y + tall), (149, 236, 105) if mine else (255, 255, 255), radius=0.9))
    for row, line in enumerate(lines):
        sheet.add(Text(left + 2.5, y + 1.9 + row * EM * 1.42, EM, line, "sans", (20, 20, 20), mark=line == mark))
    return y + tall + 3.4


def _end(sheet: Sheet) -> Sheet:
    sheet.add(Shape((0, sheet.height - 11, 68, sheet.height), (247, 247, 247)))
    sheet.add(Shape((9, sheet.height - 10, 50, sheet.height - 5.8), (255, 255, 255), radius=0.8))
    footer(sheet)
    return sheet


def _talk(sheet: Sheet, dice: Dice, y: float, rounds: int) -> float:
    for line in dice.sample(_SMALL_TALK, rounds):
        if y > sheet.height - 24:
            break
        y = _bubble(sheet, dice, y, line, mine=dice.chance(0.5))
    return y


def chat_quote(dice: Dice) -> Sheet:
    """A chat that quotes the cipher number or the mark of a secret paper: forbidden by itself."""
    sheet = _glass(dice, "positive")
    y = _talk(sheet, dice, 15.5, dice.integer(0, 2))
    if dice.chance(0.5):
        mark = words.number(dice, dice.pick(words.PLACES) + dice.pick(("委密电", "府密电")))
        sheet.classes = ("national_secret", "telegram")
    else:
        sheet.level = words.level(dice)
        mark = f"{sheet.level}★{dice.pick(words.TERMS[sheet.level])}"
        sheet.classes = ("national_secret",)
    sheet.mark = mark
    lead = dice.pick(("刚收到的，你看下", "把这份先传达一下", "原文如下，注意看第二条", "领导让转给你"))
    text = f"{lead}\n{mark}\n{words.title(dice)}\n{words.sentence(dice)}"
    y = _bubble(sheet, dice, y, text, mine=dice.chance(0.4), mark=mark)
    _talk(sheet, dice, y, dice.integer(0, 3))
    return _end(sheet)


def chat_public_number(dice: Dice) -> Sheet:
    """A chat that quotes the number of a published notice inside a sentence."""
    sheet = _glass(dice, "negative")
    sheet.max_severity = "low"
    y = _talk(sheet, dice, 15.5, dice.integer(0, 2))
    organ = words.government(dice)
    lead, title = dice.pick(("官网刚发了", "你搜一下", "公众号上有")), words.title(dice, "通知")
    text = f"{lead}《{title}》（{words.number(dice, organ.code)}），里面写得很清楚"
    y = _bubble(sheet, dice, y, text, mine=dice.chance(0.5))
    _talk(sheet, dice, y, 3)
    return _end(sheet)


def chat(dice: Dice) -> Sheet:
    """Everyday talk, with 密, 内部 and 密码 in it."""
    sheet = _glass(dice, "negative")
    sheet.max_severity = "info"
    _talk(sheet, dice, 15.5, 9)
    return _end(sheet)
