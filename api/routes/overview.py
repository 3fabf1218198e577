"""The overview page, and the reports to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from api.context import Here
from api.office import OfficeHere
from api.routes.scans import ScanOut
from api.schemas import PROBLEMS, Counts
from api.security import Reviewer
from api.words import shown
from imgscan.i18n import _
from imgscan.report.charts import charts
from imgscan.report.contents import coverage_words, ending_words, gone_words, review_words
from imgscan.report.forms import Report
from imgscan.store.ledger import campaigns
from imgscan.store.overview import overview as counted
from imgscan.types import Status
from imgscan.wording import STATUSES

router = APIRouter()

MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
}
FILES: dict[str, Any] = {
    media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()
}
CHUNK = 256 * 1024
MOST_REASONS = 12
Campaign = Annotated[str | None, Query(max_length=200)]


@router.get("/overview", include_in_schema=False)
def overview(here: Here, office: OfficeHere, request: Request, campaign: Campaign = None) -> Response:
    """Coverage, hits and review as pictures with tables, and the buttons for reports."""
    counts = counted(office.database, campaign)
    names = campaigns(office.database)
    unread = [(_(STATUSES[each.status]), _(each.problem), each.count) for each in counts.unread]
    return here.page(
        request,
        "overview.html",
        counts=Counts.of(here.queue),
        overview=counts,
        scan=ScanOut.of(office.scanner.state()),
        charts=charts(counts),
        coverage=coverage_words(counts.coverage),
        ending=ending_words(counts.coverage),
        broken_off=[shown(folder) for folder in counts.coverage.broken_off],
        review=review_words(counts),
        gone=gone_words(counts.gone),
        unread=unread[:MOST_REASONS],
        links=dict(counts.coverage.statuses).get(Status.SYMLINK, 0),
        campaigns=[(name, shown(name) or _("without a name")) for name in names] if len(names) > 1 else [],
        campaign=campaign,
        idle=round(here.gate.idle),
    )


@router.get("/api/v1/report", response_class=StreamingResponse, responses={**PROBLEMS, 200: {"content": FILES}})
def report(
    office: OfficeHere,
    who: Reviewer,
    form: Literal["xlsx", "html", "csv", "jsonl"] = "xlsx",
    listed: Annotated[Literal["ledger", "problems", "unread"], Query(alias="list")] = "problems",
    campaign: Campaign = None,
) -> Response:
    """A report as a file, numbers masked but in JSON lines: in full the others come from the command line."""
    file = tempfile.TemporaryFile(dir=office.temporary)  # noqa: SIM115 (closed when it was sent)
    try:
        with office.one_report:
            Report(office.database, office.rulebook, who, campaign).write(form, listed, file)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = f"report-{datetime.now().astimezone():%Y%m%d-%H%M}.{form}"  # neutral: a name is seen by many
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(size)}
    return StreamingResponse(_pieces(file), media_type=MEDIA[form], headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
