"""The portfolio today: who owes what, on whom it hangs, what came in, and where trade and credit lines do not meet."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from config.words import Age, ListingKind
from models.queries.portfolio_now import portfolio_now
from models.rules.reporting import Reported, reported
from models.tables import Allocation, Customer, Evaluation, Invoice, Payment
from tests.management import portfolio

STEEL, TIMBER, COAL, PAPER = (
    "徐州恒远钢铁贸易有限公司",
    "连云港木材有限公司",
    "淮北煤炭运销有限公司",
    "睢宁纸业有限公司",
)


@pytest.fixture
def customers(house) -> dict[str, Customer]:
    return portfolio(house)


def now(house, period: Reported | None = None):
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        return portfolio_now(session, house, period or reported("12m", today))


def test_exposure_overdue_and_limits_are_added_up(house, customers):
    found = now(house)
    assert found.customers == 4
    assert found.exposure == Decimal(1_000_000)
    assert found.overdue == Decimal(400_000)
    assert found.overdue_percent == 40
    assert found.limits == Decimal(1_300_000)
    assert found.used_percent == Decimal("53.8"), "only what customers with a limit owe: 700,000"


def test_levels_are_counted_with_what_they_owe_and_the_unrated_too(house, customers):
    levels = {one.word: (one.customers, one.exposure) for one in now(house).levels}
    assert levels == {
        "low": (1, Decimal(300_000)),
        "medium": (0, Decimal(0)),
        "high": (1, Decimal(700_000)),
        "": (2, Decimal(0)),
    }


def test_the_lists_count_customers_on_them_today(house, customers):
    assert {one.kind: one.customers for one in now(house).listed} == {ListingKind.GREY: 1, ListingKind.BLACK: 0}


def test_concentration_names_the_largest_and_what_policy_calls_too_much(house, customers):
    found = now(house)
    assert [(one.name, one.percent) for one in found.by_customer.largest] == [(STEEL, 70), (TIMBER, 30)]
    assert [one.name for one in found.by_industry.largest] == ["钢铁贸易", "木材"]
    assert found.by_customer.index == 70**2 + 30**2
    assert set(found.too_much) == {found.by_customer.largest[0].key, found.by_customer.largest[1].key, "钢铁贸易"}


def test_what_is_outstanding_is_told_by_age(house, customers):
    ages = {band.age: band.amount for band in now(house).ageing if band.amount}
    assert ages == {Age.NOT_DUE: 600_000, Age.UP_TO_30: 100_000, Age.OLDER: 300_000}


def test_who_trades_without_a_line_unless_they_prepay(house, customers):
    group = now(house).no_line
    assert (group.count, group.amount, [one.name for one in group.gravest]) == (1, Decimal(300_000), [TIMBER])


def test_lines_without_trade(house, customers):
    group = now(house).idle_lines
    assert (group.count, group.amount, [one.name for one in group.gravest]) == (1, Decimal(500_000), [COAL])


def test_whoever_owes_more_than_the_limit(house, customers):
    assert now(house).over_limit.count == 0
    with house.work() as work:
        invoice = work.session.get_one(Invoice, 2)
        invoice.outstanding = invoice.amount = Decimal(900_000)
        work.add(invoice)
    group = now(house).over_limit
    assert [(one.name, one.exposure, one.limit) for one in group.gravest] == [(STEEL, 1_000_000, 800_000)]


# -- recovery ---------------------------------------------------------------------------------------------------------


def pay(house, invoice: Invoice, amount: int, on) -> None:
    with house.work() as work:
        payment = Payment(
            reference=f"BANK-{invoice.number}-{amount}",
            customer_id=invoice.customer_id,
            amount=Decimal(amount),
            unallocated=Decimal(0),
            received_on=on,
            source="bank",
            recorded_at=work.now,
        )
        work.add(payment)
        work.add(Allocation(payment_id=payment.id, invoice_id=invoice.id, amount=Decimal(amount), at=work.now))


def test_recovery_counts_settled_invoices_and_payments_in_part(house, customers):
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        steel = session.get_one(Invoice, 1)
    pay(house, steel, 300_000, today - timedelta(days=3))
    found = now(house).recovered
    assert (found.due, found.recovered) == (Decimal(750_000), Decimal(350_000))
    assert found.percent == Decimal("46.7")
    assert sum(one.due for one in now(house).recovery) == found.due


def test_what_came_in_after_the_period_was_not_recovered_in_it(house, customers):
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        steel = session.get_one(Invoice, 1)
    pay(house, steel, 300_000, today - timedelta(days=3))
    period = Reported(today - timedelta(days=30), today - timedelta(days=10))
    assert now(house, period).recovered.recovered == 0
    assert now(house, Reported(today - timedelta(days=30), today - timedelta(days=3))).recovered.recovered == 350_000


def test_what_was_written_off_was_not_recovered(house, customers):
    with house.work() as work:
        paper = work.session.get_one(Invoice, 4)
        paper.written_off = Decimal(20_000)
        work.add(paper)
    assert now(house).recovered.recovered == Decimal(30_000)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_leads_on_to_the_lists_behind_its_numbers(office, customers):
    page = office.sign_in("wu.gang").get("/management/portfolio?lang=en").text
    for address in ("/customers?level=high", "/customers?listed=grey", "/ledger", "/customers/K-000002"):
        assert f'href="{address}"' in page
    assert "Trading without a credit line" in page
    assert "No evaluation has found anything yet." in page
    assert page.count("<svg") == page.count("</svg>") > 5


def test_an_empty_house_has_a_portfolio_page(office):
    page = office.sign_in("wu.gang").get("/management/portfolio?lang=zh_CN")
    assert page.status_code == 200
    assert "无" in page.text or "没有" in page.text


def test_evaluations_that_found_nothing_yet_are_left_out(office, house, customers):
    ref = office.apply(name="睢宁金桥商贸有限公司", identifier="91320305MA2RK7LD5U")
    with house.work() as work:
        work.add(Evaluation(period="2026Q1", case_ref=ref, opened_at=work.now))
    assert now(house).evaluations == ()


def test_programs_are_given_the_same_portfolio(office, customers):
    answer = office.browser.get("/api/v1/portfolio", headers=office.token("zhou.hong"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["exposure"], found["limits"]) == ("1000000.00", "1300000.00")
    assert found["without_line"]["gravest"][0]["name"] == TIMBER
    assert [one["customers"] for one in found["listed"]] == [1, 0]
    assert PAPER not in answer.text, "whoever pays before delivery is no breach"
