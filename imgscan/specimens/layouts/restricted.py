"""Telegrams, internal papers, work secrets, commercial secrets: marks other than the level in a paper's head."""

from __future__ import annotations

import numpy as np

from imgscan.specimens import fonts, words
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts.official import body, red_head, secret
from imgscan.specimens.layouts.page import (
    LEFT,
    LINE,
    PT,
    SIZE_1,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    TOP,
    WIDTH,
    centred,
    fitted,
    flow,
    footer,
    headline,
    right,
    rule,
    signature,
)
from imgscan.specimens.sheet import INK, RED, Shape, Sheet, Strokes, Text

FORBID_WECHAT = (
    "严禁通过微信等社交媒体传播",
    "严禁通过微信、QQ等社交媒体传播",
    "不得通过微信等互联网渠道传输",
    "严禁微信传输、严禁手机拍照",
)
REFERENCE_MARKS = (
    "内部资料 注意保存",
    "内部参阅",
    "内部资料",
    "内部文件 注意保管",
    "内部刊物 请勿外传",
    "内部传阅",
    "仅供领导参阅",
)
"""What internal references say above their title; training draws them as well."""
_DEALS = ("并购", "投标报价", "工艺参数", "客户数据")
RECALL = ("阅后清退", "会后收回", "阅后收回", "阅后退回", "涉密会议材料 会后收回")


def _fields(sheet: Sheet, y: float, rows: tuple[tuple[str, str, str, str], ...]) -> float:
    """The ruled form in a telegram's head: two labelled fields a row; returns the y below it."""
    for label, value, label2, value2 in rows:
        rule(sheet, y, width=0.3)
        for x, name, text in ((LEFT, label, value), (LEFT + 92, label2, value2)):
            sheet.add(Text(x + 2, y + 3, SIZE_4, name, "hei_light"))
            sheet.add(Text(x + 2 + fonts.width("hei_light", name) * SIZE_4 + 2, y + 3, SIZE_4, text))
        y += 11
    rule(sheet, y, width=0.3)
    sheet.add(Shape((LEFT + 90, y - 11 * len(rows), LEFT + 90.3, y), INK))
    return y


def telegram_fax(dice: Dice) -> Sheet:
    """A clear fax telegram: head, form with grade and number."""
    where, year = words.place(dice), words.year(dice)
    kind = dice.pick(("内部传真电报", "传真电报", "内部明电", "明传电报"))
    sheet = Sheet(classes=("telegram", "internal") if kind.startswith("内部") else ("telegram",), mark=kind)
    owner = where + dice.pick(("人民政府办公室", "示例局", "应急样例指挥部"))
    y = TOP - 4
    if dice.chance(0.5):
        centred(sheet, y, fitted(owner, "song_bold", SIZE_1, WIDTH), owner, "song_bold", RED)
        y += 14
    centred(sheet, y, SIZE_1, kind, dice.pick(("song_bold", "hei")), RED, mark=True)
    code = where[:-1] + dice.pick(("府明电", "府办明电", "府厅明", "办传", "府办发明电"))
    y = _fields(
        sheet,
        y + 16,
        (
            ("发往", dice.pick(("各县（市、区）人民政府", "各成员单位", "见报头")), "签批盖章", words.person(dice)),
            (
                "等级",
                dice.pick(("特急·明电", "加急·明电", "特提·明电", "平急·明电")),
                "编号",
                words.number(dice, code, year),
            ),
            ("发电单位", owner[:9], "机号", f"{where[:2]}机发{dice.integer(10, 999)}号"),
        ),
    )
    y = headline(sheet, y + 10, words.title(dice)) + 4
    y = flow(sheet, dice, y, 235)
    signature(sheet, dice, y + 4, words.Organ(owner, code, where, year), sealed=dice.chance(0.5))
    footer(sheet)
    return sheet


