from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from models import Base, make_engine, upgrade
from models.migrate import NewerSchemaError


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
