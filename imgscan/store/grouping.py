"""Groups hits that are copies of one photo and carry the same marks (judge -> **store** -> review).

Complete linkage: in a group each picture is like each other one, so that no chain of small steps joins what differs.
The outcome depends on the pictures alone, not on the order in which they were read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from imgscan.lookalike import Likeness
from imgscan.store.hits import marks_to_decide
from models import HitRow, Picture

MOST_COMPARED = 2000
"""So many hits with one set of marks are compared pair by pair, in about a second; of more, these first by content."""


def regroup(session: Session, review_from: int) -> None:
    """Bring the groups of all hits in step with what is in the store; only rows that change are written."""
    session.flush()
    query = select(HitRow.id, HitRow.sha256, HitRow.group_id, Picture.likeness, Picture.width, Picture.height)
    rows = session.execute(query.join(Picture, Picture.sha256 == HitRow.sha256).order_by(HitRow.sha256)).all()
    seen = [row for row in rows if row.likeness and row.height]
    marks = marks_to_decide(session, [row.sha256 for row in seen], review_from)
    same_marks: dict[frozenset[str], list[tuple[str, Likeness]]] = defaultdict(list)
    for row in seen:
        likeness = Likeness.of(row.likeness, row.width, row.height)
        same_marks[marks[row.sha256]].append((row.id, likeness))
    wanted: dict[str, str] = {}
    for several in same_marks.values():
        for group in groups([likeness for _id, likeness in several[:MOST_COMPARED]]):
            wanted.update({several[index][0]: several[group[0]][0] for index in group})
    changes = [{"id": row.id, "group_id": wanted.get(row.id)} for row in rows if row.group_id != wanted.get(row.id)]
    if changes:
        session.execute(update(HitRow), changes)


def groups(seen: Sequence[Likeness]) -> Iterator[list[int]]:
    """Places in `seen` of those that are alike each to each, two and more; the nearest find each other first."""
    near: dict[tuple[int, int], int] = {}
    for one, other in combinations(range(len(seen)), 2):
        distance = seen[one].distance(seen[other])
        if distance is not None:
            near[one, other] = distance
    members_of = {index: [index] for pair in near for index in pair}
    for one, other in sorted(near, key=lambda pair: (near[pair], pair)):
        left, right = members_of[one], members_of[other]
        if left is not right and all((min(a, b), max(a, b)) in near for a in left for b in right):
            left += right
            for index in right:
                members_of[index] = left
    for index, members in sorted(members_of.items()):
        if len(members) > 1 and index == min(members):
            yield sorted(members)
