"""Pages without a mark that a careless reader takes for one: exam papers, posters, public papers, everyday print."""

from __future__ import annotations

from imgscan.specimens import fonts, words
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts.official import body, red_head
from imgscan.specimens.layouts.page import (
    LEFT,
    LINE,
    SIZE_1,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    SIZE_5,
    TOP,
    centred,
    flow,
    footer,
    headline,
    right,
    rule,
    signature,
    wrap,
)
from imgscan.specimens.sheet import INK, RED, Shape, Sheet, Strokes, Text

_SUBJECTS = ("数学", "语文", "物理", "化学", "生物", "地理", "历史")
_EXAMS = ("高三第一次联考", "期末考试", "学业水平模拟考试", "高考模拟试题")
_DISHES = (
    "葱油拌面",
    "番茄鸡蛋",
    "清炒时蔬",
    "山药排骨汤",
    "云腿煎饼",
    "秘制酱鸭",
    "荷叶蒸饭",
    "酸汤豆腐",
    "栗子烧鸡",
    "桂花糯米藕",
    "椒盐蘑菇",
    "青梅气泡水",
)
_SCENES = (
    "雨停的时候，渡口只剩下一盏灯。",
    "他把信折好，放进最里层的口袋，没有再看第二遍。",
    "山路很长，风把说话的声音吹得断断续续。",
    "她笑了笑，说这是她们之间的秘密。",
    "窗外的机动车密集起来，城市醒了。",
    "老人从柜子里取出一只木匣，里面是一枚生锈的星形徽章。",
    "“你还记得秘密花园吗？”她问。",
    "没有人回答，只有河水拍打着石阶。",
    "第二天清晨，雾气还没有散，船已经离岸。",
    "他忽然明白，那些年错过的并不只是一班船。",
    "屋内部的陈设和十年前一模一样。",
    "钟敲了三下，猫从椅子上跳下来。",
)


def _negative(severity: str, **more: object) -> Sheet:
    sheet = Sheet(kind="negative", max_severity=severity)
    for name, value in more.items():
        setattr(sheet, name, value)
    return sheet


def public_red_head(dice: Dice) -> Sheet:
    """A published paper: red head and number, and under the date the words that it is public."""
    organ, sheet = words.government(dice), _negative("low", focus=297.0)  # its last line says that it is public
    line = red_head(sheet, dice, organ, TOP + dice.uniform(4, 20))
    y = headline(sheet, line + 2 * LINE, words.title(dice, "通知")) + LINE * 0.8
    sheet.add(Text(LEFT, y, SIZE_3, "各县（市、区）人民政府，市直各单位："))
    y = flow(sheet, dice, y + LINE, 205)
    signature(sheet, dice, y + LINE, organ, sealed=dice.chance(0.6))
    sheet.add(
        Text(LEFT + 2 * SIZE_3, min(y + 3.4 * LINE, 262), SIZE_3, dice.pick(("（此件公开发布）", "（此件主动公开）")))
    )
    footer(sheet)
    return sheet


def notice(dice: Dice) -> Sheet:
    """An ordinary notice without head or number."""
    sheet = _negative("info")
    centred(sheet, TOP, SIZE_1, dice.pick(("通　知", "公　告", "温馨提示", "停水通知", "值班安排")), "hei_light")
    sheet.add(Text(LEFT, TOP + 22, SIZE_3, dice.pick(("各位业主：", "全体同事：", "各位家长：", "尊敬的住户："))))
    y = flow(sheet, dice, TOP + 22 + LINE, dice.uniform(120, 200))
    signature(sheet, dice, y + LINE, words.government(dice), sealed=dice.chance(0.3))
    footer(sheet)
    return sheet