def telegram_cipher(dice: Dice) -> Sheet:
    """A cipher telegram: level in the head, fields of the cipher office."""
    rank = dice.pick(("绝密", "机密", "秘密"))
    mark = f"{rank}★{dice.pick((*words.TERMS[rank], '长期'))}"
    sheet, where = secret(dice, rank, mark), words.place(dice)
    sheet.classes = ("national_secret", "telegram")
    sheet.add(Text(LEFT, TOP - 6, SIZE_3, mark, "hei", mark=True))
    right(sheet, LEFT + WIDTH, TOP - 6, SIZE_4, f"译传号 {dice.integer(10, 999)}")
    centred(
        sheet,
        TOP + 6,
        SIZE_1 * 1.2,
        dice.pick(("密码电报", f"中共{where[:-1]}{where[-1]}委密码电报", f"{where}密传发电")),
        "song_bold",
        RED,
    )
    y = _fields(
        sheet,
        TOP + 24,
        (
            ("发往单位", f"{words.place(dice)}{dice.pick(words.BUREAUS)}", "签批", words.person(dice)),
            ("等级", dice.pick(("特提", "特急", "加急")), "总号", str(dice.integer(100, 9999))),
            ("编号", words.number(dice, where[:-1] + "委密电"), "抄送号", str(dice.integer(10, 99))),
        ),
    )
    y = headline(sheet, y + 10, words.title(dice)) + 4
    flow(sheet, dice, y, 255)
    footer(sheet)
    return sheet


def internal_reference(dice: Dice) -> Sheet:
    """Cover or first page of an internal reference: warning at the top, large red title, issue number."""
    mark = dice.pick(REFERENCE_MARKS)
    sheet = Sheet(classes=("internal",), mark=mark.replace(" ", ""), focus=120)
    x = LEFT if dice.chance(0.6) else LEFT + WIDTH - fonts.width("hei", mark) * SIZE_3
    sheet.add(Text(x, TOP - 8, SIZE_3, mark, "hei", mark=True))
    name = dice.pick(
        (
            f"{words.place(dice)}内参",
            f"{dice.pick(words.TRADES)}情况专报",
            f"{words.place(dice)}信息",
            "决策参阅",
            "舆情样例摘报",
        )
    )
    centred(sheet, TOP + 16, fitted(name, "song_bold", 60 * PT, 150), name, "song_bold", RED)
    centred(sheet, TOP + 44, SIZE_3, f"第{dice.integer(1, 90)}期（总第{dice.integer(91, 900)}期）")
    sheet.add(Text(LEFT, TOP + 54, SIZE_3, f"{words.place(dice)}{dice.pick(words.BUREAUS)}编"))
    right(sheet, LEFT + WIDTH, TOP + 54, SIZE_3, words.date(dice))
    rule(sheet, TOP + 63, width=0.9, fill=RED)
    y = headline(sheet, TOP + 74, words.title(dice, "调研报告")) + 4
    flow(sheet, dice, y, 258)
    footer(sheet)
    return sheet


def work_secret(dice: Dice) -> Sheet:
    """A work secret: 内部★N年, 内部事项 注意保管, or the words 工作秘密."""
    mark = dice.pick(
        (
            "工作秘密",
            f"内部★{dice.integer(1, 5)}年",
            "内部事项 注意保管",
            "内部★长期",
            "工作秘密 注意保管",
            f"工作秘密★{dice.integer(1, 5)}年",
        )
    )
    organ = words.government(dice)
    sheet = Sheet(classes=("work_secret",), mark=mark.replace(" ", ""))
    sheet.add(Text(LEFT, TOP, SIZE_3, mark, "hei", mark=True))
    line = red_head(sheet, dice, organ)
    body(sheet, dice, organ, line + 2 * LINE)
    return sheet


