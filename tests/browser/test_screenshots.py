"""The pictures of every page in the documentation, taken again: none is missing, none too many, none empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser import office_pictures, screenshots


def test_every_page_is_pictured_in_both_languages(tmp_path: Path) -> None:
    screenshots.main(images=tmp_path)
    office_pictures.main(images=tmp_path)
    taken = {path.name for path in tmp_path.iterdir()}
    assert taken == {path.name for path in screenshots.IMAGES.glob("*.png")}
    assert {name.partition("-")[2] for name in taken} == {"zh_CN.png", "en.png"}
    for path in tmp_path.iterdir():
        pixels = np.asarray(Image.open(path).convert("L"))
        assert path.stat().st_size <= screenshots.MOST_BYTES
        assert pixels.std() > 5, f"{path.name} is one colour"
