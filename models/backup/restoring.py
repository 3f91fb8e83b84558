"""Restoring an archive into an empty place: another folder, another machine, the other kind of database.

Nothing is changed before every part of the archive has been compared with its hash. The database comes to be there
last and at once (a file put in its place, or one transaction); files and keys before it are named by their content, so
that a restore that was broken off is simply done again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from config.keys import check_encryption_key
from config.settings import Settings
from models.audit import Actor
from models.backup.archive_in import ArchiveIn, Told, opened_archive, unheard
from models.backup.archive_out import sha256_of
from models.backup.errors import BackupError, Damaged, NotEmpty
from models.backup.manifest import ENCRYPTION_KEYS, SIGNING_KEY, Manifest, document_path, fingerprint
from models.backup.record_in import count_on, take_in
from models.backup.settling import Settled, settle
from models.columns import Keys, use_keys
from models.house import Clock, open_engine, system_clock
from models.migrate import (
    MigrationRefused,
    bring_to,
    known_revisions,
    latest,
    refuse_dangling,
    tables_may_be_rebuilt,
)

STAGED = ".restoring"


@dataclass(frozen=True)
class Restored:
    """What was restored, and what was settled for its new life."""

    manifest: Manifest
    settled: Settled


def check(path: Path, told: Told = unheard) -> Manifest:
    """Whether an archive is whole, and what is in it. Changes nothing."""
    with opened_archive(path) as archive:
        archive.check(told)
        return archive.manifest


def restore(
    settings: Settings,
    path: Path,
    by: Actor,
    *,
    revoke_tokens: bool = False,
    told: Told = unheard,
    clock: Clock = system_clock,
) -> Restored:
    """Make the installation that ``settings`` describe out of an archive.

    Raises:
        Damaged: the archive is not whole, or not one of ours.
        NotEmpty: there is a database already, or there are other keys.
        BackupError: a later version made it, the keys for it are missing, or there is no room.
    """
    with opened_archive(path) as archive:
        _refuse_later(archive.manifest)
        archive.check(told)
        _refuse_used(settings)
        _refuse_full(settings, archive)
        keys = _keys_for(settings, archive)
        settings.ensure_home()
        with _put_back() as put:
            put.keys(settings, keys)
            put.documents(settings, archive, told)
            sha256 = sha256_of(path)
            use_keys(Keys(keys.encryption, keys.signing))

            def settling(session: Session) -> Settled:
                return settle(session, archive.manifest, sha256, by, clock(), revoke_tokens=revoke_tokens)

            with _new_database(settings) as engine:
                settled = _fill(engine, archive, told, settling)
        return Restored(archive.manifest, settled)


# -- what is refused -----------------------------------------------------------------------------------------------


def _refuse_later(manifest: Manifest) -> None:
    if manifest.revision not in known_revisions():
        raise BackupError(
            f"The backup was made by a later version of clientrisk ({manifest.version}, revision {manifest.revision}; "
            f"this one knows them up to {latest()}). Install that version or a newer one to restore it."
        )


def _refuse_used(settings: Settings) -> None:
    file = _sqlite_file(settings)
    if file is not None:
        if file.exists():
            raise NotEmpty(
                f"There is a database already at {file}. A backup is restored beside nothing: move it away (with its "
                "-wal and -shm), or name an empty folder with --into."
            )
        return
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            found = inspect(connection).get_table_names()
    except DBAPIError as error:
        raise BackupError(
            f"The database cannot be used: {error.orig}. See that CLIENTRISK_DATABASE_URL is right."
        ) from None
    finally:
        engine.dispose()
    if found:
        raise NotEmpty(
            f"The database holds {len(found)} tables already ({', '.join(sorted(found)[:3])} …). Name an "
            "empty one with CLIENTRISK_DATABASE_URL."
        )


def _refuse_full(settings: Settings, archive: ArchiveIn) -> None:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, archive.size + (64 << 20)
    if free < needed:
        raise BackupError(
            f"There is too little room at {folder}: {free >> 20:,} MB are free, about {needed >> 20:,} MB are needed."
        )


# -- keys and files ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _ChosenKeys:
    signing: str
    encryption: list[str]


def _keys_for(settings: Settings, archive: ArchiveIn) -> _ChosenKeys:
    """The keys the restored installation will work with: set, lying there already, or out of the archive."""
    told = archive.manifest.keys
    paths = {SIGNING_KEY: settings.home / "secret.key", ENCRYPTION_KEYS: settings.home / "encryption.key"}
    given = {
        SIGNING_KEY: settings.signing_key() if settings.secret_key or paths[SIGNING_KEY].exists() else None,
        ENCRYPTION_KEYS: "\n".join(settings.fernet_keys())
        if settings.encryption_keys or paths[ENCRYPTION_KEYS].exists()
        else None,
    }
    chosen: dict[str, str] = {}
    for part, what in ((SIGNING_KEY, "secret.key"), (ENCRYPTION_KEYS, "encryption.key")):
        there = given[part]
        if there is None and part not in told.parts:
            raise BackupError(
                f"The backup was made without its keys, and there is no {what} in {settings.home} nor a setting "
                "for it. Put the key file there first: without it personal data cannot be read."
            )
        chosen[part] = archive.key(part) if there is None else there
    keys = _ChosenKeys(chosen[SIGNING_KEY].strip(), chosen[ENCRYPTION_KEYS].split())
    _refuse_no_keys(keys)
    wrong = fingerprint(keys.signing) != told.signing
    if wrong or not set(told.encryption) <= {fingerprint(key) for key in keys.encryption}:
        what = "signing key (secret.key)" if wrong else "encryption keys (encryption.key)"
        raise NotEmpty(
            f"The {what} that this place has are not those of the backup: customers and personal data would not be "
            "found again. Take the key files away, or unset CLIENTRISK_SECRET_KEY and CLIENTRISK_ENCRYPTION_KEYS."
        )
    return keys


def _refuse_no_keys(keys: _ChosenKeys) -> None:
    try:
        if len(keys.signing) < 32 or not keys.encryption:
            raise ValueError("a key is too short, or missing")
        for key in keys.encryption:
            check_encryption_key(key)
    except ValueError as error:
        raise Damaged(f"The keys of the archive cannot be used: {error}. Nothing was changed.") from None


class _PutBack:
    """What was put in place, to be taken away again if the rest fails."""

    def __init__(self) -> None:
        self.made: list[Path] = []

    def keys(self, settings: Settings, keys: _ChosenKeys) -> None:
        if not settings.secret_key:
            self._write_key(settings.home / "secret.key", keys.signing)
        if not settings.encryption_keys:
            self._write_key(settings.home / "encryption.key", "\n".join(keys.encryption))

    def documents(self, settings: Settings, archive: ArchiveIn, told: Told) -> None:
        wanted = archive.manifest.documents
        for done, sha256 in enumerate(wanted, start=1):
            path = settings.documents / sha256[:2] / sha256
            if not (path.is_file() and sha256_of(path) == sha256):
                self._write_document(path, archive, sha256)
            told("Restoring the files", done, len(wanted))

    def _write_key(self, path: Path, text: str) -> None:
        if path.exists():
            return
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            self.made.append(path)
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _write_document(self, path: Path, archive: ArchiveIn, sha256: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}{STAGED}")
        draft.unlink(missing_ok=True)
        self.made += [draft, path]
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in archive.chunks(document_path(sha256)):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


@contextmanager
def _put_back() -> Iterator[_PutBack]:
    put = _PutBack()
    try:
        yield put
    except BaseException as error:
        for path in put.made:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BackupError(f"The backup cannot be restored: {error}. Nothing was left there.") from None
        raise


# -- the database --------------------------------------------------------------------------------------------------


@contextmanager
def _new_database(settings: Settings) -> Iterator[Engine]:
    """An empty database; an SQLite file comes to its place when it is whole."""
    file = _sqlite_file(settings)
    if file is None:
        engine = open_engine(settings.database_url, pool_size=1)
        try:
            yield engine
        finally:
            engine.dispose()
        return
    staged = file.with_name(file.name + STAGED)
    _forget(staged)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(f"sqlite:///{staged}", pool_size=1)
    try:
        yield engine
        engine.dispose()  # the last connection brings the write-ahead log home
        os.chmod(staged, 0o600)
        try:
            os.link(staged, file)  # unlike a rename, this never takes the place of what is there
        except FileExistsError:
            raise NotEmpty(
                f"While the backup was restored a database came to be at {file}. It was left alone."
            ) from None
    finally:
        engine.dispose()
        _forget(staged)


def _fill(engine: Engine, archive: ArchiveIn, told: Told, settling: Callable[[Session], Settled]) -> Settled:
    """Tables as they were then, their rows, brought forward to this version, and settled; all or nothing."""
    try:
        with engine.execution_options(clientrisk_writes=True).connect() as connection:
            with tables_may_be_rebuilt(connection), connection.begin():
                bring_to(connection, archive.manifest.revision)
                _take_in(connection, archive, told)
                bring_to(connection, "head")
                refuse_dangling(connection)
                with Session(connection, expire_on_commit=False) as session:
                    settled = settling(session)
                    session.flush()
            return settled
    except MigrationRefused as error:
        raise Damaged(f"The record in the archive is not whole: {error}") from None
    except DBAPIError as error:
        raise BackupError(f"The database refused the backup: {error.orig}. Nothing was changed.") from None


def _take_in(connection: Connection, archive: ArchiveIn, told: Told) -> None:
    there = set(inspect(connection).get_table_names()) - {"alembic_version"}
    given = {table.name for table in archive.manifest.tables}
    if given != there:
        raise Damaged("The tables of the archive are not those of its revision. Nothing was changed.")
    done, total = 0, archive.manifest.rows
    for table in archive.manifest.tables:
        with closing(archive.lines(table)) as lines:
            for rows in take_in(connection, table, lines):
                told("Restoring the record", done + rows, total)
        done += table.rows
    count_on(connection, sorted(given))


def _sqlite_file(settings: Settings) -> Path | None:
    path = settings.database_url.removeprefix("sqlite:///")
    return None if path == settings.database_url else Path(path)


def _forget(staged: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        staged.with_name(staged.name + ending).unlink(missing_ok=True)
