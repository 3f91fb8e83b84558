"""Credit repair (B): applications by a handler or from outside, papers and appeals that come in, relapses."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CaseState, Language
from models.errors import Conflict
from models.forms.repair import Appeal, RepairApplied, RepairFromOutside, SuppliedPapers
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.operations.handling import handler_of
from models.operations.outside import invite, outside_party
from models.operations.standing import listings_in_force
from models.operations.waits import announce
from models.processes import REPAIR
from models.tables import Case, Customer, OutsideLink, OutsideParty, Person

RELAPSE = "relapse"
"""Announced to a credit repair: the customer has done again what it was listed for. ``why``; ``ref`` of a case."""
PAPERS_SUPPLIED = "papers-supplied"
APPEALED = "appealed"
APPLY, SUPPLY, APPEAL = "apply-repair", "repair-papers", "appeal"
"""The purposes of links to the outside."""


def open_repair(
    work: Work,
    customer: Customer,
    application: RepairApplied,
    *,
    initiator: Person | None,
    outside: OutsideParty | None = None,
    request_key: str | None = None,
) -> Case:
    """Open a credit repair: a handler applies for the customer, or (``outside``) the customer itself.

    Raises:
        Conflict: the customer is on no list, or an application is under way; says which.
    """
    one_opener_at_a_time(work)
    if request_key:
        earlier = work.session.exec(select(Case).where(Case.request_key == request_key)).first()
        if earlier is not None:
            return earlier
    refuse_if_pointless(work, customer)
    handler = initiator or handler_of(work.session, customer)
    return open_case(
        work,
        REPAIR,
        title=customer.name,
        initiator=initiator,
        handler=handler,
        department=handler.department,
        origin="page" if outside is None else "outside",
        request_key=request_key,
        customer_id=customer.id,
        given={
            "application": {
                "corrected": application.corrected,
                "standing": application.standing,
                "evidence": [row.told for row in application.evidence],
                "closing_document": application.closing_document,
                "applicant": application.applicant if isinstance(application, RepairFromOutside) else "",
                "further": [],
            },
            "outside_id": outside.id if outside else None,
        },
    )


def refuse_if_pointless(work: Work, customer: Customer) -> None:
    """Only a listed customer applies, and once at a time.

    Raises:
        Conflict: says why there is nothing to apply for.
    """
    if not listings_in_force(work.session, customer, work.house.calendar.day_of(work.now)):
        raise Conflict(N_("{name} is not on the grey or black list: there is nothing to repair."), name=customer.name)
    running = repair_under_way(work.session, customer.id or 0)
    if running is not None:
        raise Conflict(N_("A credit repair of {name} is under way already: {ref}."), name=customer.name, ref=running)


def repair_under_way(session: Session, customer_id: int) -> str | None:
    """The reference of the customer's credit repair that has not ended."""
    statement = select(Case.ref).where(
        Case.customer_id == customer_id, Case.process == REPAIR.name, col(Case.state) != CaseState.CLOSED
    )
    return session.exec(statement).first()


def invite_to_repair(
    work: Work,
    customer: Customer,
    by: Person,
    name: str,
    email: str | None,
    phone: str | None = None,
    language: Language | None = None,
) -> OutsideLink:
    """Send the customer the link to the application form; its case begins when the form comes back.

    Raises:
        Conflict: the customer is on no list, or an application is under way.
        Invalid: the name or the e-mail address cannot be used.
    """
    refuse_if_pointless(work, customer)
    party = outside_party(work, customer.id, name, email, phone, language)
    return invite(work, party, APPLY, customer_id=customer.id, given={"by": by.id})


def note_relapse(work: Work, customer_id: int, why: str, ref: str | None = None) -> bool:
    """Tell the customer's credit repair of a relapse: in probation it puts the customer back on the list, before that
    the conditions are looked at again. Returns whether there is such a case. ``ref``: the case that shows it."""
    running = repair_under_way(work.session, customer_id)
    if running is None:
        return False
    work.record("repair.relapse-noted", running, why=why, ref=ref)
    announce(work, running, RELAPSE, {"why": why, "ref": ref})
    return True


def supply_papers(work: Work, case_ref: str, form: SuppliedPapers) -> None:
    """Papers that were asked for join the application."""
    _add_further(work, case_ref, [form.answer, *(row.told for row in form.evidence)])


def add_papers(work: Work, case_ref: str, evidence: list[str]) -> None:
    """Papers that came in another way join the application."""
    _add_further(work, case_ref, evidence)


def make_appeal(work: Work, case_ref: str, form: Appeal) -> None:
    """An appeal against a refusal, with its grounds."""
    case = work.session.get_one(Case, case_ref)
    appeal = {"grounds": form.grounds, "evidence": [row.told for row in form.evidence]}
    case.input = {**case.input, "appeals": [*case.input.get("appeals", []), appeal]}
    work.add(case)
    work.record("repair.appealed", case_ref)


def _add_further(work: Work, case_ref: str, texts: list[str]) -> None:
    case = work.session.get_one(Case, case_ref)
    application: dict[str, Any] = dict(case.input["application"])
    application["further"] = [*application.get("further", []), *texts]
    case.input = {**case.input, "application": application}
    work.add(case)
