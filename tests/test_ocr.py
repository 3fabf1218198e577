from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from imgscan import env
from imgscan.engine import PaddleEngine
from imgscan.frames import Pixels
from imgscan.line import Limits
from imgscan.rulebook import BUILT_IN
from imgscan.settings import load_settings
from imgscan.specimens.fonts import font, fonts_present
from imgscan.specimens.truth import Truth, read_truths
from imgscan.types import Finding, FoundFile, Point, ScanResult, Severity, Status
from imgscan.workers import WorkerConfig, Workers
from tests.fakes.engine import FakeEngine
from tests.fakes.pages import encode, write_page
from tests.fakes.runs import REPOSITORY

pytestmark = pytest.mark.ocr
DEMO = REPOSITORY / "imgscan" / "specimens" / "demo"
LIMITS = Limits(2**28, 600_000_000, Severity.MEDIUM)


class Reader:
    """Reads files in a reading process of its own, as a scan does."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __call__(self, path: Path) -> ScanResult:
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._workers.submit(FoundFile(bytes(path.parent), bytes(path), path.stat().st_size), answers.put)
        result = answers.get(timeout=180)
        assert isinstance(result, ScanResult), result
        return result


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, real_weights: Path) -> Iterator[Reader]:
    before, mask = dict(os.environ), os.umask(0o077)
    home = tmp_path_factory.mktemp("home")
    os.environ["IMGSCAN_HOME"] = str(home)
    settings = load_settings()
    env.prepare(settings)
    config = WorkerConfig(
        PaddleEngine,
        real_weights,
        (BUILT_IN,),
        "balanced",
        LIMITS,
        settings.worker_memory_mib,
        albums=(home.parent, REPOSITORY, REPOSITORY.parent / "shared"),
        temporary=settings.temporary_path,
    )
    with Workers(config, 1, 120.0) as workers:
        yield Reader(workers)
    os.environ.clear()
    os.environ.update(before)
    os.umask(mask)


def demo(*, tiers: tuple[str, ...] = ("standard", "hard")) -> list[Truth]:
    """The specimens with a national-secret mark whose place is known, each picture once."""
    if not (DEMO / "truth.jsonl").is_file():
        return []
    truths = [one for one in read_truths(DEMO) if one.level and one.mark and one.polygon and one.tier in tiers]
    return [one for one in truths if "duplicate" not in one.tags]


def marked(truth: Truth, result: ScanResult) -> Finding:
    """The finding of the specimen's mark."""
    found = [one for one in result.findings if one.level == truth.level and one.cls.value in truth.classes]
    assert found, (truth.file, result.status, [(one.rule, one.text, one.level) for one in result.findings])
    return found[0]


def covered(polygon: tuple[Point, ...], finding: Finding, width: int, height: int) -> float:
    """The share of `polygon` that the boxes of `finding` cover."""
    truth, boxes = (np.zeros((height, width), np.uint8) for _ in range(2))
    cv2.fillPoly(truth, [np.array(polygon, np.int32)], (1,))
    for quad in finding.polygons:
        cv2.fillPoly(boxes, [np.array(quad, np.int32)], (1,))
    return float((truth & boxes).sum()) / float(truth.sum())


@pytest.mark.parametrize("truth", demo()[:6], ids=lambda truth: truth.file)
def test_marks_of_the_demo_are_found_where_they_are(read: Reader, truth: Truth) -> None:
    result = read(DEMO / truth.file)
    finding = marked(truth, result)
    assert result.status in (Status.HIT, Status.PARTIAL)
    assert truth.polygon is not None
    assert covered(truth.polygon, finding, result.width, result.height) > 0.7


