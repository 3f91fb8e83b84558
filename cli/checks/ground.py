"""What the checks stand on: this installation as far as it can be opened without changing anything."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cli.terminal import sqlite_file
from config.keys import check_encryption_key, key_lines
from config.office_hours import office_hours
from config.policy import Policy, PolicyError, load_policy
from config.settings import WILDCARD_HOSTS, Settings
from models.columns import Keys
from models.house import Clock, House, open_engine, system_clock
from models.migrate import current, latest
from models.rules.calendar import BusinessCalendar


@dataclass
class Ground:
    """An installation to be examined. ``deep`` asks for checks whose time grows with the database."""

    settings: Settings
    deep: bool = False
    clock: Clock = system_clock

    @cached_property
    def now(self) -> datetime:
        return self.clock()

    @cached_property
    def database_file(self) -> Path | None:
        return sqlite_file(self.settings)

    @cached_property
    def no_database(self) -> str | None:
        """Why nothing can be read from the database, as a sentence; none if it can be."""
        if self.database_file is not None and not self.database_file.is_file():
            return f"there is no database at {self.database_file}"
        try:
            at, needed = current(self.house.engine), latest()
        except SQLAlchemyError as error:
            return f"the database does not answer ({first_line(error)})"
        return None if at == needed else f"the database is at revision {at or 'none'} and this version needs {needed}"

    @cached_property
    def house(self) -> House:
        """The house as it is: no key is made, no policy stored. Faults of keys and policy are other checks' to tell."""
        signing, encryption = self.signing_key, self.encryption_keys
        spare = base64.urlsafe_b64encode(os.urandom(32)).decode()
        return House(
            engine=open_engine(self.settings.database_url),
            keys=Keys(encryption if isinstance(encryption, list) else [spare], signing if signing else spare),
            policy=self.policy if isinstance(self.policy, Policy) else load_policy(),
            calendar=BusinessCalendar(
                self.settings.calendar, self.settings.time_zone, office_hours(self.settings.working_hours)
            ),
            settings=self.settings,
            clock=self.clock,
        )

    @cached_property
    def policy(self) -> Policy | PolicyError:
        try:
            return load_policy(self.settings.policy_folder)
        except PolicyError as error:
            return error

    @cached_property
    def signing_key(self) -> str | None:
        """The key that signs sessions and finds customers; none if there is none that can be used."""
        if self.settings.secret_key:
            return self.settings.secret_key.get_secret_value()
        text = read(self.settings.home / "secret.key")
        return text.strip() if text is not None and len(text.strip()) >= 32 else None

    @cached_property
    def encryption_keys(self) -> list[str] | str:
        """The keys of personal data at rest, or what is wrong with them."""
        if self.settings.encryption_keys:
            return self.settings.fernet_keys()
        text = read(self.settings.home / "encryption.key")
        if text is None or not key_lines(text):
            return "there is none"
        try:
            for key in key_lines(text):
                check_encryption_key(key)
        except ValueError as error:
            return str(error)
        return key_lines(text)

    @property
    def api_address(self) -> str:
        """Where this machine reaches the API."""
        host = WILDCARD_HOSTS.get(self.settings.api_host, self.settings.api_host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.settings.api_port}"


def read(path: Path) -> str | None:
    """The text of a file; none if it is not there or not to be read."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None


def first_line(error: Exception) -> str:
    """What an error says, on one line, without the statement and the links SQLAlchemy adds."""
    told = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return told.splitlines()[0][:200]


def count(number: int, one: str, several: str | None = None) -> str:
    """``1 case``, ``3 cases``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def span(seconds: float) -> str:
    """A length of time as people say it."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return count(int(seconds // size), unit)
    return count(int(seconds), "second")
