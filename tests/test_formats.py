from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from imgscan.frames import Pixels
from imgscan.report.jsonl import write_jsonl
from imgscan.review import Ending
from imgscan.specimens.fonts import fonts_present
from imgscan.store.database import Database
from imgscan.types import INSIDE, Level, ScanResult, Status
from models import Base
from tests.fakes.formats import FORMATS, GREY
from tests.fakes.pages import encode, page
from tests.fakes.runs import REPOSITORY, Bench, environment
from tests.panorama import panorama

MARK = ["机密★10年", "云岫市示例局文件"]
HEIC = REPOSITORY / "tests" / "data" / "heic"
SCREENSHOT = REPOSITORY / "imgscan" / "specimens" / "demo" / "Screenshot_20260521_203015.jpg"
TURNABLE = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")


def album_of(folder: Path, picture: Pixels, heic: str) -> Path:
    """`picture` in every format, and in those that note a turn in every EXIF orientation."""
    folder.mkdir()
    for name, make in FORMATS.items():
        (folder / name).write_bytes(make(picture))
    for kind in TURNABLE:
        for orientation in range(1, 9):
            (folder / f"{kind} turned {orientation}").write_bytes(encode(picture, kind, orientation, quality=92))
    for path in HEIC.glob(heic):
        shutil.copy(path, folder)
    return folder


def told(result: ScanResult) -> set[tuple[object, ...]]:
    """What a finding says, without where: not every format has the same pages."""
    return {(one.rule, one.cls, one.level, one.severity, one.mark) for one in result.findings}


def holders(bench: Bench) -> dict[str, ScanResult]:
    """The result of each picture by the name of the outermost file; archives and video parts are left out."""
    assert bench.outcome is not None
    results: dict[str, ScanResult] = {}
    for one in bench.store().results(bench.outcome.scan_id):
        name = Path(one.found.path.partition(INSIDE)[0].decode()).name
        if one.status is not Status.UNSUPPORTED and (one.findings or name not in results):
            results[name] = one
    return results


def test_formats_equal(database: Database, tmp_path: Path) -> None:
    """One page in every format and EXIF orientation: the same findings in all of them.

    The fake engine tells its blocks by colour: grey formats are in the test with the real one.
    """
    folder = album_of(tmp_path / "album", page(MARK), "page*.heic")
    bench = Bench(database, tmp_path / "work", workers=2)
    bench.scan(folder)
    results = holders(bench)
    assert len(results) == len(list(folder.iterdir())) >= 70
    expected = told(results["png"])
    assert {level for _rule, _cls, level, _severity, _mark in expected} >= {Level.JIMI}
    assert {name: told(one) for name, one in results.items() if told(one) != expected} == {}
    assert {one.status for one in results.values()} == {Status.HIT}


