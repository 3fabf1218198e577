"""Whether a truncated photo shows parts of another: `python -m tests.bleed [COUNT]`, for tests/test_hostile.py too.

As a scan does it: one long-lived process, pages of several sizes with a mark in magenta, arrays kept and resized, then
truncated photos without a trace of magenta. OpenCV before 4.12 fills their missing rows from freed memory
(opencv#26488); how often depends on the allocator. Run it with another interpreter to try another OpenCV.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
MAGENTA = (255, 0, 255)
SEED = 20261122
SIZES = ((1080, 1440), (1200, 1600), (960, 1280), (1279, 1706), (720, 960))  # what WeChat makes of a photo
VISIBLE = 0.002  # share of magenta pixels; JPEG rings a little


def marked(rng: np.random.Generator, width: int, height: int) -> bytes:
    """A page that nobody else's picture may show: half of its pixels magenta."""
    page = np.full((height, width, 3), 255, np.uint8)
    page[rng.random((height, width)) < 0.5] = MAGENTA
    return _jpeg(page)


def innocent(rng: np.random.Generator, width: int, height: int) -> bytes:
    """A photo without a trace of magenta."""
    coarse = rng.integers(60, 200, (8, 8, 1), np.uint8) * np.ones((1, 1, 3), np.uint8)
    photo = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    photo = np.clip(photo + rng.normal(0, 6, photo.shape), 0, 255).astype(np.uint8)
    return _jpeg(photo)


def _jpeg(picture: NDArray[Any]) -> bytes:
    done, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert done
    return bytes(content)


def foreign(picture: Picture) -> float:
    """The share of magenta pixels: of another picture's, for the photo has none."""
    blue, green, red = (picture[:, :, channel].astype(np.int16) for channel in range(3))
    return float(((blue > 180) & (green < 100) & (red > 180)).mean())


def decoded(content: bytes) -> list[Picture]:
    """What the line would read of the file; nothing where it refuses it."""
    from imgscan.decode import DecodeError, decode

    try:
        return [np.asarray(frame.pixels, np.uint8) for frame in decode(content)]
    except DecodeError:
        return []


def bled(count: int) -> Iterator[float]:
    """For each of `count` truncated photos the share of it that is of another picture."""
    rng = np.random.default_rng(SEED)
    # Made beforehand: making them would write over the memory that the decoder is to be tempted with.
    pages = [marked(rng, *size) for size in SIZES]
    photos = [innocent(rng, *size) for size in SIZES]
    kept: deque[Picture] = deque(maxlen=4)
    for _number in range(count):
        kept += decoded(pages[int(rng.integers(len(pages)))])
        kept.append(np.asarray(cv2.resize(kept[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8))
        whole = photos[int(rng.integers(len(photos)))]
        pictures = decoded(whole[: int(len(whole) * rng.uniform(0.05, 0.99))])
        yield max((foreign(one) for one in pictures), default=0.0)
        kept += pictures


def main(count: int) -> None:
    """Say how many of `count` truncated photos show another picture."""
    shares = list(bled(count))
    shown = sum(share > VISIBLE for share in shares)
    sys.stdout.write(f"OpenCV {cv2.__version__}: {shown} of {count} truncated photos show another picture\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
