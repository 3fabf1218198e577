"""The pictures of every page in the documentation, taken again: none is missing, none too many, no two alike."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser import office_pictures, screenshots

LANGUAGES = ("zh_CN", "en")


# The browser of the other tests drives this one, too: Playwright can be started once in a process.
def test_every_page_is_pictured_in_both_languages(playwright: Playwright, tmp_path: Path) -> None:
    screenshots.take_all(playwright, images=tmp_path)
    office_pictures.take_all(playwright, images=tmp_path)
    taken = {path.name for path in tmp_path.iterdir()}
    assert taken == {path.name for path in screenshots.IMAGES.glob("*.png")}
    assert {name.partition("-")[2] for name in taken} == {f"{one}.png" for one in LANGUAGES}
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == len(taken)
