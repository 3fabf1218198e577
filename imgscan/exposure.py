"""Brightens what was taken in the dark before `triage` looks at it.

The detector learnt from well-lit pages, and triage sees them small besides. Finding and reading at full size gain
nothing by it (docs/reading.md).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from imgscan.frames import Pixels

MEAN = 0.45  # brightness, 0..1, of a picture: paper and what lies around it
STRONGEST = 0.4  # exponent; a black picture shows nothing but noise
HARDLY = 0.9  # exponents above this would change nothing


def brightened(pixels: Pixels) -> Pixels:
    """`pixels` as a gamma curve brings them to the brightness MEAN on average; bright ones as they are."""
    step = max(1, min(pixels.shape[:2]) // 200)  # a sample is enough for a mean
    now = float(pixels[::step, ::step].mean()) / 255.0
    exponent = max(STRONGEST, math.log(MEAN) / math.log(min(max(now, 0.01), 0.99)))
    if exponent > HARDLY:
        return pixels
    curve = np.clip((np.arange(256) / 255.0) ** exponent * 255.0, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, curve), np.uint8)
