"""`imgscan rejudge`: other rules over kept text, and what follows for files, queue and verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from imgscan.pipeline import only_scan
from imgscan.rejudge import Rejudged, rejudge
from imgscan.review import Decision, DismissReason, Filter, HitState, Verdict
from imgscan.rulebook import BUILT_IN, load
from imgscan.store.database import Database
from imgscan.store.rejudging import KeptTexts
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Severity, Status
from models import Reading
from tests.fakes.pages import write_page
from tests.fakes.runs import WORDS, Bench, fake_imgscan, orphans, rows, watchlist

MARK = "机密★10年"


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path / "work", keep_all=True)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A pack of the site's own that finds WORDS."""
    return watchlist(tmp_path / "rules")


def judge_again(bench: Bench, *packs: Path) -> Rejudged:
    return rejudge(KeptTexts(bench.database, Severity.MEDIUM), load((BUILT_IN, *packs)), Severity.MEDIUM)


def states(database: Database) -> dict[str, HitState]:
    items = ReviewQueue(database).page(Filter()).items
    return {Path(item.occurrences[0].path).name: item.state for item in items}


def decide(database: Database, verdict: Verdict) -> None:
    queue = ReviewQueue(database)
    (item,) = queue.page(Filter()).items
    queue.decide(item.id, item.version, verdict, "reviewer")


def test_new_rules_without_reading(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    write_page(tmp_path / "album" / "b.jpg", [MARK])
    write_page(tmp_path / "album" / "c.jpg", ["今天天气很好"])
    bench.scan(tmp_path / "album")
    assert judge_again(bench, site) == Rejudged(judged=3, changed=1, entered=1)
    assert bench.looked == 3
    after = bench.results()
    assert {name: one.status for name, one in after.items()} == {
        "a.jpg": Status.HIT, "b.jpg": Status.HIT, "c.jpg": Status.CLEAN,
    }  # fmt: skip
    assert [one.rule for one in after["a.jpg"].findings] == ["site.watch"]
    assert states(bench.database) == {"a.jpg": HitState.NEW, "b.jpg": HitState.NEW}
    assert orphans(bench.database) == 0


def test_the_same_as_a_scan_by_the_new_rules(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}", MARK])
    write_page(tmp_path / "album" / "b.jpg", ["内部资料 注意保存"])
    bench.scan(tmp_path / "album")
    judge_again(bench, site)
    again = rows(bench.database)
    bench.packs = (BUILT_IN, site)
    assert bench.scan(tmp_path / "album").read == 0
    assert rows(bench.database) == again


def test_a_second_time_there_is_nothing_to_do(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    judge_again(bench, site)
    before = rows(bench.database)
    assert judge_again(bench, site) == Rejudged()
    assert rows(bench.database) == before


def test_a_rule_that_is_gone_takes_the_hit_along(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    bench.packs = (BUILT_IN, site)
    bench.scan(tmp_path / "album")
    assert judge_again(bench) == Rejudged(judged=1, changed=1, left=1)
    assert states(bench.database) == {}
    assert bench.results()["a.jpg"].status is Status.CLEAN


def test_a_new_mark_on_a_decided_picture_makes_it_new_again(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [MARK, f"这里有{WORDS}"])
    bench.scan(tmp_path / "album")
    decide(bench.database, Verdict(Decision.CONFIRM))
    assert judge_again(bench, site) == Rejudged(judged=1, changed=1, entered=1)
    assert states(bench.database) == {"a.jpg": HitState.NEW}
    assert judge_again(bench) == Rejudged(judged=1, changed=1, left=1)
    assert states(bench.database) == {"a.jpg": HitState.CONFIRMED}


def test_a_verdict_stays_where_the_rule_is_gone(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    bench.packs = (BUILT_IN, site)
    bench.scan(tmp_path / "album")
    decide(bench.database, Verdict(Decision.DISMISS, DismissReason.NOT_A_MARK))
    judge_again(bench)
    assert states(bench.database) == {"a.jpg": HitState.DISMISSED}
    judge_again(bench, site)
    assert states(bench.database) == {"a.jpg": HitState.DISMISSED}


def test_unchanged_findings_leave_the_open_review_page_valid(bench: Bench, site: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [MARK])
    bench.scan(tmp_path / "album")
    queue = ReviewQueue(bench.database)
    (item,) = queue.page(Filter()).items
    assert judge_again(bench, site) == Rejudged(judged=1)
    queue.decide(item.id, item.version, Verdict(Decision.CONFIRM), "reviewer")


def test_less_text_is_counted_and_read_by_the_next_scan(bench: Bench, site: Path, tmp_path: Path) -> None:
    bench.keep_all = False
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}", "其余的话"])
    write_page(tmp_path / "album" / "b.jpg", [MARK, "其余的话"])
    bench.scan(tmp_path / "album")
    assert judge_again(bench, site) == Rejudged(to_read=2)
    bench.packs = (BUILT_IN, site)
    assert bench.scan(tmp_path / "album").read == 2
    assert judge_again(bench, site) == Rejudged()


def test_what_was_read_in_part_stays_so(bench: Bench, site: Path, tmp_path: Path) -> None:
    whole = write_page(tmp_path / "album" / "a.jpg", [MARK, *["甲乙丙丁戊己庚辛"] * 12]).read_bytes()
    (tmp_path / "album" / "a.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "album" / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    assert bench.scan(tmp_path / "album").coverage == {Status.PARTIAL: 1, Status.UNREADABLE: 1}
    before = rows(bench.database)["files"]
    assert judge_again(bench, site).judged == 2
    assert rows(bench.database)["files"] == before


def test_one_transaction_a_picture(bench: Bench, site: Path, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        write_page(tmp_path / "album" / name, [f"这里有{WORDS}", name])
    bench.scan(tmp_path / "album")
    rules = load((BUILT_IN, site))
    done = iter(range(2))

    def stop() -> None:
        if next(done) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rejudge(KeptTexts(bench.database, Severity.MEDIUM), rules, Severity.MEDIUM, stop)
    with bench.database.reading() as session:
        judged = session.scalars(select(Reading.rules)).all()
    assert judged.count(rules.digest) == 2
    assert judge_again(bench, site) == Rejudged(judged=1, changed=1, entered=1)


def test_the_command_and_the_lock(home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", [f"这里有{WORDS}"])
    fake_imgscan("scan", tmp_path / "album", home=home, IMGSCAN_KEEP_TEXT="all")
    watchlist(home / "rules")
    with only_scan(home / "scan.lock"):
        assert fake_imgscan("rejudge", home=home).returncode == 5
    done = fake_imgscan("rejudge", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Judged again without reading: 1; changed: 1." in done.stdout
    assert "less than all" not in done.stdout
    (home / "rules" / "watch.yml").write_text("switch_off: [in.keeping]", encoding="utf-8")
    fake_imgscan("scan", tmp_path / "album", home=home)
    (home / "rules" / "watch.yml").write_text("switch_off: [in.handling]", encoding="utf-8")
    assert "is kept: 1." in fake_imgscan("rejudge", home=home).stdout
