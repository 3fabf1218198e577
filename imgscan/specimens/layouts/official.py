"""Party and government papers with a mark or number in the head (GB/T 9704-2012 and its 1999 forerunner)."""

from __future__ import annotations

from imgscan.specimens import fonts, words
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts.page import (
    LEFT,
    LINE,
    PT,
    SIZE_3,
    TOP,
    WIDTH,
    centred,
    end_block,
    fitted,
    flow,
    footer,
    headline,
    right,
    rule,
    signature,
    wrap,
)
from imgscan.specimens.layouts.script import in_traditional
from imgscan.specimens.sheet import RED, Shape, Sheet, Text

URGENCY = ("特急", "加急")


def red_head(sheet: Sheet, dice: Dice, organ: words.Organ, y: float = TOP + 35, *, signer: bool = False) -> float:
    """Issuer mark, number and red line (GB/T 9704-2012, 7.2.4 to 7.2.7); returns the y of the line."""
    name = organ.name + ("文件" if dice.chance(0.75) else "")
    size = fitted(name, "song_bold", dice.uniform(46, 58) * PT, WIDTH)
    centred(sheet, y, size, name, "song_bold", RED)
    y += size + 2 * LINE
    filed = words.number(dice, organ.code, organ.year)
    if signer:
        sheet.add(Text(LEFT + SIZE_3, y, SIZE_3, filed))
        right(sheet, LEFT + WIDTH - SIZE_3, y, SIZE_3, f"签发人：{words.person(dice)}")
    else:
        centred(sheet, y, SIZE_3, filed)
    y += SIZE_3 + 4
    rule(sheet, y, width=dice.uniform(0.5, 1.1), fill=RED)
    return y


def body(sheet: Sheet, dice: Dice, organ: words.Organ, y: float, ending: str = "") -> None:
    """Title, addressee, text, and either the signature with the end block or the text down to the foot."""
    y = headline(sheet, y, words.title(dice, ending)) + LINE * 0.8
    sheet.add(
        Text(
            LEFT,
            y,
            SIZE_3,
            dice.pick(
                (
                    "各县（市、区）人民政府，市直各单位：",
                    f"{words.place(dice)}{dice.pick(words.BUREAUS)}：",
                    "各成员单位，各有关部门：",
                )
            ),
        )
    )
    y += LINE
    if dice.chance(0.5):
        y = flow(sheet, dice, y, max(196, y + 3 * LINE + 1))
        signature(sheet, dice, y + LINE, organ, sealed=dice.chance(0.7))
        end_block(sheet, dice, organ)
    else:
        flow(sheet, dice, y, TOP + 225)
    right(sheet, LEFT + WIDTH - SIZE_3, TOP + 225 + 7, 14 * PT, "— 1 —", "song")
    footer(sheet)


def secret(dice: Dice, rank: str, mark: str) -> Sheet:
    """A sheet that carries `mark` of level `rank`."""
    return Sheet(
        classes=("national_secret",),
        level=rank,
        mark=mark.replace("　", ""),
        paper=dice.pick(((251, 250, 247), (247, 246, 242), (253, 253, 253), (244, 240, 230))),
    )


def gb2012(dice: Dice) -> Sheet:
    """GB/T 9704-2012: copy number, mark and urgency flush left above the issuer mark."""
    rank = words.level(dice)
    mark = words.mark(dice, rank)
    sheet, organ = secret(dice, rank, mark), dice.pick((words.government, words.party))(dice)
    y = TOP
    if dice.chance(0.85):
        sheet.add(Text(LEFT, y, SIZE_3, f"{dice.integer(1, 999):06d}", dice.pick(("song", "hei_light"))))
        y += LINE
    sheet.add(Text(LEFT, y, SIZE_3, mark, dice.pick(("hei", "hei", "hei_light")), mark=True))
    if dice.chance(0.6):
        sheet.add(Text(LEFT, y + LINE, SIZE_3, dice.pick(URGENCY), "hei_light"))
    line = red_head(sheet, dice, organ, signer=dice.chance(0.25))
    body(sheet, dice, organ, line + 2 * LINE)
    return sheet


