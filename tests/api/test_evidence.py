from __future__ import annotations

from imgscan.store.database import Database
from imgscan.store.evidence import put
from imgscan.types import Crop
from models import HitRow
from tests.api.builders import StoreBuilder, draw_page
from tests.api.conftest import MakeClient

CROP = Crop(0, (90, 70, 260, 68), (800, 1000), b"\xff\xd8 what was kept")


def test_what_was_kept_of_the_mark_is_shown_when_the_original_is_gone(
    client: MakeClient, build: StoreBuilder, database: Database
) -> None:
    there, hit, bare = build.hit(content=draw_page(), name="a.jpg"), build.hit(name="b.jpg"), build.hit(name="c.jpg")
    with database.writing() as session:
        for one in (there, hit):
            put(session, session.get_one(HitRow, one).sha256, [CROP], database.keys)
    browser = client()
    assert "x-picture-kept" not in browser.get(f"/api/v1/hits/{there}/picture").headers
    gone = browser.get(f"/api/v1/hits/{hit}/picture")
    assert (gone.status_code, gone.content) == (200, CROP.jpeg)
    assert gone.headers["x-picture-rect"] == "90 70 260 68"
    assert gone.headers["x-picture-size"] == "800 1000"
    assert gone.headers["x-picture-kept"] == "evidence"
    assert browser.get(f"/api/v1/hits/{bare}/picture").status_code == 404
    assert browser.get(f"/api/v1/hits/{hit}/picture", params={"page": 3}).status_code == 404
