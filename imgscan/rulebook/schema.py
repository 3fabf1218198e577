"""Holds the data of a pack against the published schema and says in words what does not fit; after `plain`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from imgscan.i18n import _
from imgscan.rulebook.plain import KeyPath

SCHEMA = Path(__file__).resolve().parents[2] / "rules" / "schema.json"
SHOWN = 60
"""Characters of a wrong value that are quoted."""


def misfits(data: Any) -> Iterator[tuple[KeyPath, str]]:
    """Key path and sentence for everything in `data` that does not fit, in the order of the paths, each once."""
    told: dict[tuple[KeyPath, str], None] = {}
    for error in sorted(_validator().iter_errors(data), key=lambda e: [str(step) for step in e.absolute_path]):
        path = tuple(error.absolute_path)
        name = ".".join(str(step) for step in path) or _("the file")
        told[path, _("{field} does not fit the schema: {problem}").format(field=name, problem=_said(error))] = None
    yield from told


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _said(error: Any) -> str:
    say = _SENTENCES.get(str(error.validator))
    return say(error) if say else error.message[:200]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:SHOWN] + ("…" if len(text) > SHOWN else "")


def _kind(name: str) -> str:
    kinds = {
        "object": _("a group of `name: value` lines"),
        "array": _("a list (lines that begin with -)"),
        "string": _("text"),
        "number": _("a number"),
        "integer": _("a whole number"),
        "boolean": _("true or false"),
    }
    return kinds.get(name, name)


def _type(error: Any) -> str:
    return _("it must be {wanted}, and is {found}").format(
        wanted=_kind(str(error.validator_value)), found=_shown(error.instance)
    )


def _required(error: Any) -> str:
    missing = [name for name in error.validator_value if name not in error.instance]
    return _("{names} is missing").format(names=", ".join(missing))


def _unknown(error: Any) -> str:
    unknown = [str(name) for name in error.instance if name not in error.schema.get("properties", {})]
    known = ", ".join(error.schema.get("properties", {}))
    return _("there is no field {names}; there are {known}").format(names=_shown(", ".join(unknown)), known=known)


def _choices(error: Any) -> str:
    allowed: list[Any] = []
    for schema in (error.schema, *(cause.schema for cause in error.context or ())):
        allowed += schema.get("enum", []) + ([schema["const"]] if "const" in schema else [])
    if not allowed:
        return _type_of_any(error)
    said = ", ".join(_shown(value) for value in dict.fromkeys(map(str, allowed)))
    return _("{found} is none of {allowed}").format(found=_shown(error.instance), allowed=said)


def _type_of_any(error: Any) -> str:
    causes = [cause for cause in error.context or () if cause.validator != "type"]
    if causes:
        return _said(causes[0])
    wanted = dict.fromkeys(_kind(str(cause.validator_value)) for cause in error.context or ())
    return _("it must be {wanted}, and is {found}").format(wanted=_(" or ").join(wanted), found=_shown(error.instance))


def _empty(error: Any) -> str:
    return _("it is too short: at least {count}").format(count=error.validator_value)


def _twice(error: Any) -> str:
    return _("{value} stands in it more than once").format(value=_shown(error.instance))


def _spelling(error: Any) -> str:
    return _("{found} is not spelled as it must be: {pattern}").format(
        found=_shown(error.instance), pattern=error.validator_value
    )


def _limit(error: Any) -> str:
    return _("{found} is outside the limit of {limit}").format(
        found=_shown(error.instance), limit=error.validator_value
    )


_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown,
    "enum": _choices,
    "const": _choices,
    "anyOf": _choices,
    "minLength": _empty,
    "minItems": _empty,
    "uniqueItems": _twice,
    "pattern": _spelling,
    "minimum": _limit,
    "maximum": _limit,
    "exclusiveMinimum": _limit,
    "exclusiveMaximum": _limit,
}
