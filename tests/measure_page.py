"""Measures the review page over a large store: `python -m tests.measure_page [--plain] [--hits N] [--files N]`.

The store is encrypted unless `--plain`. The server runs in a process of its own, as `imgscan review` has it; requests
come over loopback, one after another. The pictures are of 12 megapixels. Milliseconds; "p95" is the 95th percentile,
"server" the processor time that the server used a request.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert

from imgscan.review import HitState, mark_key
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.pages import to_json
from imgscan.types import FindingClass, Level, TextLine
from imgscan.types import Page as TextPage
from models import Album, FileRow, FindingRow, HitRow, Picture, Reading, ScanRow
from tests.api.builders import box, draw_page, finding
from tests.browser.conftest import CHROMIUM, FLAGS, ServerApart

PEOPLE = 60
SHOWN = 80
"""Hits at the head of the queue that have a picture to show."""
REQUESTS = 200
LIMITS = {"list": 150.0, "decision": 100.0, "paint": 150.0}
EPOCH = datetime(2026, 3, 1, 8, tzinfo=UTC)
AT_ONCE = 2000
MARKS = ("机密★10年", "秘密★5年", "内部资料", "绝密★25年", "云政办发〔2026〕{n}号", "示例局内部传阅{n}")


class Filler:
    """Writes rows in bulk: `hits` pictures with findings among `files` files of PEOPLE phones."""

    def __init__(self, database: Database, folder: Path, hits: int, files: int) -> None:
        self._database = database
        self._folder = folder
        self._hits = hits
        self._files = files
        self._dice = random.Random(7)

    def fill(self) -> None:
        """The whole store."""
        with self._database.writing() as session:
            session.add(ScanRow(id=1, state="complete", engine="e", rules="r", started_at=EPOCH, finished_at=EPOCH))
            session.flush()
            for person in range(PEOPLE):
                root = str(self._folder / f"phone{person:02}").encode()
                whose = {"department": f"示例{person % 12}处", "owner": f"人员{person:02}"}
                session.add(Album(id=person + 1, root=root, begun=1, completed=1, **whose))
        for start in range(0, self._files, AT_ONCE):
            self._batch(range(start, min(start + AT_ONCE, self._files)))

    def _batch(self, numbers: range) -> None:
        rows: dict[type, list[dict[str, Any]]] = {Picture: [], FileRow: [], Reading: [], FindingRow: [], HitRow: []}
        for number in numbers:
            self._file(number, rows)
        with self._database.writing() as session:
            for table, values in rows.items():
                if values:
                    session.execute(insert(table), values)

    def _file(self, number: int, rows: dict[type, list[dict[str, Any]]]) -> None:
        person, is_hit = number % PEOPLE, number < self._hits
        name = f"phone{person:02}/DCIM/{100 + number // 5000}APPLE/IMG_{number:06}.jpg"
        content = b""
        if number < SHOWN:
            content = draw_page(3000, 4000, (box(300, 300, 900, 160),)) + number.to_bytes(4, "big")
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        sha256 = hashlib.sha256(content or f"{number}".encode()).digest()
        taken = EPOCH + timedelta(minutes=number)
        rows[Picture].append(
            {
                "sha256": sha256,
                "size": len(content),
                "width": 3000,
                "height": 4000,
                "taken_at": f"{taken:%Y:%m:%d %H:%M:%S}",
            }
        )
        status = "hit" if is_hit else self._dice.choices(["clean", "unsupported", "unreadable"], [95, 3, 2])[0]
        rows[FileRow].append(
            {
                "album_id": person + 1,
                "scan_id": 1,
                "path": str(self._folder / name).encode(),
                "sha256": sha256,
                "status": status,
            }
        )
        mark = self._dice.choice(MARKS).format(n=number % 900)
        kept = to_json([TextPage((TextLine(f"{mark} 关于做好第{number}号工作的通知"),))]) if is_hit else None
        reading = {"id": number + 1, "sha256": sha256, "engine": "e", "rules": "r", "status": status, "read_at": EPOCH}
        rows[Reading].append(reading | {"kept": "matched" if is_hit else "none", "text": kept})
        if is_hit:
            self._hit(number, sha256, mark, rows)

    def _hit(self, number: int, sha256: bytes, mark: str, rows: dict[type, list[dict[str, Any]]]) -> None:
        # The head of the queue is what can be shown.
        severity = 4 if number < SHOWN else self._dice.choice([2, 2, 3, 3, 4])
        confidence = 1.0 - number / 10_000 if number < SHOWN else round(self._dice.uniform(0.5, 0.99), 4)
        level = Level.JUEMI if number < SHOWN else self._dice.choice([None, Level.JIMI, Level.MIMI])
        for each in range(self._dice.choice([1, 1, 2])):
            found = finding(mark, polygons=(box(300, 300 + 600 * each, 900, 160),))
            rows[FindingRow].append(
                {
                    "reading_id": number + 1,
                    "rule": "ns.mark",
                    "cls": FindingClass.NATIONAL_SECRET.value,
                    "level": level.value if level else None,
                    "severity": severity,
                    "confidence": confidence,
                    "text": mark,
                    "mark": mark,
                    "mark_key": mark_key(found),
                    "polygons": found.polygons,
                    "reasons": [{"code": "zone:head_left", "detail": "", "weight": 0.2, "polygon": None}] * 5,
                }
            )
        rows[HitRow].append(
            {
                "id": hashlib.sha256(b"hit" + sha256).hexdigest()[:32],
                "sha256": sha256,
                "state": HitState.NEW.value,
                "version": 0,
                "severity": severity,
                "confidence": confidence,
                "cls": FindingClass.NATIONAL_SECRET.value,
                "level": level.value if level else None,
                "found_at": EPOCH + timedelta(minutes=number),
            }
        )


def p95(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def told(what: str, times: Sequence[float], limit: str, processor: float | None = None) -> None:
    """One line of the table. `processor` is what the server itself used a request: other work does not count in it."""
    used = "       -" if processor is None else f"{processor:8.1f}"
    print(f"{what:<44} {statistics.median(times):8.1f} {p95(times):8.1f} {used} {LIMITS[limit]:6.0f}", flush=True)  # noqa: T201


def processor_time(pid: int) -> float:
    """Milliseconds that a process (without its children) has used so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


