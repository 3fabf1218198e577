"""What is the server's own: who may scan, whose keys fit, and what is left to its tools."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imgscan.errors import AlreadyRunningError, ExitCode, StoreError, UsageError, WrongKeyError
from imgscan.store.audit import verify
from imgscan.store.backup import backup, restore
from imgscan.store.keys import LockedBy, Locksmith
from imgscan.store.opening import Place, only_scan_of, open_store, rekey
from imgscan.store.purging import purge_everything
from imgscan.types import Severity
from tests.fakes import postgresql
from tests.fakes.pages import write_page
from tests.fakes.runs import fake_imgscan, rows
from tests.store.test_grouping import hit
from tests.store.test_purging import counts, scan, secret


@pytest.fixture
def place(postgresql_server: str, home: Path) -> Place:
    smith = Locksmith(home / "imgscan.key", lambda _new: "")
    url = postgresql.fresh_database(postgresql_server)
    return Place(home / "imgscan.db", home / "imgscan.keys.json", smith, url=url)


def test_one_scan_only_whichever_computer_it_runs_on(place: Place) -> None:
    open_store(place).close()
    with only_scan_of(place), pytest.raises(AlreadyRunningError, match=f"pid {os.getpid()}"), only_scan_of(place):
        pass
    with only_scan_of(place):
        pass


def test_a_workstation_with_other_keys_is_refused(place: Place, tmp_path: Path) -> None:
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
    smith = Locksmith(tmp_path / "other" / "imgscan.key", lambda _new: "")
    other = replace(place, lock=tmp_path / "other" / "imgscan.keys.json", smith=smith)
    with pytest.raises(WrongKeyError):
        open_store(other)
    for name in ("imgscan.key", "imgscan.keys.json"):
        (tmp_path / "other" / name).write_bytes((place.lock.parent / name).read_bytes())
    with closing(open_store(other)) as database:
        assert verify(database).number == 3


def test_a_new_key_everything_forgotten_and_backups_left_to_the_server(place: Place, tmp_path: Path) -> None:
    with closing(open_store(place)) as database:
        scan(database, "spring", secret(1))
        before = rows(database)
    rekey(place, LockedBy.FILE)
    with closing(open_store(place)) as database:
        assert rows(database) == before
    with pytest.raises(UsageError, match="PostgreSQL"):
        backup(place, tmp_path / "b")
    with pytest.raises(UsageError, match="PostgreSQL"):
        restore(place, tmp_path, replace=True)
    purge_everything(place)
    assert not place.lock.exists()
    with closing(open_store(place)) as database:
        assert counts(database) == [0] * 8


def test_a_server_that_is_not_there_is_4_and_its_password_not_shown(place: Place) -> None:
    gone = replace(place, url="postgresql+psycopg://somebody:geheim@/nothing?host=/nowhere")
    with pytest.raises(StoreError) as refused:
        open_store(gone)
    assert refused.value.exit_code == ExitCode.STORE
    assert "geheim" not in refused.value.message + refused.value.cure


def test_text_that_postgresql_would_refuse_is_kept_all_the_same(place: Place) -> None:
    with closing(open_store(place)) as database:
        odd = replace(hit(1, 0), camera="a\0b\ud800", taken_at="\0")
        found = replace(odd.findings[0], text="机\0密", mark="机\0密", severity=Severity.HIGH)
        scan(database, "spring", replace(odd, findings=(found,)))
        assert len(rows(database)["findings"]) == 1


def test_the_command_line_on_postgresql(place: Place, home: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "album" / "a.jpg", ["机密★10年", "云岫市示例局文件"])
    first = fake_imgscan("scan", tmp_path / "album", "--jsonl", "-", home=home, IMGSCAN_DATABASE_URL=place.url)
    assert first.returncode == ExitCode.OK, first.stderr
    assert not (home / "imgscan.db").exists()
    again = fake_imgscan("report", "--format", "jsonl", "-o", "-", home=home, IMGSCAN_DATABASE_URL=place.url)
    assert (again.returncode, again.stdout) == (ExitCode.OK, first.stdout)
