from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select, text

from imgscan.errors import StoreError
from imgscan.evidence import LONG_SIDE, MOST_CROPS, Evidence
from imgscan.frames import Frame
from imgscan.review import Filter
from imgscan.store.database import Database
from imgscan.store.evidence import seal, unseal
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Crop, Finding, Severity, Status
from models import EvidenceRow
from tests.api.builders import box, finding
from tests.store.test_grouping import hit

KEYS = Keys.of(b"k" * 32)
CROP = Crop(0, (10, 20, 200, 40), (600, 800), b"\xff\xd8 a jpeg")


def scan(database: Database, *crops: Crop, **other: object) -> None:
    store = ScanStore(database, str(other.pop("engine", "e")), "r", review_from=Severity.MEDIUM, keep_all=False)
    result = replace(hit(1, 0), crops=crops, **other)  # type: ignore[arg-type]
    scan_id = store.begin()
    store.record(scan_id, store.album(scan_id, b"/album", Labels()), result, judged=True)


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(EvidenceRow)) or 0


def test_the_mark_comes_back_and_no_copy_lies_open(database: Database) -> None:
    scan(database, CROP, replace(CROP, page=3))
    queue = ReviewQueue(database)
    (item,) = queue.page(Filter()).items
    assert queue.evidence(item.id, 0) == CROP
    assert queue.evidence(item.id, 3) == replace(CROP, page=3)
    assert queue.evidence(item.id, 1) is None
    with database.reading() as session:
        sealed = session.scalars(select(EvidenceRow.sealed)).all()
    assert all((CROP.jpeg in one) == (database.keys is None) for one in sealed)


def test_a_newer_reading_replaces_it_and_one_without_a_hit_drops_it(database: Database) -> None:
    scan(database, CROP, CROP)
    scan(database, CROP, engine="e2")
    assert kept(database) == 1
    scan(database, engine="e3", status=Status.CLEAN, findings=())
    assert kept(database) == 0


@pytest.mark.parametrize("column", ["sealed", "page", "left", "number"])
def test_what_was_moved_or_changed_is_refused(database: Database, column: str) -> None:
    if database.keys is None:
        pytest.skip("a plain store is for people who want to change it")
    scan(database, CROP, replace(CROP, page=1, jpeg=b"other"))
    changes = {
        "sealed": "UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE number = 1) WHERE number = 0",
        "page": "UPDATE evidence SET page = 0 WHERE number = 1",
        "left": 'UPDATE evidence SET "left" = 11 WHERE number = 0',
        "number": "UPDATE evidence SET number = 7 WHERE number = 0",
    }
    with database.writing() as session:
        session.execute(text(changes[column]))
        if column == "page":
            session.execute(text("DELETE FROM evidence WHERE number = 0"))
    queue = ReviewQueue(database)
    (item,) = queue.page(Filter()).items
    with pytest.raises(StoreError):
        queue.evidence(item.id, 0)


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal(CROP.jpeg, b"row", KEYS)
    assert unseal(sealed, b"row", KEYS) == CROP.jpeg
    for bit in random.Random(1).sample(range(8 * len(sealed)), 64):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StoreError):
            unseal(bytes(changed), b"row", KEYS)
    for other in (Keys.of(b"o" * 32), None):
        with pytest.raises(StoreError):
            unseal(sealed, b"row", other)
    with pytest.raises(StoreError):
        unseal(b"\x00" + CROP.jpeg, b"row", KEYS)  # an open one in the place of a sealed one


def test_two_seals_of_one_crop_differ() -> None:
    assert seal(CROP.jpeg, b"row", KEYS) != seal(CROP.jpeg, b"row", KEYS)


def frame() -> Frame:
    pixels = np.full((1500, 1000, 3), 230, np.uint8)
    pixels[200:260, 100:700] = (0, 0, 200)
    return Frame(pixels, 2000, 3000)  # decoded at half its size


def cut(*pages: list[Finding]) -> tuple[Crop, ...]:
    evidence = Evidence(Severity.MEDIUM)
    for number, findings in enumerate(pages):
        evidence.add(replace(frame(), number=number), findings)
    return evidence.crops


def test_a_crop_holds_the_mark_and_little_else() -> None:
    mark = finding(polygons=(box(200, 400, 1200, 120),))
    low = finding("内部", severity=Severity.LOW, polygons=(box(200, 2400, 300, 60),))
    (crop,) = cut([low, mark])
    shown = np.asarray(cv2.imdecode(np.frombuffer(crop.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    left, top, width, height = crop.rect
    assert crop.full == (2000, 3000)
    assert left <= 200
    assert top <= 400
    assert left + width >= 1400
    assert top + height >= 520
    assert width * height < 2.5 * 1200 * 120
    assert max(shown.shape[:2]) == LONG_SIDE
    assert shown[shown.shape[0] // 2, shown.shape[1] // 2].tolist() == pytest.approx([0, 0, 200], abs=12)
    assert len(crop.jpeg) < 20_000


def test_crops_are_few_the_worst_first_and_none_twice() -> None:
    several = [
        finding(str(number), confidence=0.5 + number / 100, polygons=(box(100, 100 + 250 * number, 400, 60),))
        for number in range(10)
    ]
    crops = cut([*several, several[-1], finding(polygons=())])
    assert [crop.rect[1] // 250 for crop in crops] == [9, 8, 7, 6]
    assert len(crops) == MOST_CROPS


def test_of_many_pages_the_worst_marks_are_kept_wherever_they_stand() -> None:
    several = [finding(confidence=0.5 + n / 100, polygons=(box(100, 100 + 250 * n, 400, 60),)) for n in range(4)]
    middle = finding(confidence=0.1, polygons=(box(100, 1600, 400, 60),))
    last = finding(confidence=0.9, polygons=(box(100, 1300, 400, 60),))
    kept = cut(several, [middle], [last])
    assert [(crop.page, crop.rect[1] // 250) for crop in kept] == [(2, 5), (0, 3), (0, 2), (0, 1)]


def test_marks_at_the_border_stay_inside() -> None:
    for place in (box(-5, -5, 40, 40), box(1990, 2990, 60, 60), box(0, 0, 2000, 3000)):
        (crop,) = cut([finding(polygons=(place,))])
        left, top, width, height = crop.rect
        assert 0 <= left < left + width <= 2000
        assert 0 <= top < top + height <= 3000


def test_the_line_cuts_marks_out(tmp_path: Path) -> None:
    from imgscan.line import Limits, Line, read_one
    from imgscan.read import PROFILES
    from imgscan.rulebook import BUILT_IN, load
    from imgscan.types import FoundFile
    from tests.fakes.engine import FakeEngine
    from tests.fakes.pages import write_page

    limits = Limits(2**28, 600_000_000, Severity.MEDIUM)
    line = Line(FakeEngine(tmp_path / "work"), load((BUILT_IN,)), PROFILES["balanced"], limits)
    for name, lines, count in (("a.jpg", ["机密★10年", "云岫市示例局文件"], 1), ("b.jpg", ["今天天气很好"], 0)):
        path = write_page(tmp_path / name, lines)
        assert len(read_one(FoundFile(bytes(tmp_path), bytes(path)), line).crops) == count
