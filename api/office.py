"""What the overview, the reports and the scan page need beside the queue; made once by whoever serves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from api.folders import Folders
from api.scanner import Scanner
from imgscan.rulebook import Rulebook
from imgscan.store.database import Database


@dataclass(frozen=True, slots=True)
class Office:
    """One a running application. Reports are made one at a time: each holds a spreadsheet's rows on the disk.

    `home` is the data folder, which the page names for people.
    """

    database: Database
    rulebook: Rulebook
    scanner: Scanner
    folders: Folders
    home: Path
    temporary: Path
    one_report: Lock = field(default_factory=Lock)


def office(request: Request) -> Office:
    """The office of the application that `request` came to."""
    found: Office = request.app.state.office
    return found


OfficeHere = Annotated[Office, Depends(office)]
