from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from imgscan.errors import AlreadyRunningError
from imgscan.pipeline import only_scan
from imgscan.rulebook import BUILT_IN
from imgscan.store.database import Database
from imgscan.store.scanning import Labels, latest_results
from imgscan.types import Level, Severity, Status
from tests.fakes import engine as engines
from tests.fakes.documents import locked_zip, tarred, with_video, zipped
from tests.fakes.pages import encode, page, write_page
from tests.fakes.runs import WORDS, Bench, orphans, rows, tree_digest, watchlist

MARK = ["机密★10年", "云岫市示例局文件"]
PLAIN = ["今天天气很好", "我们去公园散步"]


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path / "work")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five pictures with four contents: two marked, three (two of them twins) without marks; and a text file."""
    folder = tmp_path / "album"
    write_page(folder / "a_mark.jpg", MARK)
    write_page(folder / "b_plain.jpg", PLAIN)
    write_page(folder / "inner" / "c_mark.png", ["秘密★5年"])
    write_page(folder / "inner" / "d_plain.jpg", PLAIN, salt=1)
    shutil.copy(folder / "b_plain.jpg", folder / "inner" / "e_twin.jpg")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_every_file_ends_once_and_twins_are_read_once(bench: Bench, album: Path) -> None:
    outcome = bench.scan(album)
    assert outcome.coverage == {Status.HIT: 2, Status.CLEAN: 3, Status.UNSUPPORTED: 1}
    assert bench.counts.statuses == {
        "a_mark.jpg": Status.HIT,
        "b_plain.jpg": Status.CLEAN,
        "c_mark.png": Status.HIT,
        "d_plain.jpg": Status.CLEAN,
        "e_twin.jpg": Status.CLEAN,
        "notes.txt": Status.UNSUPPORTED,
    }
    assert outcome.read == bench.looked == 4
    hit = bench.results()["a_mark.jpg"]
    assert [(one.rule, one.level, one.mark) for one in hit.findings if one.severity >= Severity.HIGH] == [
        ("ns.mark", Level.JIMI, "机密★10年")
    ]
    assert orphans(bench.database) == 0


def names(bench: Bench, folder: Path) -> dict[str, Status]:
    """The status of each file of the last scan by its path below `folder`, as the store keeps it."""
    assert bench.outcome is not None
    found = {
        one.found.display.removeprefix(f"{folder}/"): one.status for one in bench.store().results(bench.outcome.scan_id)
    }
    assert len(found) == sum(bench.outcome.coverage.values())
    return found


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Archives with marked, plain, locked and broken members, one picture of them outside as well."""
    folder = tmp_path / "packed"
    folder.mkdir()
    mark, plain = encode(page(MARK)), encode(page(PLAIN))
    nested = zipped({"deep.jpg": encode(page(["绝密★长期"])), "notes.txt": b"text"})
    (folder / "a.zip").write_bytes(zipped({"mark.jpg": mark, "in/plain.jpg": plain, "b.zip": nested, "cut.png": CUT}))
    (folder / "b.tgz").write_bytes(tarred({"twin.jpg": mark}, "gz"))
    (folder / "c.zip").write_bytes(locked_zip({"a.jpg": mark}))
    (folder / "d.jpg").write_bytes(with_video(plain))
    (folder / "e.zip").write_bytes(b"PK\x03\x04 and nothing more")
    return folder


PACKED = {
    "a.zip": Status.CLEAN,
    "a.zip!/mark.jpg": Status.HIT,
    "a.zip!/in/plain.jpg": Status.CLEAN,
    "a.zip!/b.zip": Status.CLEAN,
    "a.zip!/b.zip!/deep.jpg": Status.HIT,
    "a.zip!/b.zip!/notes.txt": Status.UNSUPPORTED,
    "a.zip!/cut.png": Status.UNREADABLE,
    "b.tgz": Status.CLEAN,
    "b.tgz!/twin.jpg": Status.HIT,
    "c.zip": Status.CLEAN,
    "c.zip!/a.jpg": Status.ENCRYPTED,
    "d.jpg": Status.CLEAN,
    "d.jpg!/motion.mp4": Status.UNSUPPORTED,
    "e.zip": Status.UNREADABLE,
}
CUT = b"\x89PNG\r\n\x1a\nnothing"


def test_members_are_found_files_of_their_own(bench: Bench, packed: Path) -> None:
    outcome = bench.scan(packed)
    assert names(bench, packed) == PACKED
    assert bench.looked == 4  # the twin in the other archive is read once, the photo with a video has other bytes
    assert outcome.read == 5
    hits = {one.found.display: one for one in bench.store().results(outcome.scan_id) if one.findings}
    assert hits[f"{packed}/a.zip!/b.zip!/deep.jpg"].findings[0].level is Level.JUEMI
    assert orphans(bench.database) == 0