def internal_wechat(dice: Dice) -> Sheet:
    """内部 in the head and, at the foot or under the red line, the ban on spreading it through WeChat."""
    organ, ban = words.government(dice), dice.pick(FORBID_WECHAT)
    sheet = Sheet(classes=("work_secret", "internal"), mark="内部", focus=297.0)  # the ban must be in the frame
    sheet.add(Text(LEFT, TOP, SIZE_3, dice.pick(("内部", "内　部")), "hei", mark=True))
    line = red_head(sheet, dice, organ)
    above = dice.chance(0.5)
    if above:
        centred(sheet, line + 3, SIZE_4, f"（{ban}）", "hei_light", RED)
    body(sheet, dice, organ, line + 2 * LINE)
    if not above:
        centred(sheet, 273, SIZE_4, ban, "hei_light")
    return sheet


def recall(dice: Dice) -> Sheet:
    """Meeting papers to be handed back: the recall line stands where a mark would."""
    mark = dice.pick(RECALL)
    sheet = Sheet(
        classes=("national_secret",) if "涉密" in mark else ("internal",), mark=mark.replace(" ", ""), focus=120
    )
    if dice.chance(0.6):
        sheet.add(Text(LEFT, TOP - 4, SIZE_3, mark, "hei", mark=True))
    else:
        right(sheet, LEFT + WIDTH, TOP - 4, SIZE_3, mark, "hei", mark=True)
    sheet.add(
        Text(LEFT, TOP + 8, SIZE_4, dice.pick((f"会议材料之{dice.integer(1, 9)}", f"编号：{dice.integer(1, 200):03d}")))
    )
    y = headline(sheet, TOP + 34, words.title(dice, dice.pick(("汇报", "说明", "讨论稿")))) + 4
    centred(sheet, y, SIZE_3, f"（{words.date(dice)}）")
    flow(sheet, dice, y + 16, 262)
    footer(sheet)
    return sheet


def commercial(dice: Dice) -> Sheet:
    """A state-owned company's paper: owner, 核心商密 or 普通商密, term."""
    owner, grade = dice.pick(words.COMPANIES), dice.pick(("核心商密", "核心商密", "普通商密"))
    core = f"{grade}★{dice.pick(('长期', '10年', '3年', '5年', '6个月'))}"
    mark = dice.pick((core, f"{owner} {core}", f"{owner}·{core}"))
    sheet = Sheet(classes=("commercial",), mark=mark.replace(" ", ""), focus=120)
    sheet.add(Text(LEFT, TOP - 6, SIZE_3, mark, "hei", mark=True))
    centred(
        sheet,
        TOP + 14,
        fitted(owner + "有限公司文件", "song_bold", 40 * PT, WIDTH),
        owner + "有限公司文件",
        "song_bold",
        RED,
    )
    centred(sheet, TOP + 38, SIZE_3, words.number(dice, owner[:2] + "投"))
    rule(sheet, TOP + 47, width=0.8, fill=RED)
    y = (
        headline(
            sheet,
            TOP + 60,
            f"关于{dice.pick(words.TRADES)}{dice.pick(_DEALS)}{dice.pick(words.NOUNS)}的报告",
        )
        + 4
    )
    flow(sheet, dice, y, 258, dice.pick(("fang", "song")))
    footer(sheet)
    return sheet


def stamped(dice: Dice) -> Sheet:
    """A level or 内部文件 printed with a rubber stamp: a red box, a little askew, on an otherwise plain page."""
    word = dice.pick(("机密", "秘密", "绝密", "内部文件", "内部资料"))
    rank = word if len(word) == 2 else None
    sheet = Sheet(classes=("national_secret",) if rank else ("internal",), level=rank, mark=word, focus=120)
    y = headline(sheet, TOP + 22, words.title(dice, "报告")) + 4
    centred(sheet, y, SIZE_3, f"{words.place(dice)}{dice.pick(words.BUREAUS)}")
    flow(sheet, dice, y + 14, 262, dice.pick(("fang", "song")))
    size, turn = dice.uniform(7, 9), dice.uniform(-9, 9)
    text = Text(
        LEFT + dice.uniform(-4, 10) if dice.chance(0.5) else dice.uniform(135, 145),
        TOP - 8 + dice.uniform(-4, 5),
        size,
        word,
        "hei",
        (200, 30, 38),
        turn,
        dice.uniform(0.75, 0.95),
        mark=True,
    )
    x0, y0, x1, y1 = text.ink()
    # The frame is a glyph of box drawing in all but name: turned with the word by the same pivot.
    sheet.add(_turned_frame((x0 - 2.5, y0 - 2, x1 + 2.5, y1 + 2), turn), text)
    footer(sheet)
    return sheet


