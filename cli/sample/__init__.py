"""The sample company, 徐州恒远物资: staff, customers, listings, and a CSV of applications. All of it is made up."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from importlib import resources

from sqlmodel import select

from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    RiskLevel,
    Role,
)
from models.house import Work
from models.operations.applications import identifier_digest, set_identifier
from models.tables import Customer, Listing, Person

MAIL_DOMAIN = "hengyuan.example"
ADMINISTRATOR = "xu.ming"


def fill(work: Work) -> bool:
    """Put the sample company into an empty database. Returns whether it was empty."""
    if work.session.exec(select(Person.id)).first() is not None:
        return False
    _staff(work)
    _customers(work)
    _listings(work)
    work.record("sample.filled")
    return True


def applications() -> bytes:
    """The sample applications, as a file that somebody would import."""
    return (resources.files("cli.sample") / "applications.csv").read_bytes()


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (resources.files("cli.sample") / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _staff(work: Work) -> None:
    managers: dict[str, str] = {}
    for row in _rows("staff.csv"):
        work.add(
            Person(
                id=row["id"],
                name=row["name"],
                email=f"{row['id']}@{MAIL_DOMAIN}",
                department=Department(row["department"]),
                roles=[Role(role) for role in row["roles"].split()],
            )
        )
        if row["manager"]:
            managers[row["id"]] = row["manager"]
    for person_id, manager_id in managers.items():
        work.session.get_one(Person, person_id).manager_id = manager_id
    work.session.flush()


def _customers(work: Work) -> None:
    for row in _rows("customers.csv"):
        customer = Customer(
            type=CustomerType(row["type"]),
            name=row["name"],
            contact=row["contact"],
            phone=row["phone"],
            industry=row["industry"],
            handler_id="sun.tao",
            status=CustomerStatus.ADMITTED,
            risk_level=RiskLevel(row["risk_level"]),
            credit_grade=CreditGrade(row["credit_grade"]),
            customer_class=CustomerClass(row["customer_class"]),
            created_at=work.now,
        )
        set_identifier(work, customer, row["identifier"])
        work.add(customer)


def _listings(work: Work) -> None:
    for row in _rows("listings.csv"):
        work.add(
            Listing(
                kind=ListingKind(row["kind"]),
                criterion=ListingCriterion(row["criterion"]),
                name=row["name"],
                identifier_digest=identifier_digest(work, row["identifier"]),
                reason=row["reason"],
                since=date.fromisoformat(row["since"]),
            )
        )
