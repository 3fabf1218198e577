"""The forms a report comes in, and the one way to write any of them: for the command line and for the page."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO, TextIO

from imgscan.judge import describe
from imgscan.report import printed, separated, xlsx
from imgscan.report.contents import gather
from imgscan.report.jsonl import write_jsonl
from imgscan.rulebook import Rulebook
from imgscan.store.database import Database
from imgscan.store.ledger import note_report
from imgscan.store.overview import Overview, overview
from imgscan.store.scanning import latest_results

FORMS = ("xlsx", "html", "csv", "jsonl")


@dataclass(frozen=True, slots=True)
class Report:
    """What to report: one campaign or all (None), with numbers masked or `full`; of the lists, CSV holds one.

    JSON lines are for programs, which look paths up and compare texts: they are never masked.
    `reporter` is who takes it away: noted in the audit trail before the first byte is written.
    """

    database: Database
    rulebook: Rulebook
    reporter: str
    campaign: str | None = None
    full: bool = False

    def write(self, form: str, listed: str, out: IO[bytes]) -> Overview:
        """Write one of FORMS to `out`; `listed` is one of `tables.NAMES` and counts for CSV alone.

        Returns what was counted for it, for whoever is told that it was written.
        """
        about = {"form": form, "list": listed, "campaign": self.campaign, "full": self.full}
        head = note_report(self.database, self.reporter, about)
        if form == "jsonl":
            counts = overview(self.database, self.campaign)
            words = partial(describe, rulebook=self.rulebook)
            results = latest_results(self.database, self.campaign)
            _as_text(out, lambda text: write_jsonl(results, words, text, counts.coverage.ending))
            return counts
        contents = gather(self.database, self.rulebook, self.campaign, str(head), full=self.full)
        if form == "xlsx":
            xlsx.write(contents, out)
        elif form == "html":
            _as_text(out, partial(printed.write, contents))
        else:
            table = next(each for each in contents.tables if each.key == listed)
            _as_text(out, partial(separated.write, contents, table))
        return contents.counts


def _as_text(out: IO[bytes], write: Callable[[TextIO], None]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    write(text)
    text.flush()
    text.detach()
