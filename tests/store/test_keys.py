from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pytest
from sqlalchemy import text

from imgscan.errors import ExitCode, StoreError, UsageError, WrongKeyError
from imgscan.store import audit, evidence
from imgscan.store import keys as keys_module
from imgscan.store.database import Database
from imgscan.store.durable import put_whole
from imgscan.store.keys import Keys, LockedBy, Locksmith
from imgscan.store.opening import PLAIN_SQLITE, Place, is_plain, open_store, rekey
from models import Picture
from tests.store.test_purging import scan, secret

WORDS = "four words of one sentence"
Found = dict[str, str]


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    made, before = Ring(), keyring.get_keyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def place(home: Path) -> Place:
    smith = Locksmith(home / "imgscan.key", lambda _new: WORDS)
    return Place(home / "imgscan.db", home / "imgscan.keys.json", smith)


def with_words(place: Place, words: str) -> Place:
    return replace(place, smith=replace(place.smith, passphrase=lambda _new: words))


def fill(place: Place) -> None:
    with closing(open_store(place)) as database, database.writing() as session:
        session.execute(
            text("INSERT INTO album (root, campaign, department, owner, device) VALUES (x'2f', '', '', '', '')")
        )


def filled(place: Place) -> bool:
    with closing(open_store(place)) as database, database.reading() as session:
        return session.execute(text("SELECT count(*) FROM album")).scalar() == 1


def digests(folder: Path) -> Found:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("locked_by", LockedBy)
def test_a_store_opens_again_with_what_locked_it(place: Place, locked_by: LockedBy, ring: Ring) -> None:
    place = replace(place, locked_by=locked_by)
    fill(place)
    assert filled(place)
    assert filled(replace(place, locked_by=LockedBy.FILE))  # what locked it is noted beside it
    assert not place.database.read_bytes().startswith(PLAIN_SQLITE)
    assert place.smith.key_file.exists() == (locked_by is LockedBy.FILE)
    assert bool(ring.kept) == (locked_by is LockedBy.KEYRING)


def damage(change: Callable[[dict[str, Any]], None]) -> Callable[[Place, Ring], Place]:
    def do(place: Place, _ring: Ring) -> Place:
        values = json.loads(place.lock.read_text())
        change(values)
        place.lock.write_text(json.dumps(values))
        return place

    return do


def other_key_file(place: Place, _ring: Ring) -> Place:
    place.smith.key_file.write_text("00" * 32)
    return place


def no_key_file(place: Place, _ring: Ring) -> Place:
    place.smith.key_file.unlink()
    return place


def short_key_file(place: Place, _ring: Ring) -> Place:
    place.smith.key_file.write_text("0011")
    return place


def open_key_file(place: Place, _ring: Ring) -> Place:
    place.smith.key_file.chmod(0o644)
    return place


def no_lock(place: Place, _ring: Ring) -> Place:
    place.lock.unlink()
    return place


def junk_key_file(place: Place, _ring: Ring) -> Place:
    place.smith.key_file.write_text("no key\n")
    return place


def junk_in_the_ring(place: Place, ring: Ring) -> Place:
    ring.kept = dict.fromkeys(ring.kept, "no key")
    return place


def broken_lock(place: Place, _ring: Ring) -> Place:
    place.lock.write_bytes(place.lock.read_bytes()[:-30])
    return place


def empty_ring(place: Place, ring: Ring) -> Place:
    ring.kept.clear()
    return place


WRONG = [
    (LockedBy.FILE, other_key_file),
    (LockedBy.FILE, no_key_file),
    (LockedBy.FILE, short_key_file),
    (LockedBy.FILE, open_key_file),
    (LockedBy.FILE, no_lock),
    (LockedBy.FILE, broken_lock),
    (LockedBy.FILE, damage(lambda values: values.update(version=2))),
    (LockedBy.FILE, damage(lambda values: values.update(locked="AAAA"))),
    (LockedBy.FILE, damage(lambda values: values.update(locked=7))),
    (LockedBy.FILE, damage(lambda values: values.update(nonce="AAAA"))),
    (LockedBy.FILE, damage(lambda values: values.update(nonce="AA"))),
    (LockedBy.FILE, damage(lambda values: values.update(locked_by="stick"))),
    (LockedBy.FILE, junk_key_file),
    (LockedBy.PASSPHRASE, lambda place, _ring: with_words(place, WORDS + ".")),
    (LockedBy.PASSPHRASE, lambda place, _ring: with_words(place, "")),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(time=1))),
    (LockedBy.PASSPHRASE, damage(lambda values: values.pop("argon2"))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(time="x"))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(memory_kib=2**40))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(lanes=0))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(memory_kib=8))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(salt="?"))),
    (LockedBy.PASSPHRASE, damage(lambda values: values["argon2"].update(salt="AAAA"))),
    (LockedBy.PASSPHRASE, damage(lambda values: values.update(argon2=[]))),
    (LockedBy.KEYRING, empty_ring),
    (LockedBy.KEYRING, junk_in_the_ring),
    (LockedBy.KEYRING, damage(lambda values: values.update(name="other"))),
]


