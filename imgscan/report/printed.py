"""A report as one HTML file to print: charts, lists, versions; it loads nothing and holds no script."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from imgscan import i18n
from imgscan.report.contents import (
    Contents,
    confidential,
    coverage_words,
    ending_words,
    facts,
    gone_words,
    lost_words,
    review_words,
)

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
MOST_UNREAD = 2000
"""More files not read are named by the spreadsheet: nobody prints them."""


def write(contents: Contents, out: TextIO) -> None:
    """Write the page piece by piece."""
    # Read from our own package, and no value from outside is in it.
    style = Markup("".join((STATIC / name).read_text(encoding="utf-8") for name in ("charts.css", "report.css")))  # noqa: S704
    page = (
        make_environment(TEMPLATES)
        .get_template("report.html")
        .stream(
            contents=contents,
            language="zh-CN" if i18n.current_language() == "zh_CN" else "en",
            style=style,
            style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            confidential=confidential(),
            lost=lost_words(contents.loss),
            coverage=coverage_words(contents.counts.coverage),
            ending=ending_words(contents.counts.coverage),
            review=review_words(contents.counts),
            gone=gone_words(contents.counts.gone),
            facts=facts(contents),
            most_unread=MOST_UNREAD,
        )
    )
    page.enable_buffering(100)
    for piece in page:
        out.write(piece)


def make_environment(*folders: Path) -> Environment:
    """Jinja over templates in `folders` that escapes everything, refuses unknown names, and speaks `imgscan.i18n`."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fill"] = str.format
    # newstyle=False: a translated % in a string stays a %.
    environment.install_gettext_callables(i18n._, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    return environment