def _turned_frame(box: tuple[float, float, float, float], turn: float) -> Strokes:
    corners = np.array([(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]), (box[0], box[1])])
    middle, angle = corners[:4].mean(axis=0), np.deg2rad(turn)
    spun = (corners - middle) @ np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))]) + middle
    return Strokes((tuple((float(x), float(y)) for x, y in spun),), 0.9, (205, 50, 56))


def map_title(dice: Dice) -> Sheet:
    """A map or drawing: the mark stands under the title, not in the corner (rule on marks, art. 3)."""
    rank = dice.pick(("机密", "秘密"))
    mark = f"{rank}★{dice.pick((*words.TERMS[rank], '长期'))}"
    sheet = secret(dice, rank, mark)
    sheet.width, sheet.height, sheet.focus = 297.0, 210.0, 90.0
    name = (
        f"{words.place(dice)}{dice.pick(words.TRADES)}{dice.pick(('分布图', '管线布置图', '设施示意图', '布防示意图'))}"
    )
    centred(sheet, 12, SIZE_2 * 1.25, name, "song_bold")
    centred(sheet, 26, SIZE_3, mark, "hei", mark=True)
    sheet.add(Shape((16, 38, 281, 196), (244, 246, 236), outline=0.6), Shape((18, 40, 279, 194), None, outline=0.25))
    for colour, width in (
        ((120, 160, 200), 1.8),
        ((160, 160, 150), 0.9),
        ((190, 130, 90), 0.35),
        ((190, 130, 90), 0.35),
        ((190, 130, 90), 0.35),
    ):
        y = dice.uniform(60, 175)
        points = [(19.0, y)]
        for step in range(1, 27):
            y = min(190.0, max(44.0, y + dice.uniform(-9, 9)))
            points.append((19.0 + step * 10.0, y))
        sheet.add(Strokes((tuple(points),), width, colour))
    for _ in range(dice.integer(14, 24)):
        x, y = dice.uniform(24, 250), dice.uniform(46, 184)
        sheet.add(
            Shape(
                (x - 1.2, y - 1.2, x + 1.2, y + 1.2), (200, 40, 40) if dice.chance(0.3) else (60, 60, 60), ellipse=True
            )
        )
        sheet.add(Text(x + 2, y - 2, 3.4, dice.pick(words.PLACES) + dice.pick(words.TRADES), "sans"))
    sheet.add(
        Text(
            20,
            198,
            3.6,
            f"比例尺 1:{dice.integer(1, 50)}000　{words.place(dice)}星图测绘局　{dice.integer(2015, 2026)}年编绘",
            "sans",
        )
    )
    footer(sheet)
    return sheet


