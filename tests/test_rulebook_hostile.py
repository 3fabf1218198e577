"""Rule packs written wrongly, by accident or on purpose: each ends in a rule error that names the file and the mend."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgscan import rulebook
from imgscan.errors import RuleError
from imgscan.i18n import set_language
from imgscan.judge import judge, page_of_text
from imgscan.rulebook.loading import compose
from imgscan.rulebook.plain import PlainText

RULE: dict[str, Any] = {
    "id": "site.mark", "name": "示例局标志", "name_en": "Mark of the sample office", "class": "internal",
    "severity": "medium", "keywords": ["示例局专阅"], "patterns": ["示例局专阅"], "description": "示例局自己的标志。",
    "references": ["单位规定"], "examples": ["示例局专阅"], "counter_examples": ["示例局"],
}  # fmt: skip
CONTEXT: dict[str, Any] = {
    "id": "site.news", "name": "示例新闻", "name_en": "Sample news", "scope": "page", "patterns": ["示例社"],
    "description": "示例社的报道。", "references": ["示例"], "examples": ["（机密）示例社"],
    "counter_examples": ["机密"],
}  # fmt: skip
SIGNAL: dict[str, Any] = {
    "id": "site_stamp", "name": "示例章", "name_en": "Sample stamp", "patterns": ["示例章"],
    "description": "示例局的章。",
}  # fmt: skip

SHAPES: tuple[Any, ...] = ("3", 3, None, [], ["a"], {"a": "b"}, [[["a"]]], True, "")


def entry(section: str, base: dict[str, Any], **changes: Any) -> str:
    return json.dumps({section: [base | changes]}, ensure_ascii=False)


def without(name: str) -> str:
    return json.dumps({"rules": [{key: value for key, value in RULE.items() if key != name}]}, ensure_ascii=False)


BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
GROWING = {f"p{n}": f"{{p{n + 1}}}" * 12 for n in range(8)} | {"p8": "x"}

TEXTS: dict[str, str | bytes] = {
    # the shape of the file
    "rules is a number": "rules: 3",
    "rules is a text": "rules: nothing",
    "rules is empty": "rules:",
    "rules is a mapping": "rules: {a: b}",
    "a rule is a text": "rules: [a]",
    "a rule is a list": "rules: [[a, b]]",
    "a rule is empty": "rules: [{}]",
    "contexts is a number": "contexts: 3",
    "signals is a text": "signals: x",
    "signals is null": "signals: ~",
    "switch_off is a text": "switch_off: in.keeping",
    "switch_off of nothing known": "switch_off: [in.nothing]",
    "switch_off holds lists": "switch_off: [[in.keeping]]",
    "parts is a list": "parts: [a]",
    "a part is a list": "parts: {名: [a]}",
    "a part without a name": "parts: {'1': a}",
    "lists is a text": "lists: a",
    "a list is a text": "lists: {词: a}",
    "confusions of another character": "confusions: {国: [囯]}",
    "confusions is a list": "confusions: [绝]",
    "a weight is a text": "weights: {head: much}",
    "a weight is no number": "weights: {head: .nan}",
    "a weight is endless": "weights: {head: .inf}",
    "a weight has five thousand digits": "weights: {head: " + "9" * 5000 + "}",
    "a weight is a date that is none": "weights: {head: 2026-13-45}",
    "a weight is a list": "weights: {head: [1]}",
    "a weight has a tag": "weights: {head: !!python/object:os.system x}",
    "a weight is a number in quotes": "weights: {head: '0.5'}",
    "a weight is a number in a block": "weights:\n  head: |-\n    0.5\n",
    "a weight is a number in a folded block": "weights:\n  head: >-\n    0.5\n",
    "a weight is a very deep block": "weights:\n  head: |\n    " + "[" * 200_000 + "\n",
    "a weight is octal": "weights: {head: 01}",
    "a weight is of base sixty": "weights: {head: 1" + ":59" * 200_000 + "}",
    "a weight is of base sixty, and short": "weights: {head: 0:1}",
    "a weight overflows": "weights: {head: 1.0e+999}",
    "a weight is nothing": "weights: {head: }",
    "weights is nothing": "weights:",
    "a field nobody knows": "ruels: []",
    "the file is a list": "- a\n- b",
    "the file is a text": "内部资料",
    "the file is a number": "3",
    # the fields of a rule
    "no id": without("id"),
    "no keywords": without("keywords"),
    "no counter-examples": without("counter_examples"),
    "an id with blanks": entry("rules", RULE, id="示例 标志"),
    "an id that is a list": entry("rules", RULE, id=["a"]),
    "a class nobody knows": entry("rules", RULE, **{"class": "secret"}),
    "a severity nobody knows": entry("rules", RULE, severity="极高"),
    "a level nobody knows": entry("rules", RULE, level="秘级"),
    "a confidence of a thousand": entry("rules", RULE, confidence=1000),
    "a confidence of none": entry("rules", RULE, confidence=None),
    "a place nobody knows": entry("rules", RULE, where="somewhere"),
    "patterns is a text": entry("rules", RULE, patterns="a"),
    "an empty pattern": entry("rules", RULE, patterns=[""]),
    "a pattern that is a mapping": entry("rules", RULE, patterns=[{"a": "b"}]),
    "a pattern not closed": entry("rules", RULE, patterns=["("]),
    "a pattern repeated too often": entry("rules", RULE, patterns=["a{99999999999999}"]),
    "a pattern with an unknown part": entry("rules", RULE, patterns=["{无此词}"]),
    "a pattern with a bad group": entry("rules", RULE, patterns=["(?P<1a>x)"]),
    "a keyword of an unknown list": entry("rules", RULE, keywords=["{无此表}"]),
    "a keyword that multiplies": entry("rules", RULE, keywords=["{数}{数}{数}{数}{数}{数}{数}{数}"]),
    "a need nobody knows": entry("rules", RULE, needs=["moon"]),
    "an example that is a number": "rules: [" + json.dumps(RULE | {"examples": [{"text": ["a"]}]}) + "]",
    "replaces what is not there": entry("rules", RULE, replaces=True),
    "takes an id again": entry("rules", RULE, id="ns.mark"),
    "a scope nobody knows": entry("contexts", CONTEXT, scope="world"),
    "at_least is a text": entry("contexts", CONTEXT, at_least="many"),
    "spares a rule nobody knows": entry("contexts", CONTEXT, spares_rules=["in.nothing"]),
    "marks that cannot be read": entry("contexts", CONTEXT, marks="["),
    "a day that is none": entry("signals", SIGNAL, before="13-45"),
    "before without a year": entry("signals", SIGNAL, before="06-07"),
    "parts in a circle": "parts: {甲: '{乙}', 乙: '{甲}'}\n" + entry("rules", RULE, patterns=["{甲}"])[1:-1],
    "parts that grow": json.dumps({"parts": GROWING, "rules": [RULE | {"patterns": ["{p0}"]}]}, ensure_ascii=False),
    # the text itself
    "a key given twice": "rules: []\nrules: []",
    "a tab": "rules:\n\t- id: a",
    "not closed": "rules: [",
    "a quote not closed": "rules: ['a",
    "a colon too many": "rules: a: b: c",
    "two documents": "rules: []\n---\nrules: []",
    "an alias": "lists:\n  甲: &a [b]\n  乙: *a",
    "an alias of itself": "rules: &a [*a]",
    "an alias of nothing": "rules: *a",
    "aliases that grow": BOMB,
    "a merge of an alias": "lists: &a\n  甲: [b]\nparts:\n  <<: *a",
    "a list as a name": "? [a, b]\n: c",
    "very deep": "[" * 200_000 + "]" * 200_000,
    "deep": "rules: " + "[" * 50 + "]" * 50,
    "a nul": "rules: \0",
    "a tag nobody knows": "rules: !nobody [a]\nx: 1",
    "not UTF-8": "rules: []\n# 内部".encode("gb18030"),
    "UTF-16": "rules: []".encode("utf-16"),
    "binary": bytes(range(256)) * 8,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "too large": "# " + "x" * 2_100_000,
}


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("zh_CN")


def written(folder: Path, text: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "site.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_bad_pack_is_a_rule_error_with_its_file_and_a_mend(text: str | bytes, language: str, tmp_path: Path) -> None:
    set_language(language)
    with pytest.raises(RuleError) as caught:
        rulebook.load([rulebook.BUILT_IN, written(tmp_path / "site", text)])
    said = caught.value
    assert "site.yml:" in said.message
    assert said.cure
    has_han = any("\u4e00" <= char <= "\u9fff" for char in said.cure)
    assert has_han is (language == "zh_CN")


@pytest.mark.parametrize("field", RULE)
@pytest.mark.parametrize("value", SHAPES, ids=[repr(value) for value in SHAPES])
def test_no_shape_of_a_field_is_a_crash(field: str, value: Any, tmp_path: Path) -> None:
    book, problems = compose([rulebook.BUILT_IN, written(tmp_path / "site", entry("rules", RULE, **{field: value}))])
    ids = {"site.mark", json.dumps(value)}  # null and true are texts like any other
    assert problems or any(rule.id in ids for rule in book.rules)


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("0", 0), ("-3", -3), ("+3", 3), ("1.1", 1.1), ("-.5", -0.5), ("2.", 2.0), ("5.0e-1", 0.5), ("1e-05", 0.00001),
        ("0.30000000000000004", 0.30000000000000004), ("true", True), ("False", False), ("yes", True), ("OFF", False),
        ("null", None), ("~", None), ("", None),
        ("01", "01"), ("0x1", "0x1"), ("1_0", "1_0"), ("1:30", "1:30"), (".nan", ".nan"), ("-.inf", "-.inf"),
        ("9" * 19, "9" * 19), ("1e999", "1e999"), ("2026-13-45", "2026-13-45"), (".", "."), ("１", "１"),
    ],
)  # fmt: skip
def test_only_a_plain_short_decimal_is_a_number(plain: str, value: Any) -> None:
    typed = PlainText(f"weights:\n  head: {plain}\n").data["weights"]["head"]
    assert (typed, type(typed)) == (value, type(value))


@pytest.mark.parametrize("text", ["0.5", "true", "1", "null"])
@pytest.mark.parametrize("style", ["'{}'", '"{}"', "|-\n    {}", ">-\n    {}"])
def test_quotes_and_blocks_are_text_everywhere(text: str, style: str) -> None:
    data = PlainText(f"weights:\n  head: {style.format(text)}\n").data
    assert data == {"weights": {"head": text}}


def test_the_line_is_told(tmp_path: Path) -> None:
    _, problems = compose([written(tmp_path / "site", "# a\nlists:\n  甲: [a]\nrules: 3\n")])
    assert [problem.line for problem in problems] == [4]


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    pack = tmp_path / "site"
    pack.mkdir()
    os.mkfifo(pack / "site.yml")
    (pack / "folder.yml").mkdir()
    _, problems = compose([pack])
    assert {Path(problem.file).name for problem in problems} == {"site.yml", "folder.yml"}


def test_a_level_nobody_knows_is_no_level(tmp_path: Path) -> None:
    pack = written(tmp_path / "site", entry("rules", RULE, patterns=["(?P<level>示例局)专阅"]))
    found = judge(page_of_text("示例局专阅"), rulebook.load([rulebook.BUILT_IN, pack]))
    assert [(one.rule, one.level) for one in found] == [("site.mark", None)]


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["(", "{汉}", "★"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.sampled_from([("rules", RULE), ("contexts", CONTEXT), ("signals", SIGNAL)]), data=st.data())
def test_junk_in_any_field_is_told_or_loads(
    where: tuple[str, dict[str, Any]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    section, base = where
    field = data.draw(st.sampled_from([*base, "level", "confidence", "needs", "at_least", "before", "weight", "marks"]))
    text = yaml.safe_dump({section: [base | {field: data.draw(_JUNK)}]}, allow_unicode=True)
    _, problems = compose([written(tmp_path_factory.mktemp("junk"), text)])
    assert all(problem.file.endswith("site.yml") and problem.cure for problem in problems)
