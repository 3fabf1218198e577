"""The lists of a report as columns and rows, whatever file they go into: 自查台账, 问题清单 and what was not read.

The columns are those of a self-check's forms that the store can fill; what a person signs is left empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from imgscan.i18n import N_, _
from imgscan.report.cells import Mask, cell, joined
from imgscan.review import Occurrence, ReviewItem
from imgscan.store import ledger
from imgscan.store.database import Database
from imgscan.store.ledger import Checked, Confirmed, Holder
from imgscan.store.overview import Tally
from imgscan.types import FindingClass
from imgscan.wording import STATUSES

Cell = str | int

GROUPS = (FindingClass.NATIONAL_SECRET, FindingClass.WORK_SECRET, FindingClass.INTERNAL)
"""The classes that the ledger counts apart; all others are "other"."""

SCREENSHOT_NAMES = ("screenshot", "screen shot", "截屏", "截图", "屏幕快照", "qq截图", "微信截图")
WECHAT_NAMES = ("mmexport", "wx_camera", "wechat", "microsoft.wechat", "微信图片")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `width` in characters, `wide` where the text may break into lines."""

    title: str
    width: int = 12
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One list. `rows` starts anew at each call; every row has a cell for each column."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[tuple[Cell, ...]]]


def tables(database: Database, campaign: str | None, mask: Mask) -> tuple[Table, ...]:
    """All lists of one campaign, or of all, in the current language."""
    return (
        Table("ledger", _("Self-check ledger"), _columns(LEDGER), lambda: _ledger(database, campaign)),
        Table("problems", _("List of problems"), _columns(PROBLEMS), lambda: _problems(database, campaign, mask)),
        Table("unread", _("Files not fully read"), _columns(UNREAD), lambda: _unread(database, campaign, mask)),
    )


NAMES = ("ledger", "problems", "unread")
LEDGER = (
    (N_("No."), 7), (N_("Department"), 15), (N_("Person"), 12), (N_("Device"), 14), (N_("Round"), 16),
    (N_("Check began"), 17), (N_("Check ended"), 17), (N_("Pictures"), 12), (N_("Processed"), 13),
    (N_("Not processed"), 13), (N_("Why not"), 26), (N_("Suspected: national secret"), 14),
    (N_("Suspected: work secret"), 14), (N_("Suspected: internal"), 14), (N_("Suspected: other"), 14),
    (N_("Confirmed"), 13), (N_("False alarms"), 11), (N_("Still to review"), 11), (N_("Problem found"), 12),
    (N_("Signature of the person"), 16), (N_("Signature of the head"), 16), (N_("Date"), 12),
)  # fmt: skip
PROBLEMS = (
    (N_("No."), 7), (N_("Number"), 11), (N_("Department"), 15), (N_("Person"), 12), (N_("Device"), 14),
    (N_("Found at"), 17), (N_("SHA-256 of the picture"), 34), (N_("Taken at"), 19), (N_("Where it comes from"), 12),
    (N_("Suspected level"), 12), (N_("Words of the mark"), 30), (N_("File number"), 24), (N_("By which rules"), 24),
    (N_("Copies"), 8), (N_("Files"), 44), (N_("Files now"), 14), (N_("Confirmed by"), 12), (N_("Confirmed at"), 17),
    (N_("Note"), 24),
)  # fmt: skip
UNREAD = (
    (N_("No."), 7), (N_("Department"), 15), (N_("Person"), 12), (N_("Device"), 14), (N_("File"), 60),
    (N_("Status"), 14), (N_("Why"), 44), (N_("Bytes"), 12),
)  # fmt: skip
_WIDE = 24


def _columns(told: tuple[tuple[str, int], ...]) -> tuple[Column, ...]:
    return tuple(Column(_(title), width, wide=width >= _WIDE) for title, width in told)


