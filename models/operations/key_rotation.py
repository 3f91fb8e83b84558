"""A new encryption key while the product runs (issue 6): published, promoted, every value brought under it, the old
ones retired.

A key that is published decrypts; it encrypts from when it is promoted, which waits until every live process has said
that it knows it. Each part is safe to begin again: whoever was killed, the next ``rotate`` goes on from what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import JSON, Text, literal, text, update
from sqlalchemy import cast as as_type
from sqlmodel import col, select

from config.key_file import KeyFile, fresh_key, key_id
from models.audit import Actor
from models.house import House, Work
from models.queries.sealed_values import SEALED, UNREADABLE, Opener, Place, Step, Under, count_under, pages, places
from models.tables import EncryptionKey, Heartbeat

ALIVE = timedelta(seconds=60)
"""A process that has not been heard for so long is not waited for."""
KEYS_KNOWN = "keys"
"""The fact of a heartbeat that lists the keys a process can decrypt with, by what they are called."""
PASSES = 5
"""How often values are looked through for those written under an earlier key meanwhile."""


@dataclass
class Rotated:
    """What a rotation came to: values brought under ``key``, keys retired, values that no key opens."""

    key: str
    values: int = 0
    retired: tuple[str, ...] = ()
    unreadable: int = 0
    aside: Path | None = None
    left: Under = field(default_factory=Under)


def note_keys(house: House, keys: Sequence[str]) -> dict[str, EncryptionKey]:
    """Every key of the installation on record, by what it is called; one that was never put into use is forgotten."""
    ids = [key_id(key) for key in keys]
    with house.work() as work:
        known = {row.id: row for row in work.session.exec(select(EncryptionKey))}
        for number, name in enumerate(ids):
            row = known.get(name) or EncryptionKey(id=name, known_at=work.now, promoted_at=work.now)
            if number == 0 and row.promoted_at is None:  # promoted in the file, and whoever did it died
                row.promoted_at = work.now
            row.retired_at = None
            known[name] = row
            work.add(row)
        for name, row in known.items():
            if name not in ids and row.promoted_at is None:
                work.session.delete(row)
            elif name not in ids and row.retired_at is None:
                row.retired_at = work.now
                work.add(row)
    return {name: known[name] for name in ids}


def publish(house: House, file: KeyFile, by: Actor) -> str:
    """A new key that decrypts; or the one published before that was never promoted. Returns what it is called."""
    rows = note_keys(house, file.read())
    for name, row in rows.items():
        if row.promoted_at is None:
            return name
    key = fresh_key()
    with house.work(by) as work:
        work.add(EncryptionKey(id=key_id(key), known_at=work.now))
        work.record("keys.published", key=key_id(key))
    first, *others = file.read()
    file.write([first, key, *others])
    return key_id(key)


def unaware(house: House, key: str) -> list[str]:
    """The live processes that have not said yet that they know ``key``."""
    with house.read() as session:
        since = house.clock() - ALIVE
        heard = select(Heartbeat).where(col(Heartbeat.at) > since).order_by(col(Heartbeat.kind), col(Heartbeat.name))
        beats = session.exec(heard).all()
    return [f"{one.kind} {one.name}" for one in beats if key not in one.facts.get(KEYS_KNOWN, ())]


def promote(house: House, file: KeyFile, key: str, by: Actor) -> None:
    """From now on ``key`` encrypts. Writers that began with the one before are waited for."""
    keys = sorted(file.read(), key=lambda one: key_id(one) != key)
    file.write(keys)
    with house.work(by) as work:
        row = work.session.get_one(EncryptionKey, key)
        row.promoted_at = row.promoted_at or work.now
        work.add(row)
        work.record("keys.promoted", key=key)
    _let_writers_end(house)


def _let_writers_end(house: House) -> None:
    """Until what was encrypted before is committed. SQLite has one writer at a time: to have been it will do."""
    with house.writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            for name in sorted({place.column.table.name for place in places()}):
                connection.execute(text(f'LOCK TABLE "{name}" IN SHARE MODE'))


def under_new_key(house: House, keys: Sequence[str], step: Step = lambda _: None) -> int:
    """Bring every value under the first of ``keys``, page by page. Returns how many values were written anew."""
    opener, head = Opener(keys), key_id(keys[0])
    written = 0
    for place in places():
        for rows in pages(house.read, place, _reached(house, head, place)):
            written += _rewrite(house, place, rows, opener, keys[0])
            step(len(rows))
    return written


def _reached(house: House, head: str, place: Place) -> Any:
    with house.read() as session:
        row = session.get(EncryptionKey, head)
        return row.progress.get(place.name) if row is not None else None


def _rewrite(house: House, place: Place, rows: Sequence[tuple[Any, Any]], opener: Opener, key: str) -> int:
    """One page in one transaction. A row that somebody has changed since it was read is left to them."""
    head, fernet = key_id(key), Fernet(key.encode())
    anew: list[tuple[Any, Any, Any, int]] = []
    for row_key, stored in rows:
        tokens = {token: opener.opened(token) for token in place.tokens(stored)}
        old = {token: plain for token, (name, plain) in tokens.items() if name not in (head, UNREADABLE)}
        if old:
            anew.append(
                (row_key, stored, _with(place, stored, {t: fernet.encrypt(p) for t, p in old.items()}), len(old))
            )
    written = 0
    with house.work() as work:
        for row_key, stored, new, number in anew:
            written += number * _replace(work, place, row_key, stored, new)
        kept = work.session.get(EncryptionKey, head)
        if kept is not None:
            kept.progress = {**kept.progress, place.name: rows[-1][0]}
            work.add(kept)
    return written


def _with(place: Place, stored: Any, anew: dict[bytes, bytes]) -> Any:
    if not place.in_json:
        return anew[bytes(stored)]
    return SEALED.sub(lambda m: "sealed:" + anew.get(m[1].encode(), m[1].encode()).decode(), stored)


def _replace(work: Work, place: Place, row_key: Any, stored: Any, new: Any) -> int:
    value: Any = literal(new, place.raw.type)
    if place.in_json and work.session.get_bind().dialect.name == "postgresql":
        value = as_type(literal(new, Text), JSON)  # SQLite keeps JSON as text, and would take a cast for a number
    same = (place.key == row_key) & (place.raw == literal(stored, place.raw.type))
    return work.change(update(place.column.table).where(same).values({place.column.name: value}))


def finish(house: House, keys: Sequence[str], step: Step = lambda _: None) -> Rotated:
    """Bring everything under the first key, and see that nothing needs another one any more."""
    head = key_id(keys[0])
    done = Rotated(head)
    for _ in range(PASSES):
        done.values += under_new_key(house, keys, step)
        done.left = count_under(house.read, keys, step)
        _begin_anew(house, head)
        if not done.left.beside(head):
            break
    done.unreadable = done.left.values[UNREADABLE]
    return done


def _begin_anew(house: House, head: str) -> None:
    with house.work() as work:
        row = work.session.get(EncryptionKey, head)
        if row is not None:
            row.progress = {}
            work.add(row)


def retire(house: House, file: KeyFile, done: Rotated, by: Actor) -> None:
    """Take the keys that nothing needs out of the file, set aside for earlier backups."""
    first, *others = file.read()
    done.retired = tuple(key_id(key) for key in others)
    if others:
        done.aside = file.set_aside(others)
        file.write([first])
    note_keys(house, [first])
    with house.work(by) as work:
        work.record("keys.rotated", key=done.key, values=done.values, keys=list(done.retired), lost=done.unreadable)


Wait = Callable[[str], None]


def rotate(house: House, file: KeyFile, by: Actor, wait: Wait, step: Step = lambda _: None) -> Rotated:
    """The whole of it, or what is left of one that was broken off. ``wait`` returns once every live process knows the
    key that it is given.

    Raises:
        SettingsError: the key file cannot be changed just now.
    """
    with file.held():
        rows = note_keys(house, file.read())
        under_way = len(rows) > 1 and all(row.promoted_at is not None for row in rows.values())
        if not under_way:
            key = publish(house, file, by)
            wait(key)
            promote(house, file, key, by)
        done = finish(house, file.read(), step)
        if not done.left.beside(done.key):
            retire(house, file, done, by)
        return done
