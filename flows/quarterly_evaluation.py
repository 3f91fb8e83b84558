"""Quarterly evaluation 季度评估 (C, B, R, X): how the company looks at its whole portfolio anew."""

from __future__ import annotations

from itertools import count

from config.languages import N_
from config.words import ActionKind, Expiry, Outcome, Role
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from models.evaluation import LimitChanges, Portfolio, Report
from models.forms.common import Commented, ReturnForm
from models.forms.evaluation import LimitsRecord
from models.operations.evaluation_review import REVIEW_STEP
from models.processes import EVALUATION
from models.rules.reasons import because
from models.rules.signing import ByMatrix, ByRole
from models.steps import Action, Answer, HumanStep
from tasks.evaluation import EVALUATING, count_portfolio, evaluate_batch, prepare
from tasks.evaluation_apply import (
    APPLYING,
    NOMINATED_AT_ONCE,
    apply_limits,
    apply_ratings,
    find_candidates,
    nominate_candidates,
    note_sign_off,
    warn_of_new_high_risks,
)
from tasks.evaluation_findings import count_changes, count_limits, draw_up_report, summarise

REVIEW = HumanStep(
    name=REVIEW_STEP,
    title=N_("Review of the changes"),
    question=N_("Do the changes in the list hold? Set another grade where one does not, then confirm the whole."),
    actions=(Action(name="confirm", kind=ActionKind.RECORD, label=N_("Confirm the list"), form=Commented),),
    signers=ByRole(role=Role.RISK_OFFICER),
)
LIMIT_CHANGES = HumanStep(
    name="limit-changes",
    title=N_("Approval of changed limits"),
    question=N_("Are the credit limits and terms changed as listed?"),
    actions=(
        Action(name="approve", kind=ActionKind.APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
    ),
    signers=ByMatrix(),
    returns_to=(REVIEW_STEP,),
)
SIGN_OFF = HumanStep(
    name="evaluation-sign-off",
    title=N_("Sign-off of the report"),
    question=N_("Does management sign the report? Ratings take effect with the signature."),
    actions=(
        Action(name="sign-off", kind=ActionKind.APPROVE, label=N_("Sign off"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
    ),
    signers=ByRole(role=Role.VICE_PRESIDENT),
    returns_to=(REVIEW_STEP,),
    sensitive=True,
)
RECORD_LIMITS = HumanStep(
    name="record-limits",
    title=N_("Record the changed limits"),
    question=N_("Please record the approved limits and terms in the credit ledger."),
    actions=(Action(name="record", kind=ActionKind.RECORD, label=N_("Record the entry"), form=LimitsRecord),),
    signers=ByRole(role=Role.CLIENT_ADMINISTRATOR),
    expiry=Expiry.GO_ON,
)


@case_flow(EVALUATION)
def quarterly_evaluation(case: CaseRun) -> Outcome:
    """Score, grade and classify every customer anew; change what risk, the matrix and management agree to.

    Started by its schedule or by operations, for a quarter that is over; one evaluation a quarter. Risk reviews the
    list of changes with exceptions; changed limits go along the matrix; management signs the report, or returns it.
    Customers stay as they are until it is signed: then ratings, warnings and nominations take effect at once, limits
    when the client administrator has recorded them.

    Ends signed off, withdrawn, lapsed, or cancelled.
    """
    portfolio = evaluate_everybody(case)
    report, limits, signed = agreed_report(case, portfolio)
    case.do(note_sign_off, signed.signatures[-1].person_id)
    take_effect(case, portfolio)
    if limits.lines:
        change_limits(case, portfolio, limits)
    return case.close(
        Outcome.SIGNED_OFF,
        because(
            "evaluation.signed_off",
            customers=portfolio.customers,
            changes=report.changes.moved,
            limits=limits.lines,
            name=signed.signatures[-1].name,
        ),
    )


def evaluate_everybody(case: CaseRun) -> Portfolio:
    """C, B, X: figures refreshed, everybody scored, batch by batch; an interruption goes on with the next batch."""
    portfolio = case.do(prepare)
    done = 0
    for number in range(len(portfolio.ranges)):
        done += case.do(evaluate_batch.at(number + 1), number, portfolio)
        case.progress(done, portfolio.customers, EVALUATING)
    case.do(count_portfolio, done)
    return portfolio.model_copy(update={"customers": done})


def agreed_report(case: CaseRun, portfolio: Portfolio) -> tuple[Report, LimitChanges, Answer]:
    """B, C: review, approval of limits and sign-off; whoever returns it sends it back to the review."""
    for round_number in count(1):
        summary = case.do(summarise.at(round_number), portfolio)
        changes = case.do(count_changes.at(round_number))
        case.ask(REVIEW.at(round_number), evaluation=summary, rating_changes=changes)
        limits = case.do(count_limits.at(round_number))
        if limits.lines and approval_of(case, round_number, limits).returned:
            continue
        report = case.do(draw_up_report.at(round_number), portfolio)
        signed = case.ask(SIGN_OFF.at(round_number), evaluation_report=report)
        if not signed.returned:
            return report, limits, signed
    raise AssertionError("the loop ends by returning")


def approval_of(case: CaseRun, round_number: int, limits: LimitChanges) -> Answer:
    """C: the matrix is asked about the largest raised limit; where limits are only cut, its lowest level decides."""
    return case.ask(LIMIT_CHANGES.at(round_number), limit=limits.largest_raised, limit_changes=limits)


def take_effect(case: CaseRun, portfolio: Portfolio) -> None:
    """B, C: ratings, warnings of new high risks, nominations with criterion and evidence."""
    for number in range(len(portfolio.ranges)):
        case.do(apply_ratings.at(number + 1), number, portfolio)
        case.progress(number + 1, len(portfolio.ranges), APPLYING)
    case.do(warn_of_new_high_risks, portfolio)
    candidates = case.do(find_candidates)
    for number, start in enumerate(range(0, len(candidates), NOMINATED_AT_ONCE), 1):
        case.do(nominate_candidates.at(number), candidates[start : start + NOMINATED_AT_ONCE])


def change_limits(case: CaseRun, portfolio: Portfolio, limits: LimitChanges) -> None:
    """C: the client administrator records the lines; what was approved is asked for until it is recorded."""
    for attempt in count(1):
        answer = case.ask(
            RECORD_LIMITS.at(attempt),
            limit_changes=limits,
            prefill={"lines": limits.lines, "total": str(limits.total_after)},
        )
        if not answer.unanswered:
            break
    recorded_by = answer.signatures[-1].person_id
    for number in range(len(portfolio.ranges)):
        case.do(apply_limits.at(number + 1), number, portfolio, recorded_by)
