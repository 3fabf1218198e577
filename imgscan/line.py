"""The line itself, one file in and one result out: read this file first.

    discover -> fingerprint -> decode -> triage -> upright -> read -> judge -> store -> review -> report

`discover` finds the files, `imgscan.pipeline` runs this line over them in several processes and stores what comes out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from imgscan.archive import read_member
from imgscan.decode import DecodeError, decode, glance, read_header
from imgscan.engine import Engine
from imgscan.evidence import Evidence
from imgscan.fingerprint import VANISHED, Content, FileError, content_of, fingerprint
from imgscan.frames import Frame
from imgscan.i18n import N_
from imgscan.judge import judge
from imgscan.lookalike import likeness_of
from imgscan.memory import make_room
from imgscan.read import PREPROCESSING, Profile, read
from imgscan.rulebook import Rulebook
from imgscan.sniff import FORMATS
from imgscan.triage import Triage, look_closer, side_of, triage
from imgscan.types import INSIDE, Finding, FoundFile, Page, ScanResult, Severity, Status

A_READING = 200 * 2**20  # bytes that reading a page takes,
READING_A_PIXEL = 12  # and for each of its pixels beyond those that it holds already
TOO_MANY_PAGES = N_("The time that the setting timeout_seconds allows was over before the last page.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too large to be read, and from which severity on a picture is a hit.

    After `seconds` no further page of a file is begun, so that what was read of a long document is kept.
    """

    max_bytes: int
    max_pixels: int
    review_from: Severity
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Line:
    """The tools that stand along the line; loaded once a process."""

    engine: Engine
    rulebook: Rulebook
    profile: Profile
    limits: Limits


def reading_key(engine_stamp: str, profile: str) -> str:
    """What must be equal for two readings of one picture to be equal: engine, weights, profile and preprocessing.

    The last number stands for the kinds of files that are read: an album is looked through again when it grows.
    """
    return f"{engine_stamp}/{profile}/{PREPROCESSING}.{FORMATS}"


def read_one(found: FoundFile, line: Line, data: bytes | None = None) -> ScanResult:
    """Take one file down the line. A file that cannot be read ends as a status, never as an exception.

    `data` is given for a member of an archive whose bytes are at hand.
    """
    started = time.monotonic()
    try:
        content = _content(found, line.limits.max_bytes) if data is None else content_of(found, data)
    except FileError as error:
        return ScanResult(found, error.status, problem=error.problem)
    result = _read_content(content, line, started + line.limits.seconds)
    return replace(result, ms=round((time.monotonic() - started) * 1000))


def _content(found: FoundFile, max_bytes: int) -> Content:
    if INSIDE not in found.path:
        return fingerprint(found, max_bytes)
    data = read_member(found.path, max_bytes)
    if data is None:
        raise FileError(Status.VANISHED, VANISHED)
    return content_of(found, data)


def _read_content(content: Content, line: Line, until: float) -> ScanResult:
    result = ScanResult(content.found, Status.UNREADABLE, content.sha256, len(content.data))
    try:
        header = read_header(content.data, line.limits.max_pixels)
        result = replace(result, taken_at=header.taken_at, camera=header.camera)
        small = glance(content.data, header, side_of(header.width, header.height))
        seen = triage(small, line.engine) if small else None
        if small and seen and seen.empty:
            return _read_frames([small], seen, result, line, until)
        return _read_frames(decode(content.data, header, line.limits.max_pixels), seen, result, line, until)
    except DecodeError as error:
        return replace(result, status=error.status, problem=error.problem)


def _read_frames(
    frames: Iterable[Frame], seen: Triage | None, result: ScanResult, line: Line, until: float
) -> ScanResult:
    pages: list[Page] = []
    findings: list[Finding] = []
    evidence = Evidence(line.limits.review_from)
    problem = ""
    for frame in frames:
        if frame.number and time.monotonic() > until:
            problem = TOO_MANY_PAGES
            break
        problem = problem or frame.problem
        page = replace(read_frame(frame, line, seen), taken_at=result.taken_at)
        pages.append(page)
        found = judge(page, line.rulebook)
        findings += found
        evidence.add(frame, found)
        if frame.number == 0:
            likeness = likeness_of(frame) if findings else b""
            result = replace(result, width=frame.width, height=frame.height, likeness=likeness)
        else:  # documents of several pages may share a first page
            result = replace(result, likeness=b"")
    return replace(
        result,
        status=status_of(findings, problem, line.limits.review_from),
        pages=tuple(page for page in pages if page.lines),
        findings=tuple(findings),
        problem=problem,
        crops=evidence.crops,
    )


def read_frame(frame: Frame, line: Line, seen: Triage | None = None) -> Page:
    """The text of one picture or page; empty where triage sees none. `seen` is what a glance has shown."""
    spotted = seen or triage(frame, line.engine)
    if not spotted.quads:
        spotted = look_closer(frame, spotted, line.engine)
    if spotted.empty:
        return Page(width=frame.width, height=frame.height, number=frame.number)
    make_room(A_READING + READING_A_PIXEL * frame.width * frame.height)
    return read(frame, spotted, line.engine, line.profile)


def judge_again(
    pages: Iterable[Page], status: Status, problem: str, rulebook: Rulebook, review_from: Severity
) -> tuple[Status, tuple[Finding, ...]]:
    """Other rules over text that was kept, without reading again: how the picture ends now, and its findings."""
    findings = tuple(finding for page in pages for finding in judge(page, rulebook))
    if status in (Status.CLEAN, Status.HIT, Status.PARTIAL):  # what could not be decoded stays so
        status = status_of(findings, problem, review_from)
    return status, findings


def status_of(findings: Iterable[Finding], problem: str, review_from: Severity) -> Status:
    """How a picture ends that was decoded; one that was decoded in part stays `partial` whatever was found."""
    if problem:
        return Status.PARTIAL
    return Status.HIT if any(finding.severity >= review_from for finding in findings) else Status.CLEAN
