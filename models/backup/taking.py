"""Taking a backup while the product runs: one snapshot of the record, then the files and keys that it refers to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from models.audit import Actor, anchor
from models.backup.archive_in import Told, unheard
from models.backup.archive_out import CHUNK, ArchiveOut, new_archive, sha256_of
from models.backup.errors import BackupError
from models.backup.manifest import (
    ENCRYPTION_KEYS,
    FORMAT,
    SIGNING_KEY,
    KeysOut,
    Manifest,
    TableOut,
    document_path,
    fingerprint,
)
from models.backup.record_out import columns_of, count_of, lines_of, snapshot, tables
from models.house import House
from models.installation import installation_key
from models.migrate import current, latest
from models.operations.attachments import path_of
from models.tables import Attachment


@dataclass(frozen=True)
class Taken:
    """A backup that was taken: what is in it, and the SHA-256 of the whole file."""

    path: Path
    manifest: Manifest
    sha256: str
    bytes: int


def take_backup(house: House, path: Path, by: Actor, *, with_keys: bool = True, told: Told = unheard) -> Taken:
    """Write everything this installation is made of into a new archive, and put on record that it was taken.

    The record is as of one instant. Files come after it: one is on the disk before the record names it, and is never
    changed. A file that is gone meanwhile (erased by policy, or lost) is told in ``manifest.missing``. Keys are read
    before and after the record, so that whatever it is encrypted with is among them while they are being changed.

    Raises:
        BackupError: the archive cannot be written, or the database is of another version.
    """
    revision, keys_before = current(house.engine), house.settings.fernet_keys()
    if revision != latest():
        raise BackupError(
            f"The database is at revision {revision or 'none'}, this version of clientrisk saves {latest()}. Run "
            "`clientrisk db upgrade`, or take the backup with the version the database was made with."
        )
    with new_archive(path) as archive:
        with _readable(), snapshot(house) as session:
            made_at, head, name = house.clock(), anchor(session), installation_key(session)
            parts = tuple(_tables(archive, session, told))
            named = _named(session)
        documents, missing = _documents(archive, house, named, told)
        keys = _keys(archive, house, keys_before, with_keys)
        manifest = Manifest(
            format=FORMAT,
            version=product_version(),
            made_at=made_at,
            installation=name,
            database=house.engine.dialect.name,
            revision=revision,
            audit_seq=head.seq,
            audit_hash=head.hash,
            tables=parts,
            documents=documents,
            missing=missing,
            keys=keys,
        )
        archive.close_with(manifest)
    taken = Taken(path, manifest, sha256_of(path), path.stat().st_size)
    with house.work(by) as work:
        work.record(
            "backup.made",
            sha256=taken.sha256,
            size=taken.bytes,
            rows=manifest.rows,
            documents=len(documents),
            missing=len(missing),
            keys=with_keys,
            audit_seq=head.seq,
        )
    return taken


def product_version() -> str:
    """The version of the product that is installed."""
    try:
        return version("clientrisk")
    except PackageNotFoundError:
        return "source"


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise BackupError(f"The database cannot be read: {error.orig}. Nothing was left behind.") from None
    except LookupError as error:
        raise BackupError(f"The record is not whole: {error}. Run `clientrisk audit verify`.") from None


def _tables(archive: ArchiveOut, session: Session, told: Told) -> Iterable[TableOut]:
    counts = {table.name: count_of(session, table) for table in tables()}
    done, total = 0, sum(counts.values())
    for table in tables():
        rows = 0
        with archive.part(f"database/{table.name}.jsonl") as (write, written):
            for number, lines in lines_of(session, table):
                write(lines)
                rows += number
                told("Saving the record", done + rows, total)
        done += rows
        yield TableOut(
            name=table.name, columns=columns_of(table), rows=rows, bytes=written.bytes, sha256=written.sha256
        )


def _named(session: Session) -> Sequence[str]:
    """The files that the record names."""
    return session.exec(select(Attachment.sha256).distinct().order_by(col(Attachment.sha256))).all()


def _documents(
    archive: ArchiveOut, house: House, named: Sequence[str], told: Told
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Save these files. One that is not what its name says is as good as lost."""
    saved: dict[str, int] = {}
    missing: list[str] = []
    for done, sha256 in enumerate(named, start=1):
        path = path_of(house, sha256)
        try:
            if sha256_of(path) != sha256:
                raise FileNotFoundError
            with path.open("rb") as file, archive.part(document_path(sha256), packed=False) as (write, written):
                while chunk := file.read(CHUNK):
                    write(chunk)
            saved[sha256] = written.bytes
        except FileNotFoundError:
            missing.append(sha256)
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}. Give this user access to it.") from None
        told("Saving the files", done, len(named))
    return saved, tuple(missing)


def _keys(archive: ArchiveOut, house: House, before: list[str], with_keys: bool) -> KeysOut:
    signing = house.settings.signing_key()
    encryption = list(dict.fromkeys([*house.settings.fernet_keys(), *before]))
    parts: dict[str, str] = {}
    if with_keys:
        for path, text in ((SIGNING_KEY, signing), (ENCRYPTION_KEYS, "\n".join(encryption))):
            data = f"{text}\n".encode()
            archive.whole(path, data)
            parts[path] = hashlib.sha256(data).hexdigest()
    return KeysOut(
        included=with_keys,
        signing=fingerprint(signing),
        encryption=tuple(fingerprint(key) for key in encryption),
        parts=parts,
    )
