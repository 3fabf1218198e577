"""The JSON of the API, version 1: every value a program needs, and beside it (`*_text`) what a person reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api import words
from api.words import Words, mark_shown, shown
from imgscan import wording
from imgscan.i18n import _
from imgscan.report.contents import ending_words, lost_words
from imgscan.review import (
    Coverage,
    Decided,
    Decision,
    DismissReason,
    Ending,
    HistoryEntry,
    HitState,
    Occurrence,
    ReviewItem,
    UnreadFile,
    Verdict,
)
from imgscan.store.losses import Loss
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Finding, FindingClass, Level, Quad, Reason, Severity, Status

Cursor = Annotated[str, Field(max_length=400)]
HitId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class Wire(BaseModel):
    """Frozen; an unknown field is an error, lest a misspelt one be ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonOut(Wire):
    """Why a finding is what it is; `polygon` in picture pixels where the reason has a place."""

    code: str
    text: str
    weight: float
    polygon: Quad | None

    @classmethod
    def of(cls, reason: Reason, told: Words) -> ReasonOut:
        """`reason` in words."""
        return cls(
            code=shown(reason.code), text=shown(told.reason(reason)), weight=reason.weight, polygon=reason.polygon
        )


class FindingOut(Wire):
    """One rule at one place; polygons in pixels of page `page` as a viewer shows it."""

    rule: str
    rule_text: str
    cls: FindingClass = Field(serialization_alias="class")
    class_text: str
    level: Level | None
    level_text: str
    severity: Severity
    severity_text: str
    confidence: float
    text: str
    page: int
    polygons: tuple[Quad, ...]
    reasons: tuple[ReasonOut, ...]

    @classmethod
    def of(cls, finding: Finding, told: Words) -> FindingOut:
        """`finding` in words."""
        return cls(
            rule=shown(finding.rule),
            rule_text=shown(told.rule(finding.rule)),
            cls=finding.cls,
            class_text=_(wording.CLASSES[finding.cls]),
            level=finding.level,
            level_text=words.level_words(finding.level),
            severity=finding.severity,
            severity_text=_(wording.SEVERITIES[finding.severity]),
            confidence=finding.confidence,
            text=mark_shown(finding.text),
            page=finding.page,
            polygons=finding.polygons,
            reasons=tuple(ReasonOut.of(reason, told) for reason in finding.reasons),
        )


class FileOut(Wire):
    """One file that holds the picture, or held it until it was gone (not `there`). `folder` narrows the list."""

    path: str
    folder: str
    name: str
    department: str
    owner: str
    device: str
    there: bool

    @classmethod
    def of(cls, file: Occurrence) -> FileOut:
        """`file` as it may be shown."""
        return cls(
            path=shown(file.path),
            folder=shown(file.path.partition("!/")[0].rpartition("/")[0]),
            name=shown(file.path.rpartition("/")[2]),
            department=shown(file.department),
            owner=shown(file.owner),
            device=shown(file.device),
            there=file.there,
        )


class HistoryOut(Wire):
    """One key press on the picture."""

    decision: str
    reason: str
    text: str
    note: str
    reviewer: str
    at: datetime
    undo: bool

    @classmethod
    def of(cls, entry: HistoryEntry) -> HistoryOut:
        """`entry` in words."""
        text = _(words.DECISIONS[entry.decision])
        if entry.undo:
            text = _("undone, so {before}").format(before=text)
        if entry.reason:
            text = f"{text} · {_(words.REASONS[DismissReason(entry.reason)])}"
        return cls(
            decision=entry.decision,
            reason=entry.reason,
            text=text,
            note=shown(entry.note),
            reviewer=shown(entry.reviewer),
            at=entry.at,
            undo=entry.undo,
        )


