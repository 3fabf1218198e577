"""What a rule pack says, as frozen records: made by `imgscan.rulebook`, read by `imgscan.judge`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from imgscan.judge.keywords import KeywordFilter
from imgscan.types import FindingClass, Level, Severity
from imgscan.watchlist import Watchlist


class Where(StrEnum):
    """The place a match must have to count at all."""

    ANYWHERE = "anywhere"
    APART = "apart"
    """Not glued to Chinese characters, letters or digits on either side."""
    OWN_BOX = "own_box"
    """The match is all that its box or line says."""
    HEAD = "head"
    """Top quarter of the page, or the first boxes of a cropped one."""


class Scope(StrEnum):
    """How far a context looks for its cues."""

    LINE = "line"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a rule must find (or must not). `line` is its line in the file."""

    text: str
    level: Level | None = None
    severity: Severity | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What every entry of a pack tells its reader, and where it stands."""

    id: str
    name: str
    name_en: str
    description: str = ""
    references: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    counter_examples: tuple[Example, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rule(Told):
    """One kind of mark. `cls` None: ordinary words that only take their characters away from the rules after them."""

    cls: FindingClass | None = None
    level: Level | None = None
    severity: Severity | None = None
    """None: by the level of the match (`SEVERITY_OF_LEVEL`)."""
    patterns: tuple[re.Pattern[str], ...] = ()
    keywords: tuple[str, ...] = ()
    where: Where = Where.ANYWHERE
    over_breaks: bool = True
    needs: tuple[str, ...] = ()
    """Signals of which one must be there, `a+b` where both must; otherwise the severity is `otherwise`."""
    otherwise: Severity | None = None
    unless_class: tuple[FindingClass, ...] = ()
    consumes: bool = False
    attaches: bool = False
    level_of_page: bool = False
    """A match that names no level has that of the gravest mark of its class on the page."""
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Context(Told):
    """Surroundings that lower a finding, at most to info. They never delete it."""

    scope: Scope = Scope.PAGE
    patterns: tuple[re.Pattern[str], ...] = ()
    at_least: int = 1
    classes: tuple[FindingClass, ...] = ()
    rules: tuple[str, ...] = ()
    spares_rules: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    """Signals that keep a match from being lowered; `a+b` where both must be there."""
    needs: tuple[str, ...] = ()
    """Signals of which one must be there for the context to hold at all."""
    marks: re.Pattern[str] | None = None
    to: Severity = Severity.INFO
    weight: float = -3.0

    def is_about(self, rule: Rule) -> bool:
        """Whether it concerns the findings of a rule: by id or class, or all where it names none."""
        if rule.id in self.spares_rules:
            return False
        if not self.rules and not self.classes:
            return True
        return rule.id in self.rules or (rule.cls is not None and rule.cls in self.classes)


@dataclass(frozen=True, slots=True)
class Signal(Told):
    """Words elsewhere on the page that speak for (or against) a real document."""

    patterns: tuple[re.Pattern[str], ...] = ()
    own_box: bool = False
    head: bool = False
    same_line: bool = False
    """It may stand on the line of the match itself, as a title behind a mark does."""
    before: str = ""
    """MM-DD: it holds only for a picture taken before this day of the `year` found, or before the date found."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that judging reads. Frozen and picklable: it travels to worker processes."""

    rules: tuple[Rule, ...] = ()
    contexts: tuple[Context, ...] = ()
    signals: tuple[Signal, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    fuzzy_levels: Mapping[str, Level] = field(default_factory=dict)
    """A damaged level word and the level it was."""
    trigger: KeywordFilter = field(default_factory=KeywordFilter)
    """Finds the keywords of the rules: the filter that lets ordinary text pass."""
    digest: str = ""
    watchlist: Watchlist | None = None
    """The site's own list; without one the filter leaves the rules of class `watchlist` out."""

    def told(self, entry_id: str) -> Told | None:
        """The rule, context or signal with this id."""
        every: tuple[Told, ...] = (*self.rules, *self.contexts, *self.signals)
        return next((entry for entry in every if entry.id == entry_id), None)


SEVERITY_OF_LEVEL: Mapping[Level | None, Severity] = {
    Level.JUEMI: Severity.CRITICAL,
    Level.JIMI: Severity.CRITICAL,
    Level.MIMI: Severity.HIGH,
    None: Severity.HIGH,
}
"""Domain reference, section 0: critical for 绝密 and 机密, high for 秘密 and where the level is unknown."""

CLASS_ORDER = (
    FindingClass.WATCHLIST,
    FindingClass.NATIONAL_SECRET,
    FindingClass.FOREIGN,
    FindingClass.WORK_SECRET,
    FindingClass.TELEGRAM,
    FindingClass.COMMERCIAL,
    FindingClass.SUSPECT_COVERED,
    FindingClass.DEVICE_LABEL,
    FindingClass.INTERNAL,
    FindingClass.FILE_NUMBER,
)
"""Which class keeps a place that several claim (domain reference, end of 6.4)."""
