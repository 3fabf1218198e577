from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from imgscan.errors import ExitCode
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_imgscan, tree_digest


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `album`, and `home` that holds what a scan of it found."""
    folder = tmp_path_factory.mktemp("scanned")
    write_page(folder / "album" / "a.png", ["机密★10年"])
    write_page(folder / "album" / "b.png", ["今天天气很好"])
    (folder / "album" / "c.dat").write_bytes(b"")
    (folder / "home").mkdir(mode=0o700)
    done = fake_imgscan(
        "scan", folder / "album", "--department", "示例局", "--owner", "张示例", home=folder / "home"
    )  # fmt: skip
    assert done.returncode == ExitCode.NOT_FULLY_READ, done.stderr
    return folder


def test_the_form_follows_from_the_ending(scanned: Path, tmp_path: Path) -> None:
    home = scanned / "home"
    for name, start in (("r.xlsx", b"PK"), ("r.HTML", b"<!doctype"), ("r.csv", b"\xef\xbb\xbf"), ("r.txt", b"{")):
        done = fake_imgscan("report", "-o", tmp_path / name, home=home)
        assert (done.returncode, done.stdout) == (ExitCode.OK, ""), done.stderr
        assert (tmp_path / name).read_bytes().lstrip().startswith(start)
    ledger = load_workbook(tmp_path / "r.xlsx")["Self-check ledger"]
    names, row = ([cell.value for cell in line] for line in ledger.iter_rows())
    told = dict(zip(names, row, strict=True))
    assert (told["Department"], told["Person"], told["Pictures"], told["Processed"], told["Not processed"]) == (
        "示例局", "张示例", 3, 2, 1,
    )  # fmt: skip
    assert (told["Suspected: national secret"], told["Still to review"], told["Problem found"]) == (
        1, 1, "not decided yet",
    )  # fmt: skip


def test_a_report_tells_what_it_covers_and_that_it_is_at_work(scanned: Path, tmp_path: Path) -> None:
    for name in ("r.xlsx", "r.jsonl"):
        done = fake_imgscan("report", "-o", tmp_path / name, home=scanned / "home")
        first, covered, reviewed = done.stderr.splitlines()[-3:]
        assert first == f"Writing {tmp_path / name}; a large store takes half a minute."
        assert covered == "Found 3 files = 2 fully read + 1 not fully read"
        assert reviewed == "1 suspected pictures = 0 confirmed + 0 dismissed + 1 still to review"


@pytest.mark.parametrize(
    ("arguments", "open_"), [(["r.xlsx"], False), (["r.xlsx", "--full"], True), (["r.jsonl"], True)]
)
def test_a_report_that_is_not_masked_says_so(scanned: Path, tmp_path: Path, arguments: list[str], open_: bool) -> None:
    name, *more = arguments
    done = fake_imgscan("report", "-o", tmp_path / name, *more, home=scanned / "home")
    assert done.returncode == ExitCode.OK
    assert ("are not masked: keep it like the documents" in done.stderr) is open_


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_json_lines_say_what_is_not_in_them_because_it_is_gone(tmp_path: Path, form: str) -> None:
    write_page(tmp_path / "album" / "a.png", ["机密★10年"])
    write_page(tmp_path / "album" / "b.png", ["今天天气很好"])
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    fake_imgscan("scan", tmp_path / "album", home=home)
    (tmp_path / "album" / "a.png").unlink()
    fake_imgscan("scan", tmp_path / "album", home=home)
    done = fake_imgscan("report", "-o", tmp_path / f"r.{form}", home=home)
    left_out = "Not in it: 1 suspected picture of which no file is there any more."
    assert (left_out in done.stderr.splitlines()[-1]) == (form == "jsonl")


def test_a_report_of_an_emptied_store_says_that_nothing_was_scanned(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    write_page(tmp_path / "album" / "a.png", ["今天天气很好"])
    fake_imgscan("scan", tmp_path / "album", "--campaign", "2026", home=home)
    assert fake_imgscan("purge", "--campaign", "2026", "--yes", home=home).returncode == ExitCode.OK
    done = fake_imgscan("report", "-o", tmp_path / "r.jsonl", home=home)
    assert (tmp_path / "r.jsonl").read_bytes() == b""
    assert done.stderr.splitlines()[-1] == "Nothing has been scanned yet."


@pytest.mark.parametrize(
    "command",
    [
        ["report", "-o", "-"],
        ["rejudge"],
        ["audit", "verify"],
        ["purge", "--campaign", "x", "--yes"],
        ["review", "--no-open"],
        ["backup"],
    ],
    ids=" ".join,
)
def test_where_nothing_was_scanned_no_store_is_made(command: list[str], tmp_path: Path) -> None:
    """A mistyped data folder must not pass for one in which nothing was found."""
    home = tmp_path / "home"
    done = fake_imgscan(*command, home=home)
    assert done.returncode == ExitCode.USAGE
    assert str(home) in done.stderr
    assert not list(home.glob("imgscan.db*"))


def test_standard_output_takes_all_but_a_spreadsheet(scanned: Path) -> None:
    home = scanned / "home"
    listed = fake_imgscan("report", "--format", "csv", "--list", "unread", "-o", "-", home=home)
    rows = list(csv.reader(io.StringIO(listed.stdout.removeprefix("\ufeff"))))
    assert Path(rows[1][4]).name == "c.dat"
    lines = fake_imgscan("report", "-o", "-", home=home).stdout.splitlines()
    assert sorted(Path(json.loads(line)["path"]).name for line in lines) == ["a.png", "b.png", "c.dat"]
    refused = fake_imgscan("report", "--format", "xlsx", "-o", "-", home=home)
    assert refused.returncode == ExitCode.USAGE
    assert "Name one with -o." in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "docx", "-o", "r.docx"], "xlsx, html, csv, jsonl"),
        (["-o", "r.pdf"], "There is no report format pdf."),
        (["--list", "ledger", "-o", "r.xlsx"], "--list is for CSV alone"),
        (["--list", "x", "-o", "r.csv"], "ledger, problems, unread"),
        (["--campaign", "2026年自査", "-o", "r.xlsx"], "nothing of a campaign 2026年自査"),
        (["-o", "album/r.xlsx"], "albums are never written to"),
        (["-o", "album/a.png"], "There is no report format png."),
        (["-o", "home/imgscan.db"], "There is no report format db."),
        (["--format", "html", "-o", "album/a.png"], "albums are never written to"),
        (["--format", "csv", "-o", "home/imgscan.db"], "holds the store"),
        (["-o", "nowhere/r.csv"], "Name a file in a folder that exists"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_touched(scanned: Path, arguments: list[str], said: str) -> None:
    before = tree_digest(scanned / "album")
    done = fake_imgscan("report", *arguments, home=scanned / "home")
    assert done.returncode in (ExitCode.USAGE, ExitCode.STORE)
    assert said in done.stderr
    assert tree_digest(scanned / "album") == before
    assert not list(scanned.glob("r.*"))
