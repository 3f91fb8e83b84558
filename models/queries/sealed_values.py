"""Where encrypted values lie, and under which key each is: encrypted columns, and sealed texts inside JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import JSON, Column, LargeBinary, Text, cast, func, select, type_coerce
from sqlmodel import Session, SQLModel

from config.key_file import key_id
from models.columns import Encrypted

PAGE = 500
"""Rows looked at at a time."""
UNREADABLE = "?"
"""In a count: values that none of the keys opens."""

SEALED = re.compile(r"sealed:(gAAAA[A-Za-z0-9_\-]+={0,2})")
_LEFT_ALONE = {"audit_event", "audit_private", "paper", "policy_version"}
"""Never rewritten: the chain keeps what it was given; papers are bound by their hash, and hold nothing sealed."""

Step = Callable[[int], None]
"""Told how many rows were looked at."""


@dataclass(frozen=True)
class Place:
    """A column with encrypted values."""

    column: Column[Any]

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"

    @property
    def key(self) -> Column[Any]:
        """The row's own name."""
        (key,) = self.column.table.primary_key.columns
        return key

    @property
    def in_json(self) -> bool:
        return not isinstance(self.column.type, Encrypted)

    @property
    def raw(self) -> Any:
        """The column as it is stored."""
        return cast(self.column, Text) if self.in_json else type_coerce(self.column, LargeBinary)

    def tokens(self, stored: Any) -> list[bytes]:
        """The encrypted values in what is stored in one row."""
        return [token.encode() for token in SEALED.findall(stored)] if self.in_json else [bytes(stored)]

    @property
    def wanted(self) -> Any:
        """The rows that have any."""
        return self.raw.like("%sealed:gAAAA%") if self.in_json else self.column.is_not(None)


@cache
def places() -> tuple[Place, ...]:
    """Every column that holds encrypted values, or JSON in which there may be some, of every table there is."""
    return tuple(
        Place(column)
        for table in SQLModel.metadata.sorted_tables
        if table.name not in _LEFT_ALONE and len(table.primary_key.columns) == 1
        for column in table.columns
        if isinstance(column.type, Encrypted | JSON)
    )


def rows_of(session: Session, place: Place, after: Any = None) -> Sequence[tuple[Any, Any]]:
    """The next ``PAGE`` rows with encrypted values, as they are stored, by their keys."""
    wanted = select(place.key, place.raw).where(place.wanted).order_by(place.key).limit(PAGE)
    if after is not None:
        wanted = wanted.where(place.key > after)
    return [(key, stored) for key, stored in session.execute(wanted)]


def rows_in(session: Session) -> int:
    """How many rows there are to look at."""
    each = (session.execute(select(func.count(place.key)).where(place.wanted)).scalar_one() for place in places())
    return sum(int(number) for number in each)


@dataclass
class Under:
    """How many values lie under each key, by what the key is called; those that none opens under ``UNREADABLE``."""

    values: Counter[str] = field(default_factory=Counter)
    by_place: dict[str, Counter[str]] = field(default_factory=dict)

    def beside(self, key: str) -> int:
        """Values that need another key than ``key``."""
        return sum(number for name, number in self.values.items() if name not in (key, UNREADABLE))


class Opener:
    """Says under which of the keys a value is."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._each = [(key_id(key), Fernet(key.encode())) for key in keys]

    def opened(self, token: bytes) -> tuple[str, bytes]:
        """The key's name and the plain value; ``UNREADABLE`` and nothing if none opens it."""
        for name, fernet in self._each:
            try:
                return name, fernet.decrypt(token)
            except InvalidToken:
                continue
        return UNREADABLE, b""


def count_under(read: Callable[[], Any], keys: Sequence[str], step: Step = lambda _: None) -> Under:
    """Look at every value there is. ``read`` opens a session; each page has one of its own."""
    opener, found = Opener(keys), Under()
    for place in places():
        for rows in pages(read, place):
            here = found.by_place.setdefault(place.name, Counter())
            here.update(opener.opened(token)[0] for _, stored in rows for token in place.tokens(stored))
            step(len(rows))
    for here in found.by_place.values():
        found.values.update(here)
    return found


def pages(read: Callable[[], Any], place: Place, after: Any = None) -> Iterator[Sequence[tuple[Any, Any]]]:
    """The rows of a place, page by page."""
    while True:
        with read() as session:
            rows = rows_of(session, place, after)
        if not rows:
            return
        yield rows
        after = rows[-1][0]
