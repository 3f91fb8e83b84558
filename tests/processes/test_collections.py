"""Collections escalation, told as the policy tells it (processes §3.3): the ladder, and what holds it."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from config.words import ContactAnswer, MeasureKind, Outcome, Role
from models.errors import Conflict, Invalid
from models.house import person
from models.operations.cases import cancel
from models.operations.collections import open_collections
from models.papers import PaperText
from models.starting import starts
from models.tables import (
    Case,
    Invoice,
    JournalEntry,
    Measure,
    Nomination,
    OutboxMessage,
    Paper,
    Person,
    Step,
)
from tests.processes.collecting import Debtor
from tests.processes.conftest import Office


@pytest.fixture
def debtor(office: Office) -> Debtor:
    """A steel trader in Xuzhou who owes 1,240,000.00 since Monday, 9 March."""
    debtor = Debtor.of(office)
    debtor.owes()
    return debtor


# -- one case per customer -----------------------------------------------------------------------------------------


def test_one_open_case_holds_all_overdue_invoices(debtor: Debtor, office: Office) -> None:
    ref = debtor.is_found()
    debtor.owes("60000.00", date(2026, 3, 11), "FP-2026-0102")
    with office.house.work() as work:
        assert open_collections(work, debtor.customer_id) is None
    debtor.until(debtor.day(3))
    shown = office.content(debtor.step.key)["owed"]
    assert [line["number"] for line in shown["invoices"]] == ["FP-2026-0101", "FP-2026-0102"]
    assert Decimal(shown["overdue"]) == Decimal("1300000.00")
    assert [case.ref for case in office.all(Case)] == [ref]
    assert (office.case.title, office.case.initiator_id, office.case.handler_id) == (
        "徐州恒通钢材贸易有限公司",
        None,
        "li.na",
    )


def test_a_customer_without_a_handler_gets_one_of_its_department(office: Office) -> None:
    debtor = Debtor.of(office, handler=None)
    debtor.owes()
    debtor.is_found()
    assert office.case.handler_id == "li.na"


def test_finance_may_begin_by_hand_but_not_twice_and_not_over_nothing(debtor: Debtor, office: Office) -> None:
    start = starts()["collections-escalation"]
    with office.house.work(person("zheng.li")) as work:
        finance = work.session.get_one(Person, "zheng.li")
        assert start.open_to(finance)
        case = start.opener(work, start.form(customer=debtor.number), finance, "by-hand-1")  # type: ignore[call-arg]
        again = start.opener(work, start.form(customer=debtor.number), finance, "by-hand-1")  # type: ignore[call-arg]
        assert (case.ref, case.initiator_id) == (again.ref, "zheng.li")
    with pytest.raises(Conflict, match=case.ref), office.house.work(person("zheng.li")) as work:
        start.opener(work, start.form(customer=debtor.number), finance, "by-hand-2")  # type: ignore[call-arg]
    paid = Debtor.of(office)
    with pytest.raises(Invalid), office.house.work(person("zheng.li")) as work:
        start.opener(work, start.form(customer=paid.number), finance, "by-hand-3")  # type: ignore[call-arg]
    with office.house.read() as session:
        assert not start.open_to(session.get_one(Person, "li.na"))


# -- the ladder ------------------------------------------------------------------------------------------------------


def test_the_reminder_goes_out_by_itself_with_its_letter(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    assert debtor.rungs == {"reminder": "done"}
    (mail,) = office.messages("dunning_reminder")
    assert mail.person_id is None
    assert mail.payload["total"] == "1240000.00"
    (paper,) = office.all(Paper)
    text = PaperText.model_validate(paper.content)
    assert text.title == "付款提醒函"
    assert text.sections[1].table is not None
    assert text.sections[1].table.rows[0][0] == "FP-2026-0101"


def test_a_customer_without_mail_is_reminded_through_its_handler(office: Office) -> None:
    debtor = Debtor.of(office, email=None)
    debtor.owes()
    debtor.is_found()
    assert [message.person_id for message in office.messages("reminder_to_pass_on")] == ["li.na"]
    assert debtor.contacts[0].facts["delivered"] is False
    assert ("collections.reminder-undelivered", None) in office.events()


def test_the_whole_ladder_on_its_days(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    for day, rung, step, act in (
        (3, "telephone", "telephone", debtor.is_called),
        (15, "letter", "post-letter", debtor.gets_the_letter),
        (30, "visit", "collection-visit", debtor.is_visited),
    ):
        debtor.until(debtor.day(day) - timedelta(days=1))
        assert rung not in debtor.rungs
        debtor.until(debtor.day(day))
        assert (debtor.asked, debtor.rungs[rung]) == (step, "begun")
        act()
    debtor.until(debtor.day(60))
    assert debtor.asked == "form-group"
    assert list(debtor.rungs.items())[:4] == [(name, "done") for name in ("reminder", "telephone", "letter", "visit")]


def test_credit_is_frozen_from_the_letter_on_and_trading_stops_with_the_special_group(debtor: Debtor) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    assert debtor.measures == set()
    debtor.is_called()
    debtor.until(debtor.day(15))
    assert debtor.measures == {MeasureKind.FREEZE}
    debtor.gets_the_letter()
    debtor.until(debtor.day(30))
    debtor.is_visited()
    debtor.until(debtor.day(60))
    assert debtor.measures == {MeasureKind.FREEZE, MeasureKind.SUSPEND}


def test_a_case_found_late_leaves_no_rung_out(debtor: Debtor, office: Office) -> None:
    debtor.until(debtor.day(20))
    debtor.is_found()
    assert (debtor.rungs["reminder"], debtor.asked) == ("done", "telephone")
    debtor.is_called("not_reached")
    assert debtor.asked == "post-letter"
    debtor.gets_the_letter()
    assert debtor.asked == "customer-reply"
    debtor.until(debtor.day(30))
    assert debtor.asked == "collection-visit"


def test_a_rung_that_nobody_carries_out_escalates_and_is_recorded_as_missed(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.until(debtor.day(3))
    debtor.until(debtor.day(7))
    assert [message.person_id for message in office.messages("step_escalated")] == ["wang.jun", "zhao.min"]
    debtor.until(debtor.day(9))
    assert debtor.rungs["telephone"] == "not_done"
    missed = debtor.contacts[-1]
    assert (missed.answer, missed.facts["not_done"], missed.by_person_id) == (ContactAnswer.NONE, True, None)
    debtor.until(debtor.day(15))
    assert debtor.asked == "post-letter"


def test_a_visit_takes_two_different_people_of_the_staff(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("visit")
    for visitors in (("li.na",), ("li.na", "li.na"), ("li.na", "nobody")):
        with pytest.raises(Invalid) as refused:
            debtor.is_visited(visitors=visitors)
        assert refused.value.problems[0].field == "visitors"
    debtor.is_visited()
    assert [row["person"] for row in debtor.contacts[-1].facts["visitors"]] == ["li.na", "sun.tao"]


def test_a_letter_is_written_in_the_language_the_customer_reads(debtor: Debtor, office: Office) -> None:
    from config.words import Language
    from models.operations.outside import outside_party

    with office.house.work() as work:
        outside_party(work, debtor.customer_id, "John Ma", "ap@hengtong.example", None, Language.EN)
    debtor.is_found()
    debtor.climbs_to("letter")
    letters = [PaperText.model_validate(paper.content).title for paper in office.all(Paper)]
    assert letters == ["Payment reminder", "Demand for payment"]


# -- money comes in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", ["telephone", "letter", "visit", "special_group"])
def test_paid_in_full_closes_from_any_rung_and_lifts_what_was_set(debtor: Debtor, office: Office, rung: str) -> None:
    debtor.is_found()
    debtor.climbs_to(rung)
    debtor.pays("1240000.00")
    assert office.outcome is Outcome.RECOVERED
    assert debtor.measures == set()
    assert debtor.asked == ""
    assert office.case.because[0]["params"]["amount"] == {"number": "1240000.00"}


def test_paid_between_two_rungs_closes_at_once(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.pays("1240000.00")
    assert office.outcome is Outcome.RECOVERED


def test_part_payment_asks_the_same_rung_again_by_the_same_deadline(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("letter")
    first = debtor.step
    debtor.until(debtor.day(16))
    debtor.pays("240000.00")
    again = debtor.step
    assert again.key != first.key
    assert (again.name, again.due_at, again.expires_at) == (first.name, first.due_at, first.expires_at)
    assert Decimal(again.content["owed"]["overdue"]) == Decimal("1000000.00")
    assert again.content["paper"]["version"] == 2
    debtor.gets_the_letter()
    letters = [contact for contact in debtor.contacts if contact.rung == "letter"]
    assert len(letters) == 1
    assert [event for event, _ in office.events()].count("collections.rung-begun") == 3


def test_days_count_from_the_oldest_invoice_that_is_left(debtor: Debtor, office: Office) -> None:
    debtor.owes("500000.00", date(2026, 4, 1), "FP-2026-0188")
    debtor.is_found()
    debtor.climbs_to("letter")
    debtor.gets_the_letter()
    debtor.until(date(2026, 4, 8))
    debtor.pays("1240000.00")  # the oldest is settled; what fell due on 1 April is left
    debtor.until(debtor.day(30))
    assert debtor.asked == "customer-reply"
    debtor.until(debtor.day(30, since=date(2026, 4, 1)))
    assert debtor.asked == "collection-visit"


# -- promises --------------------------------------------------------------------------------------------------------


def test_a_promise_holds_the_ladder_and_is_kept(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    promised = debtor.day(8)
    debtor.is_called("promises", promise_on=str(promised), promised="500000.00")
    assert debtor.asked == ""
    debtor.until(debtor.day(6))
    debtor.pays("200000.00")
    assert debtor.contacts[-1].promise_kept is None
    debtor.pays("300000.00")
    assert debtor.contacts[-1].promise_kept is True
    assert debtor.asked == "customer-reply"


def test_a_broken_promise_is_recorded_and_the_ladder_goes_on(debtor: Debtor, office: Office) -> None:
    debtor.until(debtor.day(12))
    debtor.is_found()
    promised = debtor.day(20)
    debtor.is_called("promises", promise_on=str(promised), promised="1240000.00")
    debtor.until(debtor.day(15))
    assert debtor.asked == ""
    debtor.until(promised)
    assert debtor.contacts[-1].promise_kept is None
    debtor.until(debtor.day(21))
    assert debtor.contacts[-1].promise_kept is False
    assert debtor.asked == "post-letter"


def test_money_that_came_by_the_promised_day_counts_though_it_is_booked_later(debtor: Debtor) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    debtor.is_called("promises", promise_on=str(debtor.day(5)), promised="100000.00")
    debtor.until(debtor.day(5), at=time(23, 0))
    debtor.pays("100000.00", on=debtor.day(5))
    assert debtor.contacts[-1].promise_kept is True


def test_a_promise_is_held_to_policy(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    far, past = str(debtor.day(14)), str(debtor.day(1))
    for form in (
        {"answer": "promises"},
        {"answer": "promises", "promise_on": far, "promised": "1.00"},
        {"answer": "promises", "promise_on": past, "promised": "1.00"},
        {"answer": "promises", "promise_on": str(debtor.day(8)), "promised": "1240000.01"},
        {"answer": "stalls", "promise_on": str(debtor.day(8)), "promised": "1.00"},
        {"answer": "disputes"},
        {"answer": "disputes", "disputed": [{"number": "FP-9", "reason": "未收货"}]},
    ):
        with pytest.raises(Invalid):
            office.answers("li.na", "record", spoke_with="马建国", **form)
    assert debtor.asked == "telephone"
    debtor.is_called("promises", promise_on=str(debtor.day(13)), promised="1240000.00")


# -- disputes --------------------------------------------------------------------------------------------------------


def disputes(debtor: Debtor) -> None:
    debtor.is_called("disputes", disputed=[{"number": "FP-2026-0101", "reason": "规格与合同不符"}])


def reception_of(office: Office) -> Case:
    with office.house.read() as session:
        return session.exec(select(Case).where(Case.process == "risk-reception")).one()


def test_a_dispute_goes_to_reception_and_holds_the_ladder_until_it_is_over(debtor: Debtor, office: Office) -> None:
    debtor.owes("60000.00", date(2026, 3, 9), "FP-2026-0102")
    debtor.is_found()
    debtor.climbs_to("telephone")
    disputes(debtor)
    reception = reception_of(office)
    assert reception.input["reasons"][0]["raised_by"] == office.ref
    assert debtor.overdue == Decimal("60000.00")
    debtor.until(debtor.day(12))
    assert debtor.asked == ""
    with office.house.work() as work:
        cancel(work, reception.ref, "客户撤回异议")
    office.runner.run_ready()
    assert debtor.overdue == Decimal("1300000.00")
    assert debtor.asked == "customer-reply"
    assert debtor.contacts[1].facts["settled"] == "cancelled"


def test_what_is_disputed_may_be_paid_all_the_same(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    disputes(debtor)
    debtor.pays("1240000.00")
    assert office.outcome is Outcome.RECOVERED


def test_a_withdrawn_case_leaves_no_invoice_marked_as_disputed_and_no_measure(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("letter")
    debtor.gets_the_letter()
    office.answers(
        "li.na",
        "record",
        way="letter",
        answer="disputes",
        disputed=[{"number": "FP-2026-0101", "reason": "规格与合同不符"}],
    )
    assert debtor.measures == {MeasureKind.FREEZE}
    office.withdraws("li.na", "发票开具有误")
    assert office.outcome is Outcome.WITHDRAWN
    assert debtor.measures == set()
    assert [invoice.disputed for invoice in office.all(Invoice)] == [False]
    (measure,) = office.all(Measure)
    assert measure.lifted_by == office.ref


# -- refusals --------------------------------------------------------------------------------------------------------


def test_refusals_add_up_to_a_nomination_for_malicious_arrears_once(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    debtor.is_called("refuses")
    debtor.until(debtor.day(15))
    debtor.gets_the_letter()
    office.answers("li.na", "record", way="telephone", answer="stalls", note="下月再说")
    assert office.all(Nomination) == []
    debtor.until(debtor.day(30))
    debtor.is_visited("refuses")
    (nomination,) = office.all(Nomination)
    assert (nomination.raised_by, nomination.criterion.value) == (office.ref, "malicious_arrears")
    assert len(nomination.evidence) == 3
    debtor.until(debtor.day(31))
    office.answers("li.na", "record", way="telephone", answer="refuses")
    assert len(office.all(Nomination)) == 1
    assert len(office.all(Nomination)[0].evidence) == 3


def test_refusals_of_an_earlier_case_count_and_so_does_a_broken_promise(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    debtor.is_called("refuses")
    debtor.until(debtor.day(4))
    office.answers("li.na", "record", way="telephone", answer="refuses")
    debtor.pays("1240000.00")
    assert office.all(Nomination) == []
    debtor.owes("90000.00", debtor.today, "FP-2026-0200")
    due = debtor.today
    debtor.until(debtor.day(1, due))
    debtor.is_found()
    debtor.until(debtor.day(3, due))
    debtor.is_called("promises", promise_on=str(debtor.day(5, due)), promised="90000.00")
    assert office.all(Nomination) == []
    debtor.until(debtor.day(6, due))
    (nomination,) = office.all(Nomination)
    assert nomination.evidence[-1].endswith("承诺未兑现")


# -- other rules -----------------------------------------------------------------------------------------------------


def test_a_resume_costs_the_same_after_forty_payments(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.climbs_to("telephone")
    for _ in range(40):
        debtor.pays("1000.00")
    with office.house.read() as session:
        unfolded = session.exec(
            select(JournalEntry.key).where(JournalEntry.case_ref == office.ref, col(JournalEntry.folded).is_(False))
        ).all()
        telephoned = session.exec(select(Step.key).where(Step.case_ref == office.ref)).all()
    assert len(unfolded) <= 4
    assert len(telephoned) == 41
    assert debtor.rungs["telephone"] == "begun"


def test_the_handler_never_approves(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    debtor.comes_to_a_choice()
    office.answers("sun.tao", "write_off", reason="债务人已注销，无可供执行财产")
    with office.house.read() as session:
        step = session.exec(select(Step).where(Step.case_ref == office.ref, Step.name == "approve-strategy")).one()
    left_out = {one["person_id"] for level in step.route["levels"] for one in level["left_out"]}
    assert "li.na" not in str(step.route["levels"][0]["seats"])
    assert left_out <= {"li.na"}


def test_the_customer_is_told_nothing_of_the_inside(debtor: Debtor, office: Office) -> None:
    debtor.is_found()
    with office.house.read() as session:
        mail = session.exec(select(OutboxMessage).where(col(OutboxMessage.outside_id).is_not(None))).one()
    assert set(mail.payload) == {"company", "total", "on", "pay_by", "invoices", "more"}
    assert Role.HANDLER.value not in str(mail.payload)
