"""Fictitious official pages, photographed synthetically, with known truth: the line's benchmark and demo (样张)."""

from __future__ import annotations

from collections.abc import Container
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
    the same bytes. Raises UsageError where `folder` holds anything else than an earlier run of `count` or fewer left: a
    real album may have files of the same names, and another truth is not to be lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _require_own(folder, {f"{index:05d}.jpg" for index in range(count)})
    truths = []
    for index in range(count):
        specimen = render(seed, index)
        (folder / specimen.truth.file).write_bytes(specimen.jpeg())
        truths.append(specimen.truth)
    write_truths(folder, truths)
    return truths


def _require_own(folder: Path, files: Container[str]) -> None:
    for path in folder.iterdir():
        known = is_specimen(path) if path.name in files else path.name == TRUTH_FILE and _tells_of(path, files)
        if not known:
            raise UsageError(
                _("{folder} holds {name}, which this album does not: nothing was written.").format(
                    folder=folder, name=harmless(path.name)
                ),
                _("Name an empty folder, or one that does not exist yet."),
            )


def _tells_of(truth_file: Path, files: Container[str]) -> bool:
    try:
        return not truth_file.is_symlink() and all(truth.file in files for truth in read_truths(truth_file.parent))
    except (OSError, ValueError, KeyError, TypeError):  # a folder, or of another kind
        return False


def demo_album() -> Path:
    """The folder of the ready demo pictures inside the package."""
    return Path(__file__).parent / "demo"
