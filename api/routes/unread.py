"""The JSON API of the files that were not fully read: list them, and ask that the next scan reads them again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.context import Here
from api.schemas import PROBLEMS, Cursor, Retried, RetryIn, UnreadFiles, UnreadOut
from imgscan.types import Status

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/unread")
def unread(
    here: Here,
    cursor: Cursor | None = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> UnreadFiles:
    """Files that were not fully read, with status and reason; of one status where named."""
    page = here.queue.unread.page(cursor, limit, status)
    return UnreadFiles(files=tuple(UnreadOut.of(file) for file in page.files), next=page.next_cursor)


@router.post("/unread/retry")
def retry(here: Here, wanted: RetryIn) -> Retried:
    """Let the next scan read these files again, though nobody touched them."""
    return Retried(files=here.queue.unread.retry(wanted.files))
