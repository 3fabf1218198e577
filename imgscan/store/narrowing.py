"""Which hits a filter describes (**review**): the conditions behind the filters of the queue."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, Text, select, type_coerce

from imgscan.review import Filter
from imgscan.store.looking import seen_by
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading


def narrowed(query: Select[HitRow], wanted: Filter) -> Select[HitRow]:
    """`query` for the hits that `wanted` describes."""
    if wanted.states:
        query = query.where(HitRow.state.in_([state.value for state in wanted.states]))
    for column, value in ((HitRow.cls, wanted.cls), (HitRow.level, wanted.level)):
        if value is not None:
            query = query.where(column == value.value)
    if wanted.severity is not None:
        query = query.where(HitRow.severity == wanted.severity.rank)
    if wanted.found_from:
        query = query.where(HitRow.found_at >= _start(wanted.found_from))
    if wanted.found_to:
        query = query.where(HitRow.found_at < _start(_after(wanted.found_to)))
    if wanted.unseen_by:
        query = query.where(~seen_by(wanted.unseen_by))
    return query.where(*_by_findings(wanted), *_by_files(wanted), *_by_taken(wanted))


def _by_findings(wanted: Filter) -> list[ColumnElement[bool]]:
    found = select(Reading.sha256).join(FindingRow, FindingRow.reading_id == Reading.id)
    conditions: list[ColumnElement[bool]] = []
    if wanted.rule:
        conditions.append(found.where(Reading.sha256 == HitRow.sha256, FindingRow.rule == wanted.rule).exists())
    if wanted.text:
        # All at once and not hit by hit: a word that nobody wrote would else be looked for by a look-up for each.
        conditions.append(HitRow.sha256.in_(found.where(_says(wanted.text))))
    return conditions


def _by_files(wanted: Filter) -> list[ColumnElement[bool]]:
    kept_by = select(FileRow.id).join(FileRow.album).where(FileRow.sha256 == HitRow.sha256)
    conditions = [
        column == value
        for column, value in ((Album.department, wanted.department), (Album.owner, wanted.owner))
        if value
    ]
    if wanted.folder:
        # A range and no pattern: paths are bytes, and "/" + 1 is "0".
        folder = os.fsencode(wanted.folder).rstrip(b"/")
        conditions.append((FileRow.path >= folder + b"/") & (FileRow.path < folder + b"0"))
    return [kept_by.where(*conditions).exists()] if conditions else []


def _by_taken(wanted: Filter) -> list[ColumnElement[bool]]:
    """The day by the camera's own clock, as EXIF writes it: 2026:03:12 09:15:19."""
    picture = select(Picture.sha256).where(Picture.sha256 == HitRow.sha256)
    conditions = []
    if wanted.taken_from:
        conditions.append(Picture.taken_at >= f"{_sane(wanted.taken_from):%Y:%m:%d}")
    if wanted.taken_to:
        conditions += [Picture.taken_at != "", Picture.taken_at < f"{_after(wanted.taken_to):%Y:%m:%d}"]
    return [picture.where(*conditions).exists()] if conditions else []


def _start(day: date) -> datetime:
    """The moment at which `day` begins on this computer."""
    return datetime.combine(_sane(day), time()).astimezone()


def _after(day: date) -> date:
    return _sane(day) + timedelta(days=1)


def _sane(day: date) -> date:
    """The nearest day that calendars and time zones can reckon with."""
    return min(max(day, date(1971, 1, 1)), date(9000, 1, 1))


def _says(text: str) -> ColumnElement[bool]:
    """Condition: a finding, or the text kept around it, holds `text`.

    LIKE on the plain text, for a trigram index silently misses words of two characters. The kept text is JSON in
    ASCII, so that is what is looked for there; a word of ASCII alone could be part of the JSON itself and is not.
    """
    at_mark = FindingRow.text.contains(text, autoescape=True) | FindingRow.mark.contains(text, autoescape=True)
    if text.isascii():
        return at_mark
    return at_mark | type_coerce(Reading.text, Text).contains(json.dumps(text)[1:-1], autoescape=True)
