"""One scan, eight reviewers and a backup at once: nobody waits in vain, nothing is lost."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from imgscan.review import Decision, DismissReason, Filter, Verdict
from imgscan.store.audit import verify
from imgscan.store.backup import backup
from imgscan.store.keys import Locksmith
from imgscan.store.opening import Place, open_store
from imgscan.store.reviewing import ReviewQueue
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Severity
from models import FileRow, VerdictRow
from tests.faults.scale import scaled
from tests.store.test_grouping import hit, mark

REVIEWERS = 8
VERDICTS = (Verdict(Decision.CONFIRM), Verdict(Decision.DISMISS, DismissReason.MISREAD))


def test_a_scan_eight_reviewers_and_a_backup_at_once(home: Path, tmp_path: Path) -> None:  # noqa: C901
    """Each has connections of their own, as processes have. Any lock that is not waited for would be a StoreError."""
    place = Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))
    verdicts = scaled(12, 500)
    failures: list[Exception] = []
    with closing(open_store(place)) as database:
        store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
        scan_id = store.begin()
        album = store.album(scan_id, b"/album", Labels())
        for number in range(REVIEWERS):
            store.record(scan_id, album, hit(number, None, mark(f"机密★{number}年")), judged=True)
        items = ReviewQueue(database).page(Filter()).items
    reviewing = threading.Semaphore(0)

    def review(number: int) -> None:
        with closing(open_store(place)) as own:
            queue, item = ReviewQueue(own), items[number]
            for count in range(verdicts):
                (item,) = queue.decide(item.id, item.version, VERDICTS[count % 2], f"reviewer {number}").items
        reviewing.release()

    scanned = 0
    over = threading.Event()

    def scan() -> None:
        nonlocal scanned
        with closing(open_store(place)) as own:
            store = ScanStore(own, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
            while not over.is_set():
                number = 100 + scanned
                one = replace(hit(100, None), sha256=f"{number:064x}")
                found = replace(one.found, path=b"/album/%d.jpg" % number)
                store.record(scan_id, album, replace(one, found=found), judged=True)
                scanned += 1

    backups = 0

    def back_up() -> None:
        nonlocal backups
        while not over.is_set():
            backup(place, tmp_path / f"backup{backups}")
            backups += 1
            over.wait(0.5)

    def run(work: object, *arguments: object) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 (told below)
            failures.append(error)
            reviewing.release()

    threads = [threading.Thread(target=run, args=(review, number)) for number in range(REVIEWERS)]
    threads += [threading.Thread(target=run, args=(scan,)), threading.Thread(target=run, args=(back_up,))]
    for thread in threads:
        thread.start()
    for _ in range(REVIEWERS):
        reviewing.acquire()
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    with closing(open_store(place)) as database:
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(VerdictRow)) == REVIEWERS * verdicts
            assert session.scalar(select(func.count()).select_from(FileRow)) == REVIEWERS + scanned
        assert verify(database).number == 1 + REVIEWERS + REVIEWERS * verdicts + scanned
    assert backups > 0
    assert scanned > 0