def gb1999(dice: Dice) -> Sheet:
    """The 1999 form: level (two characters with a blank) and urgency at the top right, copy number at the left."""
    rank = words.level(dice)
    mark = f"{rank[0]}　{rank[1]}" if dice.chance(0.65) else f"{rank}★{dice.pick(words.TERMS[rank])}"
    sheet, organ = secret(dice, rank, mark), dice.pick((words.government, words.party))(dice)
    edge = LEFT + WIDTH
    right(sheet, edge, TOP, SIZE_3, mark, "hei", mark=True)
    if dice.chance(0.5):
        right(sheet, edge, TOP + LINE, SIZE_3, "　".join(dice.pick(URGENCY)), "hei_light")
    if dice.chance(0.7):
        sheet.add(Text(LEFT, TOP, SIZE_3, f"{dice.integer(1, 999):06d}", "song"))
    line = red_head(sheet, dice, organ, TOP + 30)
    body(sheet, dice, organ, line + 1.6 * LINE)
    return sheet


def letter(dice: Dice) -> Sheet:
    """Letter form (GB/T 9704-2012, 10.1): name and double red lines, mark at the left, number at the right."""
    rank = words.level(dice)
    mark = words.mark(dice, rank)
    sheet, organ = secret(dice, rank, mark), words.government(dice)
    size = fitted(organ.name, "song_bold", 40 * PT, 150)
    centred(sheet, 30, size, organ.name, "song_bold", RED)
    y = 30 + size + 4
    rule(sheet, y, 20, 190, 1.0, RED)
    rule(sheet, y + 1.7, 20, 190, 0.35, RED)
    y += 5
    if dice.chance(0.6):
        sheet.add(Text(LEFT, y, SIZE_3, f"{dice.integer(1, 999):06d}", "song"))
        y += LINE
    sheet.add(Text(LEFT, y, SIZE_3, mark, "hei", mark=True))
    if dice.chance(0.4):
        sheet.add(Text(LEFT, y + LINE, SIZE_3, dice.pick(URGENCY), "hei_light"))
    right(sheet, LEFT + WIDTH, 30 + size + 9, SIZE_3, words.number(dice, organ.code[:-1] + "函", organ.year))
    rule(sheet, 276, 20, 190, 0.35, RED)
    rule(sheet, 277, 20, 190, 1.0, RED)
    body(sheet, dice, organ, y + 3 * LINE, "函")
    return sheet


def minutes(dice: Dice) -> Sheet:
    """Minutes: red head `…会议纪要`, attendance lists, no seal."""
    rank = dice.pick(("机密", "秘密", "秘密"))
    mark = words.mark(dice, rank)
    sheet, where = secret(dice, rank, mark), words.place(dice)
    sheet.add(Text(LEFT, TOP, SIZE_3, mark, "hei", mark=True))
    name = f"{where}{dice.pick(('人民政府常务会议纪要', '人民政府专题会议纪要', '联席会议纪要', '示例局局务会议纪要'))}"
    size = fitted(name, "song_bold", 48 * PT, WIDTH)
    centred(sheet, TOP + 26, size, name, "song_bold", RED)
    y = TOP + 26 + size + 8
    centred(
        sheet,
        y,
        SIZE_3,
        f"〔{dice.integer(2019, 2026)}〕{dice.integer(1, 60)}号" if dice.chance(0.5) else f"第{dice.integer(1, 60)}期",
    )
    y += 12
    sheet.add(Text(LEFT, y, SIZE_3, f"{where}人民政府办公室"))
    right(sheet, LEFT + WIDTH, y, SIZE_3, words.date(dice))
    rule(sheet, y + 8, width=0.8, fill=RED)
    y = headline(sheet, y + 20, f"研究{dice.pick(words.TOPICS)}和{dice.pick(words.TOPICS)}工作") + 4
    y = flow(sheet, dice, y, 215)
    for label in ("出席：", "列席："):
        names = "、".join(words.person(dice) for _ in range(4))
        sheet.add(Text(LEFT + SIZE_3 * 2, y + 4, SIZE_3, label, "hei_light"))
        sheet.add(Text(LEFT + SIZE_3 * 5, y + 4, SIZE_3, names))
        y += LINE
    footer(sheet)
    return sheet


