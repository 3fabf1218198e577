"""Writes the list of all rules for docs/rules.md: generated, never by hand.

`python -m imgscan.rulebook docs/rules.md` writes the part of the page after MARKER anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from imgscan.judge.records import SEVERITY_OF_LEVEL, Context, Rule, Rulebook, Signal

MARKER = "<!-- 以下由 python -m imgscan.rulebook 生成，请勿手改 / generated below -->\n\n"


def as_markdown(rulebook: Rulebook) -> str:
    """All rules, contexts and signals of a rulebook as Markdown, in the order of their files."""
    lines: list[str] = []
    file = ""
    for rule in sorted(rulebook.rules, key=lambda rule: Path(rule.file).name):
        if rule.file != file:
            file = rule.file
            lines += [f"### {Path(file).name}", ""]
        lines += _of_rule(rule)
    lines += ["### 降级语境 / contexts", ""]
    for context in rulebook.contexts:
        lines += _of_context(context)
    lines += ["### 佐证 / signals", ""]
    for signal in rulebook.signals:
        lines += _of_signal(signal)
    return "\n".join(lines).rstrip() + "\n"


def _of_rule(rule: Rule) -> Iterator[str]:
    cls = rule.cls.value if rule.cls else "（不报）"
    severity = (
        rule.severity.value if rule.severity else "/".join(dict.fromkeys(s.value for s in SEVERITY_OF_LEVEL.values()))
    )
    yield f"- **`{rule.id}`** {rule.name} / {rule.name_en} · {cls} · {severity} · {rule.where.value}  "
    yield f"  {rule.description}  "
    yield f"  例：{_code(rule.examples[0].text)}；反例：{_code(rule.counter_examples[0].text)}"
    yield ""


def _of_context(context: Context) -> Iterator[str]:
    yield f"- **`{context.id}`** {context.name} / {context.name_en} · 至多 {context.to.value} · {context.scope.value}  "
    yield f"  {context.description}  "
    yield f"  例：{_code(context.examples[0].text)}；不适用：{_code(context.counter_examples[0].text)}"
    yield ""


def _of_signal(signal: Signal) -> Iterator[str]:
    yield f"- **`{signal.id}`** {signal.name} / {signal.name_en}  "
    yield f"  {signal.description}"
    yield ""


def _code(text: str) -> str:
    return "`" + text.replace("\n", "⏎") + "`"


def write(page: Path, rulebook: Rulebook) -> None:
    """Puts the list of `rulebook` below MARKER; what stands above it is kept."""
    above = page.read_text(encoding="utf-8").partition(MARKER)[0]
    page.write_text(above + MARKER + as_markdown(rulebook), encoding="utf-8")
