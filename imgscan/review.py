"""The words of the review (store -> **review** -> report): its records, and the two rules that scan and review share.

A leaf: `imgscan.store.reviewing` keeps and finds these records, `api` shows them, and the scan side asks `mark_key` and
`state_of`, so that a picture decided once is not asked about again, and one with a new mark is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from imgscan.errors import ImgscanError, UsageError
from imgscan.i18n import _
from imgscan.types import Finding, FindingClass, Level, Severity, Status


class HitState(StrEnum):
    """Where the review of one picture stands."""

    NEW = "new"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"


class Decision(StrEnum):
    """What a reviewer can say of a picture."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    UNSURE = "unsure"


REOPEN = "reopen"
"""What an undo writes where nothing was decided before: the mark counts as undecided again."""


class Ending(StrEnum):
    """How the scans behind some numbers ended, the least final of them: only COMPLETE makes the numbers whole.

    NONE: nothing was ever scanned. RUNNING: a scan has not ended; it runs, or it was killed and could not note it.
    """

    NONE = "none"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    COMPLETE = "complete"


class DismissReason(StrEnum):
    """Why a hit is no hit; a dismissal always names one."""

    PUBLIC_MATERIAL = "public_material"
    MISREAD = "misread"
    NOT_A_MARK = "not_a_mark"
    DECLASSIFIED = "declassified"
    TEST_PICTURE = "test_picture"
    OTHER = "other"


def mark_key(finding: Finding) -> str:
    """The digest that a verdict hangs on: 32 hex characters of the SHA-256 over class, NUL and normalised mark."""
    return hashlib.sha256(f"{finding.cls.value}\0{finding.mark}".encode(errors="surrogatepass")).hexdigest()[:32]


def state_of(decisions: Iterable[str | None]) -> HitState:
    """The state of a picture from the latest decision on each of its reviewable marks (None or `reopen`: undecided).

    One undecided mark makes the picture new again; after that, what is worse for the picture wins.
    """
    known = set(decisions)
    if not known or known & {None, REOPEN}:
        return HitState.NEW
    if Decision.CONFIRM in known:
        return HitState.CONFIRMED
    return HitState.UNSURE if Decision.UNSURE in known else HitState.DISMISSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reviewer decided at one key press. Raises UsageError where a dismissal names no reason."""

    decision: Decision
    reason: DismissReason | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.decision is Decision.DISMISS) != (self.reason is not None):
            raise UsageError(
                _("A dismissal names its reason, and only a dismissal does."),
                _("Choose one of the listed reasons."),
            )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which hits are wanted; what is empty does not narrow.

    `text` is looked for in what was read and kept. `folder` is an absolute path and means all below it. Days include
    both ends: `taken` is the camera's own, `found` this computer's. `unseen_by` names a reviewer.
    """

    states: tuple[HitState, ...] = ()
    cls: FindingClass | None = None
    level: Level | None = None
    severity: Severity | None = None
    rule: str = ""
    department: str = ""
    owner: str = ""
    text: str = ""
    folder: str = ""
    taken_from: date | None = None
    taken_to: date | None = None
    found_from: date | None = None
    found_to: date | None = None
    unseen_by: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One file that holds the picture. `path` is for people: invalid UTF-8 as surrogate escapes.

    `there`: as far as the scans of its album say, the file still lies there (imgscan.store.presence).
    """

    path: str
    department: str = ""
    owner: str = ""
    device: str = ""
    there: bool = True


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One key press on this picture. `decision` is what held afterwards; `undo` where it took back an earlier one."""

    decision: str
    reason: str
    note: str
    reviewer: str
    at: datetime
    undo: bool = False


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One picture of the queue, its findings worst first.

    `occurrences` begin with the files that are still there. `alike` counts the other undecided pictures with exactly
    the same marks: one decision can cover them all. `group` is shared by the `group_size` pictures that look like
    copies of one photo and carry the same marks; empty where there is no other. Members: `ReviewQueue.group`.
    """

    id: str
    state: HitState
    version: int
    severity: Severity
    level: Level | None
    cls: FindingClass
    confidence: float
    width: int
    height: int
    taken_at: str
    found_at: datetime
    decided_at: datetime | None
    findings: tuple[Finding, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    alike: int = 0
    group: str = ""
    group_size: int = 1

    @property
    def gone(self) -> bool:
        """No file with the picture is there any more; what was found and decided of it stays."""
        return not any(file.there for file in self.occurrences)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some items in queue order (without history) and where the next page starts; None at the end."""

    items: tuple[ReviewItem, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What one key press did: every item it decided (or an undo brought back), as in a list, the asked one first."""

    items: tuple[ReviewItem, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the queue can be narrowed by: the values that occur in it."""

    rules: tuple[str, ...]
    departments: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Original:
    """Where the bytes of a picture may be found: every file that holds it, the newest first, and what it must be."""

    sha256: bytes
    size: int
    paths: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the files of the last scan of each album ended: `found` is the sum over all statuses, always.

    `ending` says whether these are all the files: it stands wherever the numbers do. `broken_off` names the albums
    whose last scan was interrupted or failed, as far as it had met a file of them.
    """

    statuses: tuple[tuple[Status, int], ...]
    ending: Ending = Ending.COMPLETE
    broken_off: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """All files met."""
        return sum(count for _status, count in self.statuses)

    @property
    def not_fully_read(self) -> int:
        """Those of which something was left unread."""
        return sum(count for status, count in self.statuses if not status.fully_read)


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that was not fully read, and why. `waits`: somebody asked the next scan to read it again."""

    path: str
    status: Status
    problem: str
    size: int
    id: int = 0
    waits: bool = False


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """Some of the files not fully read, in path order within an album, and where the next page starts."""

    files: tuple[UnreadFile, ...]
    next_cursor: str | None = None


class NoSuchItemError(UsageError):
    """The queue holds no such picture."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no such entry in the review queue."),
            _("Go back to the list: it shows what is there now."),
        )


class ConflictError(ImgscanError):
    """Somebody decided the picture in the meantime; `item` is how it stands now, and nothing was changed."""

    def __init__(self, item: ReviewItem) -> None:
        super().__init__(
            _("This entry was changed in the meantime; your decision was not saved."),
            _("Look at how it stands now, then decide again."),
        )
        self.item = item


class VeiledError(UsageError):
    """The picture was asked for without its blur, and this reviewer has not taken it off."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the marks of this picture are shown."),
            _("Press B to see all of it; that is kept with your name."),
        )


class NothingToUndoError(UsageError):
    """The reviewer has no decision left that still holds."""

    def __init__(self) -> None:
        super().__init__(
            _("There is nothing of yours left to undo."),
            _("A decision that somebody else changed afterwards is theirs to undo."),
        )
