"""`python -m imgscan.rulebook docs/rules.md` writes the generated part of the page for rule authors anew."""

from __future__ import annotations

import sys
from pathlib import Path

from imgscan.rulebook import load
from imgscan.rulebook.listing import write

if __name__ == "__main__":
    write(Path(sys.argv[1]), load())
