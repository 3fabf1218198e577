from __future__ import annotations

import numpy as np

from imgscan.frames import Frame
from imgscan.triage import LONG_SIDE, Triage, triage
from imgscan.types import Quad
from tests.fakes.engine import Told

BOX: Quad = ((100, 50), (200, 50), (200, 80), (100, 80))


def test_triage_looks_once_at_small_scale() -> None:
    engine = Told((BOX,))
    found = triage(Frame(np.zeros((300, 400, 3), np.uint8), 400, 300), engine)
    assert found == Triage((BOX,), LONG_SIDE)
    assert engine.shown == [((300, 400, 3), LONG_SIDE)]