def exam(dice: Dice) -> Sheet:
    """A mock exam: `绝密★启用前` on its first line, and everything about it says exam."""
    sheet, subject = _negative("info"), dice.pick(_SUBJECTS)
    sheet.add(
        Text(
            LEFT - 6,
            18,
            SIZE_4,
            dice.pick(("绝密★启用前", "绝密★启用前", "绝密★考试结束前", "机密★启用前", f"绝密★{subject}试卷启用前")),
            "hei",
        )
    )
    centred(
        sheet,
        30,
        SIZE_2,
        f"{dice.integer(2020, 2026)}年{words.place(dice)}{dice.pick(_EXAMS)}",
        "hei_light",
    )
    centred(sheet, 42, SIZE_1, f"{subject}试卷", "song_bold")
    sheet.add(Text(LEFT, 56, SIZE_4, "姓名：＿＿＿＿＿　准考证号：＿＿＿＿＿＿＿＿　班级：＿＿＿＿", "song"))
    sheet.add(Text(LEFT, 66, SIZE_4, "注意事项：", "hei_light"))
    for row, text in enumerate(
        (
            "1．答题前，考生务必将自己的姓名、考号填写在答题卡上。",
            "2．回答选择题时，用铅笔把答题卡上对应题目的答案标号涂黑。",
            "3．考试结束后，将本试卷和答题卡一并交回。",
        )
    ):
        sheet.add(Text(LEFT + 6, 74 + row * 8, SIZE_4, text, "song"))
    sheet.add(
        Text(
            LEFT,
            102,
            SIZE_4,
            f"一、选择题：本题共{dice.integer(8, 12)}小题，每小题5分，满分{dice.integer(40, 60)}分。",
            "hei_light",
        )
    )
    y = 112.0
    for question in range(1, 9):
        given = dice.pick(("函数", "集合", "物体", "溶液", "数列", "向量")) + dice.pick("ABMPQ")
        asked = dice.pick(("取值范围", "最大值", "正确的结论", "速度", "浓度"))
        stem = f"{question}．已知{given}满足{dice.pick(('条件', '关系'))}{dice.integer(2, 90)}，则{asked}是（　　）"
        sheet.add(Text(LEFT, y, SIZE_4, stem, "song"))
        options = "　　　".join(f"{letter}．{dice.integer(1, 99)}" for letter in "ABCD")
        sheet.add(Text(LEFT + 8, y + 8, SIZE_4, options, "song"))
        y += 19
    centred(sheet, 276, SIZE_5, f"{subject}试题　第1页（共{dice.integer(4, 8)}页）", "song")
    footer(sheet)
    return sheet


def poster(dice: Dice) -> Sheet:
    """A secrecy-education poster: all three levels on one page, and questions about them."""
    sheet = _negative("info", paper=dice.pick(((196, 30, 34), (18, 60, 120), (250, 240, 220))))
    light = (255, 236, 170) if sum(sheet.paper) < 500 else (190, 20, 24)
    ink = (250, 250, 246) if sum(sheet.paper) < 500 else INK
    centred(sheet, 22, 20, dice.pick(("保密宣传教育", "保密知识问答", "保守秘密 人人有责", "学习保密法")), "hei", light)
    centred(sheet, 50, 10, f"{dice.integer(2020, 2026)}年保密宣传月", "hei_light", ink)
    rows = dice.sample(
        (
            "国家秘密的密级分为绝密、机密、秘密三级。",
            "绝密级国家秘密保密期限不超过三十年，例如“绝密★30年”。",
            "机密级不超过二十年，应当标注“机密★20年”。",
            "秘密级不超过十年，例如“秘密★10年”。",
            "什么是工作秘密？可以标注“内部”字样。",
            "不在微信群里谈论涉密事项，不拍照、不转发。",
            "手机不得带入涉密会议场所。",
            "涉密计算机不得连接互联网。",
            "发现泄密线索，及时向保密部门报告。",
        ),
        7,
    )
    y = 80.0
    for row, text in enumerate(rows):
        for line in wrap(f"{row + 1}. {text}", "sans", 7.4, 164):
            sheet.add(Text(22, y, 7.4, line, "sans", ink))
            y += 11
        y += 4
    centred(sheet, 268, 7, f"{words.place(dice)}示例局宣", "hei_light", light)
    footer(sheet, ink)
    return sheet


