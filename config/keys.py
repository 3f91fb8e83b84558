"""Keys that are made once: a random secret in a file that only its owner can read.

Several processes may start at once on an empty folder: all must end with the same key. The file's lock
decides which of them writes; the others wait and read. A crash between creating and writing leaves an
empty file, which the next reader fills.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from config.environment import SettingsError


def new_signing_key(path: Path) -> str:
    """The signing secret kept at ``path``, made now if there is none."""
    key = _made_once(path, lambda: secrets.token_urlsafe(48)).strip()
    if len(key) < 32:
        raise SettingsError(
            f"{path} does not hold a key of at least 32 characters. Restore it from a backup: customers are found by "
            "it, so another key makes them strangers."
        )
    return key


def new_encryption_key(path: Path) -> list[str]:
    """The encryption keys kept at ``path``, one a line, newest first; one is made now if there is none."""
    keys = key_lines(_made_once(path, lambda: base64.urlsafe_b64encode(os.urandom(32)).decode()))
    for key in keys:
        try:
            check_encryption_key(key)
        except ValueError as error:
            raise SettingsError(
                f"{path}: {error}. Restore this file from a backup: without it, encrypted personal data cannot be read."
            ) from None
    return keys


def key_lines(text: str) -> list[str]:
    """Keys out of a text that separates them by commas, blanks or lines."""
    return [key for key in re.split(r"[\s,]+", text) if key]


def check_encryption_key(key: str) -> None:
    """Raises ``ValueError`` unless ``key`` is a Fernet key: 32 bytes in URL-safe base64."""
    try:
        length = len(base64.urlsafe_b64decode(key))
    except (binascii.Error, ValueError):
        length = 0
    if length != 32:
        raise ValueError("an encryption key is 32 bytes in URL-safe base64 (44 characters)")


def _made_once(path: Path, make: Callable[[], str]) -> str:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            text = file.read()
            if not text.strip():
                text = make() + "\n"
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            return text
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The key file {path} cannot be used: {error}. Only the user who runs clientrisk needs access to it."
        ) from None
