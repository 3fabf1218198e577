"""The site's watch-list: what it matches, what it gives away, and the commands that keep it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from imgscan.cli import run
from imgscan.errors import ExitCode, RuleError
from imgscan.i18n import set_language
from imgscan.judge import judge, page_of_text
from imgscan.judge.watching import forms_of
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.types import Finding, FindingClass, Page, Severity, TextLine
from imgscan.watchlist import Kind, OtherSaltError, Watchlist, from_json
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_imgscan

NUMBER, TITLE = "云岫委密发〔2026〕35号", "关于做好示例工作有关事项的若干意见"
DAY = date(2026, 11, 22)


def listed(*texts: str, folder: Path) -> Rulebook:
    """The built-in rules with a list of these texts."""
    plain = load()
    forms = [form for text in texts for form in forms_of(text, plain)]
    path = folder / "watchlist.json"
    path.write_text(Watchlist.fresh().with_these(forms, DAY).to_json(), encoding="utf-8")
    return load((BUILT_IN, path))


@pytest.fixture
def rules(tmp_path: Path) -> Rulebook:
    return listed(NUMBER, TITLE, folder=tmp_path)


def watched(text: str, rules: Rulebook) -> list[Finding]:
    return [one for one in judge(page_of_text(text), rules) if one.cls is FindingClass.WATCHLIST]


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "云岫委密发【2026】35号",
        "云岫委密发[2O26]3S号",
        "云岫委密发（2026) 35 号",
        "云岫委密发L2026J35号",
        "雲岫委密發〔２０２６〕３５號",
        "云岫委密发\n〔2026〕35号",
        "按照云岫委密发〔2026〕35号要求",
        "昨天群里发的那个云岫委密发〔2026〕35号看了吗",
        "云岫委密发〔二〇二六〕三十五号",
    ],
)
def test_a_number_is_found_however_it_was_read(text: str, rules: Rulebook) -> None:
    (found,) = watched(text, rules)
    assert (found.rule, found.severity, found.mark) == ("wl.number", Severity.CRITICAL, NUMBER)
    assert found.text.startswith(text[text.index("岫") - 1])


@pytest.mark.parametrize(
    "text",
    [
        "云岫委密发〔2026〕36号",
        "云岫委密发〔2025〕35号",
        "鹿岭委密发〔2026〕35号",
        "云岫委密发〔2026〕350号",
        "今天天气很好",
    ],
)
def test_other_numbers_are_not(text: str, rules: Rulebook) -> None:
    assert watched(text, rules) == []


@pytest.mark.parametrize(
    "text",
    [
        TITLE,
        f"《{TITLE}》",
        f"请学习《{TITLE}》。",
        f"请学习〈{TITLE}»。",
        "关于做好示例工作\n有关事项的若干意见",
        "关于做好\n示例工作有关\n事项的若干意见",
        "云岫市人民政府\n关于做好示例工作\n有关事项的若干意见\n各县区：",
        "關於做好 示例工作，有關事項的若干意見",
    ],
)
def test_a_title_is_found_alone_quoted_and_over_lines(text: str, rules: Rulebook) -> None:
    (found,) = watched(text, rules)
    assert (found.rule, found.severity) == ("wl.title", Severity.CRITICAL)
    assert found.mark == TITLE


@pytest.mark.parametrize("text", ["关于做好示例工作", f"{TITLE}解读", f"《{TITLE}（征求意见稿）》"])
def test_other_titles_are_not(text: str, rules: Rulebook) -> None:
    assert watched(text, rules) == []


def test_digits_in_a_title(tmp_path: Path) -> None:
    rules = listed("2026年第10次示例会议的安排", folder=tmp_path)
    assert watched("2O26年第1O次示例会议的安排", rules)


def test_the_place_on_the_picture(rules: Rulebook) -> None:
    quad = ((10.0, 20.0), (410.0, 20.0), (410.0, 40.0), (10.0, 40.0))
    below = ((10.0, 60.0), (190.0, 60.0), (190.0, 80.0), (10.0, 80.0))
    lines = (TextLine("关于做好示例工作", quad=quad), TextLine("有关事项的若干意见", quad=below))
    (found,) = [one for one in judge(Page(lines, 600, 800), rules) if one.cls is FindingClass.WATCHLIST]
    assert found.polygons == (quad, below)
    assert found.text == "关于做好示例工作\n有关事项的若干意见"


def test_it_takes_the_place_from_the_file_number(rules: Rulebook) -> None:
    found = judge(page_of_text("鹿岭政发〔2026〕1号\n" + NUMBER), rules)
    assert [(one.cls.value, one.text) for one in found if NUMBER in one.text] == [("watchlist", NUMBER)]
    assert any(one.cls is FindingClass.FILE_NUMBER for one in found)


def test_no_context_lowers_it(rules: Rulebook) -> None:
    text = f"来源：云岫日报\n阅读 1000\n（此件公开发布）\n满分100分 考号\n处分决定\n{NUMBER}"
    assert [one.severity for one in watched(text, rules)] == [Severity.CRITICAL]


def test_without_a_list_nothing_of_it_fires() -> None:
    rules = load()
    assert watched(f"{NUMBER}\n{TITLE}", rules) == []
    assert not rules.trigger.rules("2026")  # and ordinary dates pass the filter as before


def test_a_changed_list_is_another_digest(tmp_path: Path) -> None:
    digests = {load().digest, listed(NUMBER, folder=tmp_path).digest, listed(TITLE, folder=tmp_path).digest}
    assert len(digests) == 3
    path = tmp_path / "watchlist.json"
    assert load((BUILT_IN, path)).digest == load((BUILT_IN, path)).digest


def test_it_travels_to_another_process(rules: Rulebook) -> None:
    assert watched(NUMBER, pickle.loads(pickle.dumps(rules)))


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99, "salt": "", "entries": []}', '{"format": 1}'])
def test_a_damaged_list_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    (tmp_path / "watchlist.json").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=r"watchlist\.json"):
        load((BUILT_IN, tmp_path / "watchlist.json"))


def test_the_same_texts_have_other_hashes_with_another_salt() -> None:
    forms = [(Kind.NUMBER, NUMBER)]
    one, other = (Watchlist.fresh().with_these(forms, DAY) for _ in range(2))
    assert one.entries[0].digest != other.entries[0].digest
    with pytest.raises(OtherSaltError):
        one.merged(other)
    assert Watchlist.fresh().merged(one) == one


def test_adding_twice_and_removing() -> None:
    forms = [(Kind.NUMBER, NUMBER), (Kind.TITLE, TITLE)]
    once = Watchlist.fresh().with_these(forms, DAY)
    assert once.with_these(forms, date(2027, 1, 1)) == once
    left = once.without([(Kind.NUMBER, NUMBER)])
    assert (left.holds(Kind.NUMBER, NUMBER), left.holds(Kind.TITLE, TITLE)) == (False, True)
    assert from_json(once.to_json()) == once


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    """A list in clear, as a secrecy officer keeps it."""
    path = tmp_path / "clear.txt"
    path.write_text(f"\ufeff# 监看\n{NUMBER}\n《{TITLE}》（鹿岭委密发〔2025〕7号）\n\n", encoding="utf-8")
    return path


def command(*arguments: str | Path) -> int:
    set_language("en")
    return run(["rules", "watchlist", *map(str, arguments)])


def entries(home: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((home / "watchlist.json").read_text())["entries"]
    return found


def seen(texts: Iterable[str]) -> bool:
    return any(part in text for text in texts for part in ("云岫", "鹿岭", "示例", "2026〕", "若干"))


def test_the_commands(
    clear: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    assert command("add", "--file", clear) == ExitCode.OK
    kept = home / "watchlist.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [entry["kind"] for entry in entries(home)] == ["number", "number", "title"]
    assert command("list") == ExitCode.OK
    out = capsys.readouterr().out
    assert "Numbers: 2" in out
    assert "titles: 1" in out
    assert not seen([out, json.dumps(json.loads(kept.read_text()), ensure_ascii=False)])

    assert command("export", "--file", tmp_path / "out.json") == ExitCode.OK
    clear.write_text(f"{NUMBER}\n", encoding="utf-8")
    assert command("remove", "--file", clear) == ExitCode.OK
    assert [entry["kind"] for entry in entries(home)] == ["number", "title"]
    assert command("import", "--file", tmp_path / "out.json") == ExitCode.OK
    assert len(entries(home)) == 3
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o600


def test_a_list_from_another_workstation(clear: Path, home: Path, tmp_path: Path) -> None:
    command("add", "--file", clear)
    (tmp_path / "out.json").write_bytes((home / "watchlist.json").read_bytes())
    (home / "watchlist.json").unlink()
    assert command("import", "--file", tmp_path / "out.json") == ExitCode.OK
    assert len(entries(home)) == 3
    (home / "watchlist.json").unlink()
    command("add", "--file", clear)
    assert command("import", "--file", tmp_path / "out.json") == ExitCode.USAGE  # another salt


@pytest.mark.parametrize("text", ["会议通知\n", "", "# nothing\n"])
def test_what_cannot_be_watched(text: str, clear: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clear.write_text(text, encoding="utf-8")
    assert command("add", "--file", clear) == ExitCode.USAGE
    assert not (home / "watchlist.json").exists()
    assert "会议" not in capsys.readouterr().err  # never shown in clear


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"{}"])
def test_files_that_cannot_be_read(content: bytes | None, tmp_path: Path, home: Path) -> None:
    path = tmp_path / "list"
    if content is not None:
        path.write_bytes(content)
    assert command("import", "--file", path) == ExitCode.USAGE
    assert command("add", "--file", path) == ExitCode.USAGE or content == b"{}"


def test_it_reaches_the_reading_processes_and_rejudge(clear: Path, home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", ["今天下午的安排", NUMBER])
    more = {"IMGSCAN_KEEP_TEXT": "all"}
    assert '"watchlist"' not in fake_imgscan("scan", tmp_path / "album", "--jsonl", "-", home=home, **more).stdout
    command("add", "--file", clear)
    assert "changed: 1" in fake_imgscan("rejudge", home=home).stdout
    report = fake_imgscan("report", "--format", "jsonl", "-o", "-", home=home).stdout
    assert json.loads(report)["findings"][0]["class"] == "watchlist"
    write_page(tmp_path / "other" / "b.jpg", ["今天下午的安排", NUMBER, "再见"])
    scanned = fake_imgscan("scan", tmp_path / "other", "--jsonl", "-", home=home, **more)
    assert json.loads(scanned.stdout)["findings"][0]["class"] == "watchlist"
