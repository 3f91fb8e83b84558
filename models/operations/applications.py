"""Applications: one from a page or a program, or many from a CSV file; the customer's record behind each."""

from __future__ import annotations

from sqlmodel import col, select

from config.languages import N_
from config.words import CaseState, CustomerStatus
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.onboarding import Application
from models.operations.cases import one_opener_at_a_time, open_case
from models.processes import ONBOARDING
from models.rules.identity import compact_identifier
from models.tables import Case, Customer, Document, Person


def open_application(
    work: Work,
    application: Application,
    initiator: Person,
    handler: Person,
    *,
    origin: str,
    request_key: str | None = None,
) -> Case:
    """Open an onboarding review for ``application``. A customer with the same identity number is the same customer.

    Raises:
        Conflict: a review of this customer is open already; names it.
        Invalid: a figure or a paper that the policy does not know.
    """
    one_opener_at_a_time(work)
    if request_key and (earlier := _opened_before(work, request_key)) is not None:
        return earlier
    _refuse_unknown_names(work, application)
    customer = _customer(work, application, handler)
    if (running := open_review(work, customer)) is not None:
        raise Conflict(N_("A review of {name} is open already: {ref}."), name=customer.name, ref=running)
    case = open_case(
        work,
        ONBOARDING,
        title=customer.name,
        initiator=initiator,
        handler=handler,
        department=handler.department,
        origin=origin,
        request_key=request_key,
        customer_id=customer.id,
        given=application.model_dump(
            mode="json", include={"prepays", "requested_limit", "requested_term_days", "figures"}
        ),
        amount=application.requested_limit,
    )
    for kind, reference in application.documents.items():
        receive_document(work, case.ref, kind, reference)
    return case


def _opened_before(work: Work, request_key: str) -> Case | None:
    return work.session.exec(select(Case).where(Case.request_key == request_key)).first()


def _refuse_unknown_names(work: Work, application: Application) -> None:
    policy = work.house.policy
    strange = application.figures.keys() - {part.name for part in policy.indicators.figures()}
    problems = [Problem(f"figures.{name}", N_("The policy knows no such figure.")) for name in strange]
    problems += [
        Problem(f"documents.{name}", N_("The policy knows no such paper."))
        for name in application.documents.keys() - policy.onboarding.documents.keys()
    ]
    if problems:
        raise Invalid(N_("Please look at the marked fields."), sorted(problems, key=lambda p: p.field))


def _customer(work: Work, application: Application, handler: Person) -> Customer:
    """The customer's record: found by identity number, else made; what the application says is taken over."""
    digest = identifier_digest(work, application.identifier)
    customer = None
    if digest is not None:
        found = select(Customer).where(Customer.identifier_digest == digest).order_by(col(Customer.id))
        customer = work.session.exec(found).first()
    if customer is None:
        customer = Customer(
            type=application.customer_type,
            name=application.name,
            department=handler.department,
            handler_id=handler.id,
            created_at=work.now,
        )
    for field in ("contact", "phone", "email", "industry"):
        setattr(customer, field, getattr(application, field) or getattr(customer, field))
    customer.prepays = application.prepays
    if application.identifier:
        set_identifier(work, customer, application.identifier)
    work.add(customer)
    return customer


def set_identifier(work: Work, customer: Customer, identifier: str) -> None:
    """Give a customer its identity number, encrypted, with the digest it is found by."""
    customer.identifier = compact_identifier(identifier)
    customer.identifier_digest = identifier_digest(work, identifier)


def identifier_digest(work: Work, identifier: str | None) -> str | None:
    """What an identity number is found by without being stored readably."""
    return work.house.keys.digest(compact_identifier(identifier)) if identifier else None


def open_review(work: Work, customer: Customer) -> str | None:
    """The reference of the customer's review that is under way."""
    statement = select(Case.ref).where(
        Case.customer_id == customer.id, Case.process == ONBOARDING.name, Case.state != CaseState.CLOSED
    )
    return work.session.exec(statement).first()


def receive_document(work: Work, case_ref: str, kind: str, reference: str) -> None:
    """Note that a paper was handed in, once however often it is said."""
    known = select(Document.id).where(
        Document.case_ref == case_ref, Document.kind == kind, Document.reference == reference
    )
    if work.session.exec(known).first() is None:
        work.add(Document(case_ref=case_ref, kind=kind, reference=reference, received_at=work.now))


def admitted(customer: Customer) -> bool:
    """Whether the company trades with this customer already."""
    return customer.status is CustomerStatus.ADMITTED
