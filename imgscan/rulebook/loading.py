"""Makes a frozen rulebook of the files of rule packs: names in patterns are filled in, later packs change earlier."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from imgscan.errors import RuleError
from imgscan.i18n import _
from imgscan.judge.evidence import LAYOUT_SIGNALS
from imgscan.judge.keywords import KeywordFilter
from imgscan.judge.lowering import ITSELF
from imgscan.judge.records import Context, Example, Rule, Rulebook, Scope, Signal, Where
from imgscan.normalise import scan_form
from imgscan.rulebook.reading import BUILT_IN, PackFile, Problem, read_packs
from imgscan.types import FindingClass, Level, Severity
from imgscan.watchlist import BadWatchlistError, Watchlist
from imgscan.watchlist import read as read_watchlist

__all__ = ["BUILT_IN", "compose", "load"]

JUDGING = "5"
"""Raised when the judge's own code changes what it finds, so that stored judgements are known to be old."""

LIST_SUFFIX = ".json"

LONGEST_PATTERN = 50_000
"""Characters of a pattern with its parts filled in; the longest built-in one has some thousands."""
DEEPEST_PARTS = 10
"""Parts within parts."""
MOST_KEYWORDS = 20_000
"""Keywords that the lists named in one keyword may multiply out to."""

_NAME = re.compile(r"\{([^\W\d]\w*)\}")
_FUZZY, _ITSELF = "误级", "它"
"""Parts that are made here: misread level words, and the match itself in the texts of contexts."""
_ANY_SECTION = ("rules", "contexts", "signals")


class _BadPatternError(ValueError):
    """A pattern or keyword names something that is not there."""


