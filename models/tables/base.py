"""Short forms for the columns that every table uses."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field

from config.words import Word
from models.columns import Encrypted, Instant, Money, WordText

# BigInteger primary keys do not count up by themselves on SQLite; Integer ones are 64 bit there anyway.


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """An ``Instant`` column; without a default it must be given."""
    if nullable:
        return Field(default=None, sa_column=Column(Instant, nullable=True, index=index))
    return Field(sa_column=Column(Instant, nullable=False, index=index))


def money(*, nullable: bool = False) -> Any:
    """A ``Money`` column in yuan."""
    if nullable:
        return Field(default=None, sa_column=Column(Money, nullable=True))
    return Field(sa_column=Column(Money, nullable=False))


def json(default_factory: Any = dict) -> Any:
    """A JSON column; ``default_factory=None`` makes it nullable."""
    if default_factory is None:
        return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    return Field(default_factory=default_factory, sa_column=Column(JSON, nullable=False))


def text(*, nullable: bool = False) -> Any:
    """Text without a length."""
    if nullable:
        return Field(default=None, sa_column=Column(Text, nullable=True))
    return Field(default="", sa_column=Column(Text, nullable=False))


def word(kind: type[Word], *, default: Word | None = None, nullable: bool = False, index: bool = False) -> Any:
    """A word of a closed vocabulary, stored as its value. Without a default it must be given, unless nullable."""
    column: Column[Any] = Column(WordText(kind), nullable=nullable, index=index)
    if default is None and not nullable:
        return Field(sa_column=column)
    return Field(default=default, sa_column=column)


def encrypted() -> Any:
    """Text stored encrypted, and not shown where a row is printed; absent when unknown."""
    return Field(default=None, repr=False, sa_column=Column(Encrypted, nullable=True))


__all__ = ["Decimal", "datetime", "encrypted", "instant", "json", "money", "text", "word"]
