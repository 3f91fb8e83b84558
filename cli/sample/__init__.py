"""The sample company, 徐州恒远物资: staff, customers and their history, the ledger, and a CSV of applications.

All of it is made up. Its dates are so many days before the day on which it is filled in, so that the company is always
in the middle of its business: some pay in time, some late, some are overdue by 2, 10, 30, 60 and 100 days.
"""

from __future__ import annotations

from sqlmodel import select

from cli.sample.customers import take_over_customers
from cli.sample.files import data
from cli.sample.ledger import enter_ledger
from cli.sample.staff import employ
from cli.sample.standing import enter_standing
from models.house import Work
from models.tables import Person

ADMINISTRATOR = "xu.ming"


def fill(work: Work) -> bool:
    """Put the sample company into an empty database. Returns whether it was empty."""
    if work.session.exec(select(Person.id)).first() is not None:
        return False
    employ(work)
    take_over_customers(work)
    enter_ledger(work)
    enter_standing(work)
    work.record("sample.filled")
    return True


def applications() -> bytes:
    """The sample applications, as a file that somebody would import."""
    return data("applications.csv")
