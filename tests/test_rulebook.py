"""Rule packs: loading, site packs, errors with their place and mend, the checker, the digest, the generated page."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgscan import rulebook
from imgscan.errors import RuleError
from imgscan.i18n import set_language
from imgscan.judge import judge, page_of_text
from imgscan.judge.records import Context, Rule
from imgscan.rulebook.checking import is_slow
from imgscan.rulebook.reaching import unreached
from imgscan.types import FindingClass, Severity

DOCS = Path(__file__).resolve().parents[1] / "docs" / "rules.md"

RULE = """
rules:
  - id: site.mark
    name: 示例局标志
    name_en: Mark of the sample office
    class: internal
    severity: medium
    keywords: [示例局专阅]
    patterns: ['示例局专阅']
    description: 示例局自己的标志，用来说明单位规则包。
    references: [单位规定]
    examples: [示例局专阅]
    counter_examples: [示例局]
"""


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("zh_CN")


@pytest.fixture(scope="module")
def rules() -> rulebook.Rulebook:
    return rulebook.load([rulebook.BUILT_IN])


def pack(folder: Path, text: str, name: str = "site.yml") -> Path:
    """A pack of one file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_built_in_pack_has_no_problem() -> None:
    assert rulebook.check([rulebook.BUILT_IN]) == []


def test_every_rule_shows_noise_and_a_line_break(rules: rulebook.Rulebook) -> None:
    """At least one example read badly (blanks, wrong signs), and one over a break where a rule may be split."""
    for rule in rules.rules:
        if rule.cls is None:
            continue
        texts = [example.text for example in rule.examples]
        assert len(texts) >= 2, rule.id
        if rule.over_breaks:
            assert any("\n" in text for text in texts), rule.id


def test_every_pattern_is_reached_by_an_example_of_its_own(rules: rulebook.Rulebook) -> None:
    """What `rules check` says of the built-in pack, named here; the watch-list's patterns need a list to be tried."""
    entries: list[Rule | Context] = [rule for rule in rules.rules if rule.cls is not FindingClass.WATCHLIST]
    entries += rules.contexts
    untried = {entry.id: [p.pattern for p in left] for entry in entries if (left := unreached(entry, rules))}
    assert sum(len(entry.patterns) for entry in entries) > 240
    assert not untried


def test_ids_are_unique_and_dotted(rules: rulebook.Rulebook) -> None:
    ids = [rule.id for rule in rules.rules]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", rule_id) for rule_id in ids)
    assert "ns.mark" in ids


def test_rulebook_travels_to_another_process(rules: rulebook.Rulebook) -> None:
    travelled = pickle.loads(pickle.dumps(rules))
    page = page_of_text("机密★10年\n云岫政发〔2026〕12号")
    assert judge(page, travelled) == judge(page, rules)
    assert travelled.digest == rules.digest


def test_site_pack_adds(tmp_path: Path) -> None:
    extended = rulebook.load([rulebook.BUILT_IN, pack(tmp_path / "site", RULE)])
    (found,) = judge(page_of_text("示例局专阅"), extended)
    assert found.rule == "site.mark"


def test_site_pack_switches_off(tmp_path: Path) -> None:
    text = "内部资料"
    assert judge(page_of_text(text), rulebook.load([rulebook.BUILT_IN]))
    less = rulebook.load([rulebook.BUILT_IN, pack(tmp_path / "site", "switch_off: [in.document]")])
    assert judge(page_of_text(text), less) == ()


def test_site_pack_replaces(tmp_path: Path) -> None:
    text = RULE.replace("id: site.mark", "id: in.document\n    replaces: true").replace("medium", "high")
    changed = rulebook.load([rulebook.BUILT_IN, pack(tmp_path / "site", text)])
    (found,) = judge(page_of_text("示例局专阅"), changed)
    assert (found.rule, found.severity) == ("in.document", Severity.HIGH)


CIRCLE = "parts: {甲: '{乙}', 乙: '{甲}'}" + RULE.replace("['示例局专阅']", "['{甲}']")


@pytest.mark.parametrize(
    ("text", "place", "message", "cure"),
    [
        (RULE.replace("site.mark", "ns.mark"), (3, "ns.mark"), "already taken", "replaces: true"),
        (RULE.replace("    class: internal\n", ""), (3, "site.mark"), "class is missing", "README"),
        (RULE.replace("medium", "huge"), (7, "site.mark"), "severity", "README"),
        (RULE.replace("['示例局专阅']", "['(示例局']"), (9, "site.mark"), "cannot be read", "Correct the pattern"),
        (RULE.replace("['示例局专阅']", "['{示例}专阅']"), (9, "site.mark"), "no part 示例", "Correct the pattern"),
        (
            RULE.replace("[示例局专阅]\n    p", "['{示例}']\n    p"),
            (9, "site.mark"),
            "no list 示例",
            "Correct the pattern",
        ),
        (RULE + "    needs: [nothing]\n", (14, "site.mark"), "nothing, which is not there", "Correct the name"),
        (RULE.replace("site.mark", "site.mark\n    replaces: true"), (3, "site.mark"), "no earlier", "replaces"),
        ("switch_off: [no.such]", (1, ""), "no rule no.such", "rules list"),
        ("rules: [\n", (2, ""), "", "blanks"),
        ("rules: []\nrules: []", (2, ""), "given twice", "Keep one"),
        ("colour: blue", (1, ""), "colour", "README"),
        (CIRCLE, (9, "site.mark"), "circle", "Correct the pattern"),
    ],
)
def test_errors_name_file_line_rule_and_mend(
    text: str, place: tuple[int, str], message: str, cure: str, tmp_path: Path
) -> None:
    packs = [rulebook.BUILT_IN, pack(tmp_path / "site", text)]
    with pytest.raises(RuleError) as caught:
        rulebook.load(packs)
    problem = rulebook.check(packs)[0]
    assert problem.file.endswith("site.yml")
    assert (problem.line, problem.rule) == place
    assert message in problem.message
    assert cure in problem.cure
    assert caught.value.cure == problem.cure
    assert f"site.yml:{place[0]}" in caught.value.message


