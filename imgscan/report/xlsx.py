"""A report as XLSX: a sheet with coverage and versions, then one sheet a list, written row by row."""

from __future__ import annotations

from typing import IO, Any

import xlsxwriter

from imgscan.i18n import _
from imgscan.report.contents import Contents, confidential, ending_words, facts
from imgscan.report.tables import Table

MOST_ROWS = 1_000_000
"""Of Excel's 1,048,576 rows a sheet; a longer list goes on in a further sheet."""
LANDSCAPE_A4 = 9
OPTIONS = {
    "constant_memory": True,  # each row goes to a temporary file at once; that lies in the data folder
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(contents: Contents, out: IO[bytes]) -> None:
    """Write the whole workbook to `out`."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties({"title": _("Self-check of photo albums"), "created": contents.provenance.made_at})
        formats = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#E6EEF8", "border": 1, "text_wrap": True, "valign": "top"}
            ),
            "text": book.add_format({"border": 1, "valign": "top"}),
            "wide": book.add_format({"border": 1, "valign": "top", "text_wrap": True}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "warning": book.add_format({"bold": True, "font_color": "#9C1C14"}),
        }
        _summary(book, contents, formats)
        warning = ending_words(contents.counts.coverage)
        for table in contents.tables:
            _sheets(book, table, warning, formats)


def _summary(book: Any, contents: Contents, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_("Summary"))
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, confidential(), formats["title"])
    sheet.write_string(1, 0, _("Suspected only: what is confirmed was confirmed by a person."))
    if warning := ending_words(contents.counts.coverage):
        sheet.write_string(2, 0, warning, formats["warning"])
    for row, (name, value) in enumerate(facts(contents), 3):
        sheet.write_string(row, 0, name, formats["head"])
        _write(sheet, row, 1, value, formats["wide"])


def _sheets(book: Any, table: Table, warning: str, formats: dict[str, Any]) -> None:
    """`warning` stands above the names of the columns, where it is seen as long as the list is."""
    head = 1 if warning else 0
    sheet, row, part = _sheet(book, table, 1, warning, formats), head, 1
    for values in table.rows():
        if row == MOST_ROWS:
            part += 1
            sheet, row = _sheet(book, table, part, warning, formats), head
        row += 1
        for column, value in enumerate(values):
            _write(sheet, row, column, value, formats["wide" if table.columns[column].wide else "text"])
    if part == 1:
        sheet.autofilter(head, 0, row, len(table.columns) - 1)


def _sheet(book: Any, table: Table, part: int, warning: str, formats: dict[str, Any]) -> Any:
    head = 1 if warning else 0
    sheet = book.add_worksheet(table.title if part == 1 else f"{table.title} {part}")
    sheet.set_landscape()
    sheet.set_paper(LANDSCAPE_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, head)
    sheet.freeze_panes(head + 1, 0)
    sheet.set_header(f"&L{confidential()}&R&P / &N")
    if warning:
        sheet.write_string(0, 0, warning, formats["warning"])
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(head, number, column.title, formats["head"])
    return sheet


def _write(sheet: Any, row: int, column: int, value: str | int, form: Any) -> None:
    """A number as a number, anything else as a string: never as a formula or a link."""
    if isinstance(value, int):
        sheet.write_number(row, column, value, form)
    elif value:
        sheet.write_string(row, column, value, form)
    else:
        sheet.write_blank(row, column, None, form)
