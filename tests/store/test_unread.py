from __future__ import annotations

from dataclasses import replace

import pytest

from imgscan.review import Filter
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import FoundFile, Page, ScanResult, Severity, Status, TextLine
from tests.api.builders import StoreBuilder, finding

FOUND = FoundFile(b"/album", b"/album/a.jpg", 10, 20, 30, 40, ctime_ns=50)
SHA = "ab" * 32
WHOLE = Filter()


@pytest.mark.parametrize(
    ("status", "sha256"),
    [(Status.PARTIAL, SHA), (Status.UNREADABLE, SHA), (Status.ENCRYPTED, SHA), (Status.UNSUPPORTED, "")],
)
def test_a_retried_file_is_read_again_once_though_nobody_touched_it(
    database: Database, queue: ReviewQueue, status: Status, sha256: str
) -> None:
    store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=True)
    findings = (finding(),) if status is Status.PARTIAL else ()
    pages = (Page((TextLine("机密★10年"),), 10, 10),)
    result = ScanResult(FOUND, status, sha256, 10, findings=findings, pages=pages, problem="why")
    album = store.album(store.begin(), b"/album", Labels())

    def scan() -> None:
        scan_id = store.begin()
        store.album(scan_id, b"/album", Labels())
        store.record(scan_id, album, result, judged=bool(sha256))
        store.finish(scan_id, "complete")

    def passed_over() -> bool:
        known = store.known_files(album)[FOUND.path]
        return known.settled and known.same(FOUND)

    scan()
    assert passed_over()
    (file,) = queue.unread.page().files
    assert not file.waits
    assert queue.unread.retry([file.id]) == 1
    assert not passed_over()
    if sha256:
        picture = store.known_picture(sha256)
        assert picture
        assert not picture.judged
        assert picture.pages is None  # so the picture is read, not its kept text judged
    (waiting,) = queue.unread.page().files
    assert waiting == replace(file, waits=True)
    scan()
    assert passed_over()
    (again,) = queue.unread.page().files
    assert again == file


def test_a_retry_leaves_the_queue_as_it_is(database: Database, queue: ReviewQueue) -> None:
    store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
    scan_id = store.begin()
    result = ScanResult(FOUND, Status.PARTIAL, SHA, 10, findings=(finding(),), problem="why")
    store.record(scan_id, store.album(scan_id, b"/album", Labels()), result, judged=True)
    store.finish(scan_id, "complete")
    (hit,) = queue.page(WHOLE).items
    queue.unread.retry([queue.unread.page().files[0].id])
    assert queue.page(WHOLE).items == (hit,)


def test_what_was_fully_read_is_not_retried(build: StoreBuilder, queue: ReviewQueue) -> None:
    build.hit()
    build.file("a.jpg", Status.CLEAN)
    build.file("b.jpg", Status.TIMEOUT)
    build.file("c.jpg", Status.OOM)
    assert [file.status for file in queue.unread.page(status=Status.OOM).files] == [Status.OOM]
    assert queue.unread.retry(range(1, 100)) == 2
