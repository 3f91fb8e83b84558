"""What a turn of customer care does by itself: facts gathered, records kept, levels raised, profiles put right."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from config.languages import N_
from config.words import CareKind, ReceptionTrigger, RiskLevel
from models.care import CareDuty, CareFacts, LastTurn
from models.forms.care import LEVELS, GreetingSent, MonitoringFindings, Postponed, ProfileCorrection, VisitRecord
from models.house import Work
from models.operations.applications import receive_document
from models.operations.care import routine_of
from models.operations.receptions import open_reception
from models.operations.warning import warn_departments
from models.queries.background import other_open_cases, trading_record
from models.queries.care import last_done
from models.rules.credit import customer_class
from models.steps import Signature
from models.tables import CareTurn, Case, Person
from tasks.case_task import effect
from tasks.of_case import customer_of, policy_of, today

MORNING = time(9)
EVENING = time(18)


class GreetingTimes(CareDuty):
    """The duty with the instants of its greeting, on the company's clock; none where policy sets the times."""

    due_at: datetime | None = None
    expires_at: datetime | None = None


@effect("care-duty", N_("Note the duty"))
def care_duty(work: Work, case: Case) -> GreetingTimes:
    """What the case is about, as it was opened."""
    duty = CareDuty.model_validate(case.input)
    zone = work.house.calendar.zone
    return GreetingTimes(
        **duty.model_dump(),
        due_at=datetime.combine(duty.greet_by, EVENING, zone) if duty.greet_by else None,
        expires_at=datetime.combine(duty.given_up, EVENING, zone) if duty.given_up else None,
    )


@effect("care-facts", N_("Gather what is known of the customer"))
def care_facts(work: Work, case: Case, postponed: int | None) -> CareFacts:
    """The turn before, the trade, what else is under way: as the system knows them today (B).

    ``postponed`` says how often the turn was put off; none where it cannot be.
    """
    customer, day = customer_of(work, case), today(work)
    duty, rules = CareDuty.model_validate(case.input), policy_of(work, case).care
    trading = trading_record(work.session, customer, day)
    routine = routine_of(work, customer.id or 0, duty.kind) if duty.kind is not CareKind.GREETING else None
    before = last_done(work.session, customer.id or 0, duty.kind, besides=case.ref)
    may_wait = postponed is not None and postponed < rules.postpone_at_most
    return CareFacts(
        duty=duty,
        missed=routine.missed if routine else 0,
        last=_last(work, before) if before else None,
        trading=trading,
        open_cases=other_open_cases(work.session, work.house, case),
        owed=trading.outstanding,
        postponed=postponed or 0,
        postpone_until=day + timedelta(days=rules.postpone_days_at_most) if may_wait else None,
    )


def _last(work: Work, turn: CareTurn) -> LastTurn:
    by = work.session.get(Person, turn.done_by) if turn.done_by else None
    return LastTurn(
        case_ref=turn.case_ref,
        done_on=turn.done_on or turn.due_on,
        by=by.name if by else "",
        way=turn.way,
        met=turn.met,
        findings=turn.findings,
        promises=turn.promises,
        next_steps=turn.next_steps,
    )


@effect("put-off", N_("Put the turn off"))
def put_off(work: Work, case: Case, answer: Postponed) -> datetime:
    """The turn waits for another day; the instant at which it is asked for again (X)."""
    work.record("care.put-off", case.ref, until=answer.until, reason=answer.reason)
    return datetime.combine(answer.until, MORNING, work.house.calendar.zone)


@effect("keep-visit", N_("File the visit record"))
def keep_visit(work: Work, case: Case, record: VisitRecord, by: Signature) -> None:
    """The visit goes into the customer's archive (X, C)."""
    turn = _turn(work, case)
    turn.done_on, turn.done_by, turn.way = record.visited_on, by.person_id, record.way
    turn.met, turn.place, turn.findings = record.met, record.place, record.findings
    turn.promises, turn.next_steps, turn.satisfaction = record.promises, record.next_steps, record.satisfaction
    work.add(turn)
    work.record("care.visited", case.ref, done_on=record.visited_on, met=record.met, way=record.way)


