"""Writing an archive: a ZIP file only its owner can read, there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.backup.errors import BackupError
from models.backup.manifest import MANIFEST, MANIFEST_HASH, Manifest

DRAFT = ".part"
CHUNK = 1 << 20


class Written:
    """How much of a part was written, and its hash."""

    def __init__(self) -> None:
        self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        self.bytes += len(data)
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class ArchiveOut:
    """An archive that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    @contextmanager
    def part(self, path: str, *, packed: bool = True) -> Iterator[tuple[Callable[[bytes], None], Written]]:
        """One part, written bit by bit. What cannot be made smaller is not ``packed``."""
        entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        written = Written()
        with self._file.open(entry, "w", force_zip64=True) as out:

            def write(data: bytes) -> None:
                written.add(data)
                out.write(data)

            yield write, written

    def whole(self, path: str, data: bytes) -> Written:
        """A small part at once."""
        with self.part(path) as (write, written):
            write(data)
        return written

    def close_with(self, manifest: Manifest) -> None:
        """Say what is in it; the last thing written."""
        said = (manifest.model_dump_json(indent=1) + "\n").encode()
        self.whole(MANIFEST, said)
        self.whole(MANIFEST_HASH, f"{hashlib.sha256(said).hexdigest()}  {MANIFEST}\n".encode())


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveOut]:
    """An archive at ``path``. It comes to be there when it is whole, and on the disk.

    Raises:
        BackupError: something is there already, or it cannot be written.
    """
    draft = path.with_name(path.name + DRAFT)
    if path.exists():
        raise BackupError(f"{path} is there already. Name another file; a backup is not written over.")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        hint = " Another backup is writing it, or one was broken off: delete it." if draft.exists() else ""
        raise BackupError(f"{draft} cannot be written: {error.strerror}.{hint}") from None
    try:
        with os.fdopen(handle, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file:
                yield ArchiveOut(file)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, path)  # unlike a rename, this never takes the place of what is there
        _sync(path.parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}. Nothing was left there.") from None
    finally:
        draft.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The hash of a file, read bit by bit."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
