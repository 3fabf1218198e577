"""Invented organs, titles and sentences, put together from word lists so that no two pages are alike."""

from __future__ import annotations

from dataclasses import dataclass

from imgscan.specimens.dice import Dice

# None of these places, bureaus, companies or people exists; a page is recognisable as a specimen by its names alone.
PLACES = (
    "云岫",
    "鹿岭",
    "星槎",
    "霁渚",
    "澹墟",
    "泠坞",
    "璇汜",
    "砚溟",
    "栖陂",
    "漪墟",
    "岫汀",
    "榆溟",
    "蓼坞",
    "湲渚",
    "旌墟",
    "皋溟",
)
UNITS = ("市", "县", "区", "州")
BUREAUS = (
    "示例局",
    "样例管理局",
    "虚拟统筹局",
    "云务局",
    "星图测绘局",
    "潮汐观测局",
    "灯塔事务局",
    "林泽管护局",
    "桥梁巡护局",
    "档案示范局",
    "渡口管理局",
    "霜降气象台",
    "数台运行中心",
    "仓储调度局",
    "山径养护处",
)
COMPANIES = ("星槎集团", "云岫重工", "漪墟数科", "霁渚航材", "澹墟矿业", "泠坞能源")
SURNAMES = "甄贾虞闻沐凌岑邬郁桑"
GIVEN = ("示例", "样章", "虚构", "一苇", "三秋", "之涣", "知微", "照夜", "听雨", "望舒", "青岚", "行止")
TOPICS = (
    "渡口安全管理",
    "灯塔设施更新",
    "山径养护",
    "仓储调度",
    "潮汐观测站点建设",
    "档案数字化整理",
    "桥梁夜间巡护",
    "星图测绘成果汇交",
    "林泽湿地管护",
    "数台迁移",
    "年度样例统计",
    "公务用船调配",
    "库区物资轮换",
    "应急通道演练",
    "会议服务保障",
    "夏季防汛值守",
    "旧址修缮",
    "重点岗位人员轮训",
    "专项经费使用",
    "跨区域联动机制建设",
    "基层站所标准化建设",
    "信息系统安全加固",
    "口岸联合查验",
    "机房电力改造",
    "节日期间值班",
    "规划用地调整",
    "重大活动组织",
    "水源地保护",
    "巡查线路优化",
    "干部任职考察",
)
NOUNS = (
    "工作方案",
    "实施意见",
    "若干措施",
    "情况",
    "管理办法",
    "三年行动计划",
    "任务分工",
    "有关事项",
    "评估结果",
    "推进计划",
)
VERBS = ("印发", "做好", "报送", "调整", "开展", "加强", "部署", "落实", "核准", "通报")
ENDINGS = ("通知", "意见", "报告", "请示", "函", "通报", "批复")
ADVERBS = ("进一步", "切实", "稳妥有序", "统筹", "扎实", "持续", "分步", "按期")
DOINGS = (
    "压实工作责任",
    "细化任务清单",
    "健全协同机制",
    "核对台账数据",
    "完善值守制度",
    "落实经费保障",
    "组织现场核验",
    "优化审批流程",
    "强化过程管控",
    "抓好问题整改",
    "开展风险排查",
    "做好衔接配合",
    "规范文书归档",
    "明确联络人员",
    "建立周报制度",
    "提高处置能力",
    "补齐设施短板",
    "严肃工作纪律",
)
AIMS = (
    "确保各项任务按期完成",
    "为全年目标实现提供支撑",
    "切实防范各类风险",
    "推动工作取得实效",
    "形成上下联动的工作格局",
    "保证数据真实准确",
    "不断提升服务水平",
    "确保人员和设施安全",
)
CAUSES = (
    "根据上级统一部署",
    "结合本地区实际",
    "经集体研究同意",
    "按照年度工作要点安排",
    "针对近期检查发现的问题",
    "为贯彻有关会议精神",
    "鉴于前期试点情况良好",
    "综合各方面反馈意见",
)
TRADES = ("库区", "渡口", "站点", "航道", "片区", "线路", "机房", "营地", "码头", "林场")
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Organ:
    """An invented organ: full name, the short name its numbers begin with, its place, and the year of its paper."""

    name: str
    code: str
    place: str
    year: int


def place(dice: Dice) -> str:
    """An invented town or county."""
    return dice.pick(PLACES) + dice.pick(UNITS)


def person(dice: Dice) -> str:
    """An invented name."""
    return dice.pick(SURNAMES) + dice.pick(GIVEN)


def government(dice: Dice) -> Organ:
    """A government, its office or one of its bureaus."""
    where = place(dice) if dice.chance(0.9) else "虚构省"
    stem = where[:-1]
    kind = dice.integer(0, 3)
    if kind == 0:
        return Organ(where + "人民政府", stem + dice.pick(("政发", "府发", "政函")), where, year(dice))
    if kind == 1:
        return Organ(
            where + "人民政府办公室", stem + dice.pick(("政办发", "府办发", "政办函", "政办字")), where, year(dice)
        )
    bureau = dice.pick(BUREAUS)
    return Organ(where + bureau, stem + bureau[:2] + dice.pick(("发", "函", "字", "办")), where, year(dice))