def test_folder_without_rules(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="No rule files"):
        rulebook.load([tmp_path])


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_bytes("规则".encode("gb18030"))
    with pytest.raises(RuleError) as caught:
        rulebook.load([tmp_path])
    assert "UTF-8" in caught.value.cure


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("    examples: [示例局专阅]", "    examples: [示例局]"), 12, "does not fire"),
        (("counter_examples: [示例局]", "counter_examples: [示例局专阅]"), 13, "must not"),
        (("examples: [示例局专阅]", "examples: [{text: 示例局专阅, level: 机密}]"), 12, "another level"),
        (("examples: [示例局专阅]", "examples: [{text: 示例局专阅, severity: low}]"), 12, "severity"),
        (("keywords: [示例局专阅]", "keywords: [专用]"), 12, "does not fire"),
        (
            ("patterns: ['示例局专阅']", "patterns: ['示例局专阅', '(示+)+局$']"),
            3,
            "No example reaches pattern number 2",
        ),
        (
            ("patterns: ['示例局专阅']", "patterns: ['示例局专阅', '会后交还']"),
            3,
            "No example reaches pattern number 2",
        ),
        (("patterns: ['示例局专阅']", "patterns: ['(?:(示+)+局$|示例局专阅)']"), 3, "too long"),
    ],
)
def test_check_finds_what_load_lets_pass(change: tuple[str, str], line: int, message: str, tmp_path: Path) -> None:
    packs = [pack(tmp_path / "site", RULE.replace(*change))]
    rulebook.load(packs)
    (problem, *_) = rulebook.check(packs)
    assert (problem.rule, problem.line) == ("site.mark", line)
    assert message in problem.message


def test_slow_patterns() -> None:
    assert is_slow(re.compile(r"(示+)+局$"), ["示"])
    assert is_slow(re.compile(r"(?:.*,){12}.*!!"), [","])
    assert not is_slow(re.compile(r"示{1,20}局"), ["示"])


def test_digest_is_blind_to_comments_and_examples(tmp_path: Path) -> None:
    plain = rulebook.load([pack(tmp_path / "a", RULE)])
    commented = rulebook.load([pack(tmp_path / "b", "# 说明\n" + RULE, name="other.yml")])
    examples = rulebook.load(
        [pack(tmp_path / "c", RULE.replace("counter_examples: [示例局]", "counter_examples: [示例]"))]
    )
    assert len(plain.digest) == 64
    assert plain.digest == commented.digest == examples.digest


@pytest.mark.parametrize(
    "change",
    [("medium", "high"), ("['示例局专阅']", "['示例局专阅件?']"), ("class: internal", "class: telegram"),
     ("keywords: [示例局专阅]", "keywords: [专阅]"), ("    description", "    where: own_box\n    description")],
)  # fmt: skip
def test_digest_sees_what_affects_judging(change: tuple[str, str], tmp_path: Path) -> None:
    before = rulebook.load([pack(tmp_path / "a", RULE)])
    after = rulebook.load([pack(tmp_path / "b", RULE.replace(*change))])
    assert before.digest != after.digest


def test_digits_in_examples_stay_text(tmp_path: Path) -> None:
    text = RULE.replace("counter_examples: [示例局]", "counter_examples: [000417]")
    (rule,) = rulebook.load([pack(tmp_path / "site", text)]).rules
    assert rule.counter_examples[0].text == "000417"


def test_schema_is_valid_json_schema() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads((rulebook.BUILT_IN / "schema.json").read_text(encoding="utf-8")))


def test_page_of_rules_is_fresh(rules: rulebook.Rulebook) -> None:
    """Write it anew with `python -m imgscan.rulebook docs/rules.md`."""
    page = DOCS.read_text(encoding="utf-8")
    assert page.endswith(rulebook.as_markdown(rules))


def test_page_names_every_entry(rules: rulebook.Rulebook) -> None:
    page = rulebook.as_markdown(rules)
    for entry in (*rules.rules, *rules.contexts, *rules.signals):
        assert f"`{entry.id}`" in page
