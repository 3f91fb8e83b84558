"""Journeys through the onboarding review, and what a case leaves behind: to be played on whatever carries it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from config.words import ListingKind, Outcome
from models.audit import verify
from models.tables import (
    Assessment,
    AuditEvent,
    CreditLine,
    JournalEntry,
    OutboxMessage,
    RiskArchive,
    RiskWarning,
    Routine,
    Run,
    Signer,
    Step,
    Timer,
)
from tests.processes.conftest import GOOD_FIGURES, Office, Play, steel_trader


def straight_through(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "approve", comment="多年老客户")
    office.answers("he.jing", "record", limit="800000", term_days=45, ledger_number="L-77")


def returned_once(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "return", target="first-rating", reason="额度依据不足")
    office.answers("li.na", "adjust", points=82, reason="新合同减少")
    office.answers("liu.yang", "confirm")
    office.answers("wang.jun", "reject", reason="仍无依据")


def approved_on_conditions(office: Office) -> None:
    office.lists("徐州恒通钢材贸易有限公司", ListingKind.GREY)
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "approve-with-conditions", limit="600000", securities=["deposit"])
    office.answers("zhao.min", "approve-with-conditions", term_days=30, securities=["guarantee"])
    office.answers("he.jing", "record", limit="600000", term_days=30, ledger_number="L-78")


def black_listed_and_refused(office: Office) -> None:
    office.lists("徐州恒通钢材贸易有限公司")
    office.applies()
    office.answers("liu.yang", "confirm")


def gaps_questions_and_a_visit(office: Office) -> None:
    office.applies(steel_trader(phone=None, figures={k: v for k, v in GOOD_FIGURES.items() if k != "lawsuits"}))
    office.answers("li.na", "supply", phone="13805201234")
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "ask", question="有无未决诉讼？")
    office.answers("li.na", "answer", answer="没有", figures={"lawsuits": "0"})
    office.answers("chen.yu", "visit", purpose="看库存")
    office.answers(
        "liu.yang",
        "report",
        visited_on="2026-03-11",
        visitors="刘洋、李娜",
        spoke_with="马建国",
        impression="as_stated",
        findings="库存充足，现场有序",
    )
    office.answers("chen.yu", "adjust", points=30, reason="行业下行")
    office.answers("wang.jun", "approve")


def nobody_answers(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.passes(days=40)


def withdrawn(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.withdraws()


SCRIPTS: dict[Play, Outcome] = {
    straight_through: Outcome.ADMITTED,
    returned_once: Outcome.REFUSED,
    approved_on_conditions: Outcome.ADMITTED_WITH_CONDITIONS,
    black_listed_and_refused: Outcome.REFUSED,
    gaps_questions_and_a_visit: Outcome.ADMITTED_WITHOUT_CREDIT,
    nobody_answers: Outcome.LAPSED,
    withdrawn: Outcome.WITHDRAWN,
}

# What carriers of runs add to the record; everything else must be there exactly as often whatever carries it.
OF_THE_CARRIER = ("run.", "schedule.")


@dataclass
class Ending:
    """All that a case left behind, without instants and row numbers."""

    outcome: Outcome | None
    because: Any
    customer: Any
    journal: Counter[str]
    steps: Counter[Any]
    signatures: Counter[Any]
    messages: Counter[str]
    events: Counter[Any]
    kept: Counter[Any]


def ending_of(office: Office) -> Ending:
    house, ref = office.house, office.ref
    with house.read() as session:
        assert verify(session).broken_at is None
        assert session.exec(select(Timer)).all() == []
        run = session.get_one(Run, ref)
        assert (run.lease_owner, run.failures) == (None, 0)
        customer = office.customer
        return Ending(
            outcome=office.outcome,
            because=office.case.because,
            customer=(customer.status, customer.risk_level, customer.credit_grade, customer.customer_class),
            journal=Counter(session.exec(select(JournalEntry.key)).all()),
            steps=Counter(session.exec(select(Step.key, Step.state, Step.closed_by, Step.outcome, Step.level)).all()),
            signatures=_signatures(session),
            messages=Counter(session.exec(select(OutboxMessage.dedupe_key)).all()),
            events=_events(session),
            kept=_kept(session),
        )


def _signatures(session: Session) -> Counter[Any]:
    rows = session.exec(select(Signer, Step.key).join(Step, col(Step.id) == Signer.step_id)).all()
    return Counter(
        (key, s.person_id, s.level, s.seat, s.state, s.action, s.kind, s.void, s.answer_hash) for s, key in rows
    )


def _events(session: Session) -> Counter[Any]:
    rows = session.exec(select(AuditEvent.event, AuditEvent.actor_kind, AuditEvent.actor_id)).all()
    return Counter(row for row in rows if not row[0].startswith(OF_THE_CARRIER))


def _kept(session: Session) -> Counter[Any]:
    lines = [(line.limit, line.term_days, tuple(line.securities)) for line in session.exec(select(CreditLine))]
    duties = [(routine.duty, routine.every) for routine in session.exec(select(Routine))]
    rest = [type(row) for table in (RiskArchive, RiskWarning, Assessment) for row in session.exec(select(table))]  # type: ignore[call-overload]
    return Counter([*lines, *duties, *rest])
