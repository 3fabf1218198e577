from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import numpy as np
import pytest

from imgscan import mark_reader, weights
from imgscan.engine import BATCH, BATCH_WIDTH_RATIO, PaddleEngine, _batches, require_safe_opencv
from imgscan.errors import ExitCode, UsageError
from imgscan.line import reading_key
from tests.fakes.runs import REPOSITORY


@pytest.mark.parametrize("version", ["4.10.0.84", "4.11.0", "3.4.18"])
def test_an_opencv_that_mixes_photos_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match=version) as refused:
        require_safe_opencv(version)
    assert "requirements/runtime.txt" in refused.value.cure
    assert refused.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("version", ["4.12.0", "4.14.0.94", "5.0.0-pre"])
def test_a_newer_opencv_is_taken(version: str) -> None:
    require_safe_opencv(version)


def test_the_installed_opencv_is_a_safe_one() -> None:
    require_safe_opencv()
    assert importlib.metadata.version("opencv-contrib-python")


def test_the_stamp_names_program_and_weights_and_loads_nothing() -> None:
    version = importlib.metadata.version("paddleocr")
    assert PaddleEngine.stamp() == f"paddleocr-{version}/{weights.digest()[:12]}/{mark_reader.digest()[:12]}"
    code = (
        "import sys; from imgscan.engine import PaddleEngine; PaddleEngine.stamp(); print('paddleocr' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "False"


def test_another_profile_is_another_reading() -> None:
    assert len({reading_key("e", profile) for profile in ("fast", "balanced", "thorough")}) == 3


def test_crops_of_like_shape_are_read_together() -> None:
    rng = np.random.default_rng(5)
    crops = [np.zeros((32, int(width), 3), np.uint8) for width in rng.integers(8, 1600, 60)]
    batches = list(_batches(crops))
    assert sorted(index for batch in batches for index in batch) == list(range(60))
    for batch in batches:
        ratios = [crops[index].shape[1] / 32 for index in batch]
        assert len(batch) <= BATCH
        assert max(ratios) <= max(min(ratios), 4.0) * BATCH_WIDTH_RATIO
    assert list(_batches([])) == []
