"""The receivables ledger (X): what is owed, what is paid, and that money is neither lost nor counted twice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import select

from config.policy import Policy
from config.words import Age, CaseState, Language
from flows.direct_driver import VirtualClock
from models.audit import verify
from models.errors import Conflict, Invalid
from models.house import House
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.collections import open_collections
from models.operations.ledger import mark_disputed, write_off
from models.queries.ledger import (
    ageing,
    credit_balance,
    customer_by,
    customer_number,
    days_with_overdue_since,
    exposure,
    overdue_customers,
    owed,
    written_off,
)
from models.tables import Allocation, AuditEvent, Case, Invoice, Payment, Run, Signal, Wait
from tasks.overdue_scan import ScanReport, scan_overdue
from tests.ledger import GRAIN_TRADER, debtor, invoice, payment, steel_trader_owes
from tests.processes.conftest import valid_uscc

TODAY = date(2026, 3, 10)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)


def facts(house: House) -> list[tuple[str, Decimal, bool]]:
    with house.read() as session:
        rows = session.exec(select(Invoice).order_by(Invoice.number)).all()
    return [(row.number, row.outstanding, row.open) for row in rows]


def events(house: House, name: str) -> list[AuditEvent]:
    with house.read() as session:
        return list(session.exec(select(AuditEvent).where(AuditEvent.event == name).order_by(AuditEvent.seq)).all())


# -- what is owed ------------------------------------------------------------------------------------------------------


def test_an_account_tells_what_is_owed_since_when_and_how_late(house: House) -> None:
    steel_trader_owes(house)
    with house.read() as session:
        stand = owed(session, 1, TODAY)
        assert (stand.total, stand.overdue, stand.oldest_due) == (Decimal(1_240_000), Decimal(1_240_000), JANUARY)
        assert [(one.number, one.days_overdue) for one in stand.invoices] == [("FP-0117", 38), ("FP-0209", 10)]
        assert exposure(session, 1) == Decimal("1240000.00")
        assert exposure(session, 404) == credit_balance(session, 404) == Decimal("0.00")


def test_an_invoice_is_overdue_from_the_day_after_its_due_date(house: House) -> None:
    steel_trader_owes(house)
    with house.read() as session:
        assert owed(session, 1, JANUARY).overdue == 0
        assert owed(session, 1, JANUARY + timedelta(days=1)).overdue == Decimal("400000.00")
        assert overdue_customers(session, JANUARY) == []


def test_claims_are_told_by_age_and_every_age_is_there(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        for days, amount in ((0, "1"), (1, "10"), (30, "100"), (31, "1000"), (60, "10000"), (90, "2"), (91, "3")):
            invoice(work, "K-000001", f"FP-{days}", amount, TODAY - timedelta(days=days), date(2025, 1, 1))
    with house.read() as session:
        assert [(band.age, band.amount, band.invoices) for band in ageing(session, TODAY, 1)] == [
            (Age.NOT_DUE, Decimal(1), 1),
            (Age.UP_TO_30, Decimal(840_110), 3),
            (Age.UP_TO_60, Decimal(411_000), 3),
            (Age.UP_TO_90, Decimal(2), 1),
            (Age.OLDER, Decimal(3), 1),
        ]
        assert sum(band.amount for band in ageing(session, TODAY)) == exposure(session, 1)
        assert all(band.invoices == 0 for band in ageing(session, TODAY, 404))


def test_a_customer_is_found_by_its_number_and_by_its_credit_code(house: House) -> None:
    code = valid_uscc("91320300MA1H5XK20")
    with house.work() as work:
        number = debtor(work, identifier=code)
    with house.read() as session:
        assert number == customer_number(1) == "K-000001"
        for text in ("K-000001", "k-000001", code, code.lower(), f"{code[:8]} {code[8:]}"):
            found = customer_by(session, house.keys, text)
            assert getattr(found, "id", None) == 1, text
        assert [customer_by(session, house.keys, text) for text in ("K-000002", "K-1", "", "徐州恒通")] == [None] * 4


# -- payments ----------------------------------------------------------------------------------------------------------


def test_a_part_payment_settles_the_oldest_due_invoice_first(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        taken = payment(work, "K-000001", "ICBC-2026-0310-01", "500000.00", date(2026, 3, 9))
    assert [(part.number, part.amount) for part in taken.allocations] == [
        ("FP-0117", Decimal("400000.00")),
        ("FP-0209", Decimal("100000.00")),
    ]
    assert facts(house) == [("FP-0117", Decimal(0), False), ("FP-0209", Decimal("740000.00"), True)]
    with house.read() as session:
        assert session.exec(select(Invoice.settled_on).where(Invoice.number == "FP-0117")).one() == date(2026, 3, 9)


def test_a_customer_may_say_which_invoice_it_pays(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        payment(work, "K-000001", "ICBC-1", "100000", date(2026, 3, 9), invoices=["FP-0209"])
    assert facts(house) == [("FP-0117", Decimal(400_000), True), ("FP-0209", Decimal(740_000), True)]


def test_what_is_overpaid_is_credit_and_settles_the_next_invoice_at_once(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        taken = payment(work, "K-000001", "ICBC-1", "1300000.00", date(2026, 3, 9))
    assert taken.payment.unallocated == Decimal("60000.00")
    with house.work() as work:
        settled = invoice(work, "K-000001", "FP-0311", "50000.00", date(2026, 4, 30), date(2026, 3, 10))
        partly = invoice(work, "K-000001", "FP-0312", "50000.00", date(2026, 4, 30), date(2026, 3, 10))
    assert (settled.open, settled.settled_on) == (False, date(2026, 3, 10))
    assert (partly.open, partly.outstanding) == (True, Decimal("40000.00"))
    with house.read() as session:
        assert credit_balance(session, 1) == 0
        assert sum(session.exec(select(Allocation.amount)).all()) == Decimal("1300000.00")


def test_the_same_payment_twice_is_one_payment(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        first = payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
    with house.work() as work:
        again = payment(work, "K-000001", " ICBC-1 ", "500000.00", date(2026, 3, 9))
    assert (first.repeated, again.repeated) == (False, True)
    assert again.allocations == first.allocations
    assert len(events(house, "payment.recorded")) == 1
    with house.read() as session:
        assert len(session.exec(select(Payment)).all()) == 1
        assert exposure(session, 1) == Decimal("740000.00")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": "50000"}, "ICBC-1 is in the ledger already, with the amount 500000.00 and not 50000.00."),
        ({"customer": "K-000002"}, "ICBC-1 is in the ledger already, for K-000001 and not K-000002."),
        (
            {"received_on": date(2026, 3, 8)},
            "ICBC-1 is in the ledger already, received on 2026-03-09 and not 2026-03-08.",
        ),
        (
            {"invoices": ["FP-0209"]},
            "ICBC-1 is in the ledger already, for the invoices “” and not “FP-0209”.",
        ),
    ],
)
def test_another_payment_under_the_same_reference_is_refused_and_says_what_differs(
    house: House, change: dict[str, Any], told: str
) -> None:
    steel_trader_owes(house)
    given = {"customer": "K-000001", "amount": "500000.00", "received_on": date(2026, 3, 9)}
    with house.work() as work:
        debtor(work, GRAIN_TRADER)
        payment(work, reference="ICBC-1", **given)  # type: ignore[arg-type]
    before = facts(house)
    with pytest.raises(Conflict) as refused, house.work() as work:
        payment(work, reference="ICBC-1", **{**given, **change})  # type: ignore[arg-type]
    assert refused.value.text(Language.EN) == told
    assert "ICBC-1" in refused.value.text(Language.ZH_CN) != told
    assert facts(house) == before


def test_an_invoice_number_is_used_once(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        invoice(work, "K-000001", "FP-0117", "400000.00", JANUARY)
    assert len(events(house, "invoice.recorded")) == 2
    with pytest.raises(Conflict) as refused, house.work() as work:
        invoice(work, "K-000001", "FP-0117", "410000.00", FEBRUARY, date(2026, 1, 1))
    assert refused.value.text(Language.EN) == (
        "FP-0117 is in the ledger already, with the amount 400000.00 and not 410000.00. "
        "FP-0117 is in the ledger already, due on 2026-01-31 and not 2026-02-28."
    )


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        ({"customer": "K-000404"}, "customer", "There is no customer K-000404."),
        ({"currency": "USD"}, "currency", "Amounts in USD are not taken: the collections policy has no rate for it."),
        ({"received_on": date(2026, 3, 11)}, "received_on", "This day has not come yet."),
        ({"invoices": ["FP-9999"]}, "invoices", "This customer has no invoice FP-9999."),
        ({"invoices": ["FP-0001"]}, "invoices", "This customer has no invoice FP-0001."),  # somebody else's
    ],
)
def test_a_payment_that_cannot_be_is_refused_and_nothing_changes(
    house: House, wrong: dict[str, Any], field: str, told: str
) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        invoice(work, debtor(work, GRAIN_TRADER), "FP-0001", "5000", JANUARY)
    given = {"customer": "K-000001", "amount": "1000", "received_on": date(2026, 3, 9), **wrong}
    before = facts(house)
    with pytest.raises(Invalid) as refused, house.work() as work:
        payment(work, reference="ICBC-1", **given)  # type: ignore[arg-type]
    assert [(one.field, one.text(Language.EN)) for one in refused.value.problems] == [(field, told)]
    assert facts(house) == before
    with house.read() as session:
        assert session.exec(select(Payment)).all() == []


@pytest.mark.parametrize("amount", ["0", "-500.00", "0.001", "10000000000.01", "1e30", "NaN", "Infinity", "abc"])
def test_amounts_that_are_none_are_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        PaymentGiven(reference="ICBC-1", customer="K-000001", amount=amount, received_on=TODAY)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        InvoiceGiven(number="FP-1", customer="K-000001", amount=amount, issued_on=TODAY, due_on=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("issued_on", "due_on"),
    [
        ("2026-02-01", "2026-01-31"),
        ("1899-12-31", "2026-01-31"),
        ("2026-01-01", "2037-01-01"),
        ("2026-02-30", "2026-03-30"),
    ],
)
def test_dates_out_of_order_or_out_of_this_world_are_refused(issued_on: str, due_on: str) -> None:
    with pytest.raises(ValidationError):
        InvoiceGiven(number="FP-1", customer="K-000001", amount=Decimal(1), issued_on=issued_on, due_on=due_on)  # type: ignore[arg-type]


def test_an_invoice_from_beyond_next_year_is_refused(house: House) -> None:
    steel_trader_owes(house)
    with pytest.raises(Invalid, match="marked"), house.work() as work:
        invoice(work, "K-000001", "FP-1", "5", date(2027, 4, 30), date(2027, 4, 1))


# -- other currencies --------------------------------------------------------------------------------------------------


def test_a_currency_that_policy_rates_is_taken_over_in_yuan_and_the_rate_is_on_record(
    house: House, policy: Policy
) -> None:
    rated = policy.collections.model_copy(update={"other_currencies": {"USD": Decimal("7.1235")}})
    house.policy = policy.model_copy(update={"collections": rated})
    with house.work() as work:
        customer = debtor(work)
        taken = invoice(work, customer, "FP-1", "1000.55", JANUARY, currency="usd")
    assert (taken.amount, taken.original, taken.currency) == (Decimal("7127.42"), Decimal("1000.55"), "USD")
    (event,) = events(house, "invoice.recorded")
    assert (event.data["currency"], event.data["original"], event.data["rate"]) == ("USD", "1000.55", "7.1235")
    with house.work() as work:
        paid = payment(work, customer, "SWIFT-1", "1000.55", date(2026, 3, 9), currency="USD")
    assert paid.payment.unallocated == 0
    assert facts(house) == [("FP-1", Decimal(0), False)]


# -- disputes and write-offs -------------------------------------------------------------------------------------------


def test_what_is_disputed_is_owed_but_not_dunned(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    with house.work() as work:
        mark_disputed(work, 1, ref, ["FP-0117"], True)
    with house.read() as session:
        stand = owed(session, 1, TODAY)
        assert (stand.total, stand.overdue, stand.oldest_due) == (Decimal(1_240_000), Decimal(840_000), FEBRUARY)
        (one,) = overdue_customers(session, TODAY)
        assert (one.overdue, one.oldest_due, one.invoices) == (Decimal(840_000), FEBRUARY, 1)
    with house.work() as work:
        mark_disputed(work, 1, ref, ["FP-0117"], False)
        mark_disputed(work, 1, ref, ["FP-0117"], False)
    with house.read() as session:
        assert owed(session, 1, TODAY).overdue == Decimal(1_240_000)
    assert [event.data["invoices"] for event in events(house, "invoices.undisputed")] == [["FP-0117"]]


def test_a_write_off_ends_the_claim_and_is_remembered(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    with house.work() as work:
        payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
        assert write_off(work, 1, ref, ["FP-0117", "FP-0209"]) == Decimal("740000.00")
        assert write_off(work, 1, ref) == 0
    with house.read() as session:
        assert (exposure(session, 1), written_off(session, 1)) == (0, Decimal("740000.00"))
        row = session.exec(select(Invoice).where(Invoice.number == "FP-0209")).one()
    assert (row.open, row.written_off_by, row.settled_on) == (False, ref, TODAY)
    with pytest.raises(Invalid), house.work() as work:
        write_off(work, 1, ref, ["FP-4711"])


def test_when_a_customer_was_last_overdue_is_known_from_what_it_paid(house: House) -> None:
    with house.work() as work:
        customer = debtor(work)
        invoice(work, customer, "FP-1", "1000", date(2025, 8, 31))
        payment(work, customer, "ICBC-1", "1000", date(2025, 9, 5))
        invoice(work, customer, "FP-2", "1000", date(2025, 12, 31))
        payment(work, customer, "ICBC-2", "1000", date(2025, 12, 31))
    with house.read() as session:
        assert days_with_overdue_since(session, 1, date(2025, 1, 1), TODAY) == date(2025, 9, 5)
        assert days_with_overdue_since(session, 1, date(2025, 9, 6), TODAY) is None
        assert days_with_overdue_since(session, 1, date(2025, 1, 1), date(2025, 9, 2)) == date(2025, 9, 2)
    with house.work() as work:
        invoice(work, customer, "FP-3", "1000", FEBRUARY)
    with house.read() as session:
        assert days_with_overdue_since(session, 1, date(2025, 9, 6), TODAY) == TODAY


# -- payments and cases ------------------------------------------------------------------------------------------------


def case_of_collections(house: House) -> str:
    with house.work() as work:
        opened = open_collections(work, 1)
    assert opened is not None
    return opened.ref


def test_a_payment_is_told_to_the_customers_running_case_in_the_same_transaction(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    with house.work() as work:
        work.add(Wait(case_ref=ref, key="rung", event="payment", until=None))
        seq = work.session.get_one(Run, ref).wake_seq
    with house.work() as work:
        payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
    with house.read() as session:
        assert session.get_one(Run, ref).wake_seq > seq
        assert session.exec(select(Wait.open)).one() is False
    (event,) = events(house, "payment.received")
    assert (event.case_ref, event.data) == (ref, {"amount": "500000.00", "payments": ["ICBC-1"]})


def test_a_payment_that_comes_while_nobody_waits_is_kept_for_the_case(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    with house.work() as work:
        payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
        payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
    with house.read() as session:
        assert [(one.case_ref, one.event) for one in session.exec(select(Signal))] == [(ref, "payment")]


def test_a_case_that_has_ended_hears_of_no_payment(house: House) -> None:
    steel_trader_owes(house)
    ref = case_of_collections(house)
    with house.work() as work:
        work.session.get_one(Case, ref).state = CaseState.CLOSED
    with house.work() as work:
        payment(work, "K-000001", "ICBC-1", "500000", date(2026, 3, 9))
    with house.read() as session:
        assert session.exec(select(Signal)).all() == []


# -- the scan ----------------------------------------------------------------------------------------------------------


def test_the_scan_opens_one_case_for_everybody_who_owes_and_only_once(house: House) -> None:
    steel_trader_owes(house)
    with house.work() as work:
        invoice(work, debtor(work, GRAIN_TRADER), "FP-1", "5000", JANUARY)
        invoice(work, debtor(work, "南通亚伦化纤有限公司"), "FP-2", "5000", date(2026, 3, 31))
    assert scan_overdue(house) == ScanReport(
        on=TODAY, customers=2, invoices=3, overdue=Decimal("1245000.00"), opened=2, under_way=0
    )
    again = scan_overdue(house)
    assert (again.opened, again.under_way) == (0, 2)
    with house.read() as session:
        cases = session.exec(select(Case)).all()
        assert verify(session).broken_at is None
    assert {(case.customer_id, case.initiator_id, case.origin) for case in cases} == {
        (1, None, "scan"),
        (2, None, "scan"),
    }


def test_on_a_day_off_nothing_is_scanned_and_a_make_up_working_day_is_none(house: House, clock: VirtualClock) -> None:
    steel_trader_owes(house)
    assert scan_overdue(house, date(2026, 3, 14)).day_off
    assert scan_overdue(house, date(2026, 10, 1)).day_off
    with house.read() as session:
        assert session.exec(select(Case)).all() == []
    assert scan_overdue(house, date(2026, 2, 28)).day_off is False  # a Saturday worked after the Spring Festival
    assert scan_overdue(house, date(2026, 3, 14), anyway=True).under_way == 1


def test_a_scan_that_was_broken_off_is_run_again_and_finishes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.overdue_scan.BATCH", 1)
    with house.work() as work:
        for number in range(5):
            invoice(work, debtor(work, f"债务人{number}"), f"FP-{number}", "5000", JANUARY)

    def breaks_off(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan_overdue(house, tell=breaks_off)
    assert scan_overdue(house) == ScanReport(
        on=TODAY, customers=5, invoices=5, overdue=Decimal(25_000), opened=2, under_way=3
    )
