"""The process of a tool and its parent: answers, costs, and what becomes of a tool that is absent or lost."""

from __future__ import annotations

import io
import json
import sys
import textwrap
from pathlib import Path

import pytest

from benchmarks.album import Picture
from benchmarks.child import answer, serve
from benchmarks.children import Child
from benchmarks.tools import Missing, Read

FIRST = Picture(Path("first.jpg"), "photo")


def child(tmp_path: Path, program: str, seconds: float = 30.0) -> Child:
    """A child whose program is given: `told` holds the question, `say` answers."""
    head = """
        import json, os, sys, time
        def say(**told): print(json.dumps(told), flush=True)
        def questions():
            for line in sys.stdin: yield os.path.basename(json.loads(line)["file"])
        cost = {"cpu": 0.1, "wall": 0.2, "peak_mib": 3}
    """
    source = textwrap.dedent(head) + textwrap.dedent(program)
    return Child([sys.executable, "-S", "-c", source], tmp_path / "log", FIRST, seconds)


def test_each_question_has_its_answer(tmp_path: Path) -> None:
    program = """
        say(ready=True)
        for name in questions(): say(lines=[name, "密" * 70000], classes=None, **cost)
    """
    with child(tmp_path, program) as tool:
        assert [tool.ask(Picture(Path(name), "hard"))["lines"][0] for name in ("a.jpg", "b.jpg")] == ["a.jpg", "b.jpg"]


def test_an_absent_tool_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"^run: apt-get$"), child(tmp_path, 'say(missing="run: apt-get")'):
        pass


def test_a_tool_that_dies_while_it_loads_is_absent_with_its_last_words(tmp_path: Path) -> None:
    with (
        pytest.raises(Missing, match=r"the process has ended; .*no such library"),
        child(tmp_path, 'raise SystemExit("no such library")'),
    ):
        pass


@pytest.mark.parametrize(("deed", "why"), [("os._exit(9)", "the process has ended"), ("time.sleep(60)", "no answer")])
def test_a_tool_that_is_lost_on_a_picture_goes_on_with_the_next(tmp_path: Path, deed: str, why: str) -> None:
    program = f"""
        say(ready=True)
        for name in questions():
            if name == "bad.jpg": {deed}
            say(lines=[name], classes=None, **cost)
    """
    with child(tmp_path, program, seconds=5.0) as tool:
        told = [tool.ask(Picture(Path(name), "hard")) for name in ("bad.jpg", "good.jpg")]
    assert why in told[0]["failed"]
    assert told[1]["lines"] == ["good.jpg"]


def test_a_reader_is_measured_and_its_errors_are_told() -> None:
    def read(path: Path) -> Read:
        if path.name == "bad.jpg":
            raise ValueError("no picture")
        return Read((path.name,), frozenset({"internal"}))

    good, bad = answer(read, Path("good.jpg")), answer(read, Path("bad.jpg"))
    assert (good["lines"], good["classes"]) == (("good.jpg",), ["internal"])
    assert bad["failed"] == "ValueError: no picture"
    assert good.keys() - {"lines", "classes"} == bad.keys() - {"failed"} == {"cpu", "wall", "peak_mib"}


def test_answers_are_lines_of_json() -> None:
    out = io.StringIO()
    serve(lambda path: Read((path.name,)), ['{"file": "/album/绝密.jpg"}\n', '{"file": "/album/b.jpg"}\n'], out)
    assert [json.loads(line)["lines"] for line in out.getvalue().splitlines()] == [["绝密.jpg"], ["b.jpg"]]
