from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text

from imgscan.store.database import Database
from models import Base, make_engine, upgrade
from models.migrate import MIGRATIONS, NewerSchemaError
from tests.store.test_purging import decide_all, scan, secret

REVISIONS = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]  # newest first


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(tmp_path / "store.db")
    yield made
    made.dispose()


def schema(engine: Engine) -> dict[str, str]:
    """The SQL of every table and index, blanks aside."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {name: " ".join(sql.split()) for name, sql in found if name != "alembic_version"}


def checks(engine: Engine) -> dict[str, set[tuple[str | None, str]]]:
    inspector = inspect(engine)
    return {
        table: {(check["name"], " ".join(check["sqltext"].split())) for check in inspector.get_check_constraints(table)}
        for table in Base.metadata.tables
    }


def test_the_revisions_make_what_the_models_say(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    # alembic compares neither checks nor STRICT
    models = make_engine(tmp_path / "models.db")
    Base.metadata.create_all(models)
    assert checks(engine) == checks(models)
    assert {name for name, sql in schema(engine).items() if sql.endswith("STRICT")} == set(Base.metadata.tables)
    assert set(schema(engine)) == set(schema(models))
    models.dispose()


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    before = schema(engine)
    upgrade(engine)
    assert schema(engine) == before


def test_a_failed_upgrade_leaves_nothing(engine: Engine) -> None:
    """One transaction: a table that is in the way undoes those that were made before it."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE verdict (id INTEGER)"))
    with pytest.raises(Exception, match="verdict already exists"):
        upgrade(engine)
    assert set(schema(engine)) == {"verdict"}
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() is None


def test_an_unknown_revision_is_refused(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(NewerSchemaError, match="later"):
        upgrade(engine)


def filled_at(revision: str, path: Path) -> Path:
    """A store with results and verdicts in it, as a program of that revision left it."""
    with closing(Database(path)) as database:
        scan(database, "spring", *(secret(number) for number in range(3)))
        decide_all(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = make_engine(path)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()
    return path


Columns = dict[str, list[str]]


def columns(path: Path) -> Columns:
    """The columns of every table."""
    engine = make_engine(path)
    found = inspect(engine)
    named = {table: [column["name"] for column in found.get_columns(table)] for table in found.get_table_names()}
    engine.dispose()
    return {table: names for table, names in named.items() if table != "alembic_version"}


def content(path: Path, wanted: Columns) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these columns, in order."""
    engine = make_engine(path)
    with engine.connect() as connection:
        queries = {table: text(f"SELECT {', '.join(names)} FROM {table}") for table, names in wanted.items()}
        rows = {table: sorted(map(tuple, connection.execute(query)), key=repr) for table, query in queries.items()}
    engine.dispose()
    return rows


def revision_of(path: Path) -> str | None:
    engine = make_engine(path)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def upgraded_until(path: Path, statement: int) -> None:
    """Upgrade in this process, which dies before its n-th statement."""
    engine = make_engine(path)
    left = iter(range(statement))

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_told: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade(engine)


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_every_older_store_is_brought_up_with_its_data_killed_at_any_statement(revision: str, tmp_path: Path) -> None:
    old = filled_at(revision, tmp_path / "old.db")
    wanted = columns(old)
    before = content(old, wanted)
    assert all(before[table] for table in ("verdict", "file", "finding", "audit"))
    killed = 0
    while True:
        path = tmp_path / f"{killed}.db"
        shutil.copy(old, path)
        child = multiprocessing.get_context("fork").Process(target=upgraded_until, args=(path, killed))
        child.start()
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL)
        assert revision_of(path) == (revision if child.exitcode else REVISIONS[0])
        assert content(path, wanted) == before
        Database(path).close()
        assert revision_of(path) == REVISIONS[0]
        assert content(path, wanted) == before
        if child.exitcode == 0:
            break
        killed += 1
    assert killed > 3


def test_what_scans_went_into_which_album_is_known_afterwards(tmp_path: Path) -> None:
    path = filled_at("0002", tmp_path / "old.db")
    Database(path).close()
    assert content(path, {"album": ["begun", "completed"]}) == {"album": [(1, 1)]}