def slide(dice: Dice) -> Sheet:
    """A slide on a monitor or wall: the mark in a corner."""
    rank = words.level(dice)
    mark = f"{rank}★{dice.pick((*words.TERMS[rank], '长期'))}"
    sheet = secret(dice, rank, mark)
    sheet.width, sheet.height, sheet.surface, sheet.focus = 254.0, 143.0, "screen", 143.0
    dark = dice.chance(0.4)
    sheet.paper = (
        dice.pick(((18, 42, 92), (30, 34, 44), (96, 18, 24))) if dark else dice.pick(((250, 250, 250), (236, 242, 248)))
    )
    ink = (240, 240, 236) if dark else (30, 34, 44)
    sheet.add(Shape((0, 20, 254, 21), (214, 170, 60) if dark else (40, 90, 170)))
    if dice.chance(0.5):
        sheet.add(Text(8, 7, 7.2, mark, "hei", (255, 214, 90) if dark else (200, 24, 30), mark=True))
    else:
        right(sheet, 246, 7, 7.2, mark, "hei", ink, mark=True)
    centred(sheet, 32, 11, words.title(dice, "汇报")[:20], "hei", ink)
    for row in range(4):
        sheet.add(
            Text(
                24,
                56 + row * 15,
                7,
                f"{words.NUMERALS[row]}、{dice.pick(words.ADVERBS)}{dice.pick(words.DOINGS)}，{dice.pick(words.DOINGS)}",
                "sans",
                ink,
            )
        )
    centred(sheet, 122, 6, f"{words.place(dice)}{dice.pick(words.BUREAUS)}　{words.date(dice)}", "sans", ink)
    footer(sheet)
    return sheet


def device_label(dice: Dice) -> Sheet:
    """The sticker on a secret computer or disk: level, number, responsible person."""
    rank = words.level(dice)
    mark = dice.pick((f"{rank}级", f"密级：{rank}", f"涉密计算机（{rank}）", f"{rank}级计算机"))
    sheet = Sheet(
        90.0,
        55.0,
        dice.pick(((252, 252, 250), (246, 226, 96), (240, 90, 80), (214, 230, 246))),
        "label",
        classes=("device_label", "national_secret"),
        level=rank,
        mark=mark,
        focus=55.0,
    )
    sheet.add(Shape((1.5, 1.5, 88.5, 53.5), None, outline=0.5, radius=2))
    centred(
        sheet, 4, 6.5, dice.pick(("涉密信息设备", "涉密载体标签", "涉密计算机标识", "保密设备管理标签")), "hei_light"
    )
    centred(sheet, 14, 8.5, mark, "hei", (190, 16, 24) if sum(sheet.paper) > 650 else INK, mark=True)
    rows = (
        f"编号：{dice.pick(words.PLACES)}{dice.integer(1, 9999):04d}",
        f"责任人：{words.person(dice)}",
        f"部门：{dice.pick(words.BUREAUS)}",
    )
    for row, text in enumerate(rows):
        sheet.add(Text(9, 27 + row * 6.4, 4.6, text, "sans"))
    footer(sheet)
    return sheet


def contact_list(dice: Dice) -> Sheet:
    """An internal directory: a table of names and short numbers under 内部通讯录 注意保密."""
    mark = dice.pick(("内部通讯录 注意保密", "内部通讯录", "内部使用 不得外传"))
    sheet = Sheet(classes=("internal",), mark=mark.replace(" ", ""), focus=120)
    sheet.add(Text(LEFT, TOP - 8, SIZE_3, mark, "hei", mark=True))
    centred(sheet, TOP + 8, SIZE_2, f"{words.place(dice)}{dice.pick(words.BUREAUS)}联络表", "song_bold")
    top = TOP + 26
    for row in range(19):
        y = top + row * 10.5
        rule(sheet, y, width=0.25)
        cells = (
            ("姓名", "职务", "房间", "短号")
            if row == 0
            else (
                words.person(dice),
                dice.pick(("主任", "科长", "科员", "专员")),
                f"{dice.integer(1, 9)}{dice.integer(1, 30):02d}",
                f"6{dice.integer(100, 999)}",
            )
        )
        for column, cell in enumerate(cells):
            sheet.add(Text(LEFT + 4 + column * 39, y + 2.6, SIZE_4, cell, "hei_light" if row == 0 else "song"))
    rule(sheet, top + 19 * 10.5, width=0.25)
    for column in range(5):
        sheet.add(Shape((LEFT + column * 39, top, LEFT + column * 39 + 0.25, top + 19 * 10.5), INK))
    footer(sheet)
    return sheet
