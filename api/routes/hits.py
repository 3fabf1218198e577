"""The JSON API of the review queue, version 1 (docs/review.md): list, look at, decide, undo, count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.context import Here
from api.schemas import (
    Counts,
    CoverageOut,
    Cursor,
    DecidedOut,
    DecideIn,
    DecideManyIn,
    HitDetail,
    HitPage,
    HitSummary,
    UnreadFiles,
    UnreadOut,
    View,
)
from api.security import Reviewer
from imgscan.review import Filter, HitState
from imgscan.types import FindingClass, Level, Severity

router = APIRouter(prefix="/api/v1")

Id = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Word = Annotated[str, Query(max_length=200)]


@router.get("/hits")
def list_hits(
    here: Here,
    *,
    state: Annotated[list[HitState] | None, Query()] = None,
    cls: Annotated[FindingClass | None, Query(alias="class")] = None,
    level: Level | None = None,
    severity: Severity | None = None,
    rule: Word = "",
    department: Word = "",
    owner: Word = "",
    text: Word = "",
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HitPage:
    """Hits that fit every filter given, worst first."""
    wanted = Filter(tuple(state or ()), cls, level, severity, rule, department, owner, text.strip())
    page = here.queue.page(wanted, cursor, limit)
    return HitPage(items=tuple(HitSummary.of(item) for item in page.items), next=page.next_cursor)


@router.get("/hits/{hit_id}")
def show_hit(here: Here, hit_id: Id) -> HitDetail:
    """Everything known of one hit."""
    return HitDetail.of(here.queue.item(hit_id), here.words)


@router.get("/hits/{hit_id}/picture", response_class=Response)
def show_picture(
    here: Here, hit_id: Id, page: Annotated[int, Query(ge=0, le=9999)] = 0, view: View = "full"
) -> Response:
    """A fresh JPEG of one page, whole or around its marks.

    The headers say in picture pixels how large the page is (`x-picture-size`) and which part this is
    (`x-picture-rect`: left, top, width, height).
    """
    item = here.queue.item(hit_id)
    marks = (finding.polygons for finding in item.findings if finding.page == page and finding.polygons)
    views = here.previewer.views(here.queue.original(hit_id), page, next(marks, ()))
    shown = views.full if view == "full" else views.mark
    headers = {
        "x-picture-size": f"{views.width} {views.height}",
        "x-picture-rect": " ".join(map(str, shown.rect)),
    }
    return Response(shown.jpeg, media_type="image/jpeg", headers=headers)


@router.post("/hits/{hit_id}/verdicts")
def decide(here: Here, who: Reviewer, hit_id: Id, wanted: DecideIn) -> DecidedOut:
    """Decide one hit, or it and those with exactly the same marks. 409 with the fresh item where it has changed."""
    decided = here.queue.decide(hit_id, wanted.version, wanted.verdict, who, wanted.alike)
    return DecidedOut.of(decided, here.queue.counts())


@router.post("/verdicts")
def decide_many(here: Here, who: Reviewer, wanted: DecideManyIn) -> DecidedOut:
    """Decide several hits as one act. 409 with the first changed item where one has changed, and nothing is kept."""
    picks = [(pick.id, pick.version) for pick in wanted.picks]
    decided = here.queue.decide_many(picks, wanted.verdict, who)
    return DecidedOut.of(decided, here.queue.counts())


@router.post("/undo")
def undo(here: Here, who: Reviewer) -> DecidedOut:
    """Take back the newest decision of the reviewer that still holds."""
    undone = here.queue.undo(who)
    return DecidedOut.of(undone, here.queue.counts())


@router.get("/counts")
def counts(here: Here) -> Counts:
    """How many hits stand in each state, and how far the scan got."""
    return Counts.of(here.queue.counts(), here.queue.coverage())


@router.get("/coverage")
def coverage(here: Here) -> CoverageOut:
    """How the files of the last scan of each album ended."""
    return CoverageOut.of(here.queue.coverage())


@router.get("/unread")
def unread(here: Here, cursor: Cursor | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> UnreadFiles:
    """Files that were not fully read, with status and reason."""
    page = here.queue.unread.page(cursor, limit)
    return UnreadFiles(files=tuple(UnreadOut.of(file) for file in page.files), next=page.next_cursor)
