"""A store with names, marks and notes that mean harm, and reports made of it in each form."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from imgscan.i18n import set_language
from imgscan.report.forms import Report
from imgscan.review import Decision, Verdict
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Severity, Status
from tests.api.builders import StoreBuilder, finding

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", '=HYPERLINK("x")')
NAMES = (
    *(f"{start}.jpg".encode() for start in FORMULAS),
    b"\xff\xfe\x80.jpg",
    "\u202egpj.exe".encode(),
    b"line\nbreak.jpg",
    b"carriage\rreturn.jpg",
    "\u2028\u2029\ufeff.jpg".encode(),
    b"<script>alert(1)</script>.jpg",
    b"\"quoted\", and 'more'.jpg",
    "\ufffe\uffff.jpg".encode(),
    b"\x01\x08\x1f\x7f.jpg",
    b"_x0041_.jpg",
    "云岫示发〔2026〕12号.jpg".encode(),
)
NUMBER = finding(
    "云岫示发〔2026〕12号", cls=FindingClass.FILE_NUMBER, level=None, severity=Severity.LOW, rule="fn.number"
)
Make = Callable[..., bytes]


@pytest.fixture
def hostile(build: StoreBuilder, queue: ReviewQueue) -> StoreBuilder:
    """One confirmed picture and one file not read for each of NAMES."""
    for n, name in enumerate(NAMES):
        text = FORMULAS[n % len(FORMULAS)]
        hit = build.hit(
            finding("机密★10年", text="机密★10年"), NUMBER, name=name, owner=f"{text}{n}", department=f"@{n % 3}处"
        )
        queue.decide(hit, queue.item(hit).version, Verdict(Decision.CONFIRM, note=f"{text} \u202e"), "=王复核")
        build.file("x" + name.decode("utf-8", "replace"), Status.ENCRYPTED, "The file is encrypted by its app.")
    return build


@pytest.fixture
def make(database: Database) -> Make:
    """Makes a report of the test's store."""

    def report(form: str, listed: str = "problems", *, full: bool = False, language: str = "zh_CN") -> bytes:
        set_language(language)
        out = io.BytesIO()
        Report(database, load((BUILT_IN,)), "王复核", full=full).write(form, listed, out)
        return out.getvalue()

    return report