def declassified(dice: Dice) -> Sheet:
    """An old paper whose mark is struck out, with 解密 stamped beside it."""
    organ, sheet, rank = words.government(dice), _negative("info", paper=(240, 230, 206)), words.level(dice)
    text = Text(LEFT, TOP, SIZE_3, f"{rank}★{dice.pick(words.TERMS[rank])}", "hei")
    x0, y0, x1, y1 = text.ink()
    sheet.add(
        text,
        Strokes(
            (
                ((x0 - 2, (y0 + y1) / 2 - 0.8), (x1 + 2, (y0 + y1) / 2 - 0.5)),
                ((x0 - 2, (y0 + y1) / 2 + 1), (x1 + 3, (y0 + y1) / 2 + 0.8)),
            ),
            0.7,
            (190, 30, 30),
        ),
    )
    sheet.add(Shape((x1 + 9, TOP - 2.5, x1 + 30, TOP + 8.5), None, (190, 30, 36), 0.8))
    sheet.add(Text(x1 + 12.5, TOP - 0.8, 7, "解密", "hei", (190, 30, 36)))
    sheet.add(Text(x1 + 33, TOP + 1, SIZE_4, words.date(dice), "kai", (190, 30, 36)))
    line = red_head(sheet, dice, organ)
    body(sheet, dice, organ, line + 2 * LINE)
    return sheet


def unclassified_label(dice: Dice) -> Sheet:
    """The warning on a computer that must not hold secrets: not a mark."""
    sheet = _negative(
        "info",
        width=90.0,
        height=50.0,
        surface="label",
        paper=dice.pick(((252, 252, 250), (70, 150, 90), (60, 110, 190))),
        focus=50.0,
    )
    ink = INK if sum(sheet.paper) > 600 else (252, 252, 252)
    sheet.add(Shape((1.5, 1.5, 88.5, 48.5), None, ink, 0.5, 2))
    centred(sheet, 8, 8.5, dice.pick(("非涉密计算机", "互联网计算机", "非涉密设备")), "hei", ink)
    centred(sheet, 22, 5.2, "严禁存储、处理涉密信息", "hei_light", ink)
    sheet.add(Text(10, 33, 4.2, f"编号：{dice.integer(1, 9999):04d}　责任人：{words.person(dice)}", "sans", ink))
    footer(sheet, ink)
    return sheet


def secrets_table(dice: Dice) -> Sheet:
    """A page of a published rule: the table of what is secret, with levels and terms in its cells."""
    sheet = _negative("info", focus=120)
    y = headline(sheet, TOP, f"{dice.pick(words.TRADES)}工作国家秘密范围的规定（学习材料）") + 6
    edges, heads = (0, 16, 96, 122, 156), ("序号", "国家秘密事项名称", "密级", "保密期限")
    for row in range(15):
        rule(sheet, y, width=0.25)
        rank = words.level(dice)
        cells = (
            heads
            if row == 0
            else (
                str(row),
                f"未公布的{dice.pick(words.TOPICS)}{dice.pick(('数据', '方案', '预案'))}",
                rank,
                dice.pick((*words.TERMS[rank], "长期")),
            )
        )
        for left, cell in zip(edges, cells, strict=False):
            sheet.add(Text(LEFT + left + 2.5, y + 3, SIZE_4, cell, "hei_light" if row == 0 else "song"))
        y += 11.5
    rule(sheet, y, width=0.25)
    for edge in edges:
        sheet.add(Shape((LEFT + edge, y - 15 * 11.5, LEFT + edge + 0.25, y), INK))
    footer(sheet)
    return sheet


def novel(dice: Dice) -> Sheet:
    """A page of a novel."""
    return _prose(
        dice,
        (140.0, 205.0),
        "ming",
        f"第{dice.pick(words.NUMERALS)}章　{dice.pick(('渡口', '木匣', '雾', '旧信', '秘密花园'))}",
        _SCENES,
    )


