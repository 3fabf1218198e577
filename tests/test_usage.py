"""What typer says by itself is worded in the reader's language, and nothing of the help is cut off."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imgscan.cli import build, run
from imgscan.errors import ExitCode, why
from imgscan.i18n import set_language
from imgscan.usage import WORDINGS, worded
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_imgscan


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["scan", "--campain", "a", "."], "There is no option --campain. Perhaps: --campaign", "没有选项 --campain"),
        (["scan", "--zzz"], "There is no option --zzz.", "没有选项 --zzz。"),
        (["foo"], "There is no command foo.", "没有命令 foo。"),
        (["it's"], "There is no command it's.", "没有命令 it's。"),
        (["sca"], "There is no command sca. Perhaps: scan", "没有命令 sca。是不是：scan"),
        (
            ["rekey", "--to", "x"],
            "--to: x is none of file, passphrase, keyring.",
            "--to：x 不在 file, passphrase, keyring 之中。",
        ),
        (["scan"], "PATH... is missing.", "缺少 PATH...。"),
        (["report"], "-o / --output is missing.", "缺少 -o / --output。"),
        (["report", "-o"], "-o needs a value.", "-o 需要一个值。"),
        (["doctor", "a", "b"], "Too many arguments: a b", "多余的参数：a b"),
        (["scan", "--workers", "x", "."], "--workers: That is no whole number.", "--workers：不是整数。"),
        (["review", "--port", "99999"], "--port: The value must be 65535 or less.", "--port：值不能大于 65535。"),
        (["bench", "--count", "0"], "--count: The value must be 1 or more.", "--count：值不能小于 1。"),
    ],
)
def test_wrong_usage_is_told_in_the_readers_language(
    arguments: list[str], english: str, chinese: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [] if arguments[0] in ("foo", "sca", "it's") else arguments[:1]
    for language, said in (("en", english), ("zh_CN", chinese)):
        set_language(language)
        assert run(arguments) == ExitCode.USAGE
        output = capsys.readouterr()
        assert said in output.err
        assert f"{' '.join(['imgscan', *named])} --help" in output.err
        assert not output.out


def test_a_message_that_is_not_known_stays_as_it_is() -> None:
    assert worded("Something new.") == "Something new."
    assert worded("Invalid value for '--x': Something new.") == "--x：Something new."


def test_every_wording_has_as_many_places_as_its_pattern_has_groups() -> None:
    for pattern, template in WORDINGS:
        assert template.count("{}") == re.compile(pattern).groups


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_help_is_cut_off(language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    set_language(language)
    for path in commands(build()):
        assert run([*path, "--help"]) == ExitCode.OK
        said = capsys.readouterr().out
        assert "…" not in said, path
        assert not re.search(r"<[a-z|]+>|<list|\[\[", said)
        if language == "zh_CN":
            assert "用法：" in said
            assert not {"Usage", "OPTIONS", "required", "default", "Show"} & set(re.findall(r"\w+", said))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_question_answered_with_no_or_not_at_all_changes_nothing(
    answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert run(["purge", "--all"]) == ExitCode.INTERRUPTED
    assert "Given up; nothing was changed." in capsys.readouterr().err


def test_an_end_of_file_that_no_question_met_is_a_defect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise EOFError

    monkeypatch.setattr("imgscan.commands.purge._ask", broken)
    assert run(["purge", "--all"]) == ExitCode.DEFECT
    assert "EOFError" in capsys.readouterr().err


def test_a_library_that_is_missing_is_told_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], english: None
) -> None:
    def broken() -> None:
        raise ImportError("No module named 'cv2'")

    monkeypatch.setattr("imgscan.cli.build", broken)
    assert run(["scan", "."]) == ExitCode.USAGE
    assert "A library is missing: No module named 'cv2'" in capsys.readouterr().err


def test_who_closes_our_output_does_not_make_findings() -> None:
    command = [sys.executable, "-m", "imgscan", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as told:
        assert told.stdout is not None
        told.stdout.close()
        assert told.wait() == ExitCode.STORE


def test_the_command_alone_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == ExitCode.USAGE
    output = capsys.readouterr()
    assert "scan" in output.out
    assert not output.err


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one file of the campaign 2026."""
    write_page(home.parent / "album" / "a.png", ["今天天气很好"])
    done = fake_imgscan("scan", home.parent / "album", "--campaign", "2026", home=home)
    assert done.returncode == ExitCode.OK, done.stderr
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    monkeypatch.setattr("sys.stdin", Terminal("what\n"))
    return home


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["purge", "--campaign", "2026"], "1 file of the campaign 2026 will be forgotten. That cannot be undone."),
        (["purge", "--older-than", "3"], "All files that no scan has met for 3 days will be forgotten."),
        (["purge", "--all"], "imgscan.db, its keys, all hashes and verdicts will be destroyed."),
        (["rekey"], "Backups made so far open only with a copy of the key that holds now"),
    ],
)
def test_a_question_tells_what_would_be_lost_and_takes_nothing_but_a_yes(
    store: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in store.glob("imgscan.*") if path.suffix in (".key", ".json")}
    assert len(before) == 2
    assert run(arguments) == ExitCode.INTERRUPTED
    output = capsys.readouterr()
    assert said in output.err
    assert output.err.endswith("Given up; nothing was changed.\n")
    for name, content in before.items():
        assert (store / name).read_bytes() == content
    assert len(fake_imgscan("report", "-o", "-", home=store).stdout.splitlines()) == 1


