from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

import pytest

from imgscan.errors import StoreError, UsageError
from imgscan.report.output import require_outside, write_bytes


def test_bytes_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "报告.xlsx"
    place.write_text("old")

    def failing(out: IO[bytes]) -> None:
        out.write(b"half")
        raise LookupError

    def new(out: IO[bytes]) -> None:
        out.write(b"new")

    with pytest.raises(LookupError):
        write_bytes(place, failing)
    assert place.read_bytes() == b"old"
    write_bytes(place, new)
    assert place.read_bytes() == b"new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["报告.xlsx"]
    with pytest.raises(StoreError):
        write_bytes(tmp_path / "nowhere" / "a", failing)


def test_a_report_never_goes_into_an_album_or_the_data_folder(tmp_path: Path) -> None:
    album, home = tmp_path / "album", tmp_path / "home"
    (album / "inner").mkdir(parents=True)
    home.mkdir()
    (tmp_path / "way").symlink_to(album / "inner")
    (tmp_path / "linked").symlink_to(album)
    roots = (os.fsencode(tmp_path / "linked"), os.fsencode(tmp_path / "one.jpg"))
    refused = [
        album / "r.xlsx",
        album / "inner" / "IMG_1.jpg",
        album / "inner" / ".." / "r.csv",
        tmp_path / "way" / "r.html",
        tmp_path / "one.jpg",
        home / "imgscan.db",
    ]
    for place in refused:
        with pytest.raises(UsageError) as told:
            require_outside(place, roots, home)
        assert told.value.cure
    for place in (tmp_path / "r.xlsx", tmp_path / "albums.xlsx", tmp_path / "album2" / "r.xlsx", Path("r.xlsx")):
        require_outside(place, roots, home)


def test_a_link_at_the_goal_is_replaced_and_what_it_points_at_stays(tmp_path: Path) -> None:
    photo = tmp_path / "album" / "a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"photo")
    (tmp_path / "out.csv").symlink_to(photo)

    def report(out: IO[bytes]) -> None:
        out.write(b"report")

    write_bytes(tmp_path / "out.csv", report)
    assert photo.read_bytes() == b"photo"
    assert (tmp_path / "out.csv").read_bytes() == b"report"
