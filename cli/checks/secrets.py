"""The secrets: there, fit for use, and the right ones for this database."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import InvalidToken
from sqlalchemy import LargeBinary, type_coerce
from sqlmodel import col, select

from cli.checks.finding import Finding, fail, ok, warn
from cli.checks.ground import Ground
from models.tables import Channel, Customer


def look(ground: Ground) -> Iterator[Finding]:
    """The key that signs sessions and finds customers, and the keys of personal data at rest."""
    yield _signing(ground)
    yield _encryption(ground)


def _signing(ground: Ground) -> Finding:
    path = ground.settings.home / "secret.key"
    if ground.signing_key is None:
        if ground.no_database is not None and not path.exists():
            return ok("signing key", f"None yet; it is made at the first start, in {path}.")
        return fail(
            "signing key",
            f"{path} is missing, unreadable or too short. Restore it from a backup: customers and listings are found "
            "by it, so a new one makes them strangers.",
        )
    return _guarded("signing key", path) if not ground.settings.secret_key else ok("signing key", "Given as a setting.")


def _encryption(ground: Ground) -> Finding:
    path, keys = ground.settings.home / "encryption.key", ground.encryption_keys
    if isinstance(keys, str):
        if ground.no_database is not None and not path.exists():
            return ok("encryption key", f"None yet; it is made at the first start, in {path}.")
        return fail(
            "encryption key",
            f"{path} cannot be used ({keys}). Restore it from a backup: without it personal data cannot be read.",
        )
    if ground.no_database is None and not _opens_what_is_stored(ground):
        return fail(
            "encryption key",
            "The key is not the one that personal data here was stored with. Put the earlier key after it "
            "(one a line, or separated by commas in CLIENTRISK_ENCRYPTION_KEYS).",
        )
    if ground.settings.encryption_keys:
        return ok("encryption key", "Given as a setting; opens what is stored.")
    return _guarded("encryption key", path)


def _opens_what_is_stored(ground: Ground) -> bool:
    """The oldest and the newest of what is stored: keys are added at the front and dropped at the end."""
    with ground.house.read() as session:
        sealed: list[bytes] = []
        for table, column in ((Customer, Customer.identifier), (Channel, Channel.address)):
            raw = type_coerce(column, LargeBinary)
            stored = select(raw).where(col(column).is_not(None))
            for order in (col(table.id).asc(), col(table.id).desc()):
                sealed += [bytes(one) for one in session.exec(stored.order_by(order).limit(1))]
    try:
        for one in sealed:
            ground.house.keys.decrypt(one)
    except InvalidToken:
        return False
    return True


def _guarded(name: str, path: Path) -> Finding:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn(name, f"{path} can be read by others on this machine. Run: chmod 600 {path}")
    return ok(name, f"{path} is readable by its owner alone. Keep a copy of it with the backups.")