@effect("keep-monitoring", N_("File the monitoring findings"))
def keep_monitoring(work: Work, case: Case, found: MonitoringFindings | None, comment: str, by: Signature) -> None:
    """What monitoring found, or that nothing stood out (B). Findings about a visit join the visit's record."""
    turn = _turn(work, case)
    if turn.kind is CareKind.MONITORING:
        turn.done_on, turn.done_by = today(work), by.person_id
        turn.findings = found.told if found else comment
    elif found:
        turn.findings = f"{turn.findings}\n\n{found.told}"
    work.add(turn)
    if found is None:
        work.record("care.nothing-found", case.ref)
    else:
        work.record("care.found", case.ref, findings=found.told)


@effect("raise-level", N_("Raise the risk level"))
def raise_level(work: Work, case: Case, level: RiskLevel, reason: str) -> RiskLevel | None:
    """The level goes up, the class follows (C), and where policy says so the departments are warned (B).

    Returns the level before; none where somebody else has raised it as far meanwhile: monitoring never lowers it.
    """
    customer, policy, turn = customer_of(work, case), policy_of(work, case), _turn(work, case)
    before = customer.risk_level
    if before is not None and LEVELS.index(before) >= LEVELS.index(level):
        return None
    customer.risk_level = level
    if customer.credit_grade is not None:
        customer.customer_class = customer_class(customer.credit_grade, level, None, policy.credit)
    turn.level_before, turn.level_after = before, level
    work.add(customer, turn)
    work.record("care.level-raised", case.ref, before=before, level=level)
    if level in policy.onboarding.warn_at:
        warn_departments(work, case, customer, level, comment=reason)
    return before or level


@effect("receive-client", N_("Have the client received"))
def receive_client(work: Work, case: Case, reason: str) -> str:
    """An early warning opens a reception; one under way takes the findings as a further reason (R)."""
    opened = open_reception(
        work, case.customer_id or 0, reason, origin="process", by=None, trigger=ReceptionTrigger.EARLY_WARNING
    )
    work.record("care.received", case.ref, reception=opened.ref)
    return opened.ref


@effect("confirm-profile", N_("Confirm the profile"))
def confirm_profile(work: Work, case: Case, comment: str, by: Signature) -> None:
    """The archive was looked through, and all of it holds (C, X)."""
    turn = _turn(work, case)
    turn.done_on, turn.done_by, turn.findings = today(work), by.person_id, comment
    work.add(turn)
    work.record("care.confirmed", case.ref)


@effect("correct-profile", N_("Correct the profile"))
def correct_profile(work: Work, case: Case, given: ProfileCorrection, by: Signature) -> tuple[str, ...]:
    """What was no longer right is put right on the customer's record; renewed papers are filed (C, X).

    Returns what changed, by field; the trail names fields, not what they hold.
    """
    customer, turn = customer_of(work, case), _turn(work, case)
    changed = tuple(name for name, value in given.changed.items() if getattr(customer, name) != value)
    for name in changed:
        setattr(customer, name, given.changed[name])
    for paper in given.papers:
        receive_document(work, case.ref, paper.what, paper.reference)
    turn.done_on, turn.done_by, turn.findings = today(work), by.person_id, given.comment
    work.add(customer, turn)
    work.record("care.corrected", case.ref, fields=len(changed), changed=list(changed), papers=len(given.papers))
    return changed


@effect("keep-greeting", N_("File the greeting"))
def keep_greeting(work: Work, case: Case, given: GreetingSent, by: Signature) -> None:
    """The customer was greeted (X)."""
    turn = _turn(work, case)
    turn.done_on, turn.done_by, turn.way = given.greeted_on, by.person_id, given.way
    turn.met, turn.findings = given.met, given.note
    work.add(turn)
    work.record("care.greeted", case.ref, done_on=given.greeted_on, way=given.way)


def _turn(work: Work, case: Case) -> CareTurn:
    return work.session.get_one(CareTurn, case.ref)