@dataclass(slots=True)
class _Draft:
    """What the packs said so far."""

    parts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    confusions: dict[str, list[str]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    switched_off: set[str] = field(default_factory=set)
    watchlist: Watchlist | None = None
    entries: dict[str, tuple[str, dict[str, Any], PackFile, tuple[str | int, ...]]] = field(default_factory=dict)


def load(packs: Sequence[Path] = (BUILT_IN,)) -> Rulebook:
    """The rulebook of these packs, in order: a later one adds rules, replaces or switches off earlier ones by id.

    A pack is a folder of *.yml files, or a watch-list (a *.json file). The digest tells apart what judges differently.
    RuleError names file, line, rule and the mend of the first thing that is wrong.
    """
    rulebook, problems = compose(packs)
    if problems:
        first = problems[0]
        more = _(" (and {count} more)").format(count=len(problems) - 1) if len(problems) > 1 else ""
        raise RuleError(str(first) + more, first.cure)
    return rulebook


def compose(packs: Sequence[Path]) -> tuple[Rulebook, list[Problem]]:
    """The rulebook as far as it could be made, and everything that is wrong with the packs."""
    lists = [path for path in packs if path.suffix == LIST_SUFFIX]
    files, problems = read_packs([path for path in packs if path not in lists])
    draft = _Draft()
    problems.extend(problem for path in lists for problem in _take_list(path, draft))
    if not problems:  # half-read files would only give further, misleading problems
        problems = [problem for file in files for problem in _gather(file, draft)]
    return (Rulebook(), problems) if problems else _assemble(draft)


def _take_list(path: Path, draft: _Draft) -> Iterator[Problem]:
    try:
        draft.watchlist = read_watchlist(path)
    except (OSError, BadWatchlistError) as error:
        message = _("This is no watch-list of this version: {error}").format(error=error)
        yield Problem(str(path), 1, "", message, _("Take the file away and make the list anew with `watchlist add`"))


def _gather(file: PackFile, draft: _Draft) -> Iterator[Problem]:
    draft.parts.update(file.data.get("parts", {}))
    draft.lists.update(file.data.get("lists", {}))
    draft.confusions.update(file.data.get("confusions", {}))
    draft.weights.update(file.data.get("weights", {}))
    for section in _ANY_SECTION:
        for number, entry in enumerate(file.data.get(section, ())):
            path = (section, number)
            known = entry["id"] in draft.entries
            if known and not entry.get("replaces"):
                message = _("The id {id} is already taken").format(id=entry["id"])
                yield file.problem(path, message, _("Choose another id, or write `replaces: true` to replace it"))
            elif entry.get("replaces") and not known:
                message = _("There is no earlier {id} to replace").format(id=entry["id"])
                yield file.problem(path, message, _("Take `replaces` away, or correct the id"))
            draft.entries[entry["id"]] = (section, entry, file, path)
    for number, name in enumerate(file.data.get("switch_off", ())):
        draft.switched_off.add(name)
        if draft.entries.pop(name, None) is None:
            message = _("There is no rule {id} to switch off").format(id=name)
            yield file.problem(("switch_off", number), message, _("`imgscan rules list` shows the ids"))


def _assemble(draft: _Draft) -> tuple[Rulebook, list[Problem]]:
    fuzzy = _fuzzy_levels(draft.confusions)
    words = "|".join(sorted(map(re.escape, fuzzy), key=len, reverse=True)) or "(?!)"
    draft.parts[_FUZZY] = f"(?P<fuzzy>{words})"
    draft.parts[_ITSELF] = ITSELF
    draft.lists[_FUZZY] = list(fuzzy)
    problems: list[Problem] = []
    made: dict[str, list[Any]] = {section: [] for section in _ANY_SECTION}
    for section, entry, file, path in draft.entries.values():
        try:
            made[section].append(_MAKERS[section](entry, file, path, draft))
        except _BadPatternError as error:
            cure = _("Correct the pattern; named parts are written {{name}} and stand under `parts:`").format()
            problems.append(file.problem((*path, "patterns"), str(error), cure))
    problems.extend(_unknown_names(made, draft))
    rules: list[Rule] = made["rules"]
    rulebook = Rulebook(
        rules=tuple(rules),
        contexts=tuple(made["contexts"]),
        signals=tuple(made["signals"]),
        weights=dict(draft.weights),
        fuzzy_levels={**fuzzy, **{word: level for level in Level for word in (level.value, level.value[0])}},
        trigger=KeywordFilter.of((rule.id, keyword) for rule in rules for keyword in _tried(rule, draft)),
        watchlist=draft.watchlist,
    )
    return _with_digest(rulebook), problems


def _tried(rule: Rule, draft: _Draft) -> tuple[str, ...]:
    return () if rule.cls is FindingClass.WATCHLIST and draft.watchlist is None else rule.keywords


def _unknown_names(made: dict[str, list[Any]], draft: _Draft) -> Iterator[Problem]:
    signals = {*LAYOUT_SIGNALS, *draft.switched_off, *(signal.id for signal in made["signals"])}
    rules = {*draft.switched_off, *(rule.id for rule in made["rules"])}
    for section, entry, file, path in draft.entries.values():
        used = [("needs", name, signals) for needed in entry.get("needs", ()) for name in needed.split("+")]
        if section == "contexts":
            used += [("spares", name, signals) for spared in entry.get("spares", ()) for name in spared.split("+")]
            used += [(key, name, rules) for key in ("rules", "spares_rules") for name in entry.get(key, ())]
        for key, name, known in used:
            if name not in known:
                message = _("{field} names {name}, which is not there").format(field=key, name=name)
                yield file.problem((*path, key), message, _("Correct the name, or take it away"))


def _fuzzy_levels(confusions: dict[str, list[str]]) -> dict[str, Level]:
    """Level words with one of their two characters misread (confusion data of the pack)."""
    fuzzy: dict[str, Level] = {}
    for level in Level:
        first, second = level.value
        for wrong in confusions.get(first, ()):
            fuzzy.setdefault(wrong + second, level)
        for wrong in confusions.get(second, ()):
            fuzzy.setdefault(first + wrong, level)
    return fuzzy


def _filled(pattern: str, draft: _Draft) -> str:
    """The pattern with what its names stand for, and what the names in that stand for; never longer than allowed."""
    for _level in range(DEEPEST_PARTS):
        names = _NAME.findall(pattern)
        if not names:
            return pattern
        if len(pattern) + sum(len(_meant(name, draft)) for name in names) > LONGEST_PATTERN:
            raise _BadPatternError(_("A pattern grows longer than {count} characters").format(count=LONGEST_PATTERN))
        pattern = _NAME.sub(lambda found: _meant(found[1], draft), pattern)
    raise _BadPatternError(_("Parts name each other in a circle"))


def _meant(name: str, draft: _Draft) -> str:
    if name in draft.parts:
        return f"(?:{draft.parts[name]})"
    if name in draft.lists:
        return f"(?:{'|'.join(re.escape(word) for word in draft.lists[name])})"
    raise _BadPatternError(_("There is no part {name}").format(name=name))


def _numbered(pattern: str) -> str:
    """Group names made unique (`year`, `year__2`), because a part may stand in several alternatives."""
    seen: dict[str, int] = {}

    def group(found: re.Match[str]) -> str:
        name = found[1]
        seen[name] = seen.get(name, 0) + 1
        return f"(?P<{name}>" if seen[name] == 1 else f"(?P<{name}__{seen[name]}>"

    return re.sub(r"\(\?P<(\w+)>", group, pattern)


def _compiled(entry: dict[str, Any], draft: _Draft) -> tuple[re.Pattern[str], ...]:
    flags = re.IGNORECASE if entry.get("ignore_case") else re.NOFLAG
    return tuple(_compile(pattern, draft, flags) for pattern in entry.get("patterns", ()))


def _compile(pattern: str, draft: _Draft, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    try:
        return re.compile(_numbered(_filled(pattern, draft)), flags)
    except (re.error, OverflowError, RecursionError) as error:
        message = _("The pattern {pattern} cannot be read: {problem}")
        raise _BadPatternError(message.format(pattern=pattern, problem=error)) from error


def _keywords(entry: dict[str, Any], draft: _Draft) -> tuple[str, ...]:
    """Keywords in scan form; lists of words named in them are multiplied out."""
    found: list[str] = []
    for keyword in entry["keywords"]:
        pieces = re.split(r"(\{[^}]+\})", keyword)
        choices = []
        for piece in pieces:
            name = piece[1:-1] if piece.startswith("{") else ""
            if name and name not in draft.lists:
                raise _BadPatternError(_("There is no list {name}").format(name=name))
            choices.append(draft.lists[name] if name else [piece])
        if math.prod(map(len, choices)) > MOST_KEYWORDS:
            raise _BadPatternError(_("The keyword {keyword} stands for too many words").format(keyword=keyword))
        found.extend(scan_form("".join(words)) for words in product(*choices))
    return tuple(dict.fromkeys(word for word in found if word))


def _told(entry: dict[str, Any], file: PackFile, path: tuple[str | int, ...]) -> dict[str, Any]:
    return {
        "id": entry["id"],
        "name": entry["name"],
        "name_en": entry["name_en"],
        "description": entry.get("description", ""),
        "references": tuple(entry.get("references", ())),
        "examples": tuple(_examples(entry, "examples", file, path)),
        "counter_examples": tuple(_examples(entry, "counter_examples", file, path)),
        "file": str(file.path),
        "line": file.line(path),
    }


def _examples(entry: dict[str, Any], key: str, file: PackFile, path: tuple[str | int, ...]) -> Iterator[Example]:
    for number, example in enumerate(entry.get(key, ())):
        data = example if isinstance(example, dict) else {"text": example}
        yield Example(
            text=data["text"],
            level=Level(data["level"]) if data.get("level") else None,
            severity=Severity(data["severity"]) if data.get("severity") else None,
            line=file.line((*path, key, number)),
        )


def _rule(entry: dict[str, Any], file: PackFile, path: tuple[str | int, ...], draft: _Draft) -> Rule:
    cls = entry["class"]
    otherwise = entry.get("otherwise", "info")
    return Rule(
        **_told(entry, file, path),
        cls=None if cls == "ordinary" else FindingClass(cls),
        level=Level(entry["level"]) if entry.get("level") else None,
        severity=None if entry["severity"] == "by_level" else Severity(entry["severity"]),
        patterns=_compiled(entry, draft),
        keywords=_keywords(entry, draft),
        where=Where(entry.get("where", "anywhere")),
        over_breaks=entry.get("over_breaks", cls != "ordinary"),
        needs=tuple(entry.get("needs", ())),
        otherwise=None if otherwise == "silent" else Severity(otherwise),
        unless_class=tuple(FindingClass(name) for name in entry.get("unless_class", ())),
        consumes=cls in ("commercial", "work_secret", "foreign"),
        attaches=entry.get("attaches", False),
        level_of_page=entry.get("level_of_page", False),
        confidence=entry.get("confidence", 0.9),
    )


def _context(entry: dict[str, Any], file: PackFile, path: tuple[str | int, ...], draft: _Draft) -> Context:
    return Context(
        **_told(entry, file, path),
        scope=Scope(entry["scope"]),
        patterns=_compiled(entry, draft),
        at_least=entry.get("at_least", 1),
        classes=tuple(FindingClass(name) for name in entry.get("classes", ())),
        rules=tuple(entry.get("rules", ())),
        spares_rules=tuple(entry.get("spares_rules", ())),
        spares=tuple(entry.get("spares", ())),
        needs=tuple(entry.get("needs", ())),
        marks=_compile(entry["marks"], draft) if entry.get("marks") else None,
        to=Severity(entry.get("to", "info")),
        weight=entry.get("weight", -3.0),
    )


def _signal(entry: dict[str, Any], file: PackFile, path: tuple[str | int, ...], draft: _Draft) -> Signal:
    patterns = _compiled(entry, draft)
    if entry.get("before") and not all("year" in pattern.groupindex for pattern in patterns):
        raise _BadPatternError(_("With `before`, every pattern must name a group `year`"))
    return Signal(
        **_told(entry, file, path),
        patterns=patterns,
        own_box=entry.get("own_box", False),
        head=entry.get("head", False),
        same_line=entry.get("same_line", False),
        before=entry.get("before", ""),
    )


_MAKERS = {"rules": _rule, "contexts": _context, "signals": _signal}

# What people read, but the judge does not.
_TOLD_ONLY = {"name", "name_en", "description", "references", "examples", "counter_examples", "file", "line"}


def _with_digest(rulebook: Rulebook) -> Rulebook:
    content: dict[str, Any] = {
        "judging": JUDGING,
        "weights": rulebook.weights,
        "fuzzy": {word: level.value for word, level in rulebook.fuzzy_levels.items()},
    }
    for section in _ANY_SECTION:
        entries = getattr(rulebook, section)
        content[section] = [
            {name: _canonical(getattr(entry, name)) for name in entry.__dataclass_fields__ if name not in _TOLD_ONLY}
            for entry in entries
        ]
    if rulebook.watchlist is not None:
        content["watchlist"] = rulebook.watchlist.digest()
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return replace(rulebook, digest=hashlib.sha256(text.encode()).hexdigest())


def _canonical(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    return getattr(value, "value", value)