def _ledger(database: Database, campaign: str | None) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(ledger.checked(database, campaign), 1):
        hits = [row.hits.get(cls, Tally()) for cls in GROUPS]
        other = [tally for cls, tally in row.hits.items() if cls not in GROUPS]
        every = [*hits, *other]
        confirmed, waiting = sum(each.confirmed for each in every), sum(each.waiting for each in every)
        yield (
            number,
            *_holder(row.holder),
            cell(row.holder.campaign),
            moment(row.began),
            _ended(row),
            row.pictures,
            row.read,
            row.pictures - row.read,
            cell(_why(row)),
            *(each.total for each in hits),
            sum(each.total for each in other),
            confirmed,
            sum(each.dismissed for each in every),
            waiting,
            _outcome(row, confirmed, waiting),
            "",
            "",
            "",
        )


def _problems(database: Database, campaign: str | None, mask: Mask) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(ledger.confirmed(database, campaign), 1):
        item, places = row.item, row.item.occurrences
        numbers = [each for each in item.findings if each.cls is FindingClass.FILE_NUMBER]
        marks = [each for each in item.findings if each.cls is not FindingClass.FILE_NUMBER] or numbers
        yield (
            number,
            item.id[:8],
            *(cell(joined(names)) for names in zip(*((p.department, p.owner, p.device) for p in places), strict=True)),
            *(() if places else ("", "", "")),
            moment(item.found_at),
            row.sha256,
            cell(item.taken_at),
            _source(row),
            _level(item),
            cell(joined(mask.mark(each) for each in marks)),
            cell(joined(mask.mark(each) for each in numbers)),
            cell(joined((each.rule for each in item.findings), most=8)),
            sum(place.there for place in places),
            cell(joined(_path(mask, place) for place in places)),
            _files_now(places),
            cell(row.reviewer),
            moment(item.decided_at) if item.decided_at else "",
            cell(mask.text(row.note)),
        )


def _unread(database: Database, campaign: str | None, mask: Mask) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(ledger.unread_files(database, campaign), 1):
        file = row.file
        path = cell(mask.text(file.path))
        yield (number, *_holder(row.holder), path, _(STATUSES[file.status]), cell(_(file.problem)), file.size)


def _holder(holder: Holder) -> tuple[str, str, str]:
    return cell(holder.department), cell(holder.owner), cell(holder.device)


def _ended(row: Checked) -> str:
    if row.ended is None:
        return _("not ended yet")
    return moment(row.ended) if row.whole else _("interrupted {time}").format(time=moment(row.ended))


def _outcome(row: Checked, confirmed: int, waiting: int) -> str:
    """Whether a problem was found; "no" only where everything was read and decided."""
    if confirmed:
        return _("yes")
    if waiting:
        return _("not decided yet")
    if row.whole and not row.pictures:
        return _("no files there")
    if not row.whole:
        return _("scan not finished")
    unread = row.pictures - row.read
    return _("none found, {n} not read").format(n=unread) if unread else _("no")


def _why(row: Checked) -> str:
    """How many files were not read for which reason."""
    counted: dict[str, int] = {}
    for each in row.unread:
        words = _(STATUSES[each.status])
        counted[words] = counted.get(words, 0) + each.count
    return "；".join(f"{words} {count}" for words, count in counted.items())


def _path(mask: Mask, place: Occurrence) -> str:
    path = mask.text(place.path)
    return path if place.there else _("{path} (no longer there)").format(path=path)


def _files_now(places: Sequence[Occurrence]) -> str:
    """Whether the files were still there when their albums were last scanned to the end."""
    gone = sum(not place.there for place in places)
    if gone == len(places):
        return _("no longer there")
    return _("{gone} of {all} no longer there").format(gone=gone, all=len(places)) if gone else _("there")


def _source(row: Confirmed) -> str:
    """Where the picture comes from: by the camera it names, else by how phones name their files."""
    names = [place.path.rpartition("/")[2].casefold() for place in row.item.occurrences]
    if any(name.startswith(SCREENSHOT_NAMES) for name in names):
        return _("screenshot")
    if any(name.startswith(WECHAT_NAMES) for name in names):
        return _("from WeChat")
    return _("photographed") if row.camera else _("unknown")


def _level(item: ReviewItem) -> str:
    """By the mark's wording, as the forms name it."""
    if item.level is not None:
        return item.level.value
    names = {FindingClass.WORK_SECRET: _("work secret"), FindingClass.INTERNAL: _("internal")}
    return names.get(item.cls, _("to be determined"))


def moment(at: datetime) -> str:
    """A moment by this computer's clock, to the minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
