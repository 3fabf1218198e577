"""Fictitious official pages, photographed synthetically, with known truth: the line's benchmark and demo (样张)."""

from __future__ import annotations

from pathlib import Path

from imgscan.errors import UsageError
from imgscan.i18n import _
from imgscan.specimens.files import is_specimen
from imgscan.specimens.layouts import LAYOUTS
from imgscan.specimens.shot import Wish
from imgscan.specimens.studio import Specimen, render
from imgscan.specimens.truth import TIERS, TRUTH_FILE, Truth, read_truths, write_truths
from imgscan.wording import harmless

__all__ = [
    "LAYOUTS",
    "TIERS",
    "TRUTH_FILE",
    "Specimen",
    "Truth",
    "Wish",
    "demo_album",
    "generate",
    "read_truths",
    "render",
]


def generate(folder: Path, seed: int, count: int) -> list[Truth]:
    """Write `count` JPEG files and truth.jsonl into `folder` (made if missing); raises ImgscanError without fonts.

    File i depends on `seed` and i only, so a larger `count` extends an album. The same library versions and fonts give
    the same bytes. Raises UsageError where `folder` holds anything but specimens: a real album may have files of the
    same names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if not is_specimen(path) and (path.name != TRUTH_FILE or path.is_dir() or path.is_symlink()):
            raise UsageError(
                _("{folder} holds {name}, which is no specimen: nothing was written.").format(
                    folder=folder, name=harmless(path.name)
                ),
                _("Name an empty folder, or one that does not exist yet."),
            )
    truths = []
    for index in range(count):
        specimen = render(seed, index)
        (folder / specimen.truth.file).write_bytes(specimen.jpeg())
        truths.append(specimen.truth)
    write_truths(folder, truths)
    return truths


def demo_album() -> Path:
    """The folder of the ready demo pictures inside the package."""
    return Path(__file__).parent / "demo"