def textbook(dice: Dice) -> Sheet:
    """A page of a textbook on density, seals and machines: 密 everywhere, secrets nowhere."""
    facts = (
        "密度是物质的一种特性，等于质量与体积之比。",
        "机械密封由动环、静环和弹簧组成。",
        "精密仪器应置于恒温恒湿环境。",
        "密云水库的水位逐年回升。",
        f"例{dice.integer(1, 9)}：求该零件的体积。",
        "内部结构如图所示，箭头表示受力方向。",
        "内部存储器的容量决定了缓存策略。",
        "由此可知，加密算法的强度取决于密钥长度。",
        "实验前应检查容器的严密性。",
    )
    return _prose(
        dice,
        (170.0, 240.0),
        "song",
        f"{dice.integer(1, 12)}.{dice.integer(1, 6)}　{dice.pick(('密度与浮力', '机械密封', '内部结构', '精密测量'))}",
        facts,
    )


def _prose(dice: Dice, size: tuple[float, float], role: str, title: str, sentences: tuple[str, ...]) -> Sheet:
    wide, tall = size
    sheet = _negative("info", width=wide, height=tall, paper=(248, 243, 230), reference=4.2, focus=tall * 0.5)
    sheet.add(Text(16, 12, 3.2, title, "sans", (120, 120, 120)))
    right(sheet, wide - 16, 12, 3.2, str(dice.integer(2, 480)), "sans", (120, 120, 120))
    y = 24.0
    if dice.chance(0.4):
        centred(sheet, 30, 7, title, "song_bold")
        y = 48.0
    while y < tall - 20:
        text = "".join(dice.pick(sentences) for _ in range(dice.integer(1, 5)))
        for line in wrap(text, role, 4.2, wide - 32, 2):
            if y < tall - 16:
                sheet.add(Text(16, y, 4.2, line, role))
            y += 7.2
    footer(sheet)
    return sheet


def receipt(dice: Dice) -> Sheet:
    """A till receipt."""
    sheet = _negative("info", width=76.0, height=150.0, paper=(250, 250, 250), reference=3.4, focus=150.0)
    centred(sheet, 6, 5, f"{dice.pick(words.PLACES)}便利店", "hei_light")
    rows = [
        f"单号：{dice.integer(10**11, 10**12 - 1)}",
        f"时间：{words.date(dice)} {dice.integer(8, 21)}:{dice.integer(10, 59)}",
        "－" * 18,
    ]
    total = 0.0
    for dish in dice.sample(_DISHES, 8):
        price = dice.integer(3, 60) + 0.5 * dice.integer(0, 1)
        total += price
        rows.append(f"{dish}　x1　{price:.2f}")
    rows += [
        "－" * 18,
        f"合计：{total:.2f}元",
        "会员可享内部价",
        "小票请妥善保管，凭票退换",
        "取件码、密码请勿告知他人",
    ]
    for row, text in enumerate(rows):
        sheet.add(Text(5, 17 + row * 6.6, 3.4, text, "sans"))
    footer(sheet)
    return sheet


def menu(dice: Dice) -> Sheet:
    """A menu with prices and star ratings."""
    sheet = _negative(
        "info",
        width=150.0,
        height=210.0,
        paper=dice.pick(((250, 238, 214), (40, 36, 34), (236, 244, 232))),
        focus=105.0,
    )
    ink = INK if sum(sheet.paper) > 400 else (240, 226, 190)
    centred(
        sheet,
        12,
        13,
        dice.pick(("渡口小馆", "星槎面馆", "山径茶铺")),
        "song_bold",
        RED if sum(sheet.paper) > 400 else (230, 180, 80),
    )
    for row, dish in enumerate(dice.sample(_DISHES, 11)):
        y = 38 + row * 14
        stars = dice.pick(("", "", "★推荐", "★★★★★", "★4.8"))
        sheet.add(
            Text(14, y, 6.4, dish, "kai", ink),
            Text(14 + fonts.width("kai", dish) * 6.4 + 3, y + 1.4, 4.4, stars, "sans", (206, 60, 40)),
        )
        right(sheet, 136, y, 6, f"{dice.integer(6, 88)}元", "sans", ink)
    footer(sheet, ink)
    return sheet