@pytest.mark.ocr
def test_formats_equal_with_the_real_engine(real_weights: Path, tmp_path: Path) -> None:
    """A screenshot of a document in every format, grey ones too: the same mark in all of them."""
    picture = np.asarray(cv2.imread(str(SCREENSHOT)), np.uint8)
    folder = tmp_path / "album"
    folder.mkdir()
    for name, make in {**FORMATS, **GREY}.items():
        (folder / name).write_bytes(make(picture))
    for orientation in range(1, 9):
        (folder / f"turned {orientation}").write_bytes(encode(picture, "JPEG", orientation, quality=92))
    shutil.copy(HEIC / "screenshot.heic", folder)
    done = subprocess.run(
        [sys.executable, "-m", "imgscan", "scan", folder, "--jsonl", "-"],
        env=environment(tmp_path / "home", IMGSCAN_WEIGHTS=str(real_weights)),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    found: dict[str, set[tuple[str, str, str]]] = {path.name: set() for path in folder.iterdir()}
    for one in map(json.loads, done.stdout.splitlines()):
        name = Path(one["path"].partition("!/")[0]).name
        found[name] |= {(f["rule"], f["level"], f["severity"]) for f in one["findings"]}
    assert len(found) >= 45
    expected = found["png"]
    assert {level for _rule, level, _severity in expected} >= {Level.JUEMI}
    assert {name: told for name, told in found.items() if told != expected} == {}


@pytest.mark.ocr
def test_panorama(real_weights: Path, tmp_path: Path) -> None:
    """200 megapixels, one sheet on them, a mark of 44 pixels: found, in a process that never has more than 3 GiB."""
    if not fonts_present():
        pytest.skip("no Chinese fonts to draw the mark with")
    file = tmp_path / "album" / "panorama.jpg"
    file.parent.mkdir()
    file.write_bytes(panorama("机密★10年"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.panorama", str(file)],
        env=environment(tmp_path / "home", IMGSCAN_WEIGHTS=str(real_weights)),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    status, marks, _seconds, peak = done.stdout.strip().split("\t")
    assert (status, marks) == ("hit", "机密★10年")
    assert int(peak) <= 3 * 1024


@pytest.mark.parametrize("count", [1, 3])
def test_a_long_chat_screenshot_is_read_to_its_end(database: Database, tmp_path: Path, count: int) -> None:
    """As WeChat stitches them: many screens, one below the other, the mark on the last."""
    screens = [page(["今天天气很好", "我们去公园散步"]) for _screen in range(12 * count)] + [page(MARK)]
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "long.png").write_bytes(encode(np.vstack(_of_one_width(screens)), "PNG"))
    bench = Bench(database, tmp_path / "work")
    bench.scan(tmp_path / "album")
    result = bench.results()["long.png"]
    assert result.height > 12 * result.width * count
    finding = next(one for one in result.findings if one.level is Level.JIMI)
    assert finding.polygons[0][0][1] > result.height - 560


def _of_one_width(pictures: list[Pixels]) -> list[Pixels]:
    width = max(one.shape[1] for one in pictures)
    return [
        cv2.copyMakeBorder(one, 0, 0, 0, width - one.shape[1], cv2.BORDER_CONSTANT, value=(235, 235, 235))  # type: ignore[misc]
        for one in pictures
    ]


def test_thumbnails_are_read_however_small(database: Database, tmp_path: Path) -> None:
    """Each is looked at; a page of one pixel is no error. What can be read in them is measured in docs/reading.md."""
    folder = tmp_path / "album"
    folder.mkdir()
    for side in (1, 2, 3, 8, 16, 60, 120):
        (folder / f"{side}.png").write_bytes(encode(np.full((side, side, 3), 200 + side % 7, np.uint8), "PNG"))
    small = page(["机密★10年"])
    (folder / "page.png").write_bytes(encode(np.ascontiguousarray(small[:120]), "PNG"))
    bench = Bench(database, tmp_path / "work")
    assert bench.scan(folder).coverage == {Status.CLEAN: 7, Status.HIT: 1}
    assert bench.outcome is not None
    assert bench.outcome.read == 8


def test_what_belongs_to_a_live_photo_is_counted_and_listed(database: Database, tmp_path: Path) -> None:
    """Apple writes still and video as two files, Google and Samsung one behind the other, WeChat hides what it can."""
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(HEIC / "page.heic", folder / "IMG_0001.HEIC")
    video = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + bytes(2000)
    (folder / "IMG_0001.MOV").write_bytes(video)
    (folder / "MVIMG.jpg").write_bytes(FORMATS["motion photo"](page(MARK)))
    for name, head in (("v1.dat", b"\x07\x08V1\x08\x07"), ("v2.dat", b"\x07\x08V2\x08\x07"), ("chat.dat", b"wxgf")):
        (folder / name).write_bytes(head + bytes(300))
    (folder / "old.dat").write_bytes(FORMATS["wechat"](page(MARK, salt=1)))
    bench = Bench(database, tmp_path / "work")
    outcome = bench.scan(folder)
    assert outcome.coverage == {Status.HIT: 3, Status.UNSUPPORTED: 2, Status.ENCRYPTED: 3}
    assert bench.outcome is not None
    listed = {one.found.display.removeprefix(f"{folder}/"): one for one in bench.store().results(outcome.scan_id)}
    assert {name for name, one in listed.items() if one.status is Status.UNSUPPORTED} == {
        "IMG_0001.MOV", "MVIMG.jpg!/motion.mp4"
    }  # fmt: skip
    assert all(one.problem for one in listed.values() if not one.status.fully_read)


def test_of_exif_only_date_and_camera_are_kept(database: Database, tmp_path: Path) -> None:
    """Place, owner, serial number, comment and thumbnail of a photo are nowhere in the store, nor in the JSON lines."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Xingcha", "X1"
    exif[ExifTags.Base.Artist] = exif[ExifTags.Base.ImageDescription] = "canary-owner"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = "2026:03:01 08:00:00"
    inner[ExifTags.Base.UserComment], inner[ExifTags.Base.BodySerialNumber] = b"canary-comment", "canary-serial"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (31.0, 17.0, 53.0)
    place[ExifTags.GPS.GPSAreaInformation] = "canary-place"
    folder = tmp_path / "album"
    folder.mkdir()
    photo = Image.fromarray(np.ascontiguousarray(page(MARK)[:, :, ::-1]))
    photo.save(folder / "a.jpg", exif=exif, quality=90)
    content = (folder / "a.jpg").read_bytes()
    assert all(canary in content for canary in (b"canary-owner", b"canary-comment", b"canary-serial", b"canary-place"))
    bench = Bench(database, tmp_path / "work")
    bench.scan(folder)
    result = bench.results()["a.jpg"]
    assert (result.status, result.taken_at, result.camera) == (Status.HIT, "2026:03:01 08:00:00", "Xingcha X1")
    with database.reading() as session:
        kept = [repr(row) for table in Base.metadata.sorted_tables for row in session.execute(table.select())]
    assert any("Xingcha X1" in row for row in kept)
    assert not [row for row in kept if "canary" in row or "31.0" in row]
    lines = io.StringIO()
    write_jsonl([result], lambda reason: reason.code, lines, Ending.COMPLETE)
    assert "canary" not in lines.getvalue()
