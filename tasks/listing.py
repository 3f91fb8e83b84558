"""What the listing decision does by itself (B)."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from config.languages import N_
from config.words import ListingKind
from models.forms.common import Reasoned
from models.forms.listing import AuthorityReport, RiskView
from models.house import Work
from models.operations.collections import open_collections
from models.operations.receptions import open_reception
from models.operations.standing import list_customer
from models.operations.warning import warn_departments
from models.queries.ledger import owed
from models.standing import ListingProposal, NominationShown
from models.tables import Case, Customer, Nomination
from tasks.case_task import effect


def _nomination(work: Work, case: Case) -> Nomination:
    decided_here = select(Nomination).where(Nomination.decided_by == case.ref)
    return work.session.exec(decided_here.order_by(col(Nomination.id))).first() or _missing(case)


def _missing(case: Case) -> Nomination:
    raise LookupError(f"{case.ref} decides no nomination")


@effect("gather-nomination", N_("Gather the nomination"))
def gather_nomination(work: Work, case: Case) -> NominationShown:
    """The nomination with all the evidence that has come in by now."""
    nomination = _nomination(work, case)
    return NominationShown(
        kind=nomination.kind,
        criterion=nomination.criterion,
        reason=nomination.reason,
        evidence=tuple(nomination.evidence),
        raised_by=nomination.raised_by,
        raised_at=nomination.raised_at,
    )


@effect("today", N_("Note the day"))
def company_day(work: Work, case: Case) -> date:
    """The company's day, for forms that ask for a day that has been."""
    return work.house.calendar.day_of(work.now)


@effect("propose-listing", N_("Put the proposal together"))
def propose_listing(work: Work, case: Case, view: RiskView | Reasoned) -> ListingProposal:
    """What risk proposes goes on the nomination, so that it stays there whatever is decided."""
    nomination = _nomination(work, case)
    if isinstance(view, Reasoned):
        return _proposal(nomination, recommended=False, view=view.reason)
    nomination.kind, nomination.criterion = view.kind, view.criterion
    further = [row.told for row in view.evidence]
    nomination.evidence = list(dict.fromkeys([*nomination.evidence, *further]))
    work.add(nomination)
    work.record("nomination.viewed", case.ref, list=view.kind, criterion=view.criterion, evidence=further)
    return _proposal(nomination, recommended=True, view=view.view)


def _proposal(nomination: Nomination, *, recommended: bool, view: str) -> ListingProposal:
    return ListingProposal(
        recommended=recommended,
        kind=nomination.kind,
        criterion=nomination.criterion,
        view=view,
        evidence=tuple(nomination.evidence),
    )


@effect("put-on-the-list", N_("Put the customer on the list"))
def put_on_the_list(work: Work, case: Case, proposal: ListingProposal) -> int:
    """The entry begins today; trading stops at once where policy says so; the departments are warned (B)."""
    nomination = _nomination(work, case)
    listing = list_customer(
        work,
        nomination.customer_id,
        proposal.kind,
        proposal.criterion,
        nomination.reason,
        proposal.evidence,
        case.ref,
    )
    customer = work.session.get_one(Customer, nomination.customer_id)
    level = work.house.policy_of(work.session, case.policy_version).credit.listed_level
    warn_departments(work, case, customer, level, listed=True, comment=proposal.view)
    return listing.id or 0


@effect("open-what-follows", N_("Open what follows from the black list"))
def open_what_follows(work: Work, case: Case, proposal: ListingProposal) -> str | None:
    """B: with a black listing, collections begin if money is overdue, else the client is received. Returns the case.

    What is under way already goes on as it is.
    """
    rules = work.house.policy_of(work.session, case.policy_version).listing.after_black
    if proposal.kind is not ListingKind.BLACK or case.customer_id is None:
        return None
    opened: Case | None = None
    if owed(work.session, case.customer_id, work.house.calendar.day_of(work.now)).overdue > 0:
        if rules.collections:
            opened = open_collections(work, case.customer_id, "process")
    elif rules.reception:
        opened = open_reception(work, case.customer_id, proposal.view, origin="process", by=None, raised_by=None)
    if opened is None:
        return None
    work.record("listing.followed-by", case.ref, opened=opened.ref, process=opened.process)
    return opened.ref


@effect("note-report", N_("Note the report to the authorities"))
def note_report(work: Work, case: Case, form: AuthorityReport | Reasoned | None) -> None:
    """Reported, not reported and why, or not answered in time: each is on record (B)."""
    if isinstance(form, AuthorityReport):
        work.record(
            "authorities.reported",
            case.ref,
            authority=form.authority,
            on=form.reported_on,
            reference=form.reference,
        )
    elif isinstance(form, Reasoned):
        work.record("authorities.not-reported", case.ref, reason=form.reason)
    else:
        work.record("authorities.unanswered", case.ref)
