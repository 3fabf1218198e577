"""Ten plain patterns for marks: what somebody would write in an hour who has only a reader of text.

They stand behind every peer, in place of imgscan's rules (judge). Each names the class of mark that it looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from imgscan.types import FindingClass

PLAIN: tuple[tuple[FindingClass, re.Pattern[str]], ...] = (
    (FindingClass.NATIONAL_SECRET, re.compile(r"[绝机秘]\s*密")),
    (FindingClass.WORK_SECRET, re.compile(r"工作秘密")),
    (FindingClass.INTERNAL, re.compile(r"内部(资料|文件|材料|参考|使用|刊物|情况)|内参")),
    (FindingClass.INTERNAL, re.compile(r"(不得|严禁|禁止|请勿)(外传|外泄|翻印|复印|转发|上网|扩散)|注意保存|妥善保管")),
    (FindingClass.FILE_NUMBER, re.compile(r"[\u4e00-\u9fff]{2,}\s*[〔\[(（【]\d{4}[〕\])）】]\s*第?\d+\s*号")),
    (FindingClass.TELEGRAM, re.compile(r"电报|明电|密电|密传")),
    (FindingClass.COMMERCIAL, re.compile(r"商业秘密|商密")),
    (FindingClass.FOREIGN, re.compile(r"\b(TOP SECRET|SECRET|CONFIDENTIAL|CLASSIFIED|RESTRICTED)\b")),
    (FindingClass.DEVICE_LABEL, re.compile(r"涉密|非密")),
    (FindingClass.SUSPECT_COVERED, re.compile(r"^\d{6}$", re.MULTILINE)),  # a copy number alone on its line
)


def classes_in(lines: Iterable[str]) -> frozenset[str]:
    """The classes (values of FindingClass) of which some pattern finds something in these lines of text."""
    text = "\n".join(lines)
    return frozenset(str(cls.value) for cls, pattern in PLAIN if pattern.search(text))
