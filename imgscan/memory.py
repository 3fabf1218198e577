"""Gives back to the system what large pictures leave in a process that reads. Beside `engine` and `workers`.

The C library keeps freed memory for the next picture, and more of it with each that was larger: after 2,500 pictures a
process held 980 MiB, of which 300 were in use.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

MOST_RESIDENT = 600 * 2**20
"""Bytes. 310 MiB above a process that has loaded everything; what cannot be foreseen stays below 700 MB with it.

What is handed back is asked for again a moment later: doing so whenever 360 MiB were held took a tenth of all time.
"""
A_PICTURE = 140 * 2**20
"""Bytes that decoding a photo of 12 megapixels and finding its lines take together."""
PROC = Path("/proc")


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say."""
    try:
        return int((PROC / "self" / "statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:  # not Linux
        return 0


def peak(process: int | str = "self") -> int:
    """The most bytes that a process had in memory at once; 0 where the system does not say, or the process has ended.

    Not `ru_maxrss`, which a process takes over from the one that started it.
    """
    try:
        status = (PROC / str(process) / "status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    kibibytes = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(next(kibibytes, 0)) << 10


def make_room(needed: int = A_PICTURE) -> None:
    """Before a step that takes `needed` bytes: hand freed memory back where both together exceed MOST_RESIDENT."""
    held = resident()
    if held and held + needed > MOST_RESIDENT and (trim := _trim()):
        trim(ctypes.c_size_t(0))


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; musl has none
