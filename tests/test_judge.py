"""Judging text: marks, compounds, contexts, identity of a mark, reasons and their wording."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from imgscan import rulebook
from imgscan.i18n import set_language
from imgscan.judge import describe, judge, page_of_text
from imgscan.types import Finding, FindingClass, Level, Page, Quad, Reason, Severity, TextLine


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


@pytest.fixture
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("zh_CN")


def first(text: str, rules: rulebook.Rulebook) -> Finding:
    """The gravest finding of a text; fails where there is none."""
    findings = judge(page_of_text(text), rules)
    assert findings, text
    return findings[0]


def test_regular_mark(rules: rulebook.Rulebook) -> None:
    found = first("机密★10年", rules)
    assert (found.rule, found.cls, found.level, found.severity, found.mark, found.text) == (
        "ns.mark",
        FindingClass.NATIONAL_SECRET,
        Level.JIMI,
        Severity.CRITICAL,
        "机密★10年",
        "机密★10年",
    )
    assert found.polygons == ()
    assert found.reasons[0].code == "rule:ns.mark"


def test_empty_page(rules: rulebook.Rulebook) -> None:
    assert judge(Page(), rules) == ()
    assert judge(page_of_text(""), rules) == ()


def test_page_of_text_has_a_line_a_row() -> None:
    assert [line.text for line in page_of_text("机密\n★10年").lines] == ["机密", "★10年"]


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年",
        "机 密 ★ 1O 年",
        "机密\n★10年",
        "机密大10年",
        "机密10年",
        "杭密★10年",
        "機密★（10年）",
        "机密★十年",
        "密级：机密★10年",
    ],
)
def test_mark_is_the_same_however_it_was_read(text: str, rules: rulebook.Rulebook) -> None:
    assert first(text, rules).mark == "机密★10年"


@pytest.mark.parametrize(
    "text",
    ["云岫政发〔2026〕12号", "云岫政发[2O26]l2号", "云岫政发 〔 2026 〕 12 号", "云岫政发\n（2026）12号",
     "云岫政发2026]12号", "云岫政发〔二〇二六〕十二号", "按照云岫政发〔2026〕12号文件精神", "云岫政发〔2026〕012号"],
)  # fmt: skip
def test_number_is_the_same_however_it_was_read(text: str, rules: rulebook.Rulebook) -> None:
    assert first(text, rules).mark == "云岫政发〔2026〕12号"


def test_mark_does_not_hang_on_the_rule(rules: rulebook.Rulebook) -> None:
    found = [first(text, rules) for text in ("密级：机密", "机密文件", "（机密）附件", "机　密")]
    assert {finding.mark for finding in found} == {"机密"}
    assert len({finding.rule for finding in found}) == 4


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("商业秘密★5年", FindingClass.COMMERCIAL),
        ("核心商\n密★3年", FindingClass.COMMERCIAL),
        ("工作\n秘密★5年", FindingClass.WORK_SECRET),
        ("極機密★", FindingClass.FOREIGN),
    ],
)
def test_compounds_take_the_level_word(text: str, cls: FindingClass, rules: rulebook.Rulebook) -> None:
    assert {finding.cls for finding in judge(page_of_text(text), rules)} == {cls}


def test_handling_words_join_the_mark_beside_them(rules: rulebook.Rulebook) -> None:
    (found,) = judge(page_of_text("工作秘密 严禁外传"), rules)
    assert found.cls is FindingClass.WORK_SECRET
    assert any(reason.code == "handling" and "严禁外传" in reason.detail for reason in found.reasons)


@pytest.mark.parametrize("text", ["单位内部文件，请勿外传", "云岫公安内部文件 严禁外传"])
def test_a_mere_mention_takes_no_ban_away(rules: rulebook.Rulebook, text: str) -> None:
    worst, *_others = judge(page_of_text(text), rules)
    assert (worst.rule, worst.severity) == ("in.handling", Severity.MEDIUM)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("绝密★启用前\n2026年高三联考\n数学", "exam"),
        ("机密★10年（已解密）", "declassified"),
        ("例如：秘密★5年", "explained"),
        ("妥善保管小票", "keep_everyday"),
        ("根据云岫政发〔2026〕12号要求", "cited"),
    ],
)
def test_context_lowers_and_says_so(text: str, context: str, rules: rulebook.Rulebook) -> None:
    found = first(text, rules)
    assert found.severity is Severity.INFO
    (reason,) = [reason for reason in found.reasons if reason.code == f"context:{context}"]
    assert reason.weight < 0
    assert reason.detail


def test_context_takes_confidence(rules: rulebook.Rulebook) -> None:
    assert first("机密★10年（已解密）", rules).confidence < first("机密★10年", rules).confidence


@pytest.mark.parametrize(
    "text",
    [
        "机密★10年\n关于2026年高考试卷安全保密工作的通知\n考生 考场 答题卡",
        "机密★5年\n关于开展保密知识培训的通知\n第一条 本办法所称",
        "机密★10年\n关于示例案件的通报\n给予撤职处分",
        "绝密★启用前",
        "机密★2030年12月31日解密",
        "本文件属国家秘密（机密级），根据保守国家秘密法严禁拍照",
        "工作秘密 妥善保管\n根据条例规定",
        "内部资料 注意保存\n目录\n第一章 会员管理系统",
    ],
)
def test_context_spares_a_real_mark(text: str, rules: rulebook.Rulebook) -> None:
    assert first(text, rules).severity >= Severity.MEDIUM


def test_own_contexts_never_delete(rules: rulebook.Rulebook) -> None:
    alone = judge(page_of_text("（机密）附件"), rules)
    lowered = judge(page_of_text("（机密）附件\n电影海报 主演"), rules)
    assert [finding.mark for finding in lowered] == [finding.mark for finding in alone]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("机密大10年", "star:misread"),
        ("机密10年", "star:lost"),
        ("杭密★10年", "fuzzy"),
        ("云岫政发〔2O26〕12号", "digits"),
        ("机密\n★10年", "split"),
        ("機密", "script"),
    ],
)
def test_repairs_are_told(text: str, code: str, rules: rulebook.Rulebook) -> None:
    assert code in {reason.code for reason in first(text, rules).reasons}


def test_traditional_level_alone_has_no_level(rules: rulebook.Rulebook) -> None:
    assert first("機密", rules).level is None
    assert first("機密★10年", rules).level is Level.JIMI


def test_a_cipher_telegram_has_the_level_of_the_mark_on_its_page(rules: rulebook.Rulebook) -> None:
    telegram = "云岫市委办公室密码电报"
    assert first(telegram, rules).level is None
    found = first(f"{telegram}\n密级：秘密", rules)
    assert (found.rule, found.level, found.severity) == ("ns.cipher_telegram", Level.MIMI, Severity.CRITICAL)
    assert Reason("level:beside", "秘密") in found.reasons
    # A mark that is only shown as an example gives no level, and a mark whose level was not read keeps its doubt.
    assert first(f"{telegram}\n例如：秘密★5年", rules).level is None
    unread = next(one for one in judge(page_of_text("密★5年\n秘密★3年"), rules) if one.rule == "ns.level_lost")
    assert unread.level is None


def test_misread_level_needs_a_copy_number(rules: rulebook.Rulebook) -> None:
    assert judge(page_of_text("杭密"), rules) == ()
    assert first("000123\n杭密\n云岫市人民政府文件", rules).level is Level.JIMI


def test_bare_level_in_a_long_text_is_low(rules: rulebook.Rulebook) -> None:
    body = "\n".join(["今天天气很好，我们去公园散步，晚饭以后再回来。"] * 12)
    assert first(f"{body}\n秘密\n{body}", rules).severity is Severity.LOW


def test_copy_number_without_a_level_is_suspected_covered(rules: rulebook.Rulebook) -> None:
    head = "000417\n中共鹿岭县委文件\n鹿岭委发〔2026〕3号"
    assert FindingClass.SUSPECT_COVERED in {finding.cls for finding in judge(page_of_text(head), rules)}
    marked = judge(page_of_text("机密★5年\n" + head), rules)
    assert FindingClass.SUSPECT_COVERED not in {finding.cls for finding in marked}


def test_a_mark_repeated_all_over_the_page_is_told_some_times_only(rules: rulebook.Rulebook) -> None:
    found = judge(page_of_text("机密★10年 " * 400 + "\n绝密★30年"), rules)
    assert 1 < sum(finding.mark == "机密★10年" for finding in found) <= 10
    assert "绝密★30年" in {finding.mark for finding in found}


def test_gravest_first(rules: rulebook.Rulebook) -> None:
    found = judge(page_of_text("云岫政发〔2026〕12号\n内部资料\n机密★10年"), rules)
    ranks = [finding.severity.rank for finding in found]
    assert ranks == sorted(ranks, reverse=True)
    assert found[0].rule == "ns.mark"


def test_judging_twice_gives_the_same(rules: rulebook.Rulebook) -> None:
    page = page_of_text("000123\n机密★10年\n云岫市人民政府文件\n云岫政发〔2026〕12号\n会后收回")
    assert judge(page, rules) == judge(page, rules)


def test_every_confidence_is_a_share(rules: rulebook.Rulebook) -> None:
    for text in ("机密★10年", "密★5年", "内部资料", "云岫政发〔2026〕12号", "绝密★启用前 试卷"):
        assert 0 < first(text, rules).confidence < 1


def test_describes_rules_and_contexts_in_chinese(rules: rulebook.Rulebook) -> None:
    assert describe(Reason("rule:ns.mark"), rules) == "国家秘密标志（密级★期限）"
    assert describe(Reason("context:exam", detail="试卷"), rules) == "试卷（试卷）"


def test_describes_in_english(rules: rulebook.Rulebook, english: None) -> None:
    assert describe(Reason("rule:ns.mark"), rules) == "National-secret mark (level, star, term)"
    assert describe(Reason("context:exam", detail="试卷"), rules) == "exam paper (试卷)"
    assert describe(Reason("star:misread", detail="大"), rules) == "the star was read as 大"
    assert describe(Reason("reading:strong"), rules) == "read a second time with the stronger reader"
    assert describe(Reason("reading:third"), rules) == "read in a further pass: third"
    assert describe(Reason("rule:gone.by"), rules) == "rule:gone.by"


def test_every_reason_has_words(rules: rulebook.Rulebook, english: None) -> None:
    head = "000123\n机密大1O年\n云岫市人民政府文件\n云岫政发[2O26]12号\n会后收回"
    text = head + "\n抄送：示例局。\n签发人：示例员\n杭密★\n5年"
    codes = {reason.code for finding in judge(page_of_text(text), rules) for reason in finding.reasons}
    assert len(codes) > 8
    assert all(describe(Reason(code), rules) != code for code in codes)


def test_judge_is_pure() -> None:
    heavy = "numpy cv2 sqlalchemy paddleocr fastapi"
    code = f"import sys, imgscan.rulebook; sys.exit(str([n for n in {heavy.split()} if n in sys.modules] or ''))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).stderr.strip() == b""


@pytest.mark.parametrize(("readings", "severity"), [(("mark",), Severity.HIGH), (("mark", "plain"), Severity.CRITICAL)])
def test_what_only_the_mark_reader_read_is_high_at_most(
    readings: tuple[str, ...], severity: Severity, rules: rulebook.Rulebook
) -> None:
    quad: Quad = ((60, 60), (260, 60), (260, 90), (60, 90))
    lines = tuple(TextLine("机密★10年", 0.98, quad, 26, reading=reading) for reading in readings)
    (found,) = judge(Page(lines, 1000, 1400), rules)
    assert found.severity is severity
    assert "reading:mark" in {reason.code for reason in found.reasons}


@pytest.mark.parametrize(
    ("read", "beside", "severity"),
    [
        (0.98, (), Severity.HIGH),
        (0.8, (), Severity.LOW),
        (0.8, ("000417", "云岫政发〔2026〕12号"), Severity.HIGH),
        (0.3, (), Severity.LOW),
    ],
)
def test_what_only_the_mark_reader_read_is_weighed_with_what_stands_around_it(
    read: float, beside: tuple[str, ...], severity: Severity, rules: rulebook.Rulebook
) -> None:
    quad: Quad = ((560, 100), (760, 100), (760, 130), (560, 130))
    above: Quad = ((560, 60), (760, 60), (760, 90), (560, 90))
    below: Quad = ((400, 200), (660, 200), (660, 230), (400, 230))
    others = (TextLine(text, 0.98, place, 26) for text, place in zip(beside, (above, below), strict=False))
    lines = (TextLine("机密★10年", read, quad, 26, reading="mark"), *others)
    found = next(one for one in judge(Page(lines, 1000, 1400), rules) if one.rule == "ns.mark")
    assert (found.severity, found.confidence >= 0.5) == (severity, severity is Severity.HIGH)
    (reason,) = (reason for reason in found.reasons if reason.code == "reading:mark")
    assert reason.weight < 0


def test_a_mark_that_ocr_read_too_is_not_weighed_down_by_the_mark_reader(rules: rulebook.Rulebook) -> None:
    first: Quad = ((60, 60), (120, 60), (120, 90), (60, 90))
    second: Quad = ((124, 60), (260, 60), (260, 90), (124, 90))
    lines = (TextLine("机密", 0.9, first, 26), TextLine("★10年", 0.4, second, 26, reading="mark"))
    found = next(one for one in judge(Page(lines, 1000, 1400), rules) if one.rule == "ns.mark")
    assert found.severity is Severity.CRITICAL
    assert [reason.weight for reason in found.reasons if reason.code == "reading:mark"] == [0.0]
