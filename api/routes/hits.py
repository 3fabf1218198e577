"""The JSON API of the review queue, version 1 (docs/review.md): list, look at, decide, undo, count."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api.context import Here
from api.schemas import (
    PROBLEMS,
    Counts,
    CoverageOut,
    Cursor,
    DecidedOut,
    DecideIn,
    DecideManyIn,
    Folders,
    HitDetail,
    HitId,
    HitPage,
    HitSummary,
    Looking,
    View,
)
from api.security import Reviewer
from imgscan.framing import View as PictureView
from imgscan.framing import Views
from imgscan.preview import OriginalMissingError
from imgscan.review import Filter, HitState, VeiledError
from imgscan.types import Crop, FindingClass, Level, Quad, Severity

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

Id = Annotated[HitId, Path()]
Word = Annotated[str, Query(max_length=200)]
Day = date | None


def asked_for(
    who: Reviewer,
    *,
    state: Annotated[list[HitState] | None, Query()] = None,
    cls: Annotated[FindingClass | None, Query(alias="class")] = None,
    level: Level | None = None,
    severity: Severity | None = None,
    rule: Word = "",
    department: Word = "",
    owner: Word = "",
    text: Word = "",
    folder: Annotated[str, Query(max_length=4000)] = "",
    taken_from: Day = None,
    taken_to: Day = None,
    found_from: Day = None,
    found_to: Day = None,
    unseen: bool = False,
) -> Filter:
    """The filter that an address describes."""
    return Filter(
        tuple(state or ()),
        cls,
        level,
        severity,
        rule,
        department,
        owner,
        text.strip(),
        folder,
        taken_from,
        taken_to,
        found_from,
        found_to,
        unseen_by=who if unseen else "",
    )


@router.get("/hits")
def list_hits(
    here: Here,
    wanted: Annotated[Filter, Depends(asked_for)],
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HitPage:
    """Hits that fit every filter given, worst first."""
    page = here.queue.page(wanted, cursor, limit)
    return HitPage(items=tuple(HitSummary.of(item) for item in page.items), next=page.next_cursor)


@router.get("/folders")
def folders(here: Here) -> Folders:
    """The folders that hold hits: what `folder` may be narrowed to."""
    return Folders(folders=here.queue.folders())


@router.get("/hits/{hit_id}")
def show_hit(here: Here, hit_id: Id) -> HitDetail:
    """Everything known of one hit."""
    return HitDetail.of(here.queue.item(hit_id), here.words)


@router.get("/hits/{hit_id}/group")
def show_group(here: Here, hit_id: Id) -> HitPage:
    """The hits that look like copies of this one and carry the same marks, itself among them, in any state."""
    return HitPage(items=tuple(HitSummary.of(item) for item in here.queue.group(hit_id)), next=None)


@router.get("/hits/{hit_id}/picture", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def show_picture(
    here: Here,
    who: Reviewer,
    hit_id: Id,
    page: Annotated[int | None, Query(ge=0, le=9999)] = None,
    view: View = "full",
    *,
    plain: bool = False,
) -> Response:
    """A fresh JPEG of one page (that of the worst mark unless named): whole, around its worst mark, or the mark alone.

    Where the original is gone, what was kept of the mark is shown instead, and `x-picture-kept` says so.
    All but the marks is blurred in it. `plain` is without the blur, after `reveal` and not before. The headers say in
    picture pixels how large the page is (`x-picture-size`) and which part this is (`x-picture-rect`: left, top, width,
    height).
    """
    item = here.queue.summary(hit_id)
    if plain and here.blur and not here.queue.looks.revealed(hit_id, who):
        raise VeiledError
    if page is None:
        page = item.findings[0].page if item.findings else 0
    marks = [finding.polygons for finding in item.findings if finding.page == page and finding.polygons]
    around: tuple[Quad, ...] = marks[0] if marks else ()
    others = tuple(polygon for polygons in marks[1:] for polygon in polygons)
    try:
        views = here.previewer.views(here.queue.original(hit_id), page, around, others)
    except OriginalMissingError:
        kept = here.queue.evidence(hit_id, page)
        if kept is None:
            raise
        return _kept(kept)
    shown = _view(views, view, veiled=here.blur and not plain)
    headers = {
        "x-picture-size": f"{views.width} {views.height}",
        "x-picture-rect": " ".join(map(str, shown.rect)),
    }
    return Response(shown.jpeg, media_type="image/jpeg", headers=headers)


def _kept(crop: Crop) -> Response:
    headers = {
        "x-picture-size": f"{crop.full[0]} {crop.full[1]}",
        "x-picture-rect": " ".join(map(str, crop.rect)),
        "x-picture-kept": "evidence",
    }
    return Response(crop.jpeg, media_type="image/jpeg", headers=headers)


def _view(views: Views, view: View, *, veiled: bool) -> PictureView:
    if view == "crop":
        return views.crop
    if view == "full":
        return views.veiled_full if veiled else views.full
    return views.veiled_mark if veiled else views.mark


@router.post("/hits/{hit_id}/reveal", status_code=204)
def reveal(here: Here, who: Reviewer, hit_id: Id) -> Response:
    """Take the blur off; that is kept with the reviewer's name and the time."""
    here.queue.looks.reveal(hit_id, who)
    return Response(status_code=204)


@router.post("/hits/{hit_id}/seen")
def seen(here: Here, who: Reviewer, hit_id: Id) -> Looking:
    """Say that the reviewer has this hit before him; who else has which."""
    here.queue.looks.seen(hit_id, who)
    here.presence.looks_at(who, hit_id)
    return Looking.of(here.presence.others(who))


@router.get("/looking")
def looking(here: Here, who: Reviewer) -> Looking:
    """Who else has which hit before him."""
    return Looking.of(here.presence.others(who))


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
    return Counts.of(here.queue)


@router.get("/coverage")
def coverage(here: Here) -> CoverageOut:
    """How the files of the last scan of each album ended."""
    return CoverageOut.of(here.queue.coverage())