def test_unchanged_archives_are_not_opened_again(bench: Bench, packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.scan(packed)
    before = rows(bench.database)
    opened: list[str] = []
    really = os.open

    def watched(path: str | bytes | Path, *how: int, **where: int) -> int:
        opened.append(os.fsdecode(path))
        return really(path, *how, **where)

    with monkeypatch.context() as patch:
        patch.setattr("imgscan.fingerprint.os.open", watched)
        assert bench.scan(packed).read == 0
    assert not [path for path in opened if path.startswith(str(packed))]
    assert names(bench, packed) == PACKED
    assert rows(bench.database) == before
    (packed / "a.zip").write_bytes(zipped({"mark.jpg": encode(page(MARK))}))
    (packed / "d.jpg").write_bytes(encode(page(PLAIN, salt=3)))
    for _again in range(2):  # what is no longer in it is not met again either
        bench.scan(packed)
        changed = names(bench, packed)
        assert {name: changed[name] for name in changed if name[0] in "ad"} == {
            "a.zip": Status.CLEAN,
            "a.zip!/mark.jpg": Status.HIT,
            "d.jpg": Status.CLEAN,
        }


def test_an_archive_is_opened_again_while_a_member_waits_for_a_reading(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({"a.jpg": encode(page(MARK)), "b.jpg": encode(page([engines.CRASH]))}))
    bench.engine, bench.workers = engines.CrashingEngine, 1
    bench.scan(folder)
    assert names(bench, folder) == {"a.zip": Status.CLEAN, "a.zip!/a.jpg": Status.HIT, "a.zip!/b.jpg": Status.CRASHED}
    bench.engine = engines.FakeEngine
    assert bench.scan(folder).read == 1
    assert names(bench, folder)["a.zip!/b.jpg"] is Status.CLEAN
    assert bench.scan(folder).read == 0
    bench.packs = (BUILT_IN, watchlist(tmp_path / "rules"))  # other rules, and no text kept
    assert bench.scan(folder).read == 2


def test_a_scan_interrupted_in_an_archive_goes_on_there(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({f"{n}.jpg": encode(page(PLAIN, salt=n)) for n in range(12)}))
    bench.scan(folder, stop_after=3)
    assert "a.zip" not in names(bench, folder)
    assert bench.scan(folder).coverage == {Status.CLEAN: 13}
    assert bench.looked == 12


def test_many_twins_at_once_are_read_once(bench: Bench, tmp_path: Path) -> None:
    first = write_page(tmp_path / "album" / "0.jpg", MARK)
    for number in range(1, 40):
        shutil.copy(first, first.with_name(f"{number}.jpg"))
    assert bench.scan(tmp_path / "album").coverage == {Status.HIT: 40}
    assert bench.looked == 1


def test_second_scan_reads_nothing_and_changes_nothing(bench: Bench, album: Path) -> None:
    bench.scan(album)
    before, looked = rows(bench.database), bench.looked
    outcome = bench.scan(album)
    assert (outcome.read, bench.looked) == (0, looked)
    assert rows(bench.database) == before
    assert sum(outcome.coverage.values()) == 6


def test_touched_or_renamed_files_are_known_by_content(bench: Bench, album: Path) -> None:
    bench.scan(album)
    os.utime(album / "a_mark.jpg", ns=(1, 1))
    (album / "b_plain.jpg").rename(album / "inner" / "renamed.jpg")
    outcome = bench.scan(album)
    assert outcome.read == 0
    results = bench.results()
    assert results["a_mark.jpg"].status is Status.HIT
    assert results["renamed.jpg"].status is Status.CLEAN
    assert "b_plain.jpg" not in results


def test_changed_added_and_removed_files(bench: Bench, album: Path) -> None:
    bench.scan(album)
    write_page(album / "a_mark.jpg", PLAIN, salt=2)
    write_page(album / "inner" / "d_plain.jpg", ["绝密★长期"])
    (album / "inner" / "c_mark.png").unlink()
    outcome = bench.scan(album)
    assert outcome.read == 2
    results = bench.results()
    assert results["a_mark.jpg"].status is Status.CLEAN
    assert results["a_mark.jpg"].findings == ()
    assert results["d_plain.jpg"].findings[0].level is Level.JUEMI
    assert "c_mark.png" not in results
    assert {Path(one.found.display).name for one in latest_results(bench.database)} == set(results)


def test_the_same_pictures_in_two_albums_are_read_once(bench: Bench, album: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(album, other)
    outcome = bench.scan(album, other)
    assert sum(outcome.coverage.values()) == 12
    assert bench.looked == 4


def test_new_rules_over_kept_text_need_no_ocr(bench: Bench, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    write_page(tmp_path / "album" / "b.jpg", MARK)
    bench.keep_all = True
    bench.scan(tmp_path / "album")
    assert bench.results()["a.jpg"].status is Status.CLEAN
    looked = bench.looked
    bench.packs = (BUILT_IN, watchlist(tmp_path / "rules"))
    outcome = bench.scan(tmp_path / "album")
    assert (outcome.read, bench.looked) == (0, looked)
    after = bench.results()
    assert after["a.jpg"].status is Status.HIT
    assert after["a.jpg"].findings[0].rule == "site.watch"
    assert after["a.jpg"].findings[0].polygons
    assert after["a.jpg"].width == 400
    assert after["b.jpg"].status is Status.HIT
    bench.packs = (BUILT_IN,)  # ... and back again
    assert bench.scan(tmp_path / "album").coverage == {Status.CLEAN: 1, Status.HIT: 1}
    assert bench.looked == looked


def test_new_rules_without_kept_text_need_a_new_reading(bench: Bench, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    bench.packs = (BUILT_IN, watchlist(tmp_path / "rules"))
    outcome = bench.scan(tmp_path / "album")
    assert (outcome.read, bench.looked) == (1, 2)
    assert bench.results()["a.jpg"].status is Status.HIT


def test_new_rules_leave_what_cannot_be_read_as_it_is(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    bench.keep_all = True
    assert bench.scan(folder).coverage == {Status.UNREADABLE: 1}
    bench.packs = (BUILT_IN, watchlist(tmp_path / "rules"))
    assert bench.scan(folder).coverage == {Status.UNREADABLE: 1}


def test_new_rules_reach_every_album_that_holds_the_picture(bench: Bench, tmp_path: Path) -> None:
    write_page(tmp_path / "one" / "a.jpg", [f"这里有{WORDS}"])
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    bench.scan(tmp_path / "one", tmp_path / "two")
    bench.packs = (BUILT_IN, watchlist(tmp_path / "rules"))
    assert bench.scan(tmp_path / "one", tmp_path / "two").coverage == {Status.HIT: 2}


def test_another_profile_reads_again(bench: Bench, album: Path) -> None:
    bench.scan(album)
    looked = bench.looked
    bench.profile = "thorough"
    assert bench.scan(album).read == 4
    assert bench.looked == 2 * looked


def test_disasters_cost_only_their_own_picture(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    for number in range(12):
        write_page(folder / f"good{number:02}.jpg", MARK, salt=number)
    write_page(folder / "good03_crash.jpg", [engines.CRASH])
    write_page(folder / "good05_hang.jpg", [engines.HANG])
    write_page(folder / "good07_swell.jpg", [engines.SWELL])
    bench.engine, bench.workers, bench.timeout, bench.memory_mib = engines.DisastrousEngine, 2, 20.0, 2048
    outcome = bench.scan(folder)
    statuses = bench.counts.statuses
    assert statuses.pop("good03_crash.jpg") is Status.CRASHED
    assert statuses.pop("good05_hang.jpg") is Status.TIMEOUT
    assert statuses.pop("good07_swell.jpg") is Status.OOM
    assert set(statuses.values()) == {Status.HIT}
    assert outcome.coverage[Status.HIT] == 12
    results = bench.results()
    assert all(results[f"good{number:02}.jpg"].findings[0].level is Level.JIMI for number in range(12))
    assert all(results[name].problem for name in ("good03_crash.jpg", "good05_hang.jpg", "good07_swell.jpg"))
    # What failed is tried again next time, what was read is not.
    bench.engine = engines.FakeEngine
    again = bench.scan(folder)
    assert again.read == 3
    assert again.coverage == {Status.HIT: 12, Status.CLEAN: 3}


def test_kinds_of_entries(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    page = write_page(folder / "page.jpg", MARK)
    outside = write_page(tmp_path / "outside.jpg", MARK, salt=1)
    (folder / "link.jpg").symlink_to(page)
    (folder / "dangling.jpg").symlink_to(folder / "nowhere")
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "outside.jpg").symlink_to(outside)
    os.link(page, folder / "hardlink.jpg")
    os.mkfifo(folder / "fifo.jpg")
    (folder / "empty.jpg").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path may have 107 bytes only
        try:
            listening.bind("socket.jpg")
        finally:
            os.chdir(here)
        outcome = bench.scan(folder)
    assert bench.counts.statuses == {
        "page.jpg": Status.HIT,
        "hardlink.jpg": Status.HIT,
        "link.jpg": Status.SYMLINK,
        "dangling.jpg": Status.SYMLINK,
        "out": Status.SYMLINK,
        "loop": Status.SYMLINK,
        "outside.jpg": Status.SYMLINK,
        "fifo.jpg": Status.SPECIAL_FILE,
        "socket.jpg": Status.SPECIAL_FILE,
        "empty.jpg": Status.UNREADABLE,
    }
    assert outcome.read == 1


NAMES = [
    b"\xff\xfe invalid.jpg",
    b"new\nline.jpg",
    b"-rf",
    b"http_x.jpg",
    b"http:",
    "\u202egpj.exe.jpg".encode(),
    "\u00e9.jpg".encode(),
    "e\u0301.jpg".encode(),
    b"<img src=x onerror=alert(1)>.jpg",
    b"=cmd|calc.jpg",
    b"%s%n {0}.jpg",
    "照片".encode() * 41 + b".jpg",
    b"\x1b[31mred.jpg",
]


def test_names_of_every_kind(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    for number, name in enumerate(NAMES):
        write_page(folder / os.fsdecode(name), MARK, salt=number)
    bench.scan(folder)
    assert {Path(one.found.display).name: one.status for one in bench.counts.results} == {
        os.fsdecode(name): Status.HIT for name in NAMES
    }
    assert bench.outcome is not None
    kept = {one.found.path for one in bench.store().results(bench.outcome.scan_id)}
    assert kept == {bytes(folder) + b"/" + name for name in NAMES}


def test_the_data_folder_is_not_scanned(bench: Bench, tmp_path: Path) -> None:
    write_page(tmp_path / "a.jpg", MARK)
    write_page(tmp_path / "home" / "tmp" / "ours.jpg", MARK)
    write_page(tmp_path / "work" / "ours.jpg", MARK)
    bench.scan(tmp_path, own=(tmp_path / "home", tmp_path / "work"))
    assert bench.counts.statuses == {"a.jpg": Status.HIT}
    bench.scan(tmp_path / "home" / "tmp", own=(tmp_path / "home", tmp_path / "work"))
    assert bench.counts.statuses == {}


def test_the_source_tree_is_only_read(bench: Bench, album: Path) -> None:
    (album / "link").symlink_to("a_mark.jpg")
    (album / "broken.jpg").write_bytes((album / "a_mark.jpg").read_bytes()[:3000])
    before = tree_digest(album)
    bench.scan(album)
    bench.scan(album)
    assert tree_digest(album) == before


def test_a_polite_stop_keeps_what_was_read_and_goes_on(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    for number in range(20):
        write_page(folder / f"{number:02}.jpg", MARK if number % 3 else PLAIN, salt=number)
    outcome = bench.scan(folder, stop_after=5)
    assert outcome.interrupted
    first = outcome.read
    assert 5 <= first < 20
    outcome = bench.scan(folder)
    assert not outcome.interrupted
    assert outcome.read == 20 - first
    assert bench.looked == 20
    assert outcome.coverage == {Status.HIT: 13, Status.CLEAN: 7}


def test_files_that_change_between_hashing_and_reading(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of three twins is replaced while it waits: all three end as what they then are, and nothing hangs."""
    folder = tmp_path / "album"
    first = write_page(folder / "0.jpg", MARK)
    for number in (1, 2, 3):
        shutil.copy(first, folder / f"{number}.jpg")

    def replaced_before_it_is_read(workers: object, found: object, done: object, data: object) -> None:
        monkeypatch.setattr("imgscan.workers.Workers.submit", submit)
        write_page(first, PLAIN)
        submit(workers, found, done, data)  # type: ignore[arg-type]

    from imgscan.workers import Workers

    submit = Workers.submit
    monkeypatch.setattr("imgscan.workers.Workers.submit", replaced_before_it_is_read)
    assert bench.scan(folder).coverage == {Status.CLEAN: 1, Status.HIT: 3}
    assert bench.counts.statuses["0.jpg"] is Status.CLEAN
    assert bench.looked == 2
    again = bench.scan(folder)
    assert again.read == 0
    assert again.coverage == {Status.CLEAN: 1, Status.HIT: 3}


def test_a_file_that_vanishes_before_it_is_read(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "album"
    first = write_page(folder / "0.jpg", MARK)
    shutil.copy(first, folder / "1.jpg")
    shutil.copy(first, folder / "2.jpg")

    def gone_before_it_is_read(workers: object, found: object, done: object, data: object) -> None:
        monkeypatch.setattr("imgscan.workers.Workers.submit", submit)
        first.unlink()
        submit(workers, found, done, data)  # type: ignore[arg-type]

    from imgscan.workers import Workers

    submit = Workers.submit
    monkeypatch.setattr("imgscan.workers.Workers.submit", gone_before_it_is_read)
    bench.scan(folder)
    assert bench.counts.statuses == {"0.jpg": Status.VANISHED, "1.jpg": Status.HIT, "2.jpg": Status.HIT}


def test_too_large_files_are_listed(bench: Bench, tmp_path: Path) -> None:
    page = write_page(tmp_path / "album" / "a.jpg", MARK)
    bench.max_bytes = page.stat().st_size - 1
    assert bench.scan(tmp_path / "album").coverage == {Status.TOO_LARGE: 1}
    bench.max_bytes += 1
    assert bench.scan(tmp_path / "album").coverage == {Status.HIT: 1}


def test_a_folder_that_may_not_be_read(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_page(tmp_path / "album" / "a.jpg", MARK)
    write_page(tmp_path / "album" / "closed" / "b.jpg", MARK)
    scandir = os.scandir

    def refusing(path: bytes) -> object:
        if os.fsencode(path).endswith(b"/closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("imgscan.discover.os.scandir", refusing)
    bench.scan(tmp_path / "album")
    assert bench.counts.statuses == {"a.jpg": Status.HIT, "closed": Status.PERMISSION_DENIED}


def test_two_campaigns_keep_their_own_albums(bench: Bench, album: Path) -> None:
    bench.scan(album, labels=Labels(campaign="spring"))
    bench.scan(album, labels=Labels(campaign="autumn", department="示例局"))
    assert bench.looked == 4
    for campaign in ("spring", "autumn"):
        assert len(list(latest_results(bench.database, campaign))) == 6
    assert list(latest_results(bench.database, "winter")) == []


def test_a_link_that_the_person_named_is_followed(bench: Bench, album: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(album)
    assert sum(bench.scan(tmp_path / "named").coverage.values()) == 6


@pytest.fixture
def lock(home: Path) -> Path:
    home.mkdir()
    return home / "scan.lock"


def test_only_one_scan_at_a_time(lock: Path) -> None:
    with only_scan(lock), pytest.raises(AlreadyRunningError, match=f"pid {os.getpid()}"), only_scan(lock):
        pass
    with only_scan(lock):  # and it is free again
        pass


def test_the_lock_tells_when_it_cannot_be_made(home: Path) -> None:
    from imgscan.errors import StoreError

    home.write_text("a file where the data folder should be")
    with pytest.raises(StoreError), only_scan(home / "scan.lock"):
        pass


def test_a_pool_that_breaks_does_not_hang_the_scan(bench: Bench, album: Path) -> None:
    bench.engine, bench.workers = engines.UnstartableEngine, 1
    outcome = bench.scan(album)
    assert outcome.coverage == {Status.CRASHED: 5, Status.UNSUPPORTED: 1}


def test_what_lies_in_a_folder_that_cannot_be_looked_into_is_not_taken_for_gone(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = tmp_path / "album"
    kept = write_page(album / "inner" / "kept.jpg", ["机密★10年"])
    write_page(album / "beside.jpg", ["今天天气很好"])
    closed = album / "closed"
    closed.mkdir()
    bench.scan(album)
    beside = (album / "inner0.jpg", album / "beside.jpg")
    beside[1].rename(beside[0])  # a name that begins like the folder's
    scandir = os.scandir

    def refusing(refused: Path) -> None:
        def look(path: bytes) -> object:
            if Path(os.fsdecode(path)) == refused:
                raise PermissionError
            return scandir(path)

        monkeypatch.setattr("imgscan.discover.os.scandir", look)

    def there() -> set[str]:
        return {Path(one.found.display).name for one in latest_results(bench.database)}

    refusing(closed)  # nothing was ever in it
    assert bench.scan(album).gone == 1  # beside.jpg, renamed
    assert there() == {"kept.jpg", "inner0.jpg", "closed"}
    refusing(kept.parent)
    beside[0].unlink()
    assert bench.scan(album).gone == 0  # nobody can say
    assert {"kept.jpg", "inner"} <= there()
    refusing(tmp_path)
    assert bench.scan(album).gone == 3
    assert there() == {"kept.jpg"}
    assert bench.scan(album).gone == 0