def lists(client: httpx2.Client, folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is asked of the list, by name; each call asks once."""

    def ask(path: str) -> Callable[[], object]:
        return lambda: client.get(path).raise_for_status().read()

    cursor = [""]

    def following() -> None:
        answer = client.get("/api/v1/hits", params={"state": "new", **({"cursor": cursor[0]} if cursor[0] else {})})
        cursor[0] = answer.raise_for_status().json()["next"] or ""

    yield "the page itself", ask("/?state=new")
    yield "list, first page", ask("/api/v1/hits?state=new")
    yield "list, page after page", following
    yield "list, all states", ask("/api/v1/hits")
    yield "list, one person", ask("/api/v1/hits?state=new&owner=人员07")
    yield "list, one folder", ask(f"/api/v1/hits?state=new&folder={folder}/phone07")
    yield "list, not seen by me", ask("/api/v1/hits?state=new&unseen=true")
    yield "list, taken on one day", ask("/api/v1/hits?state=new&taken_from=2026-03-05&taken_to=2026-03-05")
    yield "list, two characters that occur", ask("/api/v1/hits?state=new&text=传阅")
    yield "list, two characters that do not", ask("/api/v1/hits?state=new&text=鹿鸣")
    hits = client.get("/api/v1/hits?state=new").raise_for_status().json()["items"]
    shown = itertools.cycle(hit["id"] for hit in hits)

    def one() -> None:
        client.get(f"/api/v1/hits/{next(shown)}").raise_for_status()

    yield "one hit, with the number of those alike", one
    yield "list, one level", ask("/api/v1/hits?state=new&level=秘密")
    yield "counts", ask("/api/v1/counts")
    yield "not fully read", ask("/api/v1/unread")


def decisions(client: httpx2.Client) -> list[float]:
    """Each a round trip of a verdict on the next hit of the queue."""
    query: dict[str, Any] = {"state": "new", "limit": REQUESTS, "severity": "medium"}
    items = client.get("/api/v1/hits", params=query).json()["items"]

    def decide(hit: str, version: int, decision: str) -> None:
        body = {"version": version, "decision": decision}
        client.post(f"/api/v1/hits/{hit}/verdicts", json=body).raise_for_status()

    return [
        timed(partial(decide, item["id"], item["version"], ("confirm", "unsure")[number % 2]))
        for number, item in enumerate(items)
    ]


WATCH = """
() => {
  const stage = document.getElementById("sharp");
  addEventListener("keydown", () => { window.pressed = performance.now(); window.painted = 0; }, { capture: true });
  stage.addEventListener("load", () => {  // decoded; the frame after it shows it
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
  });
}
"""


EMPTY_FRAME = """
() => new Promise((told) => {
  const start = performance.now();
  requestAnimationFrame(() => setTimeout(() => told(performance.now() - start)));
})
"""


def paints(page: Page, count: int = 25) -> list[float]:
    """From a key that decides to the next picture on the screen, when the reviewer takes a second for each."""
    page.wait_for_selector("#boxes polygon")
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)
    times = []
    for _each in range(count):
        page.wait_for_timeout(1000)
        page.keyboard.press("1")
        while not page.evaluate("window.painted > window.pressed"):  # our policy lets no page wait by itself
            page.wait_for_timeout(20)
        times.append(float(page.evaluate("window.painted - window.pressed")))
    return times


def measure(server: ServerApart, folder: Path) -> None:
    """The table."""
    print(f"{'':<44} {'median':>8} {'p95':>8} {'server':>8} {'limit':>6}")  # noqa: T201
    print(f"load of the computer at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")  # noqa: T201
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.goto(server.link)
        page.wait_for_url(server.origin + "/")
        told("first paint of the next picture, prefetched", paints(page), "paint")
        told("a frame in which nothing changes", [page.evaluate(EMPTY_FRAME) for _each in range(REQUESTS)], "paint")
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        browser.close()
    with httpx2.Client(
        base_url=server.origin, cookies=cookies, headers={"sec-fetch-site": "same-origin"}, timeout=60, trust_env=False
    ) as client:
        before = processor_time(server.pid)
        times = decisions(client)
        told("decision, round trip", times, "decision", (processor_time(server.pid) - before) / len(times))
        for what, ask in lists(client, folder):
            ask()
            before = processor_time(server.pid)
            times = [timed(ask) for _each in range(REQUESTS // 4)]
            told(what, times, "list", (processor_time(server.pid) - before) / len(times))


def main() -> None:
    """Fill a store, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--hits", type=int, default=20_000)
    parser.add_argument("--files", type=int, default=120_000)
    given = parser.parse_args()
    master = b"" if given.plain else secrets.token_bytes(32)
    with tempfile.TemporaryDirectory() as folder:
        path, albums = Path(folder) / "imgscan.db", Path(folder) / "albums"
        with closing(Database(path, Keys.of(master) if master else None)) as database:
            Filler(database, albums, given.hits, given.files).fill()
        server = ServerApart(path, master=master.hex())
        try:
            measure(server, albums)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
