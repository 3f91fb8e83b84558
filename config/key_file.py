"""The file of encryption keys, while several processes read it: followed by each, and changed in whole steps.

One key a line; the first encrypts, all decrypt. A change is written beside the file and put in its place by renaming,
so that a reader finds either the earlier keys or the later ones.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.environment import SettingsError
from config.keys import check_encryption_key, key_lines


def key_id(key: str) -> str:
    """What a key is called where it must not be shown: eight hexadecimal digits that tell nothing of it."""
    return hashlib.sha256(b"clientrisk encryption key " + key.encode()).hexdigest()[:8]


def fresh_key() -> str:
    """A new encryption key."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


class KeyFile:
    """The keys of one file, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: tuple[int, int, int] | None = None
        self._keys: tuple[str, ...] = ()

    def read(self) -> tuple[str, ...]:
        """The keys there are now. What cannot be read at this moment leaves those read last.

        Raises:
            SettingsError: the file has never held a key that can be used.
        """
        mark = self._marked()
        if mark is not None and mark != self._mark:
            keys = self._read()
            if keys:
                self._keys, self._mark = keys, mark
        if not self._keys:
            raise SettingsError(f"{self.path} holds no encryption key that can be used. Restore it from a backup.")
        return self._keys

    def _marked(self) -> tuple[int, int, int] | None:
        try:
            stat = os.stat(self.path)
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _read(self) -> tuple[str, ...]:
        try:
            keys = tuple(key_lines(self.path.read_text(encoding="ascii")))
            for key in keys:
                check_encryption_key(key)
        except (OSError, UnicodeDecodeError, ValueError):
            return ()
        return keys

    def write(self, keys: Sequence[str]) -> None:
        """Put ``keys`` in the place of those there are, readable by their owner alone.

        Raises:
            SettingsError: the file cannot be written.
        """
        _replace(self.path, keys)
        self._mark = None

    def set_aside(self, keys: Sequence[str]) -> Path:
        """Keep retired keys in a file of their own, which the product does not read: earlier backups need them."""
        path = self.path.with_name("encryption.retired.key")
        try:
            known = key_lines(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            known = []
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"The key file {path} cannot be read: {error}.") from None
        _replace(path, [*(key for key in keys if key not in known), *known])
        return path

    @contextmanager
    def held(self) -> Iterator[None]:
        """While one process changes the keys, another that wants to is refused.

        Raises:
            SettingsError: somebody else is at it.
        """
        lock = self.path.with_name(self.path.name + ".lock")
        with open(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SettingsError(f"Another process is changing the keys in {self.path} just now.") from None
            yield


def _replace(path: Path, keys: Sequence[str]) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SettingsError(f"The key file {path} cannot be written: {error}.") from None
