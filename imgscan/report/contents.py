"""What a report tells, gathered once, and its head: coverage, state of the review, versions and hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from imgscan.i18n import _, ngettext
from imgscan.report.cells import Mask, cell
from imgscan.report.charts import Chart, charts
from imgscan.report.provenance import Provenance, provenance
from imgscan.report.tables import Cell, Table, moment, tables
from imgscan.review import Coverage, Ending
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.store import ledger
from imgscan.store.database import Database
from imgscan.store.losses import Loss, Losses
from imgscan.store.overview import Overview, overview
from imgscan.types import Status
from imgscan.wording import STATUSES


@dataclass(frozen=True, slots=True)
class Contents:
    """A report of one campaign, or of all (`campaign` None), in the language spoken when it was gathered.

    `trail` is the head of the audit trail: who has the report can prove later that no row before it was cut off.
    """

    campaign: str | None
    full: bool
    trail: str
    counts: Overview
    provenance: Provenance
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    loss: Loss | None


def gather(database: Database, rulebook: Rulebook, campaign: str | None, trail: str, *, full: bool) -> Contents:
    """The counts are read now, the rows of the tables when they are written."""
    counts = overview(database, campaign)
    return Contents(
        campaign=campaign,
        full=full,
        trail=trail,
        counts=counts,
        provenance=provenance(datetime.now(UTC), rulebook.digest, ledger.used(database, campaign)),
        tables=tables(database, campaign, Mask.of(load((BUILT_IN,)), full=full)),
        charts=charts(counts),
        loss=Losses(database).standing(),
    )


def confidential() -> str:
    """What stands on top of every sheet and page."""
    return _("Internal: do not pass on")


def coverage_words(coverage: Coverage) -> str:
    """How many files were found, and what became of them: it stands wherever findings do, `ending_words` beside it."""
    links = dict(coverage.statuses).get(Status.SYMLINK, 0)
    found, unread = coverage.found, coverage.not_fully_read
    words = _("Found {found} files = {read} fully read + {unread} not fully read")
    if links:
        words = _("Found {found} files = {read} fully read + {unread} not fully read + {links} links, not followed")
    return words.format(found=found, read=found - unread - links, unread=unread, links=links)


def ending_words(coverage: Coverage) -> str:
    """Whether the numbers are whole; "" where they are. It stands in the same view as `coverage_words`, always."""
    running = _(
        "Not final: a scan has not ended (it is running, or it was killed). Files that it has not met yet are not in "
        "these numbers."
    )
    broken_off = _(
        "Not final: a scan was interrupted before its end. Files that it had not met are not in these numbers; "
        "the same scan again goes on where it stopped."
    )
    words = {
        Ending.NONE: (_("Nothing has been scanned yet."),),
        Ending.RUNNING: (running, broken_off) if coverage.broken_off else (running,),
        Ending.INTERRUPTED: (broken_off,),
        Ending.COMPLETE: (),
    }
    return " ".join(words[coverage.ending])


def lost_words(loss: Loss | None) -> str:
    """That what was kept in some time may be missing, and what mends it; "" where nothing was lost."""
    if loss is None:
        return ""
    words = _(
        "The store has lost what it was told between {since} and {noticed}: its file or its log was damaged, or an "
        "older copy was put in its place. Decisions and results of scans from that time may be missing. Scan the "
        "albums again and look through the newest decisions, or restore a backup (imgscan restore)."
    )
    since = moment(loss.since) if loss.since else _("the beginning")
    return words.format(since=since, noticed=moment(loss.noticed))


def review_words(counts: Overview) -> str:
    """How many pictures are suspected, and how far the review is."""
    words = _("{all} suspected pictures = {confirmed} confirmed + {dismissed} dismissed + {waiting} still to review")
    hits = counts.hits
    return words.format(all=hits.total, confirmed=hits.confirmed, dismissed=hits.dismissed, waiting=hits.waiting)


def gone_words(gone: int) -> str:
    """That suspected pictures stay counted when their files are gone; "" where none is. It follows `review_words`."""
    if not gone:
        return ""
    words = ngettext(
        "Of {n} suspected picture no file is there any more, by the last scans; it stays in these numbers.",
        "Of {n} suspected pictures no file is there any more, by the last scans; they stay in these numbers.",
        gone,
    )
    return words.format(n=gone)


def facts(contents: Contents) -> list[tuple[str, Cell]]:
    """The head of a report as pairs of a name and a value."""
    counts, from_ = contents.counts, contents.provenance
    rows: list[tuple[str, Cell]] = [
        (_("Campaign"), _("all") if contents.campaign is None else cell(contents.campaign)),
        (_("Made at"), moment(from_.made_at)),
        (_("Coverage"), coverage_words(counts.coverage)),
        (_("Scans"), ending_words(counts.coverage) or _("All came to their end.")),
        *([(_("Lost"), lost)] if (lost := lost_words(contents.loss)) else []),
        *((_(STATUSES[status]), count) for status, count in counts.coverage.statuses),
        (_("Review"), " ".join(filter(None, (review_words(counts), gone_words(counts.gone))))),
        (
            _("File numbers and words around marks"),
            _("in full, as asked for") if contents.full else _("masked with ＊"),
        ),
        (_("imgscan version"), from_.version),
        (_("SHA-256 of the program"), from_.code),
        (_("SHA-256 of the list of weights"), from_.weights),
        (_("SHA-256 of the rules in force"), from_.rules),
        (_("Head of the audit trail"), contents.trail),
    ]
    for each in from_.used:
        how = _("{pictures} pictures, read by {engine}, judged by rules {rules}")
        rows.append((_("Read and judged"), how.format(pictures=each.pictures, engine=each.engine, rules=each.rules)))
    return rows