def covered(dice: Dice) -> Sheet:
    """The mark is hidden under a slip or marker, but the copy number, which only secret papers carry, still shows."""
    organ = dice.pick((words.government, words.party))(dice)
    copy = f"{dice.integer(1, 999):06d}"
    sheet = Sheet(classes=("suspect_covered",), mark=copy)
    sheet.add(Text(LEFT, TOP, SIZE_3, copy, "hei_light", mark=True))
    slip = dice.pick(((252, 252, 250), (20, 20, 22), (250, 225, 90)))
    sheet.add(
        Shape((LEFT - 3, TOP + LINE - 2.5, LEFT + dice.uniform(36, 48), TOP + LINE + 8), slip, (190, 188, 180), 0.15)
    )
    line = red_head(sheet, dice, organ, signer=dice.chance(0.3))
    body(sheet, dice, organ, line + 2 * LINE)
    return sheet


def party_number(dice: Dice) -> Sheet:
    """A Party or upward paper that carries a number but no mark: usually not published, so a person should look."""
    organ = words.party(dice)
    sheet = Sheet(classes=("file_number",))
    y = TOP + 30
    size = fitted(organ.name + "文件", "song_bold", 54 * PT, WIDTH)
    centred(sheet, y, size, organ.name + "文件", "song_bold", RED)
    y += size + 2 * LINE
    sheet.mark = words.number(dice, organ.code, organ.year)
    if dice.chance(0.5):
        sheet.add(Text(LEFT + SIZE_3, y, SIZE_3, sheet.mark, mark=True))
        right(sheet, LEFT + WIDTH - SIZE_3, y, SIZE_3, f"签发人：{words.person(dice)}")
    else:
        centred(sheet, y, SIZE_3, sheet.mark, mark=True)
    rule(sheet, y + SIZE_3 + 4, width=0.9, fill=RED)
    body(sheet, dice, organ, y + SIZE_3 + 4 + 2 * LINE, dice.pick(("请示", "报告", "通报", "意见")))
    return sheet


def traditional(dice: Dice) -> Sheet:
    """A mainland paper set in traditional script: mark with star, so no doubt about whose ladder it is."""
    return in_traditional(gb2012(dice) if dice.chance(0.6) else letter(dice))


def paragraph_mark(dice: Dice) -> Sheet:
    """A mixed paper that marks only the secret paragraph: `（机密）` before it."""
    rank = dice.pick(("机密", "秘密"))
    mark = f"（{rank}）" if dice.chance(0.4) else f"（{rank}★{dice.pick(words.TERMS[rank])}）"
    sheet, organ = secret(dice, rank, mark.strip("（）")), words.government(dice)
    y = headline(sheet, TOP, words.title(dice, "报告")) + LINE
    sheet.focus = 120
    y = flow(sheet, dice, y, y + 2.5 * LINE) + LINE * 0.2
    sheet.add(Text(LEFT + 2 * SIZE_3, y, SIZE_3, mark, "hei", mark=True))
    start = LEFT + 2 * SIZE_3 + fonts.width("hei", mark) * SIZE_3
    text = words.paragraph(dice, 2)
    room = int((LEFT + WIDTH - start) / SIZE_3)
    sheet.add(Text(start, y, SIZE_3, text[:room]))
    for row in wrap(text[room:], "fang", SIZE_3, WIDTH):
        y += LINE
        sheet.add(Text(LEFT, y, SIZE_3, row))
    y = flow(sheet, dice, y + LINE, 225)
    signature(sheet, dice, y + LINE, organ, sealed=False)
    footer(sheet)
    return sheet
