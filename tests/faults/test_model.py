"""Any order of changes, scans, interruptions and decisions: the store and a dictionary agree after each scan."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from imgscan.review import Decision, DismissReason, Filter, HitState, Verdict
from imgscan.store.audit import lost, verify
from imgscan.store.database import Database
from imgscan.store.keys import Keys
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from models import HitRow
from tests.fakes.pages import write_page
from tests.fakes.runs import Bench
from tests.faults.scale import scaled

MARK = "机密★{}年"
PLAIN = "今天天气很好{}"
NAMES = st.sampled_from(
    [f"{folder}{name}" for folder in ("", "微信/") for name in ("a.jpg", "b.jpg", "c.jpg", "丁.jpg")]
)
CONTENTS = st.tuples(st.sampled_from(("hit", "clean", "unsupported")), st.integers(1, 5))
TAILS = (b"\0", b"\1")  # behind the end of a picture, where it makes it another file and no other picture
VERDICTS = {
    HitState.CONFIRMED: Verdict(Decision.CONFIRM),
    HitState.DISMISSED: Verdict(Decision.DISMISS, DismissReason.MISREAD),
    HitState.UNSURE: Verdict(Decision.UNSURE),
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Album(RuleBasedStateMachine):
    """What a person does to an album and to its queue, and what the store must then say."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.album = folder / "album"
        self.album.mkdir()
        self.database = self.stack.enter_context(closing(Database(folder / "home" / "imgscan.db", Keys.of(b"k" * 32))))
        self.bench = Bench(self.database, folder / "work")
        self.queue = ReviewQueue(self.database)
        self.kinds: dict[str, str] = {}  # by digest, of all contents there ever were
        self.read: set[str] = set()  # digests of the pictures that a scan has told of
        self.decided: dict[str, HitState] = {}
        self.acts: list[tuple[str, HitState | None]] = []  # what each verdict replaced

    def teardown(self) -> None:
        verify(self.database)
        assert not lost(self.database)
        self.stack.close()

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.album.rglob("*") if path.is_file())

    @initialize()
    def begin(self) -> None:
        for name, content in (("a.jpg", ("hit", 1)), ("b.jpg", ("clean", 1)), ("微信/c.jpg", ("hit", 2))):
            self.write(name, content)
        self.scan()

    @rule(name=NAMES, content=CONTENTS)
    def write(self, name: str, content: tuple[str, int]) -> None:
        """A new file, or another content under a name that is there."""
        kind, number = content
        path = self.album / name
        path.parent.mkdir(exist_ok=True)
        if kind == "unsupported":
            path.write_text(f"no picture {number}")
        else:
            write_page(path, [(MARK if kind == "hit" else PLAIN).format(number)])
        path.write_bytes(path.read_bytes() + TAILS[0])
        self.kinds[digest(path)] = kind

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def overwrite_unseen(self, data: st.DataObject) -> None:
        """Another content of the same size and time in the same place: only the change time tells."""
        path = data.draw(st.sampled_from(self.files))
        before, content, times = digest(path), path.read_bytes(), path.stat()
        path.write_bytes(content[:-1] + TAILS[content[-1:] == TAILS[0]])
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        self.kinds[digest(path)] = self.kinds[before]

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.files)).unlink()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), name=NAMES)
    def move(self, data: st.DataObject, name: str) -> None:
        goal = self.album / name
        goal.parent.mkdir(exist_ok=True)
        data.draw(st.sampled_from(self.files)).replace(goal)

    @rule(stop_after=st.integers(1, 3))
    def scan_interrupted(self, stop_after: int) -> None:
        self.bench.scan(self.album, stop_after=stop_after)
        self.note_read()

    @rule()
    def scan(self) -> None:
        outcome = self.bench.scan(self.album)
        self.note_read()
        contents = Counter(self.kinds[digest(path)] for path in self.files)
        expected = {
            Status.CLEAN: contents["clean"],
            Status.HIT: contents["hit"],
            Status.UNSUPPORTED: contents["unsupported"],
        }
        assert outcome.coverage == {status: count for status, count in expected.items() if count}
        assert sum(outcome.coverage.values()) == len(self.files)
        assert dict(self.queue.coverage().statuses) == outcome.coverage
        marked = {digest(path) for path in self.files if self.kinds[digest(path)] == "hit"}
        states = {sha256: state for sha256, state in self.states().items() if sha256 in marked}
        assert states == {sha256: self.decided.get(sha256, HitState.NEW) for sha256 in marked}

    def note_read(self) -> None:
        told = self.bench.counts.results  # unchanged files without their digest
        self.read |= {one.sha256 for one in told if one.sha256 and one.status in (Status.CLEAN, Status.HIT)}

    def states(self) -> dict[str, HitState]:
        found: dict[str, HitState] = {}
        cursor: str | None = None
        while True:
            page = self.queue.page(Filter(), cursor)
            found |= {self.sha256_of(item.id): item.state for item in page.items}
            if not (cursor := page.next_cursor):
                return found

    def sha256_of(self, hit: str) -> str:
        with self.database.reading() as session:
            return session.get_one(HitRow, hit).sha256.hex()

    @rule(data=st.data(), state=st.sampled_from(sorted(VERDICTS)))
    def decide(self, data: st.DataObject, state: HitState) -> None:
        items = self.queue.page(Filter()).items
        if not items:
            return
        item = data.draw(st.sampled_from(items))
        self.queue.decide(item.id, item.version, VERDICTS[state], "甲")
        sha256 = self.sha256_of(item.id)
        self.acts.append((sha256, self.decided.get(sha256)))
        self.decided[sha256] = state

    @precondition(lambda self: self.acts)
    @rule()
    def undo(self) -> None:
        self.queue.undo("甲")
        sha256, before = self.acts.pop()
        if before is None:
            del self.decided[sha256]
        else:
            self.decided[sha256] = before

    @invariant()
    def no_picture_is_read_twice(self) -> None:
        assert self.bench.looked == len(self.read)


def test_the_store_agrees_with_a_dictionary() -> None:
    run_state_machine_as_test(
        Album,
        settings=settings(
            max_examples=scaled(12, 60),
            stateful_step_count=scaled(16, 40),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # to make a long story shorter would take many scans
            derandomize=not scaled(0, 1),
            database=None,
        ),
    )
