"""The sample company: its stories hold on whatever day it is filled in, and nothing in it would be refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel, col, select
from stdnum.cn import ric, uscc

from cli import sample
from cli.sample.customers import customer_of
from cli.sample.files import rows
from config.policy import Policy, load_policy
from config.settings import Settings
from config.words import CaseState, CustomerType, ListingKind, MeasureKind, QualificationKind, Role
from flows.direct_driver import VirtualClock
from models.audit import verify
from models.columns import use_keys
from models.house import SYSTEM, House, open_house
from models.installation import store_policy
from models.operations.standing import listings_in_force
from models.queries.ledger import credit_balance, days_with_overdue_since, exposure, overdue_customers, owed
from models.queries.qualifications import unqualified
from models.queries.trading import may_trade
from models.rules.ladder import business_day
from models.rules.scoring import score
from models.tables import (
    AuditEvent,
    Case,
    ChainHead,
    CreditLine,
    Customer,
    CustomerFigures,
    Measure,
    OutboxMessage,
    Person,
    Run,
)

FIRST_DAYS = [rung.from_day for rung in load_policy().collections.ladder]
TUESDAY = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
LI_MIN, HUA_MAO, TIAN_RUN = "91320312MA1M4FJ58T", "91320312MA1J6F3P80", "91320321MA1W2C7K39"
BO_YUAN, XING_CHEN = "91320301MA20G7T4XD", "91320302MA21C5R8HA"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Iterator[House]:
    house = _filled(tmp_path_factory.mktemp("sample"), policy, TUESDAY)
    yield house
    house.engine.dispose()


@pytest.fixture
def company(filled: House) -> House:
    """The company on a Tuesday; what other houses opened in between have keys of their own."""
    use_keys(filled.keys)
    return filled


def _filled(home: Path, policy: Policy, now: datetime) -> House:
    house = open_house(Settings(home=home, _env_file=None), policy, VirtualClock(now))
    SQLModel.metadata.create_all(house.engine)
    with Session(house.writing) as session:
        session.add(ChainHead(id=1))
        session.commit()
    store_policy(house)
    with house.work(SYSTEM) as work:
        assert sample.fill(work)
    return house


def _today(house: House) -> date:
    return house.calendar.day_of(house.clock())


def _customer(house: House, session: Session, identifier: str) -> Customer:
    digest = house.keys.digest(identifier)
    return session.exec(select(Customer).where(Customer.identifier_digest == digest)).one()


def test_it_fills_only_an_empty_house(company: House) -> None:
    with company.work(SYSTEM) as work:
        assert not sample.fill(work)


@pytest.mark.parametrize("now", [TUESDAY, datetime(2026, 11, 22, 3, 0, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
def test_on_any_day_somebody_stands_at_every_rung_of_the_ladder(tmp_path: Path, policy: Policy, now: datetime) -> None:
    house = _filled(tmp_path, policy, now)
    day, calendar = _today(house), house.calendar
    with house.read() as session:
        owing = overdue_customers(session, day)
    days = sorted((day - one.oldest_due).days for one in owing)
    assert days == [2, 10, 11, 24, 30, 58, 105]
    ladder = policy.collections.ladder
    reached = {
        max(
            (rung.from_day for rung in ladder if business_day(calendar, one.oldest_due, rung.from_day) <= day),
            default=0,
        )
        for one in owing
    }
    assert {3, 15, 30, 60} <= reached
    house.engine.dispose()


def test_every_identity_number_is_valid_and_nobody_is_there_twice() -> None:
    given = list(rows("customers.csv"))
    assert len({row["identifier"] for row in given}) == len({row["name"] for row in given}) == len(given) == 24
    for row in given:
        register = ric if row["type"] == CustomerType.INDIVIDUAL else uscc
        assert register.is_valid(row["identifier"]), row["name"]
    assert {row["type"] for row in given} == set(CustomerType)


def test_every_role_that_a_process_asks_for_is_held_and_by_two_where_one_may_be_barred(company: House) -> None:
    with company.read() as session:
        held = [role for person in session.exec(select(Person)) for role in person.roles]
    assert set(held) == set(Role)
    for role in (Role.HANDLER, Role.RISK_OFFICER, Role.FINANCE_OFFICER, Role.LEGAL_OFFICER):
        assert held.count(role) == 2


def test_who_may_not_receive_risk_clients_and_what_they_lack(company: House) -> None:
    with company.read() as session:
        lacking = unqualified(session, ["li.na", "sun.tao", "shen.yan", "cao.xin", "chen.yu"], _today(company))
    training, secrecy = QualificationKind.RECEPTION_TRAINING, QualificationKind.CONFIDENTIALITY
    assert lacking == {"sun.tao": [training], "shen.yan": [secrecy], "cao.xin": [training]}


def test_one_trades_without_a_line_one_above_its_cap_and_one_has_paid_too_much(company: House, policy: Policy) -> None:
    with company.read() as session:
        today = _today(company)
        admitted = session.exec(select(Customer).order_by(col(Customer.id))).all()
        lines = {line.customer_id: line for line in session.exec(select(CreditLine))}
        caps = {band.grade: band.limit for band in policy.credit.grades}
        without = [c.name for c in admitted if c.id not in lines and not c.prepays and exposure(session, c.id or 0) > 0]
        above = [
            c.name for c in admitted if c.id in lines and c.credit_grade and lines[c.id].limit > caps[c.credit_grade]
        ]
        credit = {c.name: credit_balance(session, c.id or 0) for c in admitted}
        beyond = [c.name for c in admitted if c.id in lines and exposure(session, c.id) > lines[c.id].limit]
        assert without == [_customer(company, session, LI_MIN).name]
        assert above == [_customer(company, session, HUA_MAO).name]
        assert {name: owing for name, owing in credit.items() if owing} == {"丰县天润果业有限公司": Decimal("17500.00")}
        assert beyond == []
        answer = may_trade(session, company, _customer(company, session, TIAN_RUN).id or 0, today, Decimal("700000"))
    assert (answer.may, answer.available) == (True, Decimal("700000.00"))


def test_of_the_listed_one_has_kept_the_time_for_repair_and_one_has_not(company: House, policy: Policy) -> None:
    today, repair = _today(company), policy.listing.repair
    with company.read() as session:
        kept, not_yet = (_customer(company, session, one) for one in (BO_YUAN, XING_CHEN))
        (grey,), (black,) = (listings_in_force(session, one, today) for one in (kept, not_yet))
        assert (grey.kind, black.kind) == (ListingKind.GREY, ListingKind.BLACK)
        assert today - grey.since > timedelta(days=31 * repair.months_since_listing[ListingKind.GREY])
        assert today - black.since < timedelta(days=30 * repair.months_since_listing[ListingKind.BLACK])
        months = timedelta(days=31 * repair.months_without_overdue)
        assert owed(session, kept.id or 0, today).total == 0
        assert days_with_overdue_since(session, kept.id or 0, today - months, today) is None
        assert days_with_overdue_since(session, not_yet.id or 0, today - months, today) is not None
        prepays, stopped = (may_trade(session, company, one.id or 0, today) for one in (kept, not_yet))
    assert (prepays.may, prepays.prepay) == (True, True)
    assert not stopped.may


def test_every_measure_in_the_record_has_the_case_that_set_it(company: House) -> None:
    with company.read() as session:
        set_by = {
            row.kind: case.process
            for row, case in session.exec(select(Measure, Case).join(Case, col(Case.ref) == Measure.case_ref))
        }
    assert set_by == {
        MeasureKind.SUSPEND: "listing-decision",
        MeasureKind.PREPAYMENT: "listing-decision",
        MeasureKind.MONITOR: "risk-reception",
        MeasureKind.SHORTER_TERM: "risk-reception",
        MeasureKind.SECURITY: "risk-reception",
    }


def test_what_is_known_since_admission_moves_some_grades_both_ways(company: House, policy: Policy) -> None:
    with company.read() as session:
        moved = {}
        for customer, known in session.exec(
            select(Customer, CustomerFigures).join(CustomerFigures, col(CustomerFigures.customer_id) == Customer.id)
        ):
            points = score(known.figures, policy.indicators, customer.type).total
            grade = next(one.grade for one in policy.credit.grades if one.lowest <= points <= one.highest)
            if grade is not customer.credit_grade:
                moved[customer.name] = f"{customer.credit_grade}→{grade}"
    assert moved["徐州大湖煤炭运销有限公司"] == "C→D"
    assert moved["邳州市润丰粮油有限公司"] == "B→A"


def test_what_was_taken_over_troubles_nobody(company: House) -> None:
    with company.read() as session:
        cases = session.exec(select(Case)).all()
        assert {case.state for case in cases} == {CaseState.CLOSED}
        assert session.exec(select(Run)).all() == []
        assert session.exec(select(OutboxMessage)).all() == []
        assert all(case.opened_at < company.clock() - timedelta(days=60) for case in cases)
        told = set(session.exec(select(AuditEvent.case_ref).where(AuditEvent.event == "case.taken-over")))
        assert told == {case.ref for case in cases}
        assert verify(session).broken_at is None


def test_a_customer_is_found_by_its_identity_number(company: House) -> None:
    with company.work(SYSTEM) as work:
        assert customer_of(work, BO_YUAN).name == "徐州博远新材料有限公司"
