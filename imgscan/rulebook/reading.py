"""Reads the YAML files of rule packs against the published schema and remembers the line of everything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from imgscan.i18n import _

BUILT_IN = Path(__file__).resolve().parents[2] / "rules"
"""The rules that come with the program."""

# libyaml is some ten times faster; PyYAML is built without it in places.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TYPED = {"confidence", "weight", "at_least", "over_breaks", "ignore_case", "attaches", "own_box", "head",
          "replaces"}  # fmt: skip


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


KeyPath = tuple[str | int, ...]


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
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        return None, [Problem(str(path), 1, "", str(error), _("Save the file as UTF-8 where imgscan may read it"))]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        cure = _("Mind the blanks at the start of lines, and put patterns in single quotes")
        return None, [Problem(str(path), mark.line + 1 if mark else 1, "", what, cure)]
    lines: dict[KeyPath, int] = {}
    twice: list[KeyPath] = []
    data = _plain(node, (), lines, twice) if node is not None else {}
    file = PackFile(path, data if isinstance(data, dict) else {}, lines)
    problems = [file.problem(p, _("Key {key} is given twice").format(key=p[-1]), _("Keep one of them")) for p in twice]
    return file, problems + list(_against_schema(file, data))


def _plain(node: Any, path: KeyPath, lines: dict[KeyPath, int], twice: list[KeyPath]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in result:
                twice.append((*path, key))
            lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = _plain(value, (*path, key), lines, twice)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, number), lines, twice) for number, item in enumerate(node.value)]
    return _scalar(node, path)


def _scalar(node: Any, path: KeyPath) -> Any:
    """Text as written, but for the fields that are numbers or yes/no: to YAML the copy number 000417 is octal 271."""
    if path and (path[-1] in _TYPED or path[0] == "weights"):
        return yaml.constructor.SafeConstructor().construct_object(node)
    return node.value


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((BUILT_IN / "schema.json").read_text(encoding="utf-8")))


def _against_schema(file: PackFile, data: Any) -> Iterator[Problem]:
    for error in sorted(_validator().iter_errors(data), key=lambda e: [str(step) for step in e.absolute_path]):
        field_name = ".".join(str(step) for step in error.absolute_path) or _("the file")
        message = _("{field} does not fit the schema: {problem}").format(field=field_name, problem=error.message[:200])
        yield file.problem(list(error.absolute_path), message, _("See rules/README.md for the fields of an entry"))