class HitSummary(Wire):
    """One picture in a list. `title` is the worst mark as read; `group_size` counts its look-alikes and itself.

    `files` are those that are still there; `gone` where none is, and `gone_text` then says so.
    """

    id: str
    state: HitState
    state_text: str
    version: int
    severity: Severity
    severity_text: str
    level: Level | None
    level_text: str
    cls: FindingClass = Field(serialization_alias="class")
    class_text: str
    confidence: float
    title: str
    name: str
    files: int
    gone: bool
    gone_text: str
    owner: str
    department: str
    group_size: int

    @classmethod
    def of(cls, item: ReviewItem) -> HitSummary:
        """`item` in words."""
        return cls.model_validate(summary(item))


def summary(item: ReviewItem) -> dict[str, object]:
    """The fields that list and detail share."""
    first = item.occurrences[0] if item.occurrences else Occurrence("")
    return {
        "id": item.id,
        "state": item.state,
        "state_text": _(words.STATES[item.state]),
        "version": item.version,
        "severity": item.severity,
        "severity_text": _(wording.SEVERITIES[item.severity]),
        "level": item.level,
        "level_text": words.level_words(item.level),
        "cls": item.cls,
        "class_text": _(wording.CLASSES[item.cls]),
        "confidence": item.confidence,
        "title": mark_shown(item.findings[0].text) if item.findings else _("no longer found by the rules in force"),
        "name": shown(first.path.rpartition("/")[2]),
        "files": sum(file.there for file in item.occurrences),
        "gone": item.gone,
        "gone_text": _("no longer there") if item.gone else "",
        "owner": shown(first.owner),
        "department": shown(first.department),
        "group_size": item.group_size,
    }


class HitDetail(HitSummary):
    """Everything known of one picture. `alike` other undecided ones have exactly the same marks."""

    width: int
    height: int
    taken_at: str
    found_at: datetime
    decided_at: datetime | None
    alike: int
    findings: tuple[FindingOut, ...]
    occurrences: tuple[FileOut, ...]
    history: tuple[HistoryOut, ...]

    @classmethod
    def of(cls, item: ReviewItem, told: Words) -> HitDetail:  # type: ignore[override]
        """`item` in words."""
        return cls.model_validate(
            summary(item)
            | {
                "width": item.width,
                "height": item.height,
                "taken_at": shown(item.taken_at),
                "found_at": item.found_at,
                "decided_at": item.decided_at,
                "alike": item.alike,
                "findings": tuple(FindingOut.of(finding, told) for finding in item.findings),
                "occurrences": tuple(FileOut.of(file) for file in item.occurrences),
                "history": tuple(HistoryOut.of(entry) for entry in item.history),
            }
        )


class HitPage(Wire):
    """Some hits, worst first; `next` is the cursor of the following page or null."""

    items: tuple[HitSummary, ...]
    next: str | None


class VerdictIn(Wire):
    """A decision; `reason` with a dismissal and only there."""

    decision: Decision
    reason: DismissReason | None = None
    note: Annotated[str, Field(max_length=2000)] = ""

    @property
    def verdict(self) -> Verdict:
        """The record; raises UsageError where reason and decision do not fit."""
        return Verdict(self.decision, self.reason, self.note.strip())


class DecideIn(VerdictIn):
    """A decision on one hit as the reviewer saw it; with `alike` also on that many others with the same marks."""

    version: Annotated[int, Field(ge=0)]
    alike: Annotated[int, Field(ge=0)] | None = None


class Pick(Wire):
    """One hit of a selection, as the reviewer saw it."""

    id: HitId
    version: Annotated[int, Field(ge=0)]


class DecideManyIn(VerdictIn):
    """A decision on several hits at once: all or none."""

    picks: Annotated[tuple[Pick, ...], Field(min_length=1, max_length=500)]


class StateCounts(Wire):
    """How many hits stand in each state."""

    new: int
    confirmed: int
    dismissed: int
    unsure: int

    @classmethod
    def of_states(cls, states: dict[HitState, int]) -> StateCounts:
        """The counts by their names."""
        return cls(**{state.value: count for state, count in states.items()})


class LostOut(Wire):
    """What the store has lost. `row` is sent back by whoever has seen to it."""

    row: int
    text: str

    @classmethod
    def of(cls, loss: Loss) -> LostOut:
        """`loss` in words."""
        return cls(row=loss.row, text=lost_words(loss))


