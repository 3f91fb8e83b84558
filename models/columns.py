"""Column types that keep the domain's promises: exact money, UTC instants, secrets at rest."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import BigInteger, DateTime, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from config.key_file import KeyFile, key_id
from config.words import Word

FEN = Decimal(100)


class Money(TypeDecorator[Decimal]):
    """Yuan as a ``Decimal`` with two places; stored as a whole number of fen."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * FEN).to_integral_exact())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / FEN).quantize(Decimal("0.01"))


class Instant(TypeDecorator[datetime]):
    """An aware UTC ``datetime``; a naive one is refused rather than guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WordText(TypeDecorator[Word]):
    """A word of a closed vocabulary by its stable value; a text that is no such word is refused."""

    impl = String(64)
    cache_ok = True

    def __init__(self, kind: type[Word]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> Word | None:
        return None if value is None else self.kind(value)


class Keys:
    """The keys of this installation: the first encrypts, all decrypt; ``digest`` makes blind indexes.

    Keys kept in a file are followed: a change of the file counts from the next value on, in every process, so that
    keys are rotated while the product runs.
    """

    def __init__(self, encryption: Sequence[str], secret: str, file: KeyFile | None = None) -> None:
        self._file = file
        self._ring = _ring(tuple(encryption))
        self._secret = secret.encode()

    def encrypt(self, text: str) -> bytes:
        return self._following().encrypt(text.encode())

    def decrypt(self, data: bytes) -> str:
        return self._following().decrypt(data).decode()

    def digest(self, text: str) -> str:
        """A keyed hash: equal texts can be found without storing them readably."""
        return hmac.new(self._secret, text.strip().upper().encode(), hashlib.sha256).hexdigest()

    def ids(self) -> tuple[str, ...]:
        """What the keys are called, the one that encrypts first."""
        self._following()
        return tuple(key_id(key) for key in self._ring[0])

    def _following(self) -> MultiFernet:
        ring = self._ring
        if self._file is not None and (keys := self._file.read()) != ring[0]:
            ring = self._ring = _ring(keys)
        return ring[1]


def _ring(keys: tuple[str, ...]) -> tuple[tuple[str, ...], MultiFernet]:
    return keys, MultiFernet([Fernet(key.encode()) for key in keys])


class _KeyRing:
    """Where ``Encrypted`` columns find the keys. Set once, when the database is opened."""

    keys: Keys | None = None


def use_keys(keys: Keys) -> None:
    """Give the encrypted columns of this process their keys."""
    _KeyRing.keys = keys


def _keys() -> Keys:
    if _KeyRing.keys is None:
        raise RuntimeError("no encryption keys: open the database through House")
    return _KeyRing.keys


def seal_text(text: str) -> str:
    """``text`` encrypted, as text: for values inside JSON."""
    return _keys().encrypt(text).decode()


def unseal_text(sealed: str) -> str:
    """What ``seal_text`` sealed.

    Raises:
        ValueError: it was not sealed with a key of this installation.
    """
    try:
        return _keys().decrypt(sealed.encode())
    except InvalidToken:
        raise ValueError("this was not sealed here") from None


def blind(text: str) -> str:
    """The keyed hash of ``text``: tells equal from different, and nothing else."""
    return _keys().digest(text)


class Encrypted(TypeDecorator[str]):
    """Text stored encrypted (identity numbers, telephones, bank details, channel addresses)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keys().encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _keys().decrypt(bytes(value))
