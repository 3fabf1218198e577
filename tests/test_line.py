from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgscan.line import Limits, Line, read_one, status_of
from imgscan.read import PROFILES
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.types import Finding, FindingClass, FoundFile, Level, Severity, Status
from tests.fakes.documents import locked_pdf, pdf
from tests.fakes.engine import FakeEngine, looked
from tests.fakes.pages import encode, page, write_page


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return load((BUILT_IN,))


@pytest.fixture
def line(tmp_path: Path, rules: Rulebook) -> Line:
    limits = Limits(2**28, 600_000_000, Severity.MEDIUM)
    return Line(FakeEngine(tmp_path / "work"), rules, PROFILES["balanced"], limits)


def found(path: Path) -> FoundFile:
    return FoundFile(bytes(path.parent), bytes(path))


def test_one_file_from_bytes_to_findings(line: Line, tmp_path: Path) -> None:
    path = write_page(tmp_path / "a.jpg", ["机密★10年", "云岫市示例局文件"], turns=1)
    result = read_one(found(path), line)
    assert (result.status, result.width, result.height) == (Status.HIT, 560, 400)
    assert result.size == path.stat().st_size
    finding = result.findings[0]
    assert (finding.rule, finding.level, finding.severity) == ("ns.mark", Level.JIMI, Severity.CRITICAL)
    # the page lies on its right side: its line runs downwards, from the right edge
    (ax, ay), (bx, by), _c, (dx, dy) = finding.polygons[0]
    assert ay < by
    assert ax == pytest.approx(bx, abs=2)
    assert dx < ax
    assert dy == pytest.approx(ay, abs=2)


def test_every_page_is_judged_and_names_its_number(line: Line, tmp_path: Path) -> None:
    texts = [["今天天气很好"], ["秘密★5年"], ["绝密★长期"]]
    images = [Image.fromarray(np.ascontiguousarray(page(text)[:, :, ::-1])) for text in texts]
    images[0].save(tmp_path / "a.tif", save_all=True, append_images=images[1:])
    result = read_one(found(tmp_path / "a.tif"), line)
    assert result.status is Status.HIT
    assert {(one.page, one.level) for one in result.findings if one.level} == {(1, Level.MIMI), (2, Level.JUEMI)}
    assert [one.number for one in result.pages] == [0, 1, 2]


def test_pages_of_a_pdf_are_judged_and_name_their_number(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([page(["今天天气很好"]), page(["绝密★长期"])]))
    result = read_one(found(tmp_path / "a.pdf"), line)
    assert (result.status, result.width, result.height) == (Status.HIT, 400, 560)
    assert {(one.page, one.level) for one in result.findings if one.level} == {(1, Level.JUEMI)}


def test_a_locked_pdf_is_encrypted(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(locked_pdf())
    result = read_one(found(tmp_path / "a.pdf"), line)
    assert (result.status, bool(result.problem), result.findings) == (Status.ENCRYPTED, True, ())


def test_a_document_too_long_for_its_time_keeps_what_was_read(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([page(["绝密★长期"]), page(["机密★10年"])]))
    hurried = replace(line, limits=replace(line.limits, seconds=0.0))
    result = read_one(found(tmp_path / "a.pdf"), hurried)
    assert (result.status, bool(result.problem)) == (Status.PARTIAL, True)
    assert {one.level for one in result.findings if one.level} == {Level.JUEMI}
    (tmp_path / "b.jpg").write_bytes(encode(page(["绝密★长期"])))
    assert read_one(found(tmp_path / "b.jpg"), hurried).status is Status.HIT  # one page is always read


def test_what_is_left_of_a_truncated_picture_is_judged_and_stays_partial(line: Line, tmp_path: Path) -> None:
    content = encode(page(["机密★10年", *["正文"] * 6]))
    (tmp_path / "cut.jpg").write_bytes(content[: int(len(content) * 0.6)])
    result = read_one(found(tmp_path / "cut.jpg"), line)
    assert result.status is Status.PARTIAL
    assert result.problem
    assert result.findings[0].level is Level.JIMI


def test_a_picture_without_text_is_looked_at_once_and_is_clean(line: Line, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    (tmp_path / "white.png").write_bytes(out.getvalue())
    result = read_one(found(tmp_path / "white.png"), line)
    assert (result.status, result.pages, result.width) == (Status.CLEAN, (), 300)
    assert looked(tmp_path / "work") == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", Status.UNREADABLE), (b"text", Status.UNSUPPORTED), (b"\xff\xd8\xff\xe0", Status.UNREADABLE)],
)
def test_what_cannot_be_read_never_reaches_the_engine(
    line: Line, tmp_path: Path, content: bytes, status: Status
) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    result = read_one(found(tmp_path / "bad.jpg"), line)
    assert (result.status, bool(result.problem), result.findings) == (status, True, ())
    assert looked(tmp_path / "work") == 0


def finding(severity: Severity) -> Finding:
    return Finding("r", FindingClass.INTERNAL, None, severity, 0.5, "t", "t")


@pytest.mark.parametrize(
    ("severities", "problem", "review_from", "status"),
    [
        ([], "", Severity.MEDIUM, Status.CLEAN),
        ([Severity.LOW, Severity.INFO], "", Severity.MEDIUM, Status.CLEAN),
        ([Severity.LOW], "", Severity.LOW, Status.HIT),
        ([Severity.INFO, Severity.MEDIUM], "", Severity.MEDIUM, Status.HIT),
        ([Severity.CRITICAL], "cut", Severity.MEDIUM, Status.PARTIAL),
        ([], "cut", Severity.MEDIUM, Status.PARTIAL),
    ],
)
def test_how_a_decoded_picture_ends(
    severities: list[Severity], problem: str, review_from: Severity, status: Status
) -> None:
    assert status_of(map(finding, severities), problem, review_from) is status