def party(dice: Dice) -> Organ:
    """A Party committee or one of its departments."""
    where = place(dice)
    unit, stem = where[-1] + "委", where[:-1]
    name, code = dice.pick(
        (
            (f"中共{where}委员会", "委发"),
            (f"中共{where}委员会", "委"),
            (f"中共{where[:-1]}{unit}办公室", "委办发"),
            (f"中共{where[:-1]}{unit}组织部", "组发"),
            (f"中共{where}纪律检查委员会", "纪发"),
            (f"中共{where[:-1]}{unit}政法委员会", "政法"),
        )
    )
    return Organ(name, stem + code, where, year(dice))


def year(dice: Dice) -> int:
    """The year of a paper."""
    return dice.integer(2019, 2026)


def number(dice: Dice, code: str, of: int = 0) -> str:
    """A file number in six-corner brackets (GB/T 9704-2012, 7.2.5)."""
    return f"{code}〔{of or year(dice)}〕{dice.integer(1, 148)}号"


def date(dice: Dice, of: int = 0) -> str:
    """A day in the form of the standard: Arabic digits, no padding."""
    return f"{of or year(dice)}年{dice.integer(1, 12)}月{dice.integer(1, 28)}日"


def title(dice: Dice, ending: str = "") -> str:
    """A title of 14 to 32 characters."""
    topic, last = dice.pick(TOPICS), ending or dice.pick(ENDINGS)
    lead = dice.pick(("", place(dice), f"{dice.integer(2020, 2026)}年", dice.pick(ADVERBS)))
    if lead in ADVERBS:
        return f"关于{lead}{dice.pick(('做好', '加强', '开展', '推进'))}{topic}工作的{last}"
    if dice.chance(0.5):
        return f"关于{dice.pick(VERBS)}{lead}{topic}{dice.pick(NOUNS)}的{last}"
    return f"关于{lead}{topic}{dice.pick(NOUNS)}的{last}"


def sentence(dice: Dice) -> str:
    """A sentence of officialese, 25 to 60 characters."""
    doings = dice.sample(DOINGS, 3)
    topic, trade = dice.pick(TOPICS), dice.pick(TRADES)
    form = dice.integer(0, 7)
    return (
        f"{dice.pick(CAUSES)}，现就{topic}有关事项{dice.pick(('通知', '明确', '说明'))}如下。",
        f"各单位要{dice.pick(ADVERBS)}{doings[0]}，{doings[1]}，{dice.pick(AIMS)}。",
        f"{dice.pick(('年初', '上半年', '三季度', '近期'))}共完成{dice.integer(3, 98)}处{trade}的{topic}任务，"
        f"同比增加{dice.integer(1, 40)}.{dice.integer(0, 9)}%。",
        f"由{dice.pick(BUREAUS)}牵头，会同{dice.pick(BUREAUS)}{doings[0]}，于{dice.integer(1, 12)}月底前{doings[1]}。",
        f"要坚持问题导向，{doings[0]}、{doings[1]}、{doings[2]}，{dice.pick(AIMS)}。",
        f"对{trade}{dice.integer(1, 60)}号至{dice.integer(61, 120)}号点位，{dice.pick(ADVERBS)}{doings[0]}，"
        f"相关费用控制在{dice.integer(12, 900)}万元以内。",
        f"联络人：{person(dice)}，值班安排另行{dice.pick(('下发', '通知', '商定'))}。",
        f"{dice.pick(('目前', '经核查', '从总体看'))}，{topic}仍存在进度不均衡、衔接不够等问题，"
        f"需{dice.pick(ADVERBS)}{doings[0]}。",
    )[form]


def paragraph(dice: Dice, sentences: int = 3) -> str:
    """Several sentences in a row."""
    return "".join(sentence(dice) for _ in range(sentences))


def heading(dice: Dice, index: int) -> str:
    """A first-level heading: `一、…`."""
    return f"{NUMERALS[index % 10]}、{dice.pick(ADVERBS)}{dice.pick(DOINGS)}"


TERMS = {
    "绝密": ("30年", "25年", "20年"),
    "机密": ("20年", "15年", "10年", "5年"),
    "秘密": ("10年", "5年", "3年", "1年", "6个月"),
}
"""Terms within the legal upper bounds (Secrecy Law: 30, 20 and 10 years)."""


def level(dice: Dice) -> str:
    """One of the three levels."""
    return dice.pick(("绝密", "机密", "秘密", "机密", "秘密"))


def mark(dice: Dice, rank: str) -> str:
    """A complete mark of level `rank`: mostly with a term, also 长期, a day, a condition, a bare star."""
    form = dice.uniform(0, 1)
    if form < 0.6:
        return f"{rank}★{dice.pick(TERMS[rank])}"
    if form < 0.72:
        return f"{rank}★长期"
    if form < 0.82:
        return f"{rank}★{dice.integer(2027, 2040)}年{dice.integer(1, 12)}月{dice.integer(1, 28)}日"
    if form < 0.92:
        return f"{rank}★{dice.pick(('公布前', '会议开始前', '启用前', '任务完成前'))}"
    return f"{rank}★"
