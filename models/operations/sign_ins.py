"""The book of sign-ins: who came in, or tried to, when, how, from where; and how often somebody may fail.

Failing attempts are no part of the audit chain: anybody may cause them, and nobody may fill what is kept for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import Refused
from models.house import House, Work
from models.rules.browsers import browser_named
from models.tables import Attempts, Person, SignInEntry

ONE_ENTRY = timedelta(minutes=5)
"""The same again within this time is counted on the line that is there."""
WINDOW = timedelta(minutes=15)
"""Failures older than this are forgotten."""
LONGEST_LOCK = timedelta(hours=24)
LINKS_ASKED = 5
"""Links sent to one address of mail within ``WINDOW``; whoever asks for more is answered alike, and none is sent."""
SHOWN = 200


@dataclass(frozen=True)
class Whence:
    """From where somebody comes: ``address`` as it is kept and shown, ``agent`` the browser, ``key`` what failures are
    counted by."""

    address: str = ""
    agent: str = ""
    key: str = ""


NOWHERE = Whence()


def whence_of(house: House, address: str, agent: str) -> Whence:
    """What is kept of an address and a browser, as the settings have it."""
    kept = house.settings.sign_in_addresses
    shown = {"full": address, "masked": masked_network(address), "none": ""}[kept]
    return Whence(shown[:64], browser_named(agent), "from:" + house.keys.digest(f"address:{address}")[:64])


def masked_network(address: str) -> str:
    """``203.0.113.77`` → ``203.0.113.0/24``; of IPv6 the first 48 bits."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
        return str(ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return ""


class LockedOut(Refused):
    """Too many failing attempts from one address."""

    status = 429
    code = "locked-out"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            N_("Too many failing sign-ins from your address. Please try again in {minutes} minutes."),
            minutes=max(1, -(-seconds // 60)),
        )
        self.seconds = seconds


def enter_in_book(
    work: Work, event: SignInEvent, way: SignInWay, whence: Whence, person_id: str | None = None, reason: str = ""
) -> None:
    """Write a line, or count it on the same line of a moment ago."""
    latest = select(SignInEntry).where(
        SignInEntry.event == event,
        SignInEntry.way == way,
        SignInEntry.person_id == person_id,
        SignInEntry.address == whence.address,
        SignInEntry.reason == reason[:120],
        col(SignInEntry.at) > work.now - ONE_ENTRY,
    )
    row = None if event is SignInEvent.DONE else work.session.exec(latest.limit(1)).first()
    if row is None:
        row = SignInEntry(
            at=work.now,
            person_id=person_id,
            event=event,
            way=way,
            reason=reason[:120],
            address=whence.address,
            agent=whence.agent,
        )
    else:
        row.times += 1
    work.add(row)


def refuse_locked(session: Session, whence: Whence, now: datetime) -> None:
    """Let pass whose address has not failed too often.

    Raises:
        LockedOut: says for how long. Sessions that are open are not asked this.
    """
    row = session.get(Attempts, whence.key) if whence.key else None
    if row is not None and row.locked_until is not None and row.locked_until > now:
        raise LockedOut(int((row.locked_until - now).total_seconds()) + 1)


def count_failure(work: Work, way: SignInWay, whence: Whence, reason: str, person_id: str | None = None) -> None:
    """A sign-in failed. So many of them lock the address for a time, each time twice as long."""
    enter_in_book(work, SignInEvent.REFUSED, way, whence, person_id, reason)
    if not whence.key:
        return
    settings = work.house.settings
    row = _counted(work, whence.key)
    if row.failures >= settings.lockout_failures:
        length = min(timedelta(minutes=settings.lockout_minutes) * 2**row.locks, LONGEST_LOCK)
        row.failures, row.locks, row.locked_until = 0, min(row.locks + 1, 12), work.now + length
        enter_in_book(work, SignInEvent.LOCKED, way, whence)
        work.record_system("sign-in.locked", minutes=int(length.total_seconds() // 60))
    work.add(row)


def one_link_more(work: Work, mail: str) -> bool:
    """Whether one more link is sent to this address of mail; asked of known and unknown ones alike."""
    row = _counted(work, "mail:" + work.house.keys.digest(f"mail:{mail.strip().lower()}")[:64])
    work.add(row)
    return row.failures <= LINKS_ASKED


def _counted(work: Work, key: str) -> Attempts:
    """The count of ``key``, raised by one."""
    work.change(delete(Attempts).where(col(Attempts.since) < work.now - LONGEST_LOCK * 2))
    row = work.session.exec(select(Attempts).where(Attempts.key == key).with_for_update()).first()
    if row is None:
        row = Attempts(key=key, since=work.now)
    elif row.since < work.now - WINDOW and (row.locked_until is None or row.locked_until < work.now - LONGEST_LOCK):
        row.since, row.failures, row.locks = work.now, 0, 0
    elif row.since < work.now - WINDOW:
        row.since, row.failures = work.now, 0
    row.failures += 1
    return row


def book(
    session: Session, *, person_id: str | None = None, before: int | None = None, limit: int = SHOWN
) -> Sequence[tuple[SignInEntry, Person | None]]:
    """The lines, the latest first; of one person, or of everybody."""
    statement = select(SignInEntry, Person).join(Person, col(Person.id) == SignInEntry.person_id, isouter=True)
    if person_id is not None:
        statement = statement.where(SignInEntry.person_id == person_id)
    if before is not None:
        statement = statement.where(col(SignInEntry.id) < before)
    return session.exec(statement.order_by(col(SignInEntry.id).desc()).limit(limit)).all()
