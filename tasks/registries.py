"""Registries: who can say something about an applicant's identity (X). Embedded ones need no network.

More are added by configuration: ``CLIENTRISK_REGISTRIES`` names classes as ``package.module:Class``; each is made
without arguments and answers ``check``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from sqlmodel import Session, col, or_, select

from config.words import CustomerType, ListingKind
from models.house import House
from models.onboarding import Finding, ListingFound, Verdict
from models.rules.identity import check_identifier
from models.rules.reasons import because
from models.tables import Customer, Listing


@dataclass(frozen=True)
class Subject:
    """Whom a registry is asked about."""

    customer_id: int
    name: str
    type: CustomerType
    identifier: str | None
    identifier_digest: str | None
    identifier_kind: str


class Registry(Protocol):
    """A source that knows something about customers. Raises when it cannot answer; it is then asked again later."""

    name: str

    def check(self, subject: Subject, house: House) -> list[Finding]:
        """What this registry has on ``subject``; at least one finding."""


class Checksum:
    """The structure and check digit of the identity number."""

    name = "checksum"

    def check(self, subject: Subject, house: House) -> list[Finding]:
        problem = check_identifier(subject.identifier, "uscc" if subject.identifier_kind == "uscc" else "resident_id")
        if problem is None:
            return [Finding(registry=self.name, verdict=Verdict.CLEAR, reason=because("identity.number_right"))]
        reason = because("identity.number_wrong", problem=problem)
        return [Finding(registry=self.name, verdict=Verdict.DOUBT, reason=reason)]


class InternalLists:
    """The company's own grey and black lists (B)."""

    name = "internal lists"

    def check(self, subject: Subject, house: House) -> list[Finding]:
        with house.read() as session:
            found = listings_of(session, subject, house)
        if not found:
            return [Finding(registry=self.name, verdict=Verdict.CLEAR, reason=because("identity.not_listed"))]
        return [
            Finding(
                registry=self.name,
                verdict=Verdict.HIT if listing.kind is ListingKind.BLACK else Verdict.DOUBT,
                reason=because(
                    "identity.listed", list=listing.kind, criterion=listing.criterion, since=listing.since.isoformat()
                ),
            )
            for listing in found
        ]


class Namesakes:
    """Other customers of the same name."""

    name = "customers on file"

    def check(self, subject: Subject, house: House) -> list[Finding]:
        with house.read() as session:
            same = select(Customer.id).where(Customer.name == subject.name, Customer.id != subject.customer_id)
            count = len(session.exec(same).all())
        if count == 0:
            return [Finding(registry=self.name, verdict=Verdict.CLEAR, reason=because("identity.no_namesake"))]
        reason = because("identity.namesakes", count=count)
        return [Finding(registry=self.name, verdict=Verdict.DOUBT, reason=reason)]


def listings_of(session: Session, subject: Subject, house: House) -> list[Listing]:
    """Entries of the internal lists in force today that name the subject, by number or by exact name."""
    today = house.calendar.day_of(house.clock())
    named = [col(Listing.name) == subject.name]
    if subject.identifier_digest:
        named.append(col(Listing.identifier_digest) == subject.identifier_digest)
    in_force = or_(col(Listing.until).is_(None), col(Listing.until) > today)
    statement = select(Listing).where(or_(*named), in_force, col(Listing.since) <= today)
    return list(session.exec(statement.order_by(col(Listing.since))).all())


def listing_found(listing: Listing) -> ListingFound:
    """An entry as a step shows it."""
    return ListingFound(
        kind=listing.kind, criterion=listing.criterion.label, reason=listing.reason, since=listing.since
    )


def registries(house: House) -> list[Registry]:
    """The registries in use: the embedded ones, then those configured.

    Raises:
        LookupError: a configured registry cannot be loaded; says which.
    """
    return [Checksum(), InternalLists(), Namesakes(), *(_load(path) for path in house.settings.registries)]


def _load(path: str) -> Registry:
    module, _, name = path.partition(":")
    try:
        registry: Registry = getattr(import_module(module), name)()
    except (ImportError, AttributeError, TypeError) as error:
        raise LookupError(f"CLIENTRISK_REGISTRIES: {path} cannot be loaded ({error})") from error
    return registry
