"""Reads the YAML files of rule packs against the published schema and remembers the line of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imgscan.i18n import _
from imgscan.rulebook.plain import BadTextError, KeyPath, PlainText
from imgscan.rulebook.schema import misfits

BUILT_IN = Path(__file__).resolve().parents[2] / "rules"
"""The rules that come with the program."""

LARGEST = 2_000_000
"""Bytes of a rule file; all the built-in ones together have some 100,000."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a pack that its author must mend. `line` counts from 1, `rule` is empty where none is to blame."""

    file: str
    line: int
    rule: str
    message: str
    cure: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" + (f" {self.rule}" if self.rule else "")
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file as read: plain data, and the line on which each key path begins."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: Sequence[str | int]) -> int:
        """The line of `path`, or of the nearest thing around it."""
        for size in range(len(path), -1, -1):
            if tuple(path[:size]) in self.lines:
                return self.lines[tuple(path[:size])]
        return 1

    def entry_id(self, path: Sequence[str | int]) -> str:
        """The id of the rule, context or signal that `path` leads into."""
        here: Any = self.data
        for key in path[:2]:
            here = _step(here, key)
        found = here.get("id", "") if isinstance(here, dict) else ""
        return found if isinstance(found, str) else ""

    def problem(self, path: Sequence[str | int], message: str, cure: str) -> Problem:
        """A problem at `path`."""
        return Problem(str(self.path), self.line(path), self.entry_id(path), message, cure)


def _step(here: Any, key: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(key)
    return here[key] if isinstance(here, list) and isinstance(key, int) and key < len(here) else None


def read_packs(packs: Sequence[Path]) -> tuple[list[PackFile], list[Problem]]:
    """Every *.yml of the folders, in order and then by name, with what is wrong with them."""
    files: list[PackFile] = []
    problems: list[Problem] = []
    for pack in packs:
        paths = sorted(pack.glob("*.yml")) if pack.is_dir() else []
        if not paths:
            message = _("No rule files here")
            problems.append(Problem(str(pack), 1, "", message, _("Name a folder that holds *.yml files")))
        for path in paths:
            file, found = _read(path)
            problems.extend(found)
            if file is not None:
                files.append(file)
    return files, problems


def _read(path: Path) -> tuple[PackFile | None, list[Problem]]:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            message = _("No file of at most {size} kB").format(size=LARGEST // 1000)
            return None, [Problem(str(path), 1, "", message, _("Take it out of the folder of rules"))]
        plain = PlainText(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = _("This cannot be read as text: {problem}").format(problem=error)
        return None, [Problem(str(path), 1, "", message, _("Save the file as UTF-8 where imgscan may read it"))]
    except BadTextError as error:
        return None, [Problem(str(path), error.line, "", error.message, error.cure)]
    file = PackFile(path, plain.data if isinstance(plain.data, dict) else {}, plain.lines)
    problems = [
        file.problem(p, _("Key {key} is given twice").format(key=p[-1]), _("Keep one of them")) for p in plain.twice
    ]
    cure = _("See rules/README.md for the fields of an entry")
    return file, problems + [file.problem(at, message, cure) for at, message in misfits(plain.data)]
