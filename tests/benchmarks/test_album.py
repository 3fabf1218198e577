"""What is counted on which picture, and slices that are alike."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.album import Picture, dealt, photographs, specimens
from imgscan.specimens.truth import Truth


def test_specimens_with_a_mark_count_by_tier_and_others_as_negatives() -> None:
    truths = [
        Truth("a.jpg", "positive", "gb2012", "hard", ("national_secret", "internal")),
        Truth("b.jpg", "negative", "novel", "standard"),
    ]
    assert specimens(Path("/album"), truths) == [
        Picture(Path("/album/a.jpg"), "hard", frozenset({"national_secret", "internal"})),
        Picture(Path("/album/b.jpg"), "negative"),
    ]


def test_a_manifest_says_which_photographs_are_unmarked_and_which_are_left_out(tmp_path: Path) -> None:
    rows = [
        ("file", "width", "expected"),
        ("street.jpg", "10", "none"),
        ("label.png", "10", "internal"),
        ("turned.jpg", "10", "readable"),
        ("huge.png", "10", "bomb"),
        ("cut.jpg", "10", "partial"),
        ("phone.heic", "10", "none"),  # not every tool can open it
    ]
    (tmp_path / "manifest.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    kinds = {picture.path.name: picture.kind for picture in photographs(tmp_path)}
    assert kinds == {"street.jpg": "unmarked", "label.png": "photo", "turned.jpg": "photo"}


def test_without_a_manifest_nothing_is_known_of_a_photograph(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.jpg", "deep/b.PNG", "notes.txt"):
        (tmp_path / name).touch()
    assert {(one.path.name, one.kind) for one in photographs(tmp_path)} == {("a.jpg", "photo"), ("b.PNG", "photo")}


def test_fewer_photographs_are_taken_evenly(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"{number}.jpg").touch()
    assert [one.path.name for one in photographs(tmp_path, 3)] == ["0.jpg", "3.jpg", "6.jpg"]
    assert len(photographs(tmp_path, 30)) == 10


def test_slices_are_alike_and_together_the_album() -> None:
    album = [Picture(Path(f"{kind}{n}"), kind) for kind, count in (("hard", 9), ("negative", 12)) for n in range(count)]
    slices = dealt(album, 3, seed=5)
    assert [Counter(one.kind for one in pictures) for pictures in slices] == [{"hard": 3, "negative": 4}] * 3
    assert Counter(one for pictures in slices for one in pictures) == Counter(album)
    assert slices == dealt(album, 3, seed=5) != dealt(album, 3, seed=6)
