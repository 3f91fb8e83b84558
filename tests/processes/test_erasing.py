"""Erasing: what is gone, what stays, what stands against it; and that the audit chain holds afterwards."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from config.policy import Policy
from config.words import ErasureState, ListingKind
from models.audit import verify
from models.errors import Conflict, Invalid, NotAllowed
from models.house import House, person
from models.ledger import InvoiceGiven
from models.operations.attachments import attach, path_of
from models.operations.erasure import (
    ask_erasure,
    carry_out,
    confirm_erasure,
    lift_hold,
    set_hold,
    turn_down_erasure,
)
from models.operations.ledger import record_invoice
from models.operations.retention import erase_what_is_due, months_before
from models.queries.privacy import everything_on, in_the_way
from models.tables import (
    Attachment,
    AuditPrivate,
    Case,
    Customer,
    Erasure,
    LegalHold,
    Look,
    Person,
    Signer,
    Step,
)
from tests.conftest import TUESDAY
from tests.processes.conftest import Office, steel_trader

MARKS = ("徐州恒通钢材", "马建国", "13805201234", "钢材贸易", "客户改变主意", "营业执照.pdf")
PDF = b"%PDF-1.7 business licence"


@pytest.fixture
def over(office: Office) -> Office:
    """An application with a file, withdrawn by its handler."""
    office.applies(steel_trader())
    with office.house.read() as session:
        place = session.exec(select(Signer).where(Signer.person_id == "li.na", Signer.state == "asked")).one()
    with office.house.work(person("li.na")) as work:
        attach(work, place.step_id, "营业执照.pdf", PDF)
    office.withdraws(reason="客户改变主意，马建国 13805201234")
    return office


def everywhere(house: House) -> str:
    """Everything the database holds, as text."""
    found = []
    with house.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            found += [str(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))]
    return re.sub(r"\\+u([0-9a-f]{4})", lambda escaped: chr(int(escaped[1], 16)), "\n".join(found))


def of(house: House, who: str) -> Person:
    with house.read() as session:
        return session.get_one(Person, who)


def asks(office: Office, who: str = "wu.gang", reason: str = "客户书面要求删除") -> int:
    with office.house.work(person(who)) as work:
        customer = work.session.get_one(Customer, office.case.customer_id)
        return ask_erasure(work, customer, reason).id or 0


def confirms(office: Office, number: int, who: str = "feng.bo") -> None:
    with office.house.work(person(who)) as work:
        confirm_erasure(work, number, of(office.house, who))


def test_nothing_said_of_a_person_is_left_anywhere_and_the_chain_holds(over: Office) -> None:
    house, ref, before = over.house, over.ref, over.case
    path = path_of(house, over.all(Attachment)[0].sha256)
    assert path.exists()
    assert all(mark in everywhere(house) for mark in ("徐州恒通钢材", "马建国", "客户改变主意", "营业执照.pdf"))
    number = asks(over)
    confirms(over, number)
    counts = carry_out(house, person("feng.bo"), number)
    left = everywhere(house)
    assert [mark for mark in MARKS if mark in left] == []
    assert not path.exists()
    assert counts["signer"] >= 1
    with house.read() as session:
        verdict = verify(session)
        assert verdict.broken_at is None
        assert verdict.erased == len(session.exec(select(AuditPrivate).where(AuditPrivate.salt.is_(None))).all()) > 0
        case, request = session.get_one(Case, ref), session.get_one(Erasure, number)
        customer = session.get_one(Customer, case.customer_id)
    assert (case.ref, case.outcome, case.opened_at, case.amount) == (
        ref,
        before.outcome,
        before.opened_at,
        before.amount,
    )
    assert (case.title, case.erased_at) == ("erased", TUESDAY)
    assert (customer.name, customer.phone, customer.identifier_digest) == (f"erased {customer.id}", None, None)
    assert (request.state, request.reason) == (ErasureState.DONE, "")
    assert request.counts["customer"] == 1


def test_what_stays_is_who_decided_what_and_when(over: Office) -> None:
    trail = over.events()
    number = asks(over)
    confirms(over, number)
    carry_out(over.house, person("feng.bo"), number)
    assert over.events()[: len(trail)] == trail
    assert all(step.title and step.route for step in over.all(Step))


def test_whoever_asked_does_not_confirm_and_only_risk_and_legal_decide(over: Office) -> None:
    number = asks(over)
    with pytest.raises(NotAllowed, match="does not confirm"):
        confirms(over, number, "wu.gang")
    with pytest.raises(NotAllowed, match="Only the risk manager"):
        confirms(over, number, "li.na")
    assert asks(over, "feng.bo", "又要求一次") == number
    with over.house.work(person("feng.bo")) as work:
        turn_down_erasure(work, number, of(over.house, "feng.bo"), "仍有争议未了结")
    with pytest.raises(Conflict, match="decided already"):
        confirms(over, number)
    assert carry_out(over.house, person("feng.bo"), number) == {}
    assert over.customer.name == steel_trader().name


@pytest.mark.parametrize("reason", ["", "  x ", "长" * 1001])
def test_a_request_needs_a_proper_reason(over: Office, reason: str) -> None:
    with pytest.raises(Invalid):
        asks(over, reason=reason)


def owes(office: Office) -> None:
    with office.house.work() as work:
        given = InvoiceGiven(
            customer=f"K-{office.case.customer_id:06d}",
            number="FP-1",
            amount=Decimal("1240000.00"),
            issued_on=date(2026, 3, 1),
            due_on=date(2026, 4, 1),
        )
        record_invoice(work, given)


def is_held(office: Office) -> None:
    with office.house.work(person("feng.bo")) as work:
        customer = work.session.get_one(Customer, office.case.customer_id)
        set_hold(work, customer, of(office.house, "feng.bo"), "徐州中院（2026）苏03民初17号")


IN_THE_WAY: dict[str, tuple[Callable[[Office], Any], str]] = {
    "a case": (lambda office: office.applies(steel_trader(name="徐州恒通钢材贸易有限公司")), "cases"),
    "money": (owes, "money"),
    "a listing": (lambda office: office.lists("徐州恒通钢材贸易有限公司", ListingKind.GREY), "listing"),
    "a hold": (is_held, "hold"),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_stands_against_it_is_told_and_nothing_is_erased(over: Office, what: str) -> None:
    happens, field = IN_THE_WAY[what]
    first = over.ref
    number = asks(over)
    happens(over)
    with pytest.raises(Invalid) as refused:
        confirms(over, number)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert refused.value.status == 409
    with over.house.read() as session:
        assert session.get_one(Case, first).erased_at is None


def test_a_hold_that_comes_after_the_confirmation_stops_what_is_left(over: Office) -> None:
    number = asks(over)
    confirms(over, number)
    is_held(over)
    with pytest.raises(Invalid):
        carry_out(over.house, person("feng.bo"), number)
    assert over.customer.name == steel_trader().name
    with over.house.work(person("wu.gang")) as work:
        lift_hold(work, over.all(LegalHold)[0].id or 0, of(over.house, "wu.gang"), "判决已生效")
    assert erase_what_is_due(over.house).requests == 1  # the nightly round goes on with it
    assert over.customer.erased_at is not None


def test_an_erasure_broken_off_between_two_transactions_goes_on(over: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asks(over)
    confirms(over, number)
    from models.operations import erasure

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erasure, "erase_customer", dies)
    with pytest.raises(KeyboardInterrupt):
        carry_out(over.house, person("feng.bo"), number)
    monkeypatch.undo()
    assert (over.case.title, over.customer.name) == ("erased", steel_trader().name)
    erase_what_is_due(over.house)
    assert over.customer.erased_at is not None
    with over.house.read() as session:
        assert verify(session).broken_at is None


def test_a_file_that_another_case_has_too_stays(over: Office) -> None:
    first = over.case.customer_id
    over.applies(steel_trader(name="淮海水泥有限公司", identifier=None, phone="13900000000"))
    with over.house.work(person("li.na")) as work:
        place = work.session.exec(select(Signer).where(Signer.case_ref == over.ref, Signer.state == "asked")).one()
        attach(work, place.step_id, "同一文件.pdf", PDF)
    with over.house.work(person("wu.gang")) as work:
        number = ask_erasure(work, work.session.get_one(Customer, first), "客户书面要求删除").id or 0
    confirms(over, number)
    carry_out(over.house, person("feng.bo"), number)
    assert path_of(over.house, over.all(Attachment)[0].sha256).exists()


def kept_for(house: House, policy: Policy, **months: int | None) -> None:
    house.policy = policy.model_copy(update={"privacy": policy.privacy.model_copy(update=months)})


def test_an_applicant_who_was_refused_is_forgotten_after_the_time_of_policy(over: Office, policy: Policy) -> None:
    kept_for(over.house, policy, refused_applications=24)
    over.passes(days=700)
    assert erase_what_is_due(over.house).applicants == 0
    over.passes(days=40)
    report = erase_what_is_due(over.house)
    assert (report.applicants, report.files) == (1, 1)
    assert [mark for mark in MARKS if mark in everywhere(over.house)] == []
    assert erase_what_is_due(over.house).applicants == 0
    with over.house.read() as session:
        assert verify(session).broken_at is None


def test_a_closed_case_is_erased_after_its_time_and_the_customer_stays(over: Office, policy: Policy) -> None:
    kept_for(over.house, policy, refused_applications=None, closed_cases=12, erase_at_most=1)
    over.passes(days=366)
    report = erase_what_is_due(over.house)
    assert (report.cases, report.waiting, report.held) == (1, 0, 0)
    assert (over.case.title, over.customer.name) == ("erased", steel_trader().name)


def test_a_legal_hold_stops_policy_as_well(over: Office, policy: Policy) -> None:
    kept_for(over.house, policy, refused_applications=1, closed_cases=1, documents=1, looks=1)
    is_held(over)
    with over.house.work() as work:
        work.add(Look(customer_id=over.case.customer_id, person_id="li.na", what="page", at=work.now))
    over.passes(days=400)
    report = erase_what_is_due(over.house)
    assert (report.applicants, report.cases, report.files, report.looks, report.held) == (0, 0, 0, 0, 1)
    assert over.all(Attachment)[0].name == "营业执照.pdf"


def test_files_go_before_the_case_where_policy_says_so(over: Office, policy: Policy) -> None:
    kept_for(over.house, policy, refused_applications=None, closed_cases=None, documents=6)
    over.passes(days=190)
    assert erase_what_is_due(over.house).files == 1
    assert over.case.erased_at is None


def test_an_open_case_is_never_erased(office: Office, policy: Policy) -> None:
    kept_for(office.house, policy, refused_applications=1, closed_cases=1, documents=1)
    office.applies()
    with office.house.work() as work:
        work.session.execute(text("UPDATE \"case\" SET opened_at = '2001-01-01'"))
    erase_what_is_due(office.house)
    assert office.case.erased_at is None


def test_everything_kept_on_one_customer_is_told_readably(over: Office) -> None:
    with over.house.read() as session:
        told = everything_on(session, over.customer)
    written = json.dumps(told, ensure_ascii=False)
    for mark in ("徐州恒通钢材贸易有限公司", "马建国", "13805201234", "客户改变主意", over.ref):
        assert mark in written
    assert "sealed:" not in written
    assert "digest" not in json.dumps(list(told["customer"]))


def test_nothing_in_the_way_is_an_empty_list(over: Office) -> None:
    with over.house.read() as session:
        assert in_the_way(session, over.customer, date(2026, 3, 10)) == []


def test_months_are_months_of_the_calendar() -> None:
    assert months_before(TUESDAY.replace(month=3, day=31), 1).date() == date(2026, 2, 28)
    assert months_before(TUESDAY, 24) == TUESDAY.replace(year=2024)
    assert TUESDAY - months_before(TUESDAY, 12) == timedelta(days=365)
