"""Onboarding review 客户准入审查 (C, X, B): how the company admits a customer."""

from __future__ import annotations

from itertools import count
from typing import Any

from config.languages import N_
from config.policy import Text
from config.words import ActionKind, Expiry, Outcome, Role
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from models.forms.common import Commented, Question, Reasoned, ReturnForm
from models.forms.onboarding import (
    Amendment,
    ApprovalConditions,
    LineRecord,
    MissingInformation,
    RatingAdjustment,
    SiteVisitReport,
    SuppliedInformation,
    VisitOrder,
)
from models.onboarding import CustomerFacts, Identity, Rating, Terms, labels
from models.processes import ONBOARDING
from models.rules.credit import Conditions, CreditProposal, merge_conditions
from models.rules.reasons import because
from models.rules.scoring import Score
from models.rules.signing import ByMatrix, ByRole
from models.steps import Action, Answer, ByHandler, HumanStep
from tasks.onboarding import (
    admit_customer,
    check_application,
    customer_facts,
    issue_warning,
    propose_credit,
    rate_customer,
    record_credit_line,
    refuse_customer,
    score_customer,
    take_over_amendment,
    take_over_figures,
    take_over_supplement,
    verify_identity,
)

SUPPLY_MISSING = HumanStep(
    name="supply-missing",
    title=N_("Supply what is missing"),
    question=N_("The application is not complete. Please supply what is missing."),
    actions=(Action(name="supply", kind=ActionKind.RECORD, label=N_("Hand in"), form=MissingInformation),),
    signers=ByHandler(),
    by_initiator=True,
)
BLACKLIST_RULING = HumanStep(
    name="blacklist-ruling",
    title=N_("Black-list hit"),
    question=N_("The applicant is on the black list. Is it refused, or is there a reason to go on?"),
    actions=(
        Action(name="confirm", kind=ActionKind.REJECT, label=N_("Confirm the refusal"), form=Commented),
        Action(name="override", kind=ActionKind.APPROVE, label=N_("Go on all the same"), form=Reasoned),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
    sensitive=True,
)
FIRST_RATING = HumanStep(
    name="first-rating",
    title=N_("First rating"),
    question=N_("Does the proposed rating fit what you know of the customer?"),
    actions=(
        Action(name="confirm", kind=ActionKind.RECORD, label=N_("Confirm the rating"), form=Commented),
        Action(name="adjust", kind=ActionKind.RECORD, label=N_("Adjust the rating"), form=RatingAdjustment),
        Action(name="amend", kind=ActionKind.RECORD, label=N_("Amend the application"), form=Amendment),
    ),
    signers=ByHandler(),
    by_initiator=True,
)
RISK_RERATING = HumanStep(
    name="risk-rerating",
    title=N_("Risk re-rating"),
    question=N_("Does the first rating hold?"),
    actions=(
        Action(name="confirm", kind=ActionKind.RECORD, label=N_("Confirm the rating"), form=Commented),
        Action(name="adjust", kind=ActionKind.RECORD, label=N_("Adjust the rating"), form=RatingAdjustment),
        Action(name="ask", kind=ActionKind.RECORD, label=N_("Ask for more information"), form=Question),
        Action(name="visit", kind=ActionKind.RECORD, label=N_("Order a site visit"), form=VisitOrder),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
)
SUPPLY_INFORMATION = HumanStep(
    name="supply-information",
    title=N_("Answer the risk department"),
    question=N_("The risk department has a question about the customer."),
    actions=(Action(name="answer", kind=ActionKind.RECORD, label=N_("Answer"), form=SuppliedInformation),),
    signers=ByHandler(),
    by_initiator=True,
)
SITE_VISIT = HumanStep(
    name="site-visit",
    title=N_("Site visit"),
    question=N_("Please visit the customer's premises and report."),
    actions=(Action(name="report", kind=ActionKind.RECORD, label=N_("File the report"), form=SiteVisitReport),),
    signers=ByRole(role=Role.RISK_OFFICER),
)
MATRIX_APPROVAL = HumanStep(
    name="matrix-approval",
    title=N_("Approval of limit and term"),
    question=N_("Is the customer admitted on these terms?"),
    actions=(
        Action(name="approve", kind=ActionKind.APPROVE, label=N_("Approve"), form=Commented),
        Action(
            name="approve-with-conditions",
            kind=ActionKind.APPROVE_WITH_CONDITIONS,
            label=N_("Approve with conditions"),
            form=ApprovalConditions,
        ),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="reject", kind=ActionKind.REJECT, label=N_("Reject"), form=Reasoned),
    ),
    signers=ByMatrix(),
    returns_to=("first-rating", "risk-rerating"),
    expiry=Expiry.LAPSE,
)
RECORD_LINE = HumanStep(
    name="record-line",
    title=N_("Record limit and term"),
    question=N_("Please record the approved limit and term in the credit ledger."),
    actions=(Action(name="record", kind=ActionKind.RECORD, label=N_("Record the entry"), form=LineRecord),),
    signers=ByRole(role=Role.CLIENT_ADMINISTRATOR),
)


@case_flow(ONBOARDING)
def onboarding_review(case: CaseRun) -> Outcome:
    """Admit a customer, or refuse it.

    Started by a business handler: page, API, or a row of a CSV file. The handler supplies what is missing and rates
    first; risk re-rates; the approval matrix decides; the client administrator records limit and term.

    Ends admitted, admitted with conditions, admitted without credit (prepayment), refused, withdrawn, or lapsed.
    """
    customer = complete_application(case)
    identity = case.do(verify_identity)
    if identity.blacklisted and case.ask(BLACKLIST_RULING, customer=customer, identity=identity).rejected:
        case.do(refuse_customer)
        return case.close(Outcome.REFUSED, because("onboarding.blacklisted"))

    first: Rating | None = None
    for round_number in count(1):
        # C: a return starts a new round; what was signed before stays on record and is void.
        score = case.do(score_customer.at(round_number))
        if first is None:
            first, score, customer = business_rates(case, round_number, customer, identity, score)
        rating, score = risk_rerates(case, round_number, customer, identity, score, first)
        proposal = case.do(propose_credit.at(round_number), rating)
        verdict = case.ask(
            MATRIX_APPROVAL.at(round_number),
            limit=proposal.limit,
            term_days=proposal.term_days,
            customer=customer,
            proposal=proposal,
            rating=rating,
            score=score,
            identity=identity,
            prefill={"limit": str(proposal.limit), "term_days": proposal.term_days},
        )
        if not verdict.returned:
            break
        if verdict.filled(ReturnForm).target == FIRST_RATING.name:
            first = None
    if verdict.rejected:
        case.do(refuse_customer)
        last = verdict.signatures[-1]
        return case.close(
            Outcome.REFUSED, because("onboarding.rejected", name=last.name, reason=last.form.get("reason", ""))
        )
    return admit(case, customer, score, rating, approved_terms(proposal, verdict))


def complete_application(case: CaseRun) -> CustomerFacts:
    """C, X: nothing is reviewed before the application is complete; the handler is asked until it is."""
    rules = case.policy.onboarding
    for attempt in count(1):
        gaps = case.do(check_application.at(attempt))
        customer = case.do(customer_facts.at(attempt))
        if not gaps.any:
            return customer
        asked_for = [*gaps.fields, *(["identifier"] if gaps.identifier_problem else [])]
        answer = case.ask(
            SUPPLY_MISSING.at(attempt),
            customer=customer,
            gaps=gaps,
            fields=[*asked_for, *(["explanation"] if gaps.duplicates else []), *(["documents"] * bool(gaps.documents))],
            documents=labels(rules.documents, gaps.documents),
            identifier_kind=rules.required[customer.type].identifier,
        )
        case.do(take_over_supplement.at(attempt), answer.filled(MissingInformation))
    raise AssertionError("the loop ends by returning")


def business_rates(
    case: CaseRun, round_number: int, customer: CustomerFacts, identity: Identity, score: Score
) -> tuple[Rating, Score, CustomerFacts]:
    """B: the business department rates first; a departure from the score needs a reason.

    After a return this is where the handler amends the application and submits it again.
    """
    for look in count(1):
        turn = f"{round_number}.{look}" if look > 1 else str(round_number)
        proposed = case.do(rate_customer.at(turn), score.total, score.total, identity.listed, "")
        answer = case.ask(
            FIRST_RATING.at(turn),
            customer=customer,
            rating=proposed,
            score=score,
            identity=identity,
            figures=asked_figures(score),
            prefill={
                "points": score.total,
                "requested_limit": str(customer.requested_limit or ""),
                "requested_term_days": customer.requested_term_days,
            },
        )
        if answer.action == "amend":
            case.do(take_over_amendment.at(turn), answer.filled(Amendment))
            score = case.do(score_customer.named("score-amended", turn))
            customer = case.do(customer_facts.named("facts-amended", turn))
        elif answer.action == "adjust":
            form = answer.filled(RatingAdjustment)
            adjusted = rate_customer.named("rating-by-business", turn)
            return case.do(adjusted, form.points, score.total, identity.listed, form.reason), score, customer
        else:
            return proposed, score, customer
    raise AssertionError("the loop ends by returning")


def risk_rerates(
    case: CaseRun, round_number: int, customer: CustomerFacts, identity: Identity, score: Score, first: Rating
) -> tuple[Rating, Score]:
    """B: risk confirms or adjusts, after as many questions and visits as it needs."""
    findings: dict[str, Any] = {}
    for look in count(1):
        turn = f"{round_number}.{look}"
        answer = case.ask(
            RISK_RERATING.at(turn),
            customer=customer,
            rating=first,
            score=score,
            identity=identity,
            prefill={"points": first.points},
            **findings,
        )
        if answer.action == "confirm":
            return first, score
        if answer.action == "adjust":
            form = answer.filled(RatingAdjustment)
            return case.do(
                rate_customer.named("rating-by-risk", turn), form.points, first.points, identity.listed, form.reason
            ), score
        if answer.action == "ask":
            supplied = ask_handler(case, turn, customer, answer.filled(Question), score)
            case.do(take_over_figures.at(turn), supplied)
            score = case.do(score_customer.named("score-again", turn))
            findings = {**findings, "information": {"question": answer.filled(Question), "answer": supplied.answer}}
        else:
            report = case.ask(SITE_VISIT.at(turn), customer=customer, order=answer.filled(VisitOrder))
            findings = {**findings, "visit": report.filled(SiteVisitReport)}
    raise AssertionError("the loop ends by returning")


def ask_handler(
    case: CaseRun, turn: str, customer: CustomerFacts, question: Question, score: Score
) -> SuppliedInformation:
    """The handler answers, and may supply the figures that were missing."""
    answer = case.ask(
        SUPPLY_INFORMATION.at(turn),
        customer=customer,
        inquiry=question,
        figures={part.name: part.label for part in score.missing},
    )
    return answer.filled(SuppliedInformation)


def asked_figures(score: Score) -> dict[str, Text]:
    """Every figure that the score reads, by name, with its label."""
    return {part.name: part.label for indicator in score.parts for part in indicator.parts}


def approved_terms(proposal: CreditProposal, verdict: Answer) -> Terms:
    """What was proposed, narrowed by every condition that was signed (C)."""
    signed = [
        Conditions(
            limit=form.get("limit"),
            term_days=form.get("term_days"),
            securities=tuple(form.get("securities", ())),
            note=form.get("comment", ""),
        )
        for form in (s.form for s in verdict.signatures if s.kind is ActionKind.APPROVE_WITH_CONDITIONS)
    ]
    merged = merge_conditions([proposal.as_conditions(), *signed])
    return Terms(
        limit=merged.limit or 0,
        term_days=(merged.term_days or 0) if merged.limit else 0,
        securities=merged.securities,
        note=merged.note,
        conditional=bool(signed),
    )


def admit(case: CaseRun, customer: CustomerFacts, score: Score, rating: Rating, terms: Terms) -> Outcome:
    """C, X, B: record the line, open the archive, set the routines, warn of a high risk."""
    if not terms.prepay_only:
        answer = case.ask(
            RECORD_LINE,
            customer=customer,
            approved=terms,
            rating=rating,
            prefill={"limit": str(terms.limit), "term_days": terms.term_days},
        )
        recorded_by = answer.signatures[-1].person_id
        case.do(record_credit_line, terms, answer.filled(LineRecord), recorded_by)
    case.do(admit_customer, score, rating)
    case.do(issue_warning, rating)
    if terms.prepay_only:
        return case.close(Outcome.ADMITTED_WITHOUT_CREDIT, because("onboarding.prepays"))
    reason = because("onboarding.approved", limit=terms.limit, term=terms.term_days)
    return case.close(Outcome.ADMITTED_WITH_CONDITIONS if terms.conditional else Outcome.ADMITTED, reason)
