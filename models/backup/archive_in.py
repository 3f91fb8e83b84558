"""Reading an archive that may be damaged, or made by somebody who means harm.

Only parts that the manifest names are read, by names that we make ourselves, as many bytes as it says, and each is
compared with its hash before anything is changed anywhere. Nothing is ever unpacked by the name an archive gives it.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from models.backup.archive_out import CHUNK
from models.backup.errors import BackupError, Damaged
from models.backup.manifest import (
    ENCRYPTION_KEYS,
    FORMAT,
    MANIFEST,
    MANIFEST_HASH,
    SIGNING_KEY,
    Manifest,
    TableOut,
    document_path,
)

LARGEST_MANIFEST = 256 << 20
LARGEST_KEYS = 1 << 20
LONGEST_ROW = 64 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError, ValueError)

Told = Callable[[str, int, int], None]


def unheard(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""


class ArchiveIn:
    """An archive whose manifest has been read. ``check`` before anything is done with it."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file, self._path = file, path
        self._entries = self._named_once()
        self.manifest = self._read_manifest()
        self._refuse_others()

    def check(self, told: Told = unheard) -> None:
        """Compare every part with its hash.

        Raises:
            Damaged: one is not what was written.
        """
        for done, table in enumerate(self.manifest.tables, start=1):
            self._compare(table.path, table.sha256, table.bytes)
            told("Checking the record", done, len(self.manifest.tables))
        for done, (sha256, size) in enumerate(self.manifest.documents.items(), start=1):
            self._compare(document_path(sha256), sha256, size)
            told("Checking the files", done, len(self.manifest.documents))
        for path, sha256 in self.manifest.keys.parts.items():
            self._compare(path, sha256, self._entries[path].file_size)

    @property
    def size(self) -> int:
        """How much room all of it takes."""
        return sum(table.bytes for table in self.manifest.tables) + sum(self.manifest.documents.values())

    def lines(self, table: TableOut) -> Generator[bytes, None, None]:
        """The rows of a table, one at a time; as many as it said, or the archive is damaged."""
        with self._broken(table.path), self._file.open(table.path) as part:
            for _ in range(table.rows):
                line = part.readline(LONGEST_ROW)
                if not line.endswith(b"\n"):
                    raise Damaged(f"The table {table.name} in {self._path} is cut off or holds a row without an end.")
                yield line
            if part.read(1):
                raise Damaged(f"The table {table.name} in {self._path} holds more rows than the archive says.")

    def chunks(self, path: str) -> Iterator[bytes]:
        """A part, bit by bit."""
        with self._broken(path), self._file.open(path) as part:
            while chunk := part.read(CHUNK):
                yield chunk

    def key(self, path: str) -> str:
        """One of the key files."""
        try:
            return b"".join(self.chunks(path)).decode("ascii")
        except UnicodeDecodeError:
            raise Damaged(f"{self._path} is damaged: {path} holds no key. Nothing was changed.") from None

    # -- inside --------------------------------------------------------------------------------------------------------

    def _named_once(self) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in self._file.infolist():
            mode = entry.external_attr >> 16
            if entry.filename in found or entry.is_dir() or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
                raise Damaged(f"{self._path} holds {entry.filename!r}, which no backup of clientrisk holds.")
            found[entry.filename] = entry
        return found

    def _read_manifest(self) -> Manifest:
        for name in (MANIFEST, MANIFEST_HASH):
            if name not in self._entries:
                raise Damaged(f"{self._path} is not a backup of clientrisk: it has no {name}.")
            if self._entries[name].file_size > LARGEST_MANIFEST:
                raise Damaged(f"{self._path} is not a backup of clientrisk: its {name} is too large.")
        said = b"".join(self.chunks(MANIFEST))
        noted = b"".join(self.chunks(MANIFEST_HASH)).split(b" ")[0].decode(errors="replace")
        if hashlib.sha256(said).hexdigest() != noted:
            raise Damaged(
                f"{self._path} is damaged: its manifest is not the one that was written. Nothing was changed."
            )
        try:
            manifest = Manifest.model_validate_json(said)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"])
            raise Damaged(f"{self._path} is damaged: its manifest at {place}: {problem['msg']}.") from None
        if manifest.format > FORMAT:
            raise BackupError(
                f"{self._path} was made by a later version of clientrisk ({manifest.version}, archive format "
                f"{manifest.format}). Install that version or a newer one to restore it."
            )
        return manifest

    def _refuse_others(self) -> None:
        """Exactly what the manifest names, and nothing else."""
        manifest = self.manifest
        wanted = {table.path: table.bytes for table in manifest.tables}
        wanted |= {document_path(sha256): size for sha256, size in manifest.documents.items()}
        if len(wanted) != len(manifest.tables) + len(manifest.documents):
            raise Damaged(f"{self._path} is damaged: its manifest names a part twice.")
        if set(manifest.keys.parts) - {SIGNING_KEY, ENCRYPTION_KEYS}:
            raise Damaged(f"{self._path} is damaged: its manifest names keys that there are not.")
        for path in manifest.keys.parts:
            wanted[path] = self._entries[path].file_size if path in self._entries else -1
            if wanted[path] > LARGEST_KEYS:
                raise Damaged(f"{self._path} is damaged: {path} is too large.")
        there = {name for name in self._entries if name not in (MANIFEST, MANIFEST_HASH)}
        for name in sorted(there ^ set(wanted)):
            what = "which its manifest does not name" if name in there else "which is missing"
            raise Damaged(f"{self._path} is damaged: {name!r}, {what}. Nothing was changed.")
        for name, size in wanted.items():
            if self._entries[name].file_size != size:
                raise Damaged(f"{self._path} is damaged: {name} is not as long as it should be. Nothing was changed.")

    def _compare(self, path: str, sha256: str, size: int) -> None:
        found, read = hashlib.sha256(), 0
        for chunk in self.chunks(path):
            found.update(chunk)
            read += len(chunk)
        if (found.hexdigest(), read) != (sha256, size):
            raise Damaged(f"{self._path} is damaged: {path} is not what was written. Nothing was changed.")

    @contextmanager
    def _broken(self, path: str) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise Damaged(f"{self._path} is damaged at {path} ({error}). Nothing was changed.") from None


@contextmanager
def opened_archive(path: Path) -> Iterator[ArchiveIn]:
    """The archive at ``path``.

    Raises:
        Damaged: it is no backup of ours, or not whole.
        BackupError: it cannot be read, or a later version made it.
    """
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except (*_BROKEN,) as error:
        raise Damaged(f"{path} is not a backup of clientrisk, or is cut off ({error}).") from None
    with file:
        yield ArchiveIn(file, path)
