"""Search, the list of customers and the rule of the books give the same on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from config.words import CustomerType, Department
from models.house import House, person
from models.operations.cases import open_case
from models.processes import ProcessKind
from models.queries.customers import CustomerFilter, customers
from models.queries.ledger_lists import invoices
from models.queries.search import find, find_cases
from models.tables import Customer, Invoice, Person

ON = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
KIND = ProcessKind("toy-reception", "RCP", "Toy")
STEEL, ACME = "徐州恒远钢铁", "ACME（上海）Steel"


@pytest.fixture
def company(house: House) -> House:
    """The steel trader of 李娜's with a case and an invoice, and a customer of 孙涛's."""
    with house.work(person("li.na")) as work:
        work.add(
            Customer(type=CustomerType.MEDIUM, name=STEEL, handler_id="li.na", created_at=AT),
            Customer(type=CustomerType.LARGE, name=ACME, handler_id="sun.tao", created_at=AT),
        )
        handler = work.session.get_one(Person, "li.na")
        open_case(
            work, KIND, title=STEEL, customer_id=1, initiator=handler, handler=handler,
            department=Department.BUSINESS, origin="page",
        )  # fmt: skip
        work.add(
            Invoice(
                number="FP-1",
                customer_id=1,
                amount=Decimal(5000),
                outstanding=Decimal(5000),
                issued_on=ON,
                due_on=ON,
                recorded_at=AT,
            )
        )
    return house


@pytest.mark.parametrize(
    ("query", "names", "cases"),
    [
        ("hygt", [STEEL], 1),
        ("恒远 gangtie", [STEEL], 1),
        ("ＡＣＭＥ(上海)", [ACME], 0),
        ("K-000001", [STEEL], 1),
        ("1", [STEEL], 1),
        ("rcp-2026-000001", [], 1),
        ("000001", [STEEL], 1),
        ("%", [], 0),
        ("\x00恒\x00", [STEEL], 1),
        ("'; DROP TABLE customer; --", [], 0),
        ("9" * 90, [], 0),
    ],
)
def test_both_databases_find_the_same(company: House, query: str, names: list[str], cases: int) -> None:
    with company.read() as session:
        manager = session.get_one(Person, "wu.gang")
        found = find(session, company.keys, manager, query)
        assert [one.plain for one in found.customers.items] == names
        assert len(found.cases.items) == cases
        assert find_cases(session, company.keys, manager, query).items == found.cases.items
        listed = customers(session, company.keys, manager, CustomerFilter(text=query), ON)
        assert [one.name for one in listed.items] == names


def test_both_databases_keep_to_the_rights(company: House) -> None:
    with company.read() as session:
        for who, names, bills in (
            ("li.na", [STEEL], 1),
            ("sun.tao", [], 0),
            ("wang.jun", [], 0),
            ("zheng.li", [STEEL], 1),
        ):
            reader = session.get_one(Person, who)
            found = find(session, company.keys, reader, "hygt")
            assert [one.plain for one in found.customers.items] == names, who
            assert len(invoices(session, reader, ON).items) == bills, who
