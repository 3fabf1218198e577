"""Specimens: the same seed gives the same files, and what the truth says is what the picture shows."""

from __future__ import annotations

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from imgscan.errors import ImgscanError, UsageError
from imgscan.specimens import LAYOUTS, Specimen, Truth, Wish, demo_album, fonts, generate, read_truths, render
from imgscan.specimens.camera import mark_polygon
from imgscan.specimens.demo import DUPLICATE, ENTRIES, NO_PICTURE, TRUNCATED
from imgscan.specimens.dice import Dice
from imgscan.specimens.files import stored
from imgscan.specimens.layouts import NEGATIVE, POSITIVE, SHEETS
from imgscan.specimens.shot import Shot, glyph_height, plan
from imgscan.specimens.studio import choose
from imgscan.specimens.tiers import LIMITS
from tests.fakes.pages import write_page
from tests.fakes.runs import tree_digest

needs_fonts = pytest.mark.skipif(not fonts.fonts_present(), reason=f"needs Chinese fonts: {fonts.PACKAGES}")
SMALL = (1.0, 1.6)
"""Megapixels: enough for every tier, quick to render."""


def planned(seed: int, index: int) -> tuple[Shot, Truth] | None:
    """Plan and truth without the pixels; None for a picture without a sheet."""
    layout, tier = choose(seed, index)
    if layout not in SHEETS:
        return None
    sheet = SHEETS[layout](Dice(seed, index, 1))
    shot = plan(sheet, tier, Dice(seed, index, 2))
    corners = mark_polygon(sheet, shot)
    polygon = None if corners is None else tuple((float(x), float(y)) for x, y in corners)
    height = 0.0 if corners is None else glyph_height(corners)
    return shot, Truth(
        "", sheet.kind, layout, tier, polygon=polygon, glyph_px=height, mark=sheet.mark, tags=shot.tags()
    )


def outside(specimen: Specimen, blank: Specimen) -> float:
    """Share of the change between the two pictures that lies off the mark's polygon."""
    change = np.abs(specimen.image.astype(np.int16) - blank.image.astype(np.int16)).sum(axis=2).astype(np.float64)
    change[change < 24] = 0
    assert change.sum() > 0, "the mark leaves no trace"
    polygon = np.array(specimen.truth.polygon, np.float32)
    centre = polygon.mean(axis=0)
    reach = 0.12 * specimen.truth.glyph_px + 2  # blur and resampling carry ink a little over the edge
    grown = polygon + reach * np.sqrt(2) * (polygon - centre) / np.linalg.norm(polygon - centre, axis=1, keepdims=True)
    mask = np.zeros(change.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(grown).astype(np.int32), 1)
    mask = cv2.dilate(mask, np.ones((2 * int(reach) + 1,) * 2, np.uint8))
    return float(change[mask == 0].sum() / change.sum())


def names_and_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@needs_fonts
def test_a_larger_count_extends_an_album_and_changes_nothing_in_it(tmp_path: Path) -> None:
    short, long = generate(tmp_path / "a", 7, 3), generate(tmp_path / "b", 7, 5)
    assert [t.file for t in long[:3]] == [t.file for t in short]
    assert long[:3] == short == read_truths(tmp_path / "a")
    for truth in short:
        assert (tmp_path / "a" / truth.file).read_bytes() == (tmp_path / "b" / truth.file).read_bytes()
    assert (tmp_path / "a" / short[0].file).read_bytes() != render(8, 0).jpeg()
    assert generate(tmp_path / "a", 7, 5) == long  # in the same folder
    assert names_and_bytes(tmp_path / "a") == names_and_bytes(tmp_path / "b")


@needs_fonts
@pytest.mark.parametrize("name", ["00000.jpg", "other.png", "truth.jsonl/x", "folder/00000.jpg"])
def test_a_folder_that_holds_anything_else_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    write_page(tmp_path / name, ["会议通知"])
    before = tree_digest(tmp_path)
    with pytest.raises(UsageError, match=name.partition("/")[0]):
        generate(tmp_path, 7, 1)
    assert tree_digest(tmp_path) == before


