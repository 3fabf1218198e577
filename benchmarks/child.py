"""The process of one tool: answers one picture a line, in JSON, with its text and what it cost.

`python -m benchmarks.child NAME WEIGHTS`. In: `{"file": PATH}`. Out, first: `{"ready": true}` or `{"missing": WHY}`;
then for each picture `{"lines", "classes", "cpu", "wall", "peak_mib"}`, or `{"failed": WHY, ...}`; seconds, MiB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from benchmarks.tools import Missing, Reader, tool_named
from imgscan.memory import peak


def processor_seconds() -> float:
    """What this process and those that it started and has waited for have taken until now."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def peak_mib() -> int:
    """The most memory that this process, or one that it started, had at once.

    Its own ru_maxrss would begin with that of the parent, which rendered the album.
    """
    return max(peak() >> 20, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)


def answer(read: Reader, path: Path) -> dict[str, Any]:
    """One picture read and measured."""
    cpu, wall = processor_seconds(), time.monotonic()
    told: dict[str, Any]
    try:
        seen = read(path)
        classes = None if seen.classes is None else sorted(seen.classes)
        told = {"lines": seen.lines, "classes": classes}
    except Exception as error:  # noqa: BLE001 (a peer may raise anything; it is told and counted)
        told = {"failed": f"{type(error).__name__}: {error}"[:200]}
    return {**told, "cpu": processor_seconds() - cpu, "wall": time.monotonic() - wall, "peak_mib": peak_mib()}


def serve(read: Reader, questions: Iterable[str], answers: TextIO) -> None:
    """Answer until there are no more questions."""
    for question in questions:
        _say(answers, answer(read, Path(json.loads(question)["file"])))


def _say(answers: TextIO, told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False), file=answers, flush=True)


def main() -> None:
    """Load the tool, then serve. What a library prints goes to the log, not between the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        read = tool_named(sys.argv[1]).load(Path(sys.argv[2]))
    except (Missing, ImportError) as error:
        _say(answers, {"missing": str(error)})
        return
    _say(answers, {"ready": True})
    serve(read, sys.stdin, answers)


if __name__ == "__main__":
    main()