@pytest.mark.parametrize(("locked_by", "change"), WRONG)
def test_the_wrong_key_is_7_and_writes_nothing(
    place: Place, ring: Ring, locked_by: LockedBy, change: Callable[[Place, Ring], Place]
) -> None:
    place = replace(place, locked_by=locked_by)
    fill(place)
    wrong = change(place, ring)
    before = digests(place.database.parent)
    with pytest.raises(WrongKeyError) as refused:
        open_store(wrong)
    assert refused.value.exit_code == ExitCode.WRONG_KEY
    assert refused.value.cure
    assert digests(place.database.parent) == before


@pytest.mark.usefixtures("english")
def test_the_database_of_another_store_is_refused_and_nothing_written(place: Place, tmp_path: Path) -> None:
    fill(place)
    other = replace(place, database=tmp_path / "other" / "imgscan.db", lock=tmp_path / "other" / "keys.json")
    fill(other)
    place.database.write_bytes(other.database.read_bytes())
    before = digests(place.database.parent)
    with pytest.raises(StoreError, match="other keys"):
        open_store(place)
    assert digests(place.database.parent) == before


def test_a_plain_store_is_known_by_its_file(place: Place) -> None:
    fill(replace(place, plain=True))
    assert place.database.read_bytes().startswith(PLAIN_SQLITE)
    assert filled(place)
    assert not place.lock.exists()
    assert not place.smith.key_file.exists()


def test_an_encrypted_store_is_not_opened_as_a_plain_one(place: Place) -> None:
    fill(place)
    with pytest.raises(UsageError):
        open_store(replace(place, plain=True))


def test_a_short_passphrase_is_refused(place: Place) -> None:
    with pytest.raises(UsageError):
        open_store(with_words(replace(place, locked_by=LockedBy.PASSPHRASE), "short"))
    assert not place.database.exists()


def test_keys_are_for_their_owner_only(place: Place) -> None:
    os.umask(0)
    fill(place)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.database.parent.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(place.database.parent.stat().st_mode) == 0o700


def test_the_keys_of_a_store_differ() -> None:
    keys = Keys.of(b"m" * 32)
    assert len({keys.database, keys.evidence, keys.audit, b"m" * 32}) == 4
    assert keys == Keys.of(b"m" * 32) != Keys.of(b"n" * 32)


def test_many_that_make_one_store_at_once_agree(place: Place) -> None:
    opened: list[Database] = []
    start = threading.Barrier(6)

    def make() -> None:
        start.wait()
        opened.append(open_store(place))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    assert len({database.keys for database in opened}) == 1
    for database in opened:
        database.close()


CHANGES = [(before, after) for before in (None, *LockedBy) for after in LockedBy]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_new_key_opens_and_the_old_one_no_longer(
    place: Place, ring: Ring, before: LockedBy | None, after: LockedBy
) -> None:
    place = replace(place, locked_by=before or LockedBy.FILE, plain=before is None)
    fill(place)
    place = replace(place, plain=False)
    old_lock = None if before is None else place.lock.read_bytes()
    old_key = place.smith.key_file.read_text() if before is LockedBy.FILE else ""
    fresh = with_words(place, "other words of another sentence") if before is LockedBy.PASSPHRASE else place
    asked = replace(place.smith, passphrase=lambda new: (fresh if new else place).smith.passphrase(new))
    rekey(replace(place, smith=asked), after)
    assert filled(fresh)
    assert not place.database.read_bytes().startswith(PLAIN_SQLITE)
    assert place.lock.read_bytes() != old_lock
    assert place.database.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in place.database.parent.iterdir()} <= {"imgscan.db", "imgscan.key", "imgscan.keys.json"}
    if before is after is LockedBy.FILE:
        assert old_key not in place.smith.key_file.read_text()
        place.smith.key_file.write_text(old_key)
    if before is after is not LockedBy.KEYRING:
        with pytest.raises(WrongKeyError):
            open_store(place)


