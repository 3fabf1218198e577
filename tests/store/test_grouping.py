from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from imgscan.lookalike import FINE_BITS, Likeness
from imgscan.review import Filter
from imgscan.store.database import Database
from imgscan.store.grouping import groups
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Finding, FindingClass, FoundFile, Level, ScanResult, Severity, Status

STEP = FINE_BITS - 4


def fine(bits: int) -> Likeness:
    """A print with so many of the fine bits set, from the lowest on."""
    return Likeness(0, (1 << bits) - 1, 0.75)


def test_a_chain_of_small_steps_joins_no_ends() -> None:
    """Complete linkage: first and third are too far apart to stand in one group."""
    found = list(groups([fine(0), fine(STEP), fine(2 * STEP)]))
    assert found == [[0, 1]]


@given(st.lists(st.integers(0, 5 * FINE_BITS), max_size=12))
def test_in_a_group_each_is_like_each(bits: list[int]) -> None:
    seen = [fine(each) for each in bits]
    found = list(groups(seen))
    members = [index for group in found for index in group]
    assert len(members) == len(set(members))
    assert all(seen[a].distance(seen[b]) is not None for group in found for a in group for b in group)
    assert all(len(group) > 1 for group in found)


def mark(text: str = "机密★10年") -> Finding:
    level = Level.JIMI if text.startswith("机密") else Level.MIMI
    return Finding("ns.mark", FindingClass.NATIONAL_SECRET, level, Severity.CRITICAL, 0.9, text, text)


def hit(number: int, bits: int | None, *findings: Finding) -> ScanResult:
    found = FoundFile(b"/album", b"/album/%d.jpg" % number, 10, 20, number, 40)
    likeness = b"" if bits is None else bytes(8) + ((1 << bits) - 1).to_bytes(72)
    return ScanResult(
        found, Status.HIT, f"{number:02x}" * 32, 10, 600, 800, findings=findings or (mark(),), likeness=likeness
    )


def scan(database: Database, *results: ScanResult, engine: str = "e") -> None:
    store = ScanStore(database, engine, "r", review_from=Severity.MEDIUM, keep_all=False)
    scan_id = store.begin()
    album = store.album(scan_id, b"/album", Labels())
    for one in results:
        store.record(scan_id, album, one, judged=True)
    store.finish(scan_id, "complete")


def grouped(database: Database) -> set[frozenset[str]]:
    """The groups by file name, as the queue shows them."""
    queue = ReviewQueue(database)
    items = queue.page(Filter()).items
    by_group: dict[str, set[str]] = {}
    for item in items:
        name = item.occurrences[0].path.rpartition("/")[2]
        if item.group:
            by_group.setdefault(item.group, set()).add(name)
        assert item.group_size == queue.item(item.id).group_size == len(queue.group(item.id))
        assert queue.item(item.id).group == item.group
        assert item.id in {other.id for other in queue.group(item.id)}
    return {frozenset(names) for names in by_group.values()}


def test_copies_with_the_same_marks_are_grouped(database: Database) -> None:
    results = [hit(1, 0), hit(2, 3), hit(3, 200), hit(4, 0, mark("秘密★5年")), hit(5, None), hit(6, None)]
    scan(database, *results)
    assert grouped(database) == {frozenset({"1.jpg", "2.jpg"})}


def test_the_order_of_reading_does_not_matter(database: Database) -> None:
    results = [hit(number, number * 9) for number in range(12)]
    random.Random(4).shuffle(results)
    scan(database, *results[:7])
    scan(database, *results)
    shuffled = grouped(database)
    expected = groups([fine(number * 9) for number in range(12)])
    assert shuffled == {frozenset(f"{index}.jpg" for index in group) for group in expected}


def test_groups_follow_the_marks(database: Database) -> None:
    scan(database, hit(1, 0), hit(2, 3))
    assert len(grouped(database)) == 1
    scan(database, replace(hit(2, 3), findings=(mark("秘密★5年"),)), engine="e2")
    assert grouped(database) == set()