@needs_fonts
@pytest.mark.parametrize(
    "truth", ['{"mine": 1}', "mine", "[]", Truth("IMG_1.jpg", "negative", "novel", "hard").to_json()]
)
def test_another_truth_is_left_as_it_is(tmp_path: Path, truth: str) -> None:
    (tmp_path / "truth.jsonl").write_text(f"{truth}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"truth\.jsonl"):
        generate(tmp_path, 7, 1)
    assert (tmp_path / "truth.jsonl").read_text(encoding="utf-8") == f"{truth}\n"


@needs_fonts
def test_a_smaller_count_takes_no_truth_away(tmp_path: Path) -> None:
    generate(tmp_path, 7, 2)
    before = tree_digest(tmp_path)
    with pytest.raises(UsageError, match=r"00001\.jpg|truth\.jsonl"):
        generate(tmp_path, 7, 1)
    assert tree_digest(tmp_path) == before


def test_the_demo_album_is_no_place_for_others() -> None:
    before = tree_digest(demo_album())
    with pytest.raises(UsageError):
        generate(demo_album(), 7, 1)
    assert tree_digest(demo_album()) == before


@needs_fonts
@pytest.mark.parametrize("layout", POSITIVE)
def test_the_polygon_lies_on_the_mark(layout: str) -> None:
    tier, turn = ("standard", "hard")[len(layout) % 2], (0, 90, 180, 270)[sum(map(ord, layout)) % 4]
    wish = Wish(turn=turn, megapixels=SMALL, wechat=0, obstacle="", seal="")
    shown = render(5, 11, layout=layout, tier=tier, wish=wish)
    assert outside(shown, render(5, 11, layout=layout, tier=tier, wish=wish, with_mark=False)) < 0.02


@needs_fonts
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("tier", ["standard", "hard", "extreme"])
def test_the_polygon_follows_turns_bends_and_wechat(turn: int, tier: str) -> None:
    wish = Wish(turn=turn, megapixels=SMALL, obstacle="", seal="")
    shown = render(6, 3, layout="gb2012", tier=tier, wish=wish)
    assert outside(shown, render(6, 3, layout="gb2012", tier=tier, wish=wish, with_mark=False)) < 0.02


@needs_fonts
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_polygon_begins_at_the_texts_own_top_left(turn: int) -> None:
    wish = Wish(turn=turn, megapixels=SMALL, framing="full")
    polygon = np.array(render(6, 3, layout="gb2012", tier="standard", wish=wish).truth.polygon)
    reading = polygon[1] - polygon[0]
    angle = np.rad2deg(np.arctan2(reading[1], reading[0])) % 360
    assert min(abs(angle - turn), 360 - abs(angle - turn)) < 20
    down = polygon[3] - polygon[0]
    assert reading[0] * down[1] - reading[1] * down[0] > 0  # clockwise, y downwards


@needs_fonts
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_viewer_sees_the_picture_upright_whatever_its_exif_orientation(orientation: int) -> None:
    specimen = render(9, 2, layout="gb2012", tier="standard", wish=Wish(exif=orientation, megapixels=SMALL))
    data = specimen.jpeg()
    assert Image.open(io.BytesIO(data)).getexif()[0x0112] == orientation
    shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == specimen.image.shape
    assert np.abs(shown[..., ::-1].astype(int) - specimen.image.astype(int)).mean() < 6
    assert sorted(stored(specimen.image, orientation).shape) == sorted(specimen.image.shape)


@needs_fonts
def test_the_limits_of_the_tier_hold_for_every_positive() -> None:
    seen = 0
    for index in range(260):
        made = planned(31, index)
        if made is None or made[1].kind != "positive":
            continue
        (shot, truth), seen = made, seen + 1
        limits = LIMITS[shot.tier]
        assert limits.glyph[0] <= truth.glyph_px <= limits.glyph[1], truth
        assert abs(shot.roll) <= limits.roll
        assert shot.flat or limits.tilt[0] <= shot.tilt <= limits.tilt[1]
        assert limits.turned or shot.turn == 0
        assert shot.blur <= limits.blur * truth.glyph_px * 1.001
        assert shot.motion <= limits.motion[1] * truth.glyph_px * 1.001
        assert shot.noise <= limits.noise[1]
        assert shot.flat or limits.exposure[0] <= shot.exposure <= limits.exposure[1]
        assert shot.shadow <= limits.shadow
        assert not (shot.tier == "standard" and (shot.seal or shot.obstacle))
        assert all(50 <= quality <= 70 for quality in shot.wechat)
        assert not shot.wechat or 1079 <= max(shot.width, shot.height) <= 1441
        assert truth.polygon is not None
        assert all(0 <= x <= shot.width and 0 <= y <= shot.height for x, y in truth.polygon)
    assert seen >= 140


@needs_fonts
def test_300_specimens_show_every_layout_and_every_degradation() -> None:
    layouts, tags = {choose(12, index)[0] for index in range(300)}, set()
    for index in range(300):
        made = planned(12, index)
        tags |= set(made[1].tags) if made else set()
    assert layouts == set(LAYOUTS)
    assert len(POSITIVE) >= 16
    assert tags >= {
        *("perspective", "roll", "turned_90", "turned_180", "turned_270", "exif_3", "exif_6", "exif_8"),
        *(
            "curl",
            "fold",
            "shadow",
            "uneven_light",
            "low_light",
            "noise",
            "glare",
            "motion_blur",
            "focus_blur",
            "moire",
        ),
        *("wechat_1", "wechat_2", "seal_red", "seal_blue", "pen", "finger"),
        *("small_page", "tiny_page", "top_third", "busy_background"),
    }


@needs_fonts
def test_no_two_pages_are_alike() -> None:
    texts = [
        tuple(getattr(item, "text", "") for item in SHEETS["gb2012"](Dice(1, index, 1)).items) for index in range(60)
    ]
    assert len(set(texts)) == len(texts)


@needs_fonts
@pytest.mark.parametrize("layout", NEGATIVE)
def test_a_negative_has_no_mark(layout: str) -> None:
    sheet = SHEETS[layout](Dice(3, 4, 1))
    assert (sheet.kind, sheet.mark, sheet.mark_corners(), sheet.classes) == ("negative", "", None, ())
    assert sheet.max_severity in {"info", "low"}


@needs_fonts
@pytest.mark.parametrize("layout", POSITIVE)
def test_a_positive_names_its_mark_and_class(layout: str) -> None:
    sheet = SHEETS[layout](Dice(3, 4, 1))
    assert sheet.kind == "positive"
    assert sheet.mark
    assert sheet.classes
    assert sheet.mark_corners() is not None


def test_every_demo_jpeg_says_in_its_metadata_that_it_is_a_specimen() -> None:
    for path in sorted(demo_album().glob("*.jpg")):
        if path.name == NO_PICTURE:
            continue
        with Image.open(path) as image:
            exif, note = image.getexif(), image.info["comment"]
            comment = exif.get_ifd(0x8769)[0x9286]
        assert "样张" in str(exif[0x010E]).encode("latin-1").decode(), path.name
        assert "样张" in comment.removeprefix(b"UNICODE\0").decode("utf-16-le"), path.name
        assert "样张" in note.decode(), path.name


def test_the_demo_album_is_complete_and_small() -> None:
    folder = demo_album()
    names = {path.name for path in folder.glob("*.jpg")}
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert names == {row["file"] for row in rows}
    assert names == {entry.name for entry in ENTRIES} | {DUPLICATE[1], TRUNCATED.name, NO_PICTURE}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
    assert (folder / DUPLICATE[0]).read_bytes() == (folder / DUPLICATE[1]).read_bytes()
    assert not (folder / TRUNCATED.name).read_bytes().endswith(b"\xff\xd9")
    assert {row["level"] for row in rows} == {"绝密", "机密", "秘密", None}
    assert {"exif_6", "turned_90", "seal_red", "duplicate", "truncated"} <= {tag for row in rows for tag in row["tags"]}


def test_missing_fonts_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_FACES", {"nowhere": (("/nowhere/font.ttc", 0),)})
    with pytest.raises(ImgscanError) as caught:
        fonts.font("nowhere", 20.0)
    assert fonts.PACKAGES in caught.value.cure
    assert not fonts.fonts_present()
