"""Notes beside the database how far its audit trail had come (**store**), so that nothing acknowledged is lost unseen.

SQLite reads its log up to the first frame that does not fit. A byte that the disk got wrong, or an older copy of the
file put in its place, would else look like a store that was never told the rest.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

ENDING = ".head"
LENGTH = 128  # always the same, so that no tail of a longer note is left; more than a number and two sums take


def remember(database: Path, head: str) -> None:
    """Note that the row `head` (imgscan.store.audit) was committed. The caller has committed it."""
    line = f"{head} {zlib.crc32(head.encode()):08x}".ljust(LENGTH - 1) + "\n"
    with suppress(OSError):  # what was committed stays committed: a note that cannot be written only proves less
        note = os.open(database.with_suffix(ENDING), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(note, line.encode(), 0)
        finally:
            os.close(note)


def remembered(database: Path) -> str:
    """The newest row that is noted; empty where there is no note, or none that can be relied on."""
    with suppress(OSError, UnicodeDecodeError):
        head, _separator, sum_ = database.with_suffix(ENDING).read_text(encoding="ascii").strip().rpartition(" ")
        if sum_ == f"{zlib.crc32(head.encode()):08x}":
            return head
    return ""


def forget(database: Path) -> None:
    """Drop the note: another database comes into the place of this one."""
    database.with_suffix(ENDING).unlink(missing_ok=True)