@pytest.mark.parametrize("answer", ["是", "是的", "ｙ", "YES"])
def test_yes_is_a_yes(
    answer: str, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    assert run(["purge", "--campaign", "2026"]) == ExitCode.OK
    assert "Forgotten: 1 files" in capsys.readouterr().out


def test_a_campaign_that_is_not_known_is_told_before_any_question(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["purge", "--campaign", "2027"]) == ExitCode.USAGE
    output = capsys.readouterr()
    assert "nothing of a campaign 2027" in output.err
    assert "Go on?" not in output.err


def test_what_a_killed_purge_left_is_destroyed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    for name in ("imgscan.key", "imgscan.db-wal"):
        (home / name).write_bytes(b"x")
    assert run(["purge", "--all", "--yes"]) == ExitCode.OK
    assert not list(home.glob("imgscan.*"))


def test_ctrl_c_at_a_question_is_a_no(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert run(["rekey"]) == ExitCode.INTERRUPTED
    assert "Given up" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["rekey"], ["rekey", "--yes"]])
def test_without_a_terminal_or_with_yes_a_new_key_is_made(arguments: list[str], store: Path) -> None:
    before = (store / "imgscan.key").read_bytes()
    assert fake_imgscan(*arguments, home=store).returncode == ExitCode.OK
    assert (store / "imgscan.key").read_bytes() != before


def test_where_no_store_is_nothing_is_said_to_be_destroyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    assert run(["purge", "--all", "--yes"]) == ExitCode.USAGE
    assert "nothing was destroyed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "--campaign", "a\nb", "."], "A name holds characters that cannot be seen."),
        (["audit", "verify", "--head", ""], " is no head of an audit trail"),
        (["audit", "verify", "--head", "xx"], "xx is no head of an audit trail"),
        (["rules", "watchlist", "add", "--file", "nowhere"], "nowhere cannot be read as text: No such file or dir"),
        (["specimens", "/proc/nowhere"], "The system refused: /proc/nowhere: No such file or directory"),
    ],
)
def test_errors_say_what_is_wrong_and_where(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    assert run(arguments) in (ExitCode.USAGE, ExitCode.STORE)
    assert said in capsys.readouterr().err


def test_what_the_system_says_is_worded_and_without_its_number() -> None:
    set_language("zh_CN")
    assert why(FileNotFoundError(2, "No such file or directory", "x")) == "没有这个文件或文件夹"
    assert why(OSError(99, "Something else")) == "Something else"


def test_labels_may_hold_what_an_input_method_types(home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.png", ["今天天气很好"])
    done = fake_imgscan(
        "scan", tmp_path / "album", "--department", "办公室\u3000一科", "--owner", "\U000323b0", home=home
    )
    assert done.returncode == ExitCode.OK, done.stderr
