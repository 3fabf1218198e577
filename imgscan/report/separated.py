"""A report as CSV: one list, and under it coverage and versions. With a byte order mark, as Excel and WPS want it."""

from __future__ import annotations

import csv
from typing import TextIO

from imgscan.report.contents import Contents, confidential, facts
from imgscan.report.tables import Table

BYTE_ORDER_MARK = "\ufeff"


def write(contents: Contents, table: Table, out: TextIO) -> None:
    """Write `table`. Strings stand in quotes, numbers do not; each row has as many cells as the first."""
    width = len(table.columns)
    out.write(BYTE_ORDER_MARK)
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow([column.title for column in table.columns])
    rows.writerows(table.rows())
    rows.writerow([""] * width)
    for name, value in [(confidential(), ""), *facts(contents)]:
        rows.writerow([name, value, *[""] * (width - 2)])
