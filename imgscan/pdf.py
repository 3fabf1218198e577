"""PDF pages as pixels, by PDFium: what `imgscan.decode` asks for files of that kind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from imgscan.frames import Pixels

DPI = 200
"""What offices scan at; a glyph of 3 mm is then 24 pixels high."""
POINTS_AN_INCH = 72


class PasswordNeededError(Exception):
    """The document opens with a password only."""


def measure(content: bytes, max_pixels: int) -> tuple[int, int, int]:
    """How many pages there are, and width and height of the first as rendered. Raises as `pages` does."""
    with closing(_opened(content)) as document:
        if len(document) == 0:
            raise pypdfium2.PdfiumError("no page")
        with closing(document[0]) as page:
            width, height = page.get_size()
            scale = _scale(width, height, max_pixels)
            return len(document), math.ceil(width * scale), math.ceil(height * scale)  # as PdfPage.render does


def pages(content: bytes, most: int, max_pixels: int) -> Iterator[Pixels | None]:
    """The first `most` pages at 200 dpi, H x W x 3, BGR, at most `max_pixels` each; None where one is broken.

    Raises PasswordNeededError, and pypdfium2.PdfiumError where the document as a whole is broken.
    """
    with closing(_opened(content)) as document:
        document.init_forms()  # what was typed into a form is part of the page
        for number in range(min(most, len(document))):
            try:
                pixels: Pixels | None = _rendered(document[number], max_pixels)
            except (pypdfium2.PdfiumError, ValueError):
                pixels = None
            yield pixels


def _rendered(page: pypdfium2.PdfPage, max_pixels: int) -> Pixels:
    with closing(page):
        width, height = page.get_size()
        with closing(page.render(_scale(width, height, max_pixels))) as bitmap:
            return np.array(bitmap.to_numpy()[:, :, :3], np.uint8)


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        # PDFium does not always forget the error of an earlier document; a locked one names what locks it.
        if error.err_code == FPDF_ERR_PASSWORD and b"/Encrypt" in content:
            raise PasswordNeededError from error
        raise


def _scale(width: float, height: float, max_pixels: int) -> float:
    """Pixels a point: as many as DPI says, fewer where the page would have more than `max_pixels`."""
    wanted = min(DPI / POINTS_AN_INCH, math.sqrt(max_pixels / max(width * height, 1.0)))
    return wanted * (1 - 1e-6)  # rounding must not add a row