class PowerCut(BaseException):
    """Nothing of the program runs after it."""


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("writes", range(4))
def test_a_change_of_keys_that_is_cut_off_leaves_a_store_that_opens(
    place: Place, monkeypatch: pytest.MonkeyPatch, writes: int, plain: bool
) -> None:
    """After each write of a file but none, one, two, three."""
    fill(replace(place, plain=plain))
    done = 0

    def put(path: Path, content: bytes, *, first: bool = False) -> None:
        nonlocal done
        if done == writes:
            raise PowerCut
        done += 1
        put_whole(path, content, first=first)

    monkeypatch.setattr(keys_module, "put_whole", put)
    with suppress(PowerCut):
        rekey(place, LockedBy.FILE)
    monkeypatch.undo()
    assert filled(place)
    rekey(place, LockedBy.FILE)
    assert filled(place)
    assert len(place.smith.key_file.read_text().split()) == 1


def test_a_key_file_of_something_else_is_left_as_it_is(place: Place) -> None:
    place = replace(place, locked_by=LockedBy.PASSPHRASE)
    fill(place)
    place.smith.key_file.write_text("no key\n")
    place.smith.key_file.chmod(0o600)
    with pytest.raises(WrongKeyError, match=place.smith.key_file.name):
        rekey(place, LockedBy.FILE)
    assert place.smith.key_file.read_text() == "no key\n"
    assert filled(place)


def test_a_plain_store_that_is_encrypted_leaves_no_plain_bytes(place: Place, tmp_path: Path) -> None:
    plain = replace(place, plain=True)
    fill(plain)
    (tmp_path / "disk").hardlink_to(place.database)  # what lies on the disk where the file lay
    assert PLAIN_SQLITE in (tmp_path / "disk").read_bytes()
    rekey(place, LockedBy.FILE)
    assert set((tmp_path / "disk").read_bytes()) == {0}
    assert filled(place)


def test_a_plain_store_that_is_encrypted_keeps_trail_and_crops(place: Place) -> None:
    with closing(open_store(replace(place, plain=True))) as database:
        scan(database, "spring", secret(1), secret(2))
    rekey(place, LockedBy.FILE)
    with closing(open_store(place)) as database:
        assert audit.verify(database).number == 5  # begun, two results, ended, encrypted
        assert not audit.lost(database)
        with database.reading() as session:
            crops = [evidence.get(session, row.sha256, 0, database.keys) for row in session.query(Picture)]
    assert [crop and crop.jpeg for crop in crops] == [secret(number).crops[0].jpeg for number in (1, 2)]


def test_a_trail_that_was_changed_is_not_made_to_fit(place: Place) -> None:
    with closing(open_store(replace(place, plain=True))) as database:
        scan(database, "spring", secret(1))
        with database.writing() as session:
            session.execute(text("UPDATE audit SET actor = 'nobody' WHERE number = 2"))
    with pytest.raises(StoreError, match="2"):
        rekey(place, LockedBy.FILE)
    assert is_plain(place.database)


@pytest.mark.parametrize("to", [LockedBy.PASSPHRASE, LockedBy.KEYRING])
def test_the_old_key_goes_with_its_lock(place: Place, ring: Ring, to: LockedBy) -> None:
    fill(place)
    rekey(place, to)
    assert not place.smith.key_file.exists()
    assert filled(place)
    rekey(place, LockedBy.FILE)
    assert ring.kept == {}
    assert filled(place)


def test_a_plain_store_in_use_is_not_encrypted_under_its_users(place: Place) -> None:
    fill(replace(place, plain=True))
    with closing(open_store(place)) as database, database.reading() as session:
        session.execute(text("SELECT 1 FROM album"))
        with pytest.raises(StoreError):
            rekey(place, LockedBy.FILE)
    assert is_plain(place.database)
    assert filled(place)


def test_a_new_key_for_one_store_leaves_another_its_own(place: Place, home: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    place = replace(place, smith=replace(place.smith, key_file=tmp_path / "stick" / "imgscan.key"))
    other = replace(place, database=home / "other" / "imgscan.db", lock=home / "other" / "imgscan.keys.json")
    other.database.parent.mkdir(parents=True)
    for one in (place, other):
        fill(one)
    rekey(place, LockedBy.FILE)
    assert filled(place)
    assert filled(other)
