"""Opaque marks of a place in an ordered list, so that the next page starts where the last one ended."""

from __future__ import annotations

import base64
import json
from typing import Any

from imgscan.errors import UsageError
from imgscan.i18n import _


def to_cursor(*values: int | float | str) -> str:
    """`values` as text that fits into an address."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def from_cursor(cursor: str, *kinds: type) -> list[Any]:
    """The values of `kinds` that `to_cursor` was given. Raises UsageError on anything else."""
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise UsageError(_("This page of the list is unknown."), _("Start again from the first page."))
    return values
