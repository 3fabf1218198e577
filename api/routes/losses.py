"""The JSON API of the notice that the store has lost something: a reviewer says that it was seen to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.context import Here
from api.schemas import PROBLEMS, Counts, Wire
from api.security import Reviewer

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


class SeenToIn(Wire):
    """Which notice: the `row` that it was shown with, so that a newer loss is not taken away with it."""

    row: Annotated[int, Field(ge=1, lt=1 << 53)]


@router.post("/lost/seen-to")
def seen_to(here: Here, who: Reviewer, wanted: SeenToIn) -> Counts:
    """Take the notice away for everybody; that is kept in the audit trail with the reviewer's name."""
    here.queue.losses.seen_to(wanted.row, who)
    return Counts.of(here.queue)
