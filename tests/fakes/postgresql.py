"""A PostgreSQL server of the tests' own, from the system's package: in a temporary folder, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

PROGRAMS = Path("/usr/lib/postgresql")
USER = "postgres"
_numbers = count()


def programs() -> Path | None:
    """The folder of the newest server on this computer."""
    found = sorted(PROGRAMS.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found and (os.getuid() or shutil.which("runuser")) else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server; the address of its first database. It listens on a socket file, and trusts who can reach that."""
    bin_ = programs()
    assert bin_ is not None
    # Not below the test's folder: a socket's path may be 107 bytes long, and the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/var/tmp"))
    as_user = [] if os.getuid() else ["runuser", "-u", USER, "--"]
    if as_user:
        shutil.chown(folder, USER)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c log_min_messages=fatal"
    try:
        _run(*as_user, bin_ / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C", "-A", "trust", "-N")
        _run(*as_user, bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        finally:
            _run(*as_user, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def fresh_database(address: str) -> str:
    """The address of a new, empty database on the server at `address`."""
    name = f"store{next(_numbers)}"
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")
