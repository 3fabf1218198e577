"""What libjpeg says of a JPEG while it is decoded: the only sign of damage where pixels come out all the same.

A photo whose middle was overwritten (a bad copy, a recovered card) decodes without an error; OpenCV and Pillow give the
pixels and keep quiet. libjpeg notices and writes a line to standard error, which is caught here. Used by `decode`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

# libjpeg's words (jerror.h), unchanged since 1991. Bytes too many are damage behind or between scans (RST, DHT, SOS,
# EOI), not in the header; some cameras leave a few as padding, while half a kibibyte of zeros leaves hundreds.
_DAMAGE = re.compile(
    rb"premature end|bad Huffman code|found marker 0x[0-9a-f]+ instead of RST|Inconsistent progression"
    rb"|(?P<extra>\d+) extraneous bytes before marker 0x(?:d\d|c4|da)",
    re.IGNORECASE,
)
PADDING = 16  # bytes
_STANDARD_ERROR = 2
_LONGEST = 4096  # libjpeg says one line a picture


class Heard:
    """What was said so far."""

    def __init__(self) -> None:
        self.said = b""

    @property
    def damage(self) -> bool:
        """Whether libjpeg noticed that part of the picture is not what was once written."""
        found = _DAMAGE.search(self.said)
        return found is not None and (found["extra"] is None or int(found["extra"]) > PADDING)


@contextmanager
def listening() -> Iterator[Heard]:
    """Catch what C libraries write to standard error meanwhile; `said` is filled in when the block is left.

    For a process in which nothing else writes there: the descriptor is that of the whole process.
    """
    heard = Heard()
    try:
        before = os.dup(_STANDARD_ERROR)
    except OSError:  # closed: whoever started the process wants to hear nothing
        yield heard
        return
    ears, mouth = os.pipe()
    try:
        os.set_blocking(ears, False)
        os.set_blocking(mouth, False)  # a library that says more than a pipe holds is not waited for
        os.dup2(mouth, _STANDARD_ERROR)
        try:
            yield heard
        finally:
            os.dup2(before, _STANDARD_ERROR)
        try:
            heard.said = os.read(ears, _LONGEST)
        except BlockingIOError:  # nothing was said
            heard.said = b""
    finally:
        for descriptor in (before, ears, mouth):
            os.close(descriptor)
