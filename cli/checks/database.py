"""The database: there, whole, of this version, with room to grow."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from cli.checks.finding import Finding, fail, ok, warn
from cli.checks.ground import Ground, count

MB = 1024 * 1024
LEAST_FREE, LITTLE_FREE = 200 * MB, 1024 * MB


def look(ground: Ground) -> Iterator[Finding]:
    """Reachable, of this version's revision, on SQLite whole and in write-ahead mode; free space beside it."""
    yield _reachable(ground)
    if ground.database_file is not None and ground.database_file.is_file():
        yield from _file(ground.database_file, deep=ground.deep)
    yield _room(ground)


def _reachable(ground: Ground) -> Finding:
    if ground.no_database is not None:
        told = f"{ground.no_database[:1].upper()}{ground.no_database[1:]}."
        return fail("database", f"{told} Run `clientrisk db upgrade`, or see that CLIENTRISK_DATABASE_URL is right.")
    with ground.house.read() as session:
        revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    kind = ground.house.engine.dialect.name
    where = f" at {ground.database_file}" if ground.database_file else ""
    return ok("database", f"{kind}{where} answers; revision {revision} is this version's.")


def _file(path: Path, *, deep: bool) -> Iterator[Finding]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            test = "integrity_check" if deep else "quick_check"
            problems = [row[0] for row in connection.execute(f"PRAGMA {test}(5)") if row[0] != "ok"]
    except sqlite3.Error as error:
        yield fail("database file", f"{path} cannot be read: {error}. Restore the last backup.")
        return
    if problems:
        told = f"{path} is damaged: {problems[0].splitlines()[0]}"
        yield fail("database file", f"{told}. Stop the product, keep the file, restore the last backup.")
    elif mode != "wal":
        told = f"{path} cannot use a write-ahead log (journal mode {mode}): approvers wait for each other"
        yield warn("database file", f"{told}. Put it on a local disk, not on a network drive.")
    else:
        size = path.stat().st_size / MB
        yield ok("database file", f"{size:,.1f} MB, {test.replace('_', ' ')} passed, write-ahead log in use.")


def _room(ground: Ground) -> Finding:
    folder = _existing(ground.settings.home)
    free = shutil.disk_usage(folder).free
    told = f"{count(free // MB, 'MB', 'MB')} free at {folder}"
    if free < LEAST_FREE:
        return fail("disk space", f"{told}: decisions will soon be refused. Make room now.")
    needed = 2 * ground.database_file.stat().st_size if ground.database_file and ground.database_file.is_file() else 0
    if free < max(LITTLE_FREE, needed):
        return warn("disk space", f"{told}: too little for a backup and a few months. Make room.")
    return ok("disk space", f"{told}.")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return folder if folder.exists() or folder.parent == folder else _existing(folder.parent)
