"""The records that travel down the line: a leaf that every step imports and that imports none of them.

Names and values of the enumerations are contracts (docs/design.md): other programs read them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import total_ordering

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Four corners, clockwise from the text's own top left."""
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""A 3x3 homography, row major, that maps (x, y, 1)."""

INSIDE = b"\0"
"""Stands between an archive (or a photo that holds a video) and what lies in it: no path of a file system has one."""
IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Status(StrEnum):
    """How a file ended. Exactly one a file; everything but CLEAN, HIT and SYMLINK is *not fully read*."""

    CLEAN = "clean"
    HIT = "hit"
    PARTIAL = "partial"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OOM = "oom"
    SPECIAL_FILE = "special_file"
    SYMLINK = "symlink"
    PERMISSION_DENIED = "permission_denied"
    IO_ERROR = "io_error"
    VANISHED = "vanished"
    ENCRYPTED = "encrypted"

    @property
    def fully_read(self) -> bool:
        """True where nothing of the file is left unread (a symlink's target is found under its own name)."""
        return self in (Status.CLEAN, Status.HIT, Status.SYMLINK)


class FindingClass(StrEnum):
    """What kind of mark a finding is (domain.md, sections 1 to 4)."""

    NATIONAL_SECRET = "national_secret"
    WORK_SECRET = "work_secret"
    INTERNAL = "internal"
    FILE_NUMBER = "file_number"
    TELEGRAM = "telegram"
    COMMERCIAL = "commercial"
    FOREIGN = "foreign"
    SUSPECT_COVERED = "suspect_covered"
    DEVICE_LABEL = "device_label"
    WATCHLIST = "watchlist"


class Level(StrEnum):
    """The three legal levels of a national secret; a finding without one has None."""

    JUEMI = "绝密"
    JIMI = "机密"
    MIMI = "秘密"


@total_ordering
class Severity(Enum):
    """How urgent a finding is; INFO < LOW < MEDIUM < HIGH < CRITICAL."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for INFO to 4 for CRITICAL: the form that is stored and sorted."""
        return list(Severity).index(self)

    def __lt__(self, other: Severity) -> bool:
        return self.rank < other.rank

    @classmethod
    def of_rank(cls, rank: int) -> Severity:
        """The severity whose rank is `rank`; IndexError outside 0..4."""
        return list(cls)[rank]


def display_path(path: bytes) -> str:
    """A path for people and JSON: `a.zip!/b.jpg` for a member; invalid UTF-8 as surrogate escapes (os.fsencode)."""
    return os.fsdecode(path.replace(INSIDE, b"!/"))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A directory entry as the walk saw it. `status` is set where the walk already decides (a symlink, a FIFO, ...).

    A member of an archive is one too: its path is the archive's, INSIDE, and its name in there, at each depth; its
    time is the archive's.
    """

    root: bytes
    path: bytes
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    device: int = 0
    status: Status | None = None
    problem: str = ""
    ctime_ns: int = 0

    @property
    def display(self) -> str:
        """The path for people and JSON (see `display_path`)."""
        return display_path(self.path)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text as the reader saw it.

    `quad` is in pixels of the upright page (`Page.to_picture` maps it to the picture); None where only text is known
    (`rules try`). `height` is the glyph height in picture pixels, `red` the share of its ink that is red (0..1),
    `reading` names the pass that read it (`plain`, `red`, `strong`, ...).
    """

    text: str
    confidence: float = 1.0
    quad: Quad | None = None
    height: float = 0.0
    red: float = 0.0
    reading: str = "plain"


@dataclass(frozen=True, slots=True)
class RedInk:
    """What red ink draws on a page beside text: round seals, and long thin lines as under a red head. Page pixels."""

    seals: tuple[Rect, ...] = ()
    rules: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """All text of one upright page (or screen), in reading order. `to_picture` maps page pixels to picture pixels.

    `sheet` is the outline of the paper or screen that most of its text stands on, in page pixels, corners clockwise
    from its own top left; None where the paper's edges do not show. `taken_at` is the picture's EXIF time
    (`2026:05:20 10:00:00`), empty where it has none. `patches` are upright boxes of even patches unlike the paper, in
    page pixels: what may cover a mark (imgscan.patches).
    """

    lines: tuple[TextLine, ...] = ()
    width: int = 0
    height: int = 0
    to_picture: Matrix = IDENTITY
    number: int = 0
    red_ink: RedInk = RedInk()
    sheet: Quad | None = None
    taken_at: str = ""
    patches: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a finding is what it is: a code the catalogue or the rule pack words, an optional detail, weight and place.

    `code` is `rule:<id>` or `context:<id>` (worded by the rule pack) or a word of the judge's own (`zone:head_left`,
    `star`, `reading:red`, ...). `weight` > 0 raises, < 0 lowers. `polygon` is in picture pixels.
    """

    code: str
    detail: str = ""
    weight: float = 0.0
    polygon: Quad | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule matched at one place. `text` is the raw text as read, `mark` its normalised form.

    `polygons` are in pixels of the picture as a viewer shows it (after EXIF orientation), one a box the text spans;
    empty where only text is known. `confidence` is 0..1. `page` is the page or frame number inside the file, from 0.
    """

    rule: str
    cls: FindingClass
    level: Level | None
    severity: Severity
    confidence: float
    text: str
    mark: str
    polygons: tuple[Quad, ...] = ()
    reasons: tuple[Reason, ...] = ()
    page: int = 0

    @property
    def risk(self) -> tuple[int, int, float]:
        """What the review queue is sorted by, the greatest first: severity, then level, then confidence."""
        level = list(Level).index(self.level) if self.level else len(Level)
        return self.severity.rank, -level, self.confidence


@dataclass(frozen=True, slots=True)
class Crop:
    """A mark cut out of a picture: `rect` is left, top, width, height in pixels of the picture of size `full`."""

    page: int
    rect: tuple[int, int, int, int]
    full: tuple[int, int]
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How one file ended: what the worker returns and the store keeps. Every file found ends as exactly one.

    `sha256` is hex, empty where no byte was read. `width` x `height` are those of the picture as a viewer shows it.
    `pages` hold all lines read (the store keeps what `keep_text` allows). `problem` says what went wrong, for people.
    `likeness` is the print of a picture of one page with findings (imgscan.lookalike); empty for any other.
    `crops` are the marks of a hit (imgscan.evidence).
    """

    found: FoundFile
    status: Status
    sha256: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    taken_at: str = ""
    camera: str = ""
    engine: str = ""
    rules: str = ""
    ms: int = 0
    pages: tuple[Page, ...] = field(default=())
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    likeness: bytes = b""
    crops: tuple[Crop, ...] = ()
