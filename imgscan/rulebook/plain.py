"""Reads YAML text event by event into plain data and the line of everything; under `reading`, before the schema.

Nothing in a file can cost more than its length: no aliases (a few lines of them grow to gigabytes), no deep nesting
(libyaml's own composer overflows the stack), no tags. Scalars stay text, but for the fields that are numbers or yes/no.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from imgscan.i18n import _

# libyaml is some ten times faster; PyYAML is built without it in places.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST = 12
"""Levels of nesting; the schema has six."""

_TYPED = {"confidence", "weight", "at_least", "over_breaks", "ignore_case", "attaches", "level_of_page", "own_box",
          "head", "same_line", "replaces"}  # fmt: skip

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
          "null": None, "~": None, "": None}  # fmt: skip
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_BROKEN = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,20}|\.[0-9]{1,20}|[0-9]{1,18}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")
"""Decimal only, no longer than a double holds: none of YAML's octal, base-60 or 1_000."""

KeyPath = tuple[str | int, ...]


class BadTextError(ValueError):
    """The text is no YAML of the kind that packs are written in. `line` counts from 1."""

    def __init__(self, line: int, message: str, cure: str) -> None:
        super().__init__(message)
        self.line, self.message, self.cure = line, message, cure


class PlainText:
    """The data of one YAML text; `lines`: where each key path begins; `twice`: key paths given more than once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.twice: list[KeyPath] = []
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        try:
            self.data = self._document()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or str(error).splitlines()[0]
            message = _("This is no YAML: {problem}").format(problem=what)
            cure = _("Mind the blanks at the start of lines, and put patterns in single quotes")
            raise BadTextError(mark.line + 1 if mark else 1, message, cure) from error

    def _document(self) -> Any:
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return {}
        data = self._value(next(self._events), ())
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            message = _("A second document begins here")
            raise BadTextError(_line(after), message, _("Take the line `---` away, or make two files"))
        return data

    def _value(self, event: Any, path: KeyPath) -> Any:
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            message = _("Aliases (*{name}) are not allowed in a pack").format(name=event.anchor)
            raise BadTextError(
                _line(event), message, _("Write out what the alias stands for, or put it under `parts:`")
            )
        if len(path) > DEEPEST:
            message = _("Nested too deeply")
            raise BadTextError(_line(event), message, _("See rules/README.md for the fields of an entry"))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event, path)

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                message = _("A field's name must be a word")
                raise BadTextError(_line(event), message, _("Put texts that begin with a bracket in quotes"))
            key = str(event.value)
            if key in result:
                self.twice.append((*path, key))
            self.lines[(*path, key)] = _line(event)
            result[key] = self._value(next(self._events), (*path, key))
        return result

    def _sequence(self, path: KeyPath) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            result.append(self._value(event, (*path, len(result))))
        return result


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any, path: KeyPath) -> Any:
    """Text as written, but for the fields that are numbers or yes/no: to YAML the copy number 000417 is octal 271.

    What stands in quotes or in a block (`|`, `>`) is text everywhere, as is a number that is none (.nan, 99…9 of five
    thousand digits), so that the schema refuses it.
    """
    plain = not event.style
    return _typed(event.value) if plain and path and (path[-1] in _TYPED or path[0] == "weights") else event.value


def _typed(text: str) -> Any:
    """`text` as yes/no, number or nothing. YAML's own reader would be fed a text that may hold a whole document."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _BROKEN.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
