"""Measures how many lines a second `judge` takes: `python -m tests.measure_judge [--pages N]`.

Ordinary pages hold no keyword; mixed ones a dated notice with look-alikes; marked ones a red-headed document.
"""

from __future__ import annotations

import argparse
import random
import time

from imgscan import rulebook
from imgscan.judge import judge
from imgscan.types import Page, TextLine

_ORDINARY = (
    "今天下午我们带孩子去公园散步，天气很好。", "晚饭吃了红烧肉、清炒时蔬和米饭", "共计 35.50 元，已优惠 4.00 元",
    "明早八点在小区门口集合，请大家准时", "The quick brown fox jumps over the lazy dog", "订单已完成，感谢您的光临",
    "他把窗户推开，风从山那边吹过来，带着麦子的味道。", "第三节 体育课改到操场东侧上", "¥128.00  x2  合计 ¥256.00",
    "会议改到周四下午三点，二楼小会议室", "请各位家长及时填写接龙", "列车运行前方到站是云岫东站",
)  # fmt: skip
_MIXED = ("2026年3月4日 星期三", "第12号窗口办理", "请输入密码", "内部装修 暂停营业", "合计￥35.00元", "10号线换乘")
_MARKED = ("000123", "机密★10年", "特急", "云岫市人民政府文件", "云岫政发〔2026〕12号", "关于示例工作的通知")


def pages_of(kind: str, count: int, lines: int = 40) -> list[Page]:
    """`count` pages of `lines` lines each; seeded, so that two runs judge the same text."""
    chance = random.Random(7)
    made = []
    for _ in range(count):
        rows = chance.choices(_ORDINARY, k=lines)
        if kind == "mixed":
            rows[:: lines // 6] = [chance.choice(_MIXED) for _ in rows[:: lines // 6]]
        if kind == "marked":
            rows[: len(_MARKED)] = _MARKED
        quads = [((50.0, y), (50.0 + 30 * len(row), y), (50.0 + 30 * len(row), y + 30), (50.0, y + 30))
                 for y, row in zip(range(60, 60 + 50 * lines, 50), rows, strict=True)]  # fmt: skip
        made.append(Page(tuple(map(lambda r, q: TextLine(r, 0.98, q, 30.0), rows, quads)), 1200, 60 + 50 * lines))
    return made


def lines_per_second(pages: list[Page], rules: rulebook.Rulebook) -> float:
    """Lines judged a second of processor time over these pages: what else runs on the machine does not count."""
    start = time.process_time()
    for page in pages:
        judge(page, rules)
    return sum(len(page.lines) for page in pages) / (time.process_time() - start)


def main() -> None:
    """Prints one line a kind of page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    count: int = parser.parse_args().pages
    rules = rulebook.load([rulebook.BUILT_IN])
    judge(pages_of("marked", 1)[0], rules)  # fills the character table once
    for kind, share in (("ordinary", 1.0), ("mixed", 0.2), ("marked", 0.1)):
        pages = pages_of(kind, max(1, int(count * share)))
        print(f"{kind}: {lines_per_second(pages, rules):,.0f} lines/s")  # noqa: T201 - the point of this script


if __name__ == "__main__":
    main()
