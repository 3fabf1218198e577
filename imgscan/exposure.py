"""Brightens what was taken in the dark before it is shown to the engine. Used by `triage`, `find` and `read`.

Detector and recogniser learnt from well-lit pages; of marks photographed in the dark they find and read more so
(docs/reading.md). Red ink is looked for in the picture as it is: brightening takes from its redness.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from imgscan.frames import Pixels

PAGE = 0.45  # mean brightness, 0..1, of a picture: paper and what lies around it
LINE = 0.6  # ... and of a line on paper
STRONGEST = 0.4  # exponent; a black picture shows nothing but noise
HARDLY = 0.9  # exponents above this would change nothing


def brightened(pixels: Pixels, mean: float) -> Pixels:
    """`pixels` as a gamma curve brings them to the mean brightness `mean`, 0..1; bright ones as they are."""
    step = max(1, min(pixels.shape[:2]) // 200)  # a sample is enough for a mean
    now = float(pixels[::step, ::step].mean()) / 255.0
    exponent = max(STRONGEST, math.log(mean) / math.log(min(max(now, 0.01), 0.99)))
    if exponent > HARDLY:
        return pixels
    curve = np.clip((np.arange(256) / 255.0) ** exponent * 255.0, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, curve), np.uint8)
