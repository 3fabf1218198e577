"""Sets the process environment that keeps the libraries offline, quiet and inside the data folder.

Call `prepare` before a process that decodes or reads is started: the libraries read these variables once, on import.
What each does is told in docs/design.md, "Offline".
"""

from __future__ import annotations

import os
import tempfile

from imgscan.errors import StoreError, why
from imgscan.i18n import _
from imgscan.settings import Settings

HUGE_PAGES = "glibc.malloc.hugetlb"
MAPPED_APART = f"glibc.malloc.mmap_threshold={8 * 2**20}"  # bytes
NOWHERE = "http://127.0.0.1:9"  # the discard port: a second line behind explicit model folders


def prepare(settings: Settings) -> None:
    """Make the data folder (0700) and point every library at it. Child processes inherit all. Raises StoreError."""
    os.umask(0o077)
    try:
        settings.temporary_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            _("The data folder {folder} cannot be made: {why}").format(folder=settings.home, why=why(error)),
            _("Name a folder on a local disk with IMGSCAN_HOME; albums may stay on the share."),
        ) from error
    temporary = str(settings.temporary_path)
    tempfile.tempdir = None  # so that TMPDIR is read again
    os.environ.update(
        TMPDIR=temporary,
        PADDLE_PDX_CACHE_HOME=str(settings.temporary_path / "paddlex"),
        PADDLE_PDX_EAGER_INIT="False",
        PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK="1",
        PADDLE_PDX_HUGGING_FACE_ENDPOINT=NOWHERE,
        PADDLEOCR_DISABLE_AUTO_LOGGING_CONFIG="1",
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HOME=str(settings.temporary_path / "huggingface"),
        MODELSCOPE_CACHE=str(settings.temporary_path / "modelscope"),
        DO_NOT_TRACK="1",
        # Else onnxruntime 1.31 keeps a device identifier in ~/.cache and sends events (its Privacy.md). Exactly "1".
        ORT_DISABLE_TELEMETRY="1",
        OPENCV_IO_MAX_IMAGE_PIXELS=str(settings.max_megapixels * 1_000_000),
        OPENCV_IO_ENABLE_OPENEXR="0",
        OPENCV_LOG_LEVEL="OFF",
        # One thread a worker: two processes of one thread beat one of two (docs/design.md, facts).
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        GLIBC_TUNABLES=_with_huge_pages(os.environ.get("GLIBC_TUNABLES", "")),
    )
    for name in ("PADDLEOCR_BASE_URL", "PADDLEOCR_ACCESS_TOKEN", "PADDLE_PDX_DEBUG"):
        os.environ.pop(name, None)


def _with_huge_pages(tunables: str) -> str:
    """`tunables` of the C library with huge pages for what it allocates, unless they say something about that already.

    A reading process asks for 100 MiB and more at once and gives it back a moment later: in pages of 4 KiB the system
    fills 60,000 of them a picture. Large blocks lie apart from the others, so that what is freed goes back at once and
    leaves no holes among them (docs/reading.md). C libraries that know no such settings pass over them.
    """
    if HUGE_PAGES in tunables:
        return tunables
    return ":".join(filter(None, (tunables, f"{HUGE_PAGES}=1", MAPPED_APART)))
