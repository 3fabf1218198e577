"""How much the fault tests do: a little in every run, all of it with `make test-faults` (FAULTS=full)."""

from __future__ import annotations

import os

FULL = os.environ.get("FAULTS") == "full"


def scaled(little: int, full: int) -> int:
    """How often to do it in this run."""
    return full if FULL else little