@pytest.fixture(scope="module")
def upright() -> tuple[Truth, Pixels]:
    """One plain specimen as a viewer shows it."""
    plain = [one for one in demo(tiers=("standard",)) if not {"truncated", "perspective"} & set(one.tags)]
    if not plain:
        pytest.skip("the demo album is not there")
    from PIL import ImageOps

    with Image.open(DEMO / plain[0].file) as image:
        shown = ImageOps.exif_transpose(image).convert("RGB")
    return plain[0], np.ascontiguousarray(np.asarray(shown)[:, :, ::-1])


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_lies_on_its_side_or_head_is_read(
    read: Reader, upright: tuple[Truth, Pixels], tmp_path: Path, turns: int
) -> None:
    truth, picture = upright
    turned = np.ascontiguousarray(np.rot90(picture, -turns))  # clockwise
    (tmp_path / "turned.jpg").write_bytes(encode(turned, quality=92))
    result = read(tmp_path / "turned.jpg")
    finding = marked(truth, result)
    height, width = picture.shape[:2]
    clockwise = {
        1: lambda x, y: (height - y, x),
        2: lambda x, y: (width - x, height - y),
        3: lambda x, y: (y, width - x),
    }
    assert truth.polygon is not None
    expected = tuple(clockwise[turns](x, y) for x, y in truth.polygon)
    assert covered(expected, finding, result.width, result.height) > 0.7
    # clockwise from the text's own top left: the first side runs the way the text does
    (ax, ay), (bx, by) = finding.polygons[0][0], finding.polygons[0][1]
    (tx, ty), (ux, uy) = expected[0], expected[1]
    along = np.dot((bx - ax, by - ay), (ux - tx, uy - ty)) / (np.hypot(bx - ax, by - ay) * np.hypot(ux - tx, uy - ty))
    assert along > 0.9


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_changes_nothing(
    read: Reader, upright: tuple[Truth, Pixels], tmp_path: Path, orientation: int
) -> None:
    truth, picture = upright
    (tmp_path / "noted.jpg").write_bytes(encode(picture, "JPEG", orientation, quality=92))
    result = read(tmp_path / "noted.jpg")
    assert (result.height, result.width) == picture.shape[:2]
    assert truth.polygon is not None
    assert covered(truth.polygon, marked(truth, result), result.width, result.height) > 0.7


PLACE = (600, 660)


def laid_over(words: str, ink: tuple[int, int, int], size: int, angle: float) -> Image.Image:
    """A page of fourteen lines, and `words` in `ink` over them, around PLACE."""
    page = Image.new("RGB", (1240, 1754), (244, 243, 240))
    draw = ImageDraw.Draw(page)
    for row in range(14):
        body = "为进一步做好防汛抗旱和水库安全度汛工作，经研究，现将有关事项"
        draw.text((150, 260 + 62 * row), body, (40, 40, 42), font("song", 31))
    layer = Image.new("L", page.size, 0)
    ImageDraw.Draw(layer).text(PLACE, words, 255, font("hei", size), anchor="mm")
    layer = layer.rotate(angle, center=PLACE)
    over = Image.new("RGB", page.size, ink)
    darker = ImageChops.multiply(page, over)
    return Image.composite(darker, page, layer)


@pytest.mark.parametrize(
    ("words", "ink", "size_and_angle"),
    [
        ("机密", (205, 205, 205), (330, 45.0)),
        ("绝密", (240, 190, 190), (280, 35.0)),
        ("机密", (225, 70, 70), (92, 8.0)),
    ],
    ids=["grey watermark", "red watermark", "stamp"],
)
def test_words_laid_over_the_text_are_read(
    read: Reader, tmp_path: Path, words: str, ink: tuple[int, int, int], size_and_angle: tuple[int, float]
) -> None:
    if not fonts_present():
        pytest.skip("no Chinese fonts to draw with")
    size, angle = size_and_angle
    laid_over(words, ink, size, angle).save(tmp_path / "page.jpg", quality=90)
    finding = read(tmp_path / "page.jpg").findings[0]
    assert (finding.level and finding.level.value, finding.severity) == (words, Severity.CRITICAL)
    middle = np.mean(finding.polygons[0], axis=0)
    assert np.hypot(*(middle - PLACE)) < size


def test_a_picture_without_text_reads_nothing(read: Reader, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sky = np.linspace(230, 120, 600)[:, None, None] * np.ones((1, 800, 3)) * (1.0, 0.8, 0.6)
    sky[400:] = (60, 110, 70)
    noisy = np.clip(sky + rng.normal(0, 4, sky.shape), 0, 255).astype(np.uint8)
    (tmp_path / "field.jpg").write_bytes(encode(noisy))
    result = read(tmp_path / "field.jpg")
    assert (result.status, result.pages, result.findings) == (Status.CLEAN, (), ())


def test_the_fake_engine_and_the_real_one_lead_to_the_same_finding(
    read: Reader, upright: tuple[Truth, Pixels], tmp_path: Path
) -> None:
    """What the real engine read in a specimen, written in blocks: the same rule, class, level and mark."""
    truth, _picture = upright
    real = read(DEMO / truth.file)
    twin = write_page(tmp_path / "twin.png", [line.text for page in real.pages for line in page.lines])
    work = tmp_path / "work"
    work.mkdir()
    config = WorkerConfig(FakeEngine, work, (BUILT_IN,), "balanced", LIMITS, 4096, albums=(tmp_path,), temporary=work)
    with Workers(config, 1, 60.0) as workers:
        fake = Reader(workers)(twin)
    one, other = marked(truth, real), marked(truth, fake)
    assert (one.rule, one.cls, one.level, one.mark) == (other.rule, other.cls, other.level, other.mark)
    assert [line.text for page in fake.pages for line in page.lines] == [
        line.text for page in real.pages for line in page.lines
    ]
    assert type(one.polygons) is type(other.polygons)
