"""What `imgscan review` says in the terminal: a link that programs find by itself, and what people do with it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from imgscan.commands.review import announcer
from imgscan.i18n import set_language
from tests.fakes.runs import environment

LINK = re.compile(r"http://127\.0\.0\.1:\d+/launch\?token=[\w-]{43}")
SAID = {
    "en": ("Open this link in the browser on this computer; it works once:", "Who you are is chosen", "Ctrl-C"),
    "zh_CN": ("请在本机浏览器中打开下面的链接，只能使用一次：", "选择自己的姓名", "Ctrl-C"),
}


@pytest.mark.parametrize("reviewers", ["王复核", "王复核,李复核"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_link_stands_alone_and_the_words_say_what_to_do_with_it(home: Path, language: str, reviewers: str) -> None:
    settings = {"IMGSCAN_LANGUAGE": language, "IMGSCAN_REVIEWERS": reviewers, "IMGSCAN_SCAN_ROOTS": str(home.parent)}
    command = [sys.executable, "-m", "imgscan", "review", "--no-open"]
    with subprocess.Popen(
        command, env=environment(home, **settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert LINK.fullmatch(process.stdout.readline().rstrip("\n"))
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
    open_, who, end = SAID[language]
    assert told.splitlines()[0] == open_
    assert end in told.splitlines()[-1]
    assert (who in told) == ("," in reviewers)


def test_a_later_link_says_why_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    set_language("en")
    announce = announcer(2, opens_browser=True)
    announce("http://127.0.0.1:1/launch?token=first")
    first = capsys.readouterr()
    announce("http://127.0.0.1:1/launch?token=second")
    second = capsys.readouterr()
    assert first.out == "http://127.0.0.1:1/launch?token=first\n"
    assert "opens in the browser. If not" in first.err
    assert second.out == "http://127.0.0.1:1/launch?token=second\n"
    assert second.err == "The page was locked. Open this link in the browser to go on; it works once:\n"
