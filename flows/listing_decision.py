"""Listing decision 黑名单 / 灰名单认定 (B): whether a customer goes on the grey or the black list."""

from __future__ import annotations

from itertools import count

from config.languages import N_
from config.words import ActionKind, Expiry, Outcome, Role
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from models.forms.common import Commented, Reasoned, ReturnForm
from models.forms.listing import AuthorityReport, RiskView
from models.operations.standing import EVIDENCE_ADDED
from models.processes import LISTING
from models.rules.reasons import because
from models.rules.signing import ByRole, Together
from models.standing import ListingProposal
from models.steps import Action, Answer, HumanStep
from tasks.listing import (
    company_day,
    gather_nomination,
    note_report,
    open_what_follows,
    propose_listing,
    put_on_the_list,
)
from tasks.onboarding import customer_facts
from tasks.standing import customer_standing

RISK_VIEW = HumanStep(
    name="risk-view",
    title=N_("Assessment of the nomination"),
    question=N_("Does the evidence bear out the criterion, and which list is called for?"),
    actions=(
        Action(name="propose", kind=ActionKind.RECORD, label=N_("Propose the listing"), form=RiskView),
        Action(name="advise-against", kind=ActionKind.RECORD, label=N_("Advise against the listing"), form=Reasoned),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
    by_initiator=True,
    yields_to=(EVIDENCE_ADDED,),
)
LISTING_DECISION = HumanStep(
    name="listing-decision",
    title=N_("Decision on the listing"),
    question=N_("Is the customer put on the list?"),
    actions=(
        Action(name="list", kind=ActionKind.APPROVE, label=N_("List the customer"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="decline", kind=ActionKind.REJECT, label=N_("Do not list"), form=Reasoned),
    ),
    signers=Together(parts=(ByRole(role=Role.RISK_MANAGER), ByRole(role=Role.LEGAL_OFFICER))),
    returns_to=("risk-view",),
    sensitive=True,
    yields_to=(EVIDENCE_ADDED,),
)
REPORT_TO_AUTHORITIES = HumanStep(
    name="report-to-authorities",
    title=N_("Report to the authorities"),
    question=N_("The listing rests on unlawful activity. Is it reported to the authorities?"),
    actions=(
        Action(name="reported", kind=ActionKind.RECORD, label=N_("Record the report"), form=AuthorityReport),
        Action(name="not-reported", kind=ActionKind.RECORD, label=N_("Do not report"), form=Reasoned),
    ),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    expiry=Expiry.GO_ON,
    sensitive=True,
)


@case_flow(LISTING)
def listing_decision(case: CaseRun) -> Outcome:
    """Decide whether a customer is listed, on which list and by which of the five criteria.

    Started by a nomination: from collections, from an evaluation, or by hand. A risk officer weighs the evidence and
    proposes; the risk manager and legal both decide. A black listing stops trading at once. Where the criterion calls
    for it, legal decides on a report to the authorities. Evidence that comes in meanwhile is weighed anew.

    Ends listed, not listed, withdrawn, or lapsed.
    """
    proposal, decision = weighed_and_decided(case)
    if decision.rejected:
        last = decision.signatures[-1]
        why = because("listing.declined", name=last.name, reason=last.form.get("reason", ""))
        return case.close(Outcome.NOT_LISTED, why)
    case.do(put_on_the_list, proposal)
    case.do(open_what_follows, proposal)
    if proposal.criterion in case.policy.listing.reported_to_authorities:
        legal_reports(case, proposal)
    return case.close(Outcome.LISTED, because("listing.decided", list=proposal.kind, criterion=proposal.criterion))


def weighed_and_decided(case: CaseRun) -> tuple[ListingProposal, Answer]:
    """B: risk assesses, risk and legal decide; a return, or further evidence, begins another round."""
    for round_number in count(1):
        nomination = case.do(gather_nomination.at(round_number))
        customer = case.do(customer_facts.at(round_number))
        standing = case.do(customer_standing.at(round_number))
        view = case.ask(
            RISK_VIEW.at(round_number),
            nomination=nomination,
            customer=customer,
            standing=standing,
            prefill={"kind": nomination.kind, "criterion": nomination.criterion},
        )
        if view.overtaken:
            continue
        form = view.filled(RiskView) if view.action == "propose" else view.filled(Reasoned)
        proposal = case.do(propose_listing.at(round_number), form)
        decision = case.ask(
            LISTING_DECISION.at(round_number),
            listing=proposal,
            nomination=nomination,
            customer=customer,
            standing=standing,
        )
        if not decision.overtaken and not decision.returned:
            return proposal, decision
    raise AssertionError("the loop ends by returning")


def legal_reports(case: CaseRun, proposal: ListingProposal) -> None:
    """B: for unlawful activity, legal decides on a report to the authorities; either way it is on record."""
    today = case.do(company_day)
    answer = case.ask(REPORT_TO_AUTHORITIES, listing=proposal, today=today)
    if answer.unanswered:
        case.do(note_report, None)
    elif answer.action == "reported":
        case.do(note_report, answer.filled(AuthorityReport))
    else:
        case.do(note_report, answer.filled(Reasoned))
