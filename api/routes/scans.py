"""The scan page and its JSON: choose a folder, start, watch, pause, go on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import words
from api.context import Here
from api.folders import Folder, Listing
from api.office import OfficeHere
from api.scanner import ScanState
from api.schemas import PROBLEMS, Counts, Wire
from api.words import shown
from imgscan import wording
from imgscan.i18n import N_, _
from imgscan.review import ReviewItem
from imgscan.store.scanning import Labels
from imgscan.types import Severity, Status, display_path
from imgscan.wording import left_words

router = APIRouter(responses=PROBLEMS)


FolderId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Label = Annotated[str, Field(max_length=100)]
STATES = {
    "idle": N_("No scan was started here"),
    "running": N_("Scanning"),
    "pausing": N_("Finishing the pictures in hand"),
    "paused": N_("Paused"),
    "ended": N_("Ended"),
    "failed": N_("Failed"),
    "elsewhere": N_("Running, started elsewhere"),
}
LAST = {
    "complete": N_("The last scan came to its end"),
    "interrupted": N_("The last scan was interrupted: not every file was met"),
    "failed": N_("The last scan failed: not every file was met"),
    "running": N_("The last scan has not ended: it runs elsewhere, or it was killed"),
}
"""How the newest scan ended, by its state in the store, where no scan is known to run."""
State = Literal["idle", "running", "pausing", "paused", "ended", "failed", "elsewhere"]


OURS = {
    "paused": N_("The scan that was started here, of {folder}, was paused. The numbers are of another, newer scan."),
    "ended": N_("The scan that was started here, of {folder}, has ended. The numbers are of another, newer scan."),
    "failed": N_("The scan that was started here, of {folder}, failed. The numbers are of another scan."),
}
"""How our own scan ended, where another one is shown. While ours runs there is no other."""


class FolderOut(Wire):
    """A folder that may be scanned; `id` is all that is ever sent back."""

    id: str
    name: str

    @classmethod
    def of(cls, folder: Folder) -> FolderOut:
        """`folder` as it may be shown."""
        return cls(id=folder.id, name=shown(folder.name))


class FoldersOut(Wire):
    """What lies in `inside` (null: the allowed roots), the way to it, and how many were left out of a long list."""

    inside: FolderOut | None
    above: tuple[FolderOut, ...]
    folders: tuple[FolderOut, ...]
    more: int

    @classmethod
    def of(cls, listing: Listing) -> FoldersOut:
        """`listing` as it may be shown."""
        return cls(
            inside=FolderOut.of(listing.inside) if listing.inside else None,
            above=tuple(map(FolderOut.of, listing.above)),
            folders=tuple(map(FolderOut.of, listing.folders)),
            more=listing.more,
        )


class StatusOut(Wire):
    """How many files of the scan ended so."""

    status: Status
    status_text: str
    count: int


class FirstHit(Wire):
    """One of the worst pictures that came into the queue since the scan began."""

    id: str
    text: str
    level_text: str
    severity: Severity
    severity_text: str

    @classmethod
    def of(cls, item: ReviewItem) -> FirstHit:
        """`item` in one line."""
        text = " ".join(item.findings[0].text.split()) if item.findings else ""
        return cls(
            id=item.id,
            text=shown(text),
            level_text=words.level_words(item.level),
            severity=item.severity,
            severity_text=_(wording.SEVERITIES[item.severity]),
        )


class ScanOut(Wire):
    """The scan that was started here, or the newest. `ours_text` is "" but where the numbers are of another scan.

    `total` is null while files are counted; `rate` in files a second, `left` in s, while known.
    """

    state: State
    state_text: str
    folder_text: str
    ours_text: str
    began: datetime | None
    done: int
    total: int | None
    rate: float | None
    left: float | None
    left_text: str
    not_fully_read: int
    statuses: tuple[StatusOut, ...]
    hits: int
    first: tuple[FirstHit, ...]
    said: str

    @classmethod
    def of(cls, state: ScanState) -> ScanOut:
        """`state` in words."""
        so_far = state.so_far
        coverage = so_far.coverage if so_far else None
        met = so_far.roots[0] if so_far and so_far.roots else b""
        chosen = bytes(state.folder) if state.folder else b""
        folder = met if state.ours or state.state == "elsewhere" else chosen or met
        return cls.model_validate(
            {
                "state": state.state,
                "state_text": _(_words_of(state)),
                "folder_text": shown(display_path(folder)),
                "ours_text": _(OURS[state.ours]).format(folder=shown(display_path(chosen))) if state.ours else "",
                "began": so_far.began if so_far else None,
                "done": coverage.found if coverage else 0,
                "total": state.total,
                "rate": None if state.rate is None else round(state.rate, 2),
                "left": None if state.left is None else round(state.left, 1),
                "left_text": "" if state.left is None else left_words(state.left),
                "not_fully_read": coverage.not_fully_read if coverage else 0,
                "statuses": [
                    StatusOut(status=status, status_text=_(wording.STATUSES[status]), count=count)
                    for status, count in (coverage.statuses if coverage else ())
                ],
                "hits": so_far.hits if so_far else 0,
                "first": [FirstHit.of(item) for item in (so_far.first if so_far else ())],
                "said": shown(state.said.replace("\n", " ")),
            }
        )


def _words_of(state: ScanState) -> str:
    """The msgid for how things stand."""
    if state.so_far and state.state != "elsewhere" and (state.state == "idle" or state.ours):
        return LAST[state.so_far.state]
    return STATES[state.state]


class StartIn(Wire):
    """Which folder, and whose album it is."""

    folder: FolderId
    campaign: Label = ""
    department: Label = ""
    owner: Label = ""
    device: Label = ""

    @property
    def labels(self) -> Labels:
        """Whose album it is. Raises UsageError for characters that cannot be seen: no schema can name them all."""
        return Labels.typed(self.campaign, self.department, self.owner, self.device)


@router.get("/scan", include_in_schema=False)
def scan_page(here: Here, office: OfficeHere, request: Request) -> Response:
    """Choose a folder, and see the scan run."""
    return here.page(
        request,
        "scan.html",
        counts=Counts.of(here.queue),
        scan=ScanOut.of(office.scanner.state()),
        roots=[(shown(str(root)), root.is_dir()) for root in office.folders.configured],
        home=shown(str(office.home)),
        idle=round(here.gate.idle),
    )


@router.get("/api/v1/scan/folders")
def folders(office: OfficeHere, inside: Annotated[FolderId | None, Query()] = None) -> FoldersOut:
    """The allowed roots, or the folders in one that was listed before."""
    return FoldersOut.of(office.folders.listing(inside))


@router.get("/api/v1/scan")
def scan(office: OfficeHere) -> ScanOut:
    """How the newest scan stands."""
    return ScanOut.of(office.scanner.state())


@router.post("/api/v1/scan")
def start(office: OfficeHere, wanted: StartIn) -> ScanOut:
    """Start a scan of a listed folder. 409 where one runs."""
    labels = wanted.labels
    office.scanner.start(office.folders.path(wanted.folder), labels)
    return ScanOut.of(office.scanner.state())


@router.post("/api/v1/scan/pause")
def pause(office: OfficeHere) -> ScanOut:
    """Let the scan that was started here finish the pictures in hand and stop."""
    office.scanner.pause()
    return ScanOut.of(office.scanner.state())


@router.post("/api/v1/scan/go-on")
def go_on(office: OfficeHere) -> ScanOut:
    """Go on with the scan that was paused."""
    office.scanner.go_on()
    return ScanOut.of(office.scanner.state())
