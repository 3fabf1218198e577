"""What typer says by itself is worded in the reader's language, and nothing of the help is cut off."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from imgscan.cli import build, run
from imgscan.errors import ExitCode
from imgscan.i18n import set_language
from imgscan.usage import WORDINGS, worded


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
        assert "<bool>" not in said
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
