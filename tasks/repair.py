"""What credit repair does by itself (B): conditions, papers asked for, delisting, probation, listing again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from config.languages import N_
from config.policy import Policy
from config.words import CreditGrade, Language, MeasureKind
from models.forms.repair import Appeal, PapersChecked, SuppliedPapers
from models.house import Work
from models.messages import RepairAnswered, RepairResult, queue_outside
from models.operations.outside import invite, revoke_invitations
from models.operations.papers import issuer_of
from models.operations.repair import APPEAL, SUPPLY, add_papers, make_appeal
from models.operations.repair import supply_papers as take_papers
from models.operations.standing import end_listing, lift_measures, list_customer, listings_in_force, set_measure
from models.operations.warning import warn_departments
from models.queries.ledger import credit_balance, days_with_overdue_since, owed, written_off
from models.queries.standing import entry_shown
from models.rules.credit import customer_class, grade, risk_level
from models.rules.reasons import Reason
from models.rules.repair import NOTHING, Entry, RepairFacts, add_months, eligibility
from models.standing import Application, RepairShown
from models.tables import Assessment, Case, Customer, Listing, OutsideParty, Routine
from tasks.case_task import effect
from tasks.of_case import customer_of, policy_of, today

REPAIRED = N_("Credit repaired")
MONITORING = "monitoring"


def _applicant(work: Work, case: Case) -> OutsideParty | None:
    """Who applied from outside; none where a handler did."""
    outside_id = case.input.get("outside_id")
    return work.session.get(OutsideParty, outside_id) if outside_id else None


# -- conditions ------------------------------------------------------------------------------------------------------


@effect("check-eligibility", N_("Check the conditions of credit repair"))
def check_eligibility(work: Work, case: Case) -> RepairShown:
    """Every condition of the policy for every entry in force, and the best grade that the score allows (B)."""
    customer, policy, day = customer_of(work, case), policy_of(work, case), today(work)
    entries = listings_in_force(work.session, customer, day)
    look_back = add_months(day, -policy.listing.repair.months_without_overdue)
    facts = RepairFacts(
        on=day,
        entries=tuple(Entry(one.kind, one.criterion, one.since) for one in entries),
        arrears=_arrears(work, customer.id or 0, day),
        last_overdue=days_with_overdue_since(work.session, customer.id or 0, look_back, day),
        closing_document=str(case.input["application"].get("closing_document", "")),
    )
    points = _points(work, customer)
    found = eligibility(facts, policy.listing.repair)
    work.record("repair.conditions-checked", case.ref, met=found.met, unmet=sum(not c.met for c in found.conditions))
    return RepairShown(
        eligibility=found,
        entries=tuple(entry_shown(one) for one in entries),
        best_grade=grade(points, policy.credit) if points is not None else customer.credit_grade or CreditGrade.D,
        points=points,
    )


def _arrears(work: Work, customer_id: int, today: date) -> Any:
    """Overdue money, and what was given up unpaid unless it has been paid after all (it lies there as credit)."""
    given_up = written_off(work.session, customer_id) - credit_balance(work.session, customer_id)
    return owed(work.session, customer_id, today).overdue + max(NOTHING, given_up)


def _points(work: Work, customer: Customer) -> int | None:
    """The customer's last score."""
    scored = select(Assessment.score).where(Assessment.customer_id == customer.id).order_by(col(Assessment.id).desc())
    last = work.session.exec(scored.limit(1)).first()
    total = last.get("total") if last else None
    return int(str(total)) if total is not None else None


# -- papers ----------------------------------------------------------------------------------------------------------


@effect("gather-application", N_("Gather the application"))
def gather_application(work: Work, case: Case) -> Application:
    """The application with all the papers that have come in by now."""
    return Application.model_validate(case.input["application"])


@effect("ask-applicant", N_("Ask the applicant for further papers"))
def ask_applicant(work: Work, case: Case, request: str, asking: str) -> datetime | None:
    """A link to the applicant, and until when they are to answer; none where a handler applied for them."""
    party = _applicant(work, case)
    if party is None:
        return None
    invite(
        work,
        party,
        SUPPLY,
        case_ref=case.ref,
        customer_id=case.customer_id,
        given={"request": request, "asking": asking},
    )
    return work.house.calendar.add_business_days(work.now, policy_of(work, case).listing.repair.supply_within_days)


@effect("close-papers-link", N_("Close the link for further papers"))
def close_papers_link(work: Work, case: Case) -> None:
    """The time to supply is over: the check goes on with what is there."""
    if revoke_invitations(work, case.ref, SUPPLY):
        work.record("repair.papers-not-supplied", case.ref)


@effect("take-over-papers", N_("Take over what was supplied"))
def take_over_papers(work: Work, case: Case, form: SuppliedPapers | PapersChecked) -> None:
    """What the handler brings in joins the application."""
    if isinstance(form, SuppliedPapers):
        take_papers(work, case.ref, form)
    elif form.evidence:
        add_papers(work, case.ref, [row.told for row in form.evidence])


# -- what the applicant is told ----------------------------------------------------------------------------------------


@effect("tell-applicant", N_("Tell the applicant"))
def tell_applicant(
    work: Work,
    case: Case,
    result: RepairResult,
    because: tuple[Reason, ...] = (),
    told: str = "",
    until: date | None = None,
) -> bool:
    """A mail to whoever applied from outside. Returns whether there is somebody to tell."""
    party = _applicant(work, case)
    if party is None:
        return False
    message = RepairAnswered(
        company=issuer_of(work.house, Language(party.language)),
        customer=case.title,
        result=result,
        because=tuple(reason.model_dump(mode="json") for reason in because),
        told=told,
        until=until,
    )
    times = len(case.input.get("appeals", []))
    queue_outside(work, message, party, f"{case.ref}:{result.value}:{times}", case_ref=case.ref)
    return True


