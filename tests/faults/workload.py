"""A store's life in small, with a fault in another place each time: `workload.py CALL COUNT FOLDER`, under strace.

strace lets the LATE-th CALL of each process fail. Child number n first makes LATE - n calls that do nothing, so that
its own n-th is hit. What the store has acknowledged is noted as a folder, for `mkdir` is never made to fail.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from imgscan.errors import ImgscanError
from imgscan.store.keys import LockedBy, Locksmith
from imgscan.store.opening import Place, open_store, rekey
from imgscan.store.purging import purge_campaign
from imgscan.store.scanning import Labels, ScanStore
from imgscan.types import Crop, Severity
from tests.store.test_grouping import hit

LATE = 120
RESULTS = 4
REFUSED = 3


def place_in(folder: Path) -> Place:
    """Where child works, and where the test looks afterwards."""
    home = folder / "home"
    return Place(home / "imgscan.db", home / "imgscan.keys.json", Locksmith(home / "imgscan.key", lambda _new: ""))


def live(folder: Path) -> None:
    """Make the store, keep some results, change its key, forget half of it."""
    place = place_in(folder)
    with closing(open_store(place)) as database:
        store = ScanStore(database, "e", "r", review_from=Severity.MEDIUM, keep_all=False)
        scan_id = store.begin()
        for campaign in ("stays", "goes"):
            album = store.album(scan_id, f"/{campaign}".encode(), Labels(campaign=campaign))
            for number in range(RESULTS):
                one = hit(number + (100 if campaign == "goes" else 0), number * 9)
                found = replace(one.found, path=f"/{campaign}/{number}.jpg".encode())
                crop = Crop(0, (0, 0, 9, 9), (99, 99), bytes(3000))
                store.record(scan_id, album, replace(one, found=found, crops=(crop,)), judged=True)
                (folder / f"{campaign}-{number}").mkdir(exist_ok=True)
        store.finish(scan_id, "complete")
    rekey(place, LockedBy.FILE)
    with closing(open_store(place)) as database:
        (folder / "purging").mkdir(exist_ok=True)
        purge_campaign(database, "goes")
    (folder / "done").mkdir(exist_ok=True)


def _nothing(call: str, folder: Path) -> Callable[[], object]:
    """Something that makes this system call once and changes nothing."""
    spare = folder / "spare"
    handle = os.open(spare, os.O_RDWR | os.O_CREAT)

    def unlink() -> None:
        os.link(spare, folder / "other")
        (folder / "other").unlink()

    return {
        "pwrite64": lambda: os.pwrite(handle, b"", 0),
        "write": lambda: os.write(handle, b""),
        "fsync": lambda: os.fsync(handle),
        "ftruncate": lambda: os.ftruncate(handle, 0),
        "rename": lambda: os.rename(spare, spare),  # noqa: PTH104
        "unlink": unlink,
    }[call]


def _child(call: str, number: int, folder: Path) -> int:
    try:
        nothing = _nothing(call, folder)
        for _ in range(LATE - number):
            nothing()
        live(folder)
    except ImgscanError:
        return REFUSED
    return 0


def main(call: str, count: int, root: Path) -> None:
    """Live `count` lives in folders of their own, one after the other."""
    for number in range(1, count + 1):
        folder = root / str(number)
        folder.mkdir()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = _child(call, number, folder)
            finally:
                os._exit(code)
        _pid, status = os.waitpid(child, 0)
        (folder / f"ended {os.waitstatus_to_exitcode(status)}").mkdir()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
