"""Money at the same moment: nothing is booked twice, nothing is lost, nobody hangs. On both databases."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import col, func, select

from models.audit import verify
from models.errors import Conflict
from models.house import House, person
from models.ledger import PaymentGiven
from models.operations.journal import lock_case
from models.operations.ledger import Taken, record_payment, write_off
from models.operations.ledger_import import import_invoices, import_payments
from models.queries.ledger import ageing, credit_balance, exposure, overdue_customers, owed
from models.queries.ledger_lists import accounts
from models.tables import Allocation, AuditEvent, Case, Invoice, Payment, Person
from tasks.overdue_scan import scan_overdue
from tests.databases.test_races import at_once
from tests.ledger import GRAIN_TRADER, debtor, invoice, payment, steel_trader_owes
from tests.processes.test_ledger import case_of_collections

TODAY = date(2026, 3, 10)


def paying(house: House, reference: str, amount: str, customer: str = "K-000001") -> Callable[[], Taken]:
    given = PaymentGiven(reference=reference, customer=customer, amount=Decimal(amount), received_on=date(2026, 3, 9))

    def act() -> Taken:
        with house.work(person("zheng.li")) as work:
            return record_payment(work, given, "api")

    return act


def balance(house: House) -> tuple[Decimal, Decimal, Decimal]:
    """What is paid, what of it is settled, what of it is credit."""
    with house.read() as session:
        paid = session.exec(select(func.sum(col(Payment.amount)))).one()
        return paid, session.exec(select(func.sum(col(Allocation.amount)))).one(), credit_balance(session, 1)


def test_the_same_payment_at_the_same_moment_is_booked_once(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    for number in range(6):
        taken = at_once(*[paying(house, f"ICBC-{number}", "100000")] * 4)
        assert sorted(one.repeated for one in taken) == [False, True, True, True], taken
    assert balance(house) == (Decimal(600_000), Decimal(600_000), 0)
    with house.read() as session:
        told = session.exec(select(AuditEvent.case_ref).where(AuditEvent.event == "payment.received")).all()
        assert told == [ref] * 6
        assert verify(session).broken_at is None


def test_a_reference_with_two_amounts_at_the_same_moment_is_one_of_both(house: House) -> None:
    steel_trader_owes(house)
    for number in range(6):
        results = at_once(paying(house, f"ICBC-{number}", "1"), paying(house, f"ICBC-{number}", "2"))
        assert sorted(type(one) for one in results if isinstance(one, Conflict)) == [Conflict], results


def test_different_payments_at_the_same_moment_all_count(house: House) -> None:
    steel_trader_owes(house)
    for turn in range(3):
        taken = at_once(*[paying(house, f"ICBC-{turn}-{number}", "150000") for number in range(4)])
        assert all(isinstance(one, Taken) for one in taken), taken
    assert balance(house) == (Decimal(1_800_000), Decimal(1_240_000), Decimal(560_000))
    with house.read() as session:
        assert exposure(session, 1) == 0


def test_a_case_that_writes_off_while_money_arrives_neither_hangs_nor_loses_a_fen(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)

    def gives_up() -> Decimal:
        with house.work() as work:
            lock_case(work, ref)  # as a segment of the case does
            return write_off(work, 1, ref)

    given_up, paid = at_once(gives_up, paying(house, "ICBC-1", "240000"))
    assert isinstance(paid, Taken), paid
    assert given_up in (Decimal(1_240_000), Decimal(1_000_000))
    settled = sum(part.amount for part in paid.allocations)
    assert given_up + settled == Decimal(1_240_000)
    assert paid.payment.unallocated == Decimal(240_000) - settled


def test_two_scans_at_the_same_moment_open_one_case_each(house: House) -> None:
    with house.work() as work:
        for number in range(20):
            invoice(work, debtor(work, f"债务人{number}"), f"FP-{number}", "5000", date(2026, 1, 31))
    reports = at_once(*[lambda: scan_overdue(house)] * 3)
    assert sum(report.opened for report in reports) == 20, reports
    with house.read() as session:
        customers = session.exec(select(Case.customer_id)).all()
    assert len(customers) == len(set(customers)) == 20


def test_an_import_and_a_payment_at_the_same_moment_both_count(house: House) -> None:
    steel_trader_owes(house)
    rows = "".join(f"FQ-{n:04d},K-000001,10.00,2026-01-01,2026-01-31\n" for n in range(300))
    header = "number,customer,amount,issued_on,due_on\n"

    def imports() -> Any:
        return import_invoices(house, person("zheng.li"), (header + rows).encode())

    report, paid = at_once(imports, paying(house, "ICBC-1", "1244000"))
    assert (report.new, isinstance(paid, Taken)) == (300, True), (report, paid)
    with house.read() as session:
        assert exposure(session, 1) - credit_balance(session, 1) == Decimal(1_240_000) + 3000 - Decimal(1_244_000)
        assert exposure(session, 1) == 0


def test_every_figure_is_the_same_on_both_databases(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        invoice(work, debtor(work, GRAIN_TRADER), "FP-1", "5000.05", date(2025, 11, 30))
        payment(work, "K-000002", "ICBC-2", "0.05", date(2026, 3, 9))
    bank = "reference,customer,amount,received_on\nICBC-1,K-000001,400000.01,2026-03-09\n"
    import_payments(house, person("zheng.li"), bank.encode())
    with house.read() as session:
        assert [str(band.amount) for band in ageing(session, TODAY)] == ["0.00", "839999.99", "0.00", "0.00", "5000.00"]
        assert [(one.customer_id, str(one.overdue)) for one in overdue_customers(session, TODAY)] == [
            (1, "839999.99"),
            (2, "5000.00"),
        ]
        assert owed(session, 1, TODAY).oldest_due == date(2026, 2, 28)
        lines = accounts(session, house.keys, session.get_one(Person, "zheng.li"), TODAY)
        assert [
            (line.customer, str(line.overdue), line.oldest_due, [str(one) for one in line.ages]) for line in lines
        ] == [
            ("K-000001", "839999.99", date(2026, 2, 28), ["0.00", "839999.99", "0.00", "0.00", "0.00"]),
            ("K-000002", "5000.00", date(2025, 11, 30), ["0.00", "0.00", "0.00", "0.00", "5000.00"]),
        ]
        assert session.exec(select(Invoice.settled_on).where(Invoice.number == "FP-0117")).one() == date(2026, 3, 9)
