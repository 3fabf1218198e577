from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from imgscan.report.cells import STARTS_A_FORMULA
from imgscan.report.provenance import code_digest
from imgscan.report.tables import NAMES as LISTS
from imgscan.review import Decision, DismissReason, Verdict
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.audit import holds, verify
from imgscan.store.database import Database
from imgscan.store.overview import overview
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from imgscan.weights import digest as weights_digest
from models import AuditRow
from tests.api.builders import StoreBuilder, finding
from tests.fakes.stores import fill
from tests.report.conftest import NAMES, Make

SOFFICE = shutil.which("soffice")
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def rows_of(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


class Cells(HTMLParser):
    """The texts of table cells, and every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self._open = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.cells[-1] += data


def test_a_spreadsheet_has_the_three_lists_and_a_summary(
    build: StoreBuilder, hostile: StoreBuilder, make: Make
) -> None:
    found = sheets(make("xlsx"))
    assert list(found) == ["概况", "自查台账", "问题清单", "未完整读取的文件"]
    assert found["自查台账"][0][:8] == [
        "序号", "部门", "姓名", "设备", "自查轮次", "自查开始时间", "自查结束时间", "图片总数",
    ]  # fmt: skip
    for title, listed in zip(list(found)[1:], LISTS, strict=True):
        rows = rows_of(make("csv", listed))
        assert found[title][0] == rows[0]
        assert len(found[title]) == rows.index([""] * len(rows[0]))  # the same rows as the CSV before its foot
    assert len(found["问题清单"]) == len(found["未完整读取的文件"]) == len(NAMES) + 1


def test_no_cell_is_a_formula_and_nothing_unseen_is_in_it(hostile: StoreBuilder, make: Make) -> None:
    content = make("xlsx")
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        for cell in (cell for line in sheet.iter_rows() for cell in line):
            assert cell.data_type != "f"
            if isinstance(cell.value, str):
                assert not cell.value.lstrip().startswith(tuple(STARTS_A_FORMULA)), cell.value
                assert not UNSEEN.search(cell.value), cell.value
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist())
    for listed in LISTS:
        for row in rows_of(make("csv", listed)):
            for value in row:
                assert not value.lstrip().startswith(tuple(STARTS_A_FORMULA)), value
                assert not UNSEEN.search(value), value


def test_csv_begins_with_a_byte_order_mark_and_has_equal_rows(hostile: StoreBuilder, make: Make) -> None:
    content = make("csv", "unread")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = rows_of(content)
    assert {len(row) for row in rows} == {8}
    assert content.count(b"\r\n") == len(rows)  # no line break inside a cell


def test_the_page_to_print_loads_nothing_and_runs_nothing(hostile: StoreBuilder, make: Make) -> None:
    text = make("html").decode()
    parser = Cells()
    parser.feed(text)
    names = {tag for tag, _attributes in parser.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "a"}
    assert {attribute for _tag, attributes in parser.tags for attribute in attributes} <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "role", "aria-labelledby", "aria-hidden", "id",
        "width", "height", "x", "y", "x1", "x2", "y1", "y2", "rx", "scope", "colspan",
    }  # fmt: skip
    assert "url(" not in text
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert not UNSEEN.search(text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not [cell for cell in parser.cells if cell.lstrip().startswith(tuple(STARTS_A_FORMULA))]


def test_json_lines_bring_every_name_back(hostile: StoreBuilder, make: Make) -> None:
    found = [json.loads(line) for line in make("jsonl").splitlines()]
    assert len(found) == 2 * len(NAMES)
    paths = {os.fsencode(one["path"]).rpartition(b"/")[2] for one in found if one["status"] == "hit"}
    assert {name.rpartition(b"/")[2] for name in NAMES} <= paths


@pytest.mark.parametrize("form", ["xlsx", "html", "csv"])
@pytest.mark.parametrize("full", [False, True])
def test_numbers_are_masked_unless_asked_for(hostile: StoreBuilder, make: Make, form: str, full: bool) -> None:
    content = make(form, full=full)
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    text = content.decode("utf-8", "replace")
    assert ("云岫示发" in text) is full
    assert ("〔2026〕12号" in text) is full
    assert "机密★10年" in text


@pytest.mark.parametrize("form", ["xlsx", "html", "csv"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_coverage_versions_and_hashes_are_on_each(
    hostile: StoreBuilder, database: Database, make: Make, form: str, language: str
) -> None:
    hostile.file("fine.jpg", Status.CLEAN)
    content = make(form, language=language)
    if form == "xlsx":
        text = "\n".join(str(value) for rows in sheets(content).values() for row in rows for value in row)
    else:
        text = content.decode()
    found = overview(database).coverage.found
    unread = len(NAMES)
    words = {
        "zh_CN": f"共 {found} 个文件 = 完整读取 {found - unread} + 未完整读取 {unread}",
        "en": f"Found {found} files = {found - unread} fully read + {unread} not fully read",
    }
    assert words[language] in text
    for digest in (code_digest(), weights_digest(), load((BUILT_IN,)).digest):
        assert digest in text


def test_the_digest_of_the_program_follows_its_files() -> None:
    assert re.fullmatch("[0-9a-f]{64}", code_digest())


@pytest.mark.parametrize("form", ["xlsx", "html", "csv", "jsonl"])
@pytest.mark.parametrize("full", [False, True])
def test_taking_a_report_away_is_noted_in_the_audit_trail(
    database: Database, make: Make, form: str, full: bool
) -> None:
    content = make(form, full=full)
    with database.reading() as session:
        (row,) = session.scalars(select(AuditRow))
        assert (row.actor, row.act) == ("王复核", "report")
        assert row.about == {"form": form, "list": "problems", "campaign": None, "full": full}
    head = verify(database)
    assert holds(database, str(head))
    if form in ("html", "csv"):
        assert str(head) in content.decode()


def test_an_empty_store_gives_each_form(database: Database, make: Make) -> None:
    for rows in list(sheets(make("xlsx")).values())[1:]:
        assert (len(rows), rows[0][0]) == (2, "还没有扫描过。")  # no list is empty without a word
    assert "无。" in make("html").decode()
    assert len(rows_of(make("csv"))[0]) == 19
    assert make("jsonl") == b""


def test_a_confirmed_picture_whose_file_is_gone_is_listed_and_says_so(
    build: StoreBuilder, queue: ReviewQueue, make: Make
) -> None:
    confirm = Verdict(Decision.CONFIRM)
    names = ("stays.jpg", "moves.jpg", "goes.jpg")
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 10), name=name) for n, name in enumerate(names)]
    for hit in hits:
        queue.decide(hit, 0, confirm, "王复核")
    build.hit(name="nobody-decided.jpg")
    build.new_scan()
    build.again("stays.jpg")
    build.again("moves.jpg", now="moved.jpg")
    rows = rows_of(make("csv"))
    told = [dict(zip(rows[0], row, strict=True)) for row in rows[1:4]]
    assert [(row["张数"], row["文件现状"]) for row in told] == [
        ("1", "在原处"),
        ("1", "2 个文件中 1 个已不在"),
        ("0", "文件已不在"),
    ]
    files = [[each.rpartition("/")[2] for each in row["文件"].split("；")] for row in told]
    assert files == [["stays.jpg"], ["moved.jpg", "moves.jpg（文件已不在）"], ["goes.jpg（文件已不在）"]]
    words = "其中 2 张疑似图片，据最近的扫描，文件已不在，仍计入以上数字。"
    assert words in make("html").decode()
    assert any(words in str(value) for row in sheets(make("xlsx"))["概况"] for value in row)
    lines = [json.loads(line)["path"].rpartition("/")[2] for line in make("jsonl").splitlines()]
    assert lines == ["moved.jpg", "stays.jpg"]


def test_whoever_has_no_file_any_more_stays_in_the_ledger(build: StoreBuilder, queue: ReviewQueue, make: Make) -> None:
    for owner in ("甲", "乙", "丙"):
        hit = build.hit(owner=owner)
        if owner != "丙":
            reason = None if owner == "甲" else DismissReason.MISREAD
            queue.decide(hit, 0, Verdict(Decision.DISMISS if reason else Decision.CONFIRM, reason), "王复核")
    build.new_scan()
    for owner in ("甲", "乙", "丙"):
        build.enter_album(owner)
    rows = rows_of(make("csv", "ledger"))
    told = [dict(zip(rows[0], row, strict=True)) for row in rows[1:4]]
    assert {row["姓名"]: (row["图片总数"], row["已确认"], row["是否发现问题"]) for row in told} == {
        "甲": ("0", "1", "是"),
        "乙": ("0", "0", "没有文件"),
        "丙": ("0", "0", "待复核"),
    }


NOT_FINAL = {
    "running": {"en": "Not final: a scan has not ended", "zh_CN": "非最终结果：有扫描尚未结束"},
    "interrupted": {"en": "Not final: a scan was interrupted", "zh_CN": "非最终结果：有扫描中途停止"},
}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("state", ["running", "interrupted", "complete"])
@pytest.mark.parametrize("files", [0, 1])
def test_numbers_of_a_scan_that_did_not_end_never_read_as_final(
    database: Database, make: Make, tmp_path: Path, *, state: str, language: str, files: int
) -> None:
    build = StoreBuilder(database, tmp_path)
    build.new_scan(state)
    with database.writing() as session:
        build._album(session, "示例局一处", "张示例")
    if files:
        build.file("a.jpg", Status.CLEAN)
    words = NOT_FINAL.get(state, {}).get(language, "")
    found = sheets(make("xlsx", language=language))
    for rows in found.values():  # on each sheet, above the first number
        above = [str(value) for row in rows[:3] for value in row if value]
        assert (
            any(value.startswith(words) for value in above) if words else not re.search("Not final|非最终", str(rows))
        )
    head = 1 if words else 0
    (ledger,) = [rows[head:] for title, rows in found.items() if title in ("自查台账", "Self-check ledger")]
    assert ledger[0][0] in ("序号", "No.")
    told = [dict(zip(ledger[0], row, strict=True)) for row in ledger[1:]]
    name, no, unfinished, nothing = {
        "zh_CN": ("是否发现问题", "否", "扫描未完成", "没有文件"),
        "en": ("Problem found", "no", "scan not finished", "no files there"),
    }[language]
    assert [row[name] for row in told] == [unfinished if words else no if files else nothing]
    page = make("html", language=language).decode()
    body = page.partition("<body>")[2]
    assert (words in body.partition('<section class="figures">')[0]) is (words in body) is True
    assert page.count('class="not-final"') == (3 if words else 0)
    for listed in LISTS:
        rows = rows_of(make("csv", listed, language=language))
        assert rows[0][0] in ("序号", "No.")  # what spreadsheet programs take for the heads; the rest stands below
        below = rows[next(n for n, row in enumerate(rows) if not any(row)) :]
        assert any(row[1].startswith(words) for row in below) if words else True
    lines = [json.loads(line) for line in make("jsonl", language=language).splitlines()]
    assert [line["scan"] for line in lines] == [state] * files


def test_pictures_and_tables_show_the_same_numbers(database: Database, make: Make) -> None:
    fill(database, 400, 150)
    text = make("html", language="en").decode()
    for key, tallies in (("levels", overview(database).levels), ("classes", overview(database).classes)):
        figure = text[text.index(f'<figure class="figure {key}"') :].partition("</figure>")[0]
        drawn = [int(value) for value in re.findall(r'<text class="value"[^>]*>(\d+)</text>', figure)]
        rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", figure, re.DOTALL)
        told = [[int(value) for value in re.findall(r'<td class="number">(\d+)</td>', row)] for row in rows]
        assert drawn == [tally.total for _what, tally in tallies] == [row[-1] for row in told]
        assert [row[:-1] for row in told] == [
            [tally.confirmed, tally.new, tally.unsure, tally.dismissed] for _what, tally in tallies
        ]


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice here (Debian: apt-get install libreoffice-calc)")
@pytest.mark.parametrize("which", ["hostile", "empty", "large"])
def test_libreoffice_opens_each_spreadsheet(
    which: str, request: pytest.FixtureRequest, database: Database, make: Make, tmp_path: Path
) -> None:
    if which == "hostile":
        request.getfixturevalue("hostile")
    elif which == "large":
        fill(database, 3000, 1000)
    place = tmp_path / "report.xlsx"
    place.write_bytes(make("xlsx"))
    subprocess.run(
        [
            str(SOFFICE), "--headless", "--norestore", f"-env:UserInstallation=file://{tmp_path}/office",
            "--convert-to", 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1',
            "--outdir", str(tmp_path / "read"), str(place),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    expected = sheets(place.read_bytes())
    for title, rows in expected.items():
        read = rows_of((tmp_path / "read" / f"report-{title}.csv").read_bytes())
        assert len(read) == len(rows)
        for here, there in zip(rows, read, strict=True):
            # openpyxl leaves the escape of an escape as it stands in the file
            assert ["" if value is None else str(value).replace("_x005F_", "_") for value in here] == there