# -- appeal ------------------------------------------------------------------------------------------------------------


@effect("open-appeal", N_("Open the way to an appeal"))
def open_appeal(work: Work, case: Case, reason: str, number: int) -> datetime:
    """Until when the refusal may be appealed; whoever applied from outside is sent the link for it."""
    party = _applicant(work, case)
    if party is not None:
        given = {"reason": reason, "number": number}
        invite(work, party, APPEAL, case_ref=case.ref, customer_id=case.customer_id, given=given)
    return work.house.calendar.add_business_days(work.now, policy_of(work, case).listing.repair.appeal_within_days)


@effect("close-appeal", N_("Close the way to an appeal"))
def close_appeal(work: Work, case: Case) -> None:
    """Nobody appealed in time, or the refusal was accepted: it stands."""
    revoke_invitations(work, case.ref, APPEAL)
    work.record("repair.not-appealed", case.ref)


@effect("applied-from-outside", N_("Look who applied"))
def applied_from_outside(work: Work, case: Case) -> bool:
    """Whether the customer applied through a link, so that links go to it."""
    return _applicant(work, case) is not None


@effect("take-over-appeal", N_("Take over the appeal"))
def take_over_appeal(work: Work, case: Case, form: Appeal) -> None:
    """What the handler appeals in the customer's name."""
    make_appeal(work, case.ref, form)


@effect("gather-appeal", N_("Gather the appeal"))
def gather_appeal(work: Work, case: Case) -> dict[str, Any]:
    """The last appeal: grounds and evidence."""
    return dict(case.input["appeals"][-1])


# -- approved --------------------------------------------------------------------------------------------------------


@effect("restore-credit", N_("Take the customer off the list"))
def restore_credit(work: Work, case: Case, given: CreditGrade) -> date:
    """Delisted, measures of the listing lifted, grade and level set, under closer monitoring (B). The probation's last
    day is returned."""
    customer, policy, day = customer_of(work, case), policy_of(work, case), today(work)
    for listing in listings_in_force(work.session, customer, day):
        end_listing(work, listing, case.ref, REPAIRED)
        if listing.case_ref is not None:
            lift_measures(work, customer.id or 0, listing.case_ref, case.ref, REPAIRED)
    _regrade(work, customer, given, policy)
    until = add_months(day, policy.listing.repair.probation_months)
    every = policy.listing.repair.probation_monitoring
    set_measure(
        work,
        customer.id or 0,
        case.ref,
        MeasureKind.MONITOR,
        until=until,
        terms={"frequency": every.value},
        reason=N_("Probation after credit repair"),
    )
    _monitor(work, case, every.value)
    work.record("credit.restored", case.ref, grade=given, until=until)
    return until


def _regrade(work: Work, customer: Customer, given: CreditGrade, policy: Policy) -> None:
    """The grade that was approved; level and class as at the points that this grade allows."""
    row, points = policy.credit.row(given), _points(work, customer)
    at = min(points, row.highest) if points is not None else row.lowest
    customer.credit_grade = given
    customer.risk_level = risk_level(at, policy.credit)
    customer.customer_class = customer_class(given, customer.risk_level, None, policy.credit)
    work.add(customer)


def _monitor(work: Work, case: Case, every: str) -> None:
    """The customer's monitoring from now on; only where the routines have been set."""
    wanted = select(Routine).where(Routine.customer_id == case.customer_id, Routine.duty == MONITORING)
    for routine in work.session.exec(wanted).all():
        routine.every, routine.set_by = every, case.ref
        routine.next_on = min(routine.next_on, today(work) + timedelta(days=7))
        work.add(routine)


@effect("probation-ends", N_("Note when the probation ends"))
def end_of(work: Work, case: Case, last_day: date) -> datetime:
    """The instant after the last day of the probation, on the company's clock."""
    midnight = datetime.combine(last_day + timedelta(days=1), time(), tzinfo=work.house.calendar.zone)
    return midnight.astimezone(UTC)


@effect("pass-probation", N_("End the probation"))
def pass_probation(work: Work, case: Case) -> None:
    """No relapse: the customer is looked at as often as its level asks for again."""
    customer, policy = customer_of(work, case), policy_of(work, case)
    lift_measures(work, customer.id or 0, case.ref, case.ref, N_("The probation was passed"))
    if customer.risk_level is not None:
        _monitor(work, case, policy.frequencies.monitoring[customer.risk_level].value)
    work.record("probation.passed", case.ref)


@effect("list-again", N_("Put the customer back on the list"))
def list_again(work: Work, case: Case, why: str) -> int:
    """A relapse: every entry that the repair ended begins anew by the same criterion. Returns how many (B)."""
    customer = customer_of(work, case)
    ended = work.session.exec(select(Listing).where(Listing.ended_by == case.ref).order_by(col(Listing.id))).all()
    for old in ended:
        evidence = list(dict.fromkeys([*old.evidence, why]))
        list_customer(work, customer.id or 0, old.kind, old.criterion, old.reason, evidence, case.ref)
    lift_measures(work, customer.id or 0, case.ref, case.ref, N_("Listed again"), [MeasureKind.MONITOR])
    warn_departments(work, case, customer, policy_of(work, case).credit.listed_level, listed=True, comment=why)
    work.record("probation.relapsed", case.ref, why=why, entries=len(ended))
    return len(ended)
