from __future__ import annotations

import os
from pathlib import Path

import pytest

from api.folders import Folders, NoSuchFolderError


@pytest.fixture
def albums(tmp_path: Path) -> Path:
    root = tmp_path / "albums"
    for name in ("一处/甲", "一处/乙", "二处", "data"):
        (root / name).mkdir(parents=True)
    (root / "a.jpg").write_bytes(b"")
    return root


def names(folders: Folders, folder_id: str | None = None) -> list[str]:
    return [folder.name for folder in folders.listing(folder_id).folders]


def test_folders_are_walked_by_ids_that_tell_nothing(albums: Path) -> None:
    folders = Folders([albums], [albums / "data"])
    (root,) = folders.listing().folders
    assert names(folders, root.id) == ["一处", "二处"]  # neither files nor the data folder
    inner = next(each for each in folders.listing(root.id).folders if each.name == "一处")
    assert names(folders, inner.id) == ["乙", "甲"]
    deep = folders.listing(inner.id).folders[1]
    assert [each.name for each in folders.listing(deep.id).above] == ["albums", "一处"]
    assert folders.path(deep.id) == albums / "一处" / "甲"
    assert len({root.id, inner.id, deep.id}) == 3
    assert Folders([albums]).listing().folders[0].id != root.id  # each server has its own


def test_no_id_but_a_listed_one_opens_anything(albums: Path) -> None:
    folders = Folders([albums])
    for wrong in ("", "..", "/etc", str(albums), "0" * 32, "../../etc/passwd", "\0"):
        with pytest.raises(NoSuchFolderError):
            folders.path(wrong)
        with pytest.raises(NoSuchFolderError):
            folders.listing(wrong)


def test_links_are_neither_listed_nor_followed(albums: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    (secret / "inner").mkdir(parents=True)
    (albums / "link").symlink_to(secret)
    folders = Folders([albums])
    root = folders.listing().folders[0]
    assert "link" not in names(folders, root.id)
    chosen = next(each for each in folders.listing(root.id).folders if each.name == "二处")
    assert folders.path(chosen.id) == albums / "二处"
    (albums / "二处").rmdir()
    (albums / "二处").symlink_to(secret)  # a link takes the place of what was listed
    with pytest.raises(NoSuchFolderError):
        folders.path(chosen.id)
    with pytest.raises(NoSuchFolderError):
        folders.listing(chosen.id)


def test_a_link_above_a_listed_folder_is_refused_too(albums: Path, tmp_path: Path) -> None:
    folders = Folders([albums])
    root = folders.listing().folders[0]
    inner = next(each for each in folders.listing(root.id).folders if each.name == "一处")
    deep = folders.listing(inner.id).folders[0]
    (albums / "一处").rename(tmp_path / "moved")
    (albums / "一处").symlink_to(tmp_path / "moved")
    with pytest.raises(NoSuchFolderError):
        folders.path(deep.id)


def test_a_root_that_is_not_there_is_not_offered(tmp_path: Path) -> None:
    folders = Folders([tmp_path / "nowhere"])
    assert folders.configured == (tmp_path / "nowhere",)  # named on the page, as not being there
    assert folders.listing().folders == ()


def test_names_need_not_be_text(albums: Path) -> None:
    os.mkdir(os.fsencode(albums) + b"/\xff\xfe")  # noqa: PTH102
    folders = Folders([albums])
    root = folders.listing().folders[0]
    odd = folders.listing(root.id).folders[-1]
    assert os.fsencode(folders.path(odd.id)) == os.fsencode(albums) + b"/\xff\xfe"


def test_a_root_inside_another_leads_back_to_the_nearest(albums: Path) -> None:
    folders = Folders([albums, albums / "一处"])
    outer, inner = folders.listing().folders
    assert outer.name == "albums"
    assert folders.listing(inner.id).above == ()