class Counts(StateCounts):
    """The same, and how many files were found and not fully read; `ending_text` where these are not all, else "".

    `lost` is null where the store holds all that it was told.
    """

    found: int
    not_fully_read: int
    ending: Ending
    ending_text: str
    lost: LostOut | None

    @classmethod
    def of(cls, queue: ReviewQueue) -> Counts:
        """As they stand now."""
        coverage, loss = queue.coverage(), queue.losses.standing()
        return cls(
            **{state.value: count for state, count in queue.counts().items()},
            found=coverage.found,
            not_fully_read=coverage.not_fully_read,
            ending=coverage.ending,
            ending_text=ending_words(coverage),
            lost=LostOut.of(loss) if loss else None,
        )


class DecidedOut(Wire):
    """Every hit that was decided (or undone) as it is now, the one asked for first, and the counts after it."""

    items: tuple[HitSummary, ...]
    counts: StateCounts

    @classmethod
    def of(cls, decided: Decided, states: dict[HitState, int]) -> DecidedOut:
        """`decided` in words."""
        return cls(items=tuple(HitSummary.of(item) for item in decided.items), counts=StateCounts.of_states(states))


class UnreadOut(Wire):
    """A file that was not fully read, and why. `waits`: the next scan was asked to read it again."""

    id: int
    path: str
    status: Status
    status_text: str
    problem: str
    size: int
    waits: bool

    @classmethod
    def of(cls, file: UnreadFile) -> UnreadOut:
        """`file` in words."""
        return cls(
            id=file.id,
            path=shown(file.path),
            status=file.status,
            status_text=_(wording.STATUSES[file.status]),
            problem=shown(_(file.problem)),
            size=file.size,
            waits=file.waits,
        )


class UnreadFiles(Wire):
    """Some of the files not fully read, and the cursor of the following page or null."""

    files: tuple[UnreadOut, ...]
    next: str | None


class StatusCount(Wire):
    """How many files ended so."""

    status: Status
    status_text: str
    count: int


class CoverageOut(Wire):
    """How the files of the last scan of each album ended; `found` is the sum, `ending_text` as in Counts."""

    found: int
    not_fully_read: int
    ending: Ending
    ending_text: str
    statuses: tuple[StatusCount, ...]

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageOut:
        """`coverage` in words."""
        return cls(
            found=coverage.found,
            not_fully_read=coverage.not_fully_read,
            ending=coverage.ending,
            ending_text=ending_words(coverage),
            statuses=tuple(
                StatusCount(status=status, status_text=_(wording.STATUSES[status]), count=count)
                for status, count in coverage.statuses
            ),
        )


class Problem(Wire):
    """Every error of the API. A `conflict` also carries the fresh `item`."""

    code: str
    message: str
    cure: str
    item: HitDetail | None = None


class Look(Wire):
    """A hit that somebody has before him."""

    id: str
    reviewer: str


class Looking(Wire):
    """What the others look at."""

    looking: tuple[Look, ...]

    @classmethod
    def of(cls, others: list[tuple[str, str]]) -> Looking:
        """The hits and names of `others`."""
        return cls(looking=tuple(Look(id=hit, reviewer=shown(name)) for hit, name in others))


class Folders(Wire):
    """Folders that hold hits, in order."""

    folders: tuple[str, ...]


class WhoIn(Wire):
    """Whose turn it is."""

    reviewer: Annotated[str, Field(max_length=200)]


class RetryIn(Wire):
    """Files, by the numbers of the list, to read again."""

    files: Annotated[tuple[Annotated[int, Field(ge=1, lt=1 << 53)], ...], Field(min_length=1, max_length=500)]


class Retried(Wire):
    """How many files the next scan will read again."""

    files: int


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 405, 409, 413, 422, 500, 503)
}
"""What every route may answer with; the codes are told in docs/review.md."""

View = Literal["full", "mark", "crop"]
