"""``clientrisk keys``: the keys that personal data is encrypted with: how old, how much lies under each, a new one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.terminal import complain, console, on_clock, opened_house, operator, say, table
from config.key_file import key_id
from config.problem import Problem
from models.house import House
from models.operations.key_rotation import Rotated, finish, note_keys, rotate, unaware
from models.queries.sealed_values import UNREADABLE, Step, count_under, rows_in
from models.tables import EncryptionKey

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The keys of personal data at rest.")

EVERY = 0.5
"""Seconds between two looks at who knows the new key."""

SIGNING = """The signing key cannot be rotated like the encryption keys. It does two things:
  - It signs sessions and one-time codes. A new one would only sign everybody out.
  - It makes the keyed hashes by which customers and listings are found. A listing may name somebody who is no
    customer: only the hash of their identity number is kept, and it cannot be made anew without the number.
Were the key replaced, such listings would no longer be found, and a listed person could come back as a stranger.
If it must be replaced because others know it: stop the product, put a new key of 32 characters or more in the place of
{where}, import the customers and the listings again from the papers they rest on, and start."""


@app.callback()
def keys() -> None:
    """The keys of personal data at rest."""


@app.command("list")
def listed() -> None:
    """Each key by what it is called, its age, and how many values lie under it. The keys themselves are never shown."""
    house = opened_house()
    known = house.settings.fernet_keys()
    rows = note_keys(house, known)
    with _bar(house, "Looking at every value", 1) as step:
        under = count_under(house.read, known, step)
    now = house.clock()
    table(
        ("Key", "State", "Since", "Days", "Values"),
        [
            (
                name,
                _state(number, row),
                on_clock(house, row.promoted_at or row.known_at),
                _days(row, now),
                under.values[name],
            )
            for number, (name, row) in enumerate(rows.items())
        ],
        right=(3, 4),
    )
    if under.values[UNREADABLE]:
        complain(
            f"{under.values[UNREADABLE]:,} values are under none of these keys. Restore the key file from a backup."
        )
        raise typer.Exit(1)


def _state(number: int, row: EncryptionKey) -> str:
    if row.promoted_at is None:
        return "published: decrypts, not in use yet"
    return "in use" if number == 0 else "earlier: decrypts only"


def _days(row: EncryptionKey, now: datetime) -> int:
    return (now - (row.promoted_at or row.known_at)).days


@app.command("rotate")
def rotated(
    wait: Annotated[
        int, typer.Option(help="Seconds to wait for every running process to know the new key.", min=0, max=3600)
    ] = 120,
    signing: Annotated[bool, typer.Option("--signing", help="Say what rotating the signing key would need.")] = False,
) -> None:
    """Make a new key and bring every encrypted value under it, while the product runs.

    Broken off, run it again: it goes on where it stopped. Earlier keys are taken out of use once nothing needs them.
    """
    house = opened_house()
    if signing:
        where = "CLIENTRISK_SECRET_KEY" if house.settings.secret_key else str(house.settings.home / "secret.key")
        raise Problem(SIGNING.format(where=where))
    house.settings.fernet_keys()
    file = house.settings.key_file
    if file is None:
        _from_environment(house)
        return
    with _bar(house, "Bringing values under the new key", 2) as step:
        done = rotate(house, file, operator(), lambda key: _wait(house, key, wait), step)
    _tell(done)


def _wait(house: House, key: str, seconds: int) -> None:
    """Until every live process knows the key.

    Raises:
        Problem: some do not after so many seconds.
    """
    until = time.monotonic() + seconds
    while missing := unaware(house, key):
        if time.monotonic() >= until:
            raise Problem(
                f"These do not know the new key {key} yet: {', '.join(missing)}. It decrypts already and encrypts "
                "nothing. Restart them if they are of an earlier version, and run this command again."
            )
        time.sleep(EVERY)


def _from_environment(house: House) -> None:
    keys = house.settings.fernet_keys()
    if len(keys) == 1:
        raise Problem(
            "The keys come from CLIENTRISK_ENCRYPTION_KEYS, so they are changed where that is set:\n"
            "  1. Put a new key AFTER the one there is (KEY,NEW), and restart every process: all can now read it.\n"
            "     One is made by: python -c 'from cryptography.fernet import Fernet; "
            "print(Fernet.generate_key().decode())'\n"
            "  2. Put it FIRST (NEW,KEY), and restart every process: it encrypts from now on.\n"
            "  3. Run `clientrisk keys rotate` with the same setting: every value is brought under it.\n"
            "  4. Take the earlier key away, keep it with the backups of its time, and restart."
        )
    note_keys(house, keys)
    with _bar(house, "Bringing values under the first key", 2) as step:
        done = finish(house, keys, step)
    with house.work(operator()) as work:
        work.record("keys.brought-under", key=done.key, values=done.values)
    _tell(done)
    if not done.left.beside(done.key):
        earlier = ", ".join(key_id(key) for key in keys[1:])
        say(f"Nothing needs {earlier} any more. Take it out of CLIENTRISK_ENCRYPTION_KEYS and restart every process.")


def _tell(done: Rotated) -> None:
    say(f"{done.values:,} values were brought under the key {done.key}.")
    if done.retired:
        say(f"Retired: {', '.join(done.retired)}, kept in {done.aside} for backups made before today.")
    if done.unreadable:
        complain(f"{done.unreadable:,} values are under no key there is. Restore the key file from a backup.")
    if left := done.left.beside(done.key):
        complain(f"{left:,} values are still under an earlier key: something goes on writing with it. Run this again.")
    if done.unreadable or left:
        raise typer.Exit(1)


@contextmanager
def _bar(house: House, what: str, rounds: int) -> Iterator[Step]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with house.read() as session:
        total = rows_in(session) * rounds
    with Progress(*columns, console=console(), transient=True) as progress:
        bar = progress.add_task(what, total=total)
        yield lambda rows: progress.advance(bar, rows)
