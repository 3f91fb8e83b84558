"""What the onboarding review does by itself (C, X, B)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlmodel import col, select

from config.languages import N_
from config.words import CustomerStatus
from models.forms.onboarding import Amendment, LineRecord, MissingInformation, SuppliedInformation
from models.house import House, Work
from models.onboarding import CustomerFacts, Duplicate, Gaps, Identity, Rating, Terms, rate
from models.operations.applications import admitted, receive_document, set_identifier
from models.operations.warning import warn_departments
from models.rules.credit import CreditProposal, propose
from models.rules.identity import check_identifier, mask_identifier, mask_phone
from models.rules.scoring import Score, score
from models.rules.turns import next_turn
from models.tables import (
    Assessment,
    Case,
    CreditLine,
    Customer,
    CustomerFigures,
    Document,
    RiskArchive,
    Routine,
)
from tasks.case_task import effect, lookup
from tasks.of_case import customer_of, policy_of
from tasks.registries import Subject, listing_found, listings_of, registries


def _documents(work: Work, case: Case) -> dict[str, str]:
    rows = work.session.exec(select(Document.kind, Document.reference).where(Document.case_ref == case.ref))
    return dict(rows.all())


@effect("check-application", N_("Check the application"))
def check_application(work: Work, case: Case) -> Gaps:
    """What the application lacks for a customer of its type (C, X)."""
    customer, requirements = customer_of(work, case), policy_of(work, case).onboarding
    known: dict[str, object] = {**customer.model_dump(), **case.input}
    needed = requirements.required_fields(customer.type, prepays=customer.prepays)
    problem = check_identifier(customer.identifier, requirements.required[customer.type].identifier)
    handed_in = _documents(work, case)
    return Gaps(
        fields=tuple(name for name in needed if known.get(name) in (None, "")),
        documents=tuple(kind for kind in requirements.required_documents(customer.type) if kind not in handed_in),
        identifier_problem=problem.label if customer.identifier and problem else None,
        duplicates=() if case.input.get("explanation") else tuple(_alike(work, customer)),
    )


def _alike(work: Work, customer: Customer) -> list[Duplicate]:
    """Customers who may be this one: the same number admitted before, or the same name under another number."""
    found = [
        Duplicate(customer_id=customer.id or 0, name=customer.name, alike=N_("Already a customer"), status="admitted")
    ]
    same_name = select(Customer).where(Customer.name == customer.name, Customer.id != customer.id)
    return (found if admitted(customer) else []) + [
        Duplicate(customer_id=other.id or 0, name=other.name, alike=N_("Same name"), status=other.status.value)
        for other in work.session.exec(same_name.order_by(col(Customer.id)).limit(5))
    ]


@effect("take-over-supplement", N_("Take over what was supplied"))
def take_over_supplement(work: Work, case: Case, form: MissingInformation) -> None:
    """Put what the handler supplied where it belongs; what was left out stays as it is."""
    customer = customer_of(work, case)
    for name in ("name", "contact", "phone", "email", "industry"):
        if value := getattr(form, name):
            setattr(customer, name, value)
    if form.identifier:
        set_identifier(work, customer, form.identifier)
    given = dict(case.input)
    for name in ("requested_limit", "requested_term_days"):
        if (value := getattr(form, name)) is not None:
            given[name] = str(value) if isinstance(value, Decimal) else value
    if form.explanation:
        given["explanation"] = form.explanation
    case.input, case.title, case.amount = given, customer.name, asked_for(form, case)
    for kind, reference in form.documents.items():
        receive_document(work, case.ref, kind, reference)
    work.add(customer, case)


def asked_for(form: MissingInformation | Amendment, case: Case) -> Decimal | None:
    """The limit that the case is about: as the form has it, else as it was."""
    return case.amount if form.requested_limit is None else form.requested_limit


@effect("take-over-answer", N_("Take over the figures supplied"))
def take_over_figures(work: Work, case: Case, form: SuppliedInformation) -> None:
    """Figures supplied later join those of the application."""
    case.input = {**case.input, "figures": {**case.input.get("figures", {}), **form.figures}}
    work.add(case)


@effect("take-over-amendment", N_("Take over the amendment"))
def take_over_amendment(work: Work, case: Case, form: Amendment) -> None:
    """An application is amended by its handler after a return; what was left empty stays as it was."""
    given = dict(case.input)
    for name in ("requested_limit", "requested_term_days"):
        if (value := getattr(form, name)) is not None:
            given[name] = str(value) if isinstance(value, Decimal) else value
    case.input = {**given, "figures": {**given.get("figures", {}), **form.figures}}
    case.amount = asked_for(form, case)
    work.add(case)


@effect("customer-facts", N_("Gather the customer's facts"))
def customer_facts(work: Work, case: Case) -> CustomerFacts:
    """The customer as every step shows it, numbers masked."""
    customer = customer_of(work, case)
    return CustomerFacts(
        customer_id=customer.id or 0,
        name=customer.name,
        type=customer.type,
        identifier=mask_identifier(customer.identifier),
        contact=customer.contact,
        phone=mask_phone(customer.phone),
        email=customer.email,
        industry=customer.industry,
        requested_limit=case.input.get("requested_limit"),
        requested_term_days=case.input.get("requested_term_days"),
        prepays=customer.prepays,
        documents=_documents(work, case),
    )


@lookup("verify-identity", N_("Verify the identity"))
def verify_identity(house: House, case: Case) -> Identity:
    """Ask every registry in use (X). One that cannot answer makes the task fail, and it is asked again."""
    with house.read() as session:
        customer = session.get_one(Customer, case.customer_id)
        requirement = house.policy_of(session, case.policy_version).onboarding.required[customer.type]
        subject = Subject(
            customer_id=customer.id or 0,
            name=customer.name,
            type=customer.type,
            identifier=customer.identifier,
            identifier_digest=customer.identifier_digest,
            identifier_kind=requirement.identifier,
        )
        listings = [listing_found(listing) for listing in listings_of(session, subject, house)]
    findings = [finding for registry in registries(house) for finding in registry.check(subject, house)]
    return Identity(findings=tuple(findings), listings=tuple(listings))


@effect("score-customer", N_("Score the customer"))
def score_customer(work: Work, case: Case) -> Score:
    """The score by the indicators of the policy the case began under (B, C, X)."""
    return score(case.input.get("figures", {}), policy_of(work, case).indicators, customer_of(work, case).type)


@effect("rate-customer", N_("Rate the customer"))
def rate_customer(work: Work, case: Case, points: int, proposed: int, listed: bool, reason: str) -> Rating:
    """Grade, risk level and class of the points given (C, B)."""
    return rate(
        points,
        proposed,
        policy_of(work, case),
        annual_volume=_annual_volume(case),
        listed=listed,
        reason=reason,
    )


def _annual_volume(case: Case) -> Decimal | None:
    try:
        return Decimal(str(case.input.get("figures", {})["annual_volume"]).replace(",", ""))
    except (KeyError, InvalidOperation):
        return None


@effect("propose-credit", N_("Propose limit and term"))
def propose_credit(work: Work, case: Case, rating: Rating) -> CreditProposal:
    """Limit and term by the credit table; a request above the cap is cut, and says so (C)."""
    return propose(
        rating.grade,
        Decimal(case.input.get("requested_limit") or 0),
        int(case.input.get("requested_term_days") or 0),
        prepays=customer_of(work, case).prepays,
        policy=policy_of(work, case).credit,
    )


@effect("record-credit-line", N_("Make the credit line effective"))
def record_credit_line(work: Work, case: Case, terms: Terms, record: LineRecord, recorded_by: str) -> int:
    """The line the administrator recorded takes effect; an earlier one of the customer ends (C)."""
    earlier = select(CreditLine).where(CreditLine.customer_id == case.customer_id, col(CreditLine.ended_at).is_(None))
    for line in work.session.exec(earlier):
        line.ended_at = work.now
        work.session.add(line)
    line = CreditLine(
        customer_id=case.customer_id or 0,
        case_ref=case.ref,
        limit=terms.limit,
        term_days=terms.term_days,
        securities=list(terms.securities),
        note=terms.note,
        recorded_by=recorded_by,
        effective_from=work.now,
    )
    work.add(line)
    work.record("credit-line.effective", case.ref, limit=terms.limit, term_days=terms.term_days, by=recorded_by)
    return line.id or 0


@effect("admit-customer", N_("Admit the customer"))
def admit_customer(work: Work, case: Case, score_given: Score, rating: Rating) -> None:
    """Level, grade and class go on the customer's record; the risk archive is opened; routines are set (C, X, B)."""
    customer = customer_of(work, case)
    customer.status = CustomerStatus.ADMITTED
    customer.risk_level, customer.credit_grade = rating.level, rating.grade
    customer.customer_class = rating.customer_class
    work.session.add(customer)
    work.session.add(
        Assessment(
            customer_id=customer.id or 0,
            case_ref=case.ref,
            score=score_given.model_dump(mode="json"),
            credit_grade=rating.grade,
            risk_level=rating.level,
            customer_class=rating.customer_class,
            policy_version=case.policy_version,
            made_at=work.now,
        )
    )
    _keep_figures(work, case)
    if work.session.get(RiskArchive, customer.id) is None:
        number = f"RA-{customer.id:07d}"
        work.session.add(
            RiskArchive(customer_id=customer.id or 0, number=number, opened_by=case.ref, opened_at=work.now)
        )
    _set_routines(work, case, customer, rating)
    work.record("customer.admitted", case.ref, level=rating.level, grade=rating.grade, klass=rating.customer_class)


def _keep_figures(work: Work, case: Case) -> None:
    """What the customer was scored by is where later evaluations begin."""
    id, given = case.customer_id or 0, {name: str(value) for name, value in case.input.get("figures", {}).items()}
    known = work.session.get(CustomerFigures, id) or CustomerFigures(customer_id=id, source="", as_of=work.now)
    known.figures, known.source, known.as_of = {**known.figures, **given}, case.ref, work.now
    work.session.add(known)


def _set_routines(work: Work, case: Case, customer: Customer, rating: Rating) -> None:
    """Monitoring by risk level, visits and archive refresh by class; earlier routines are replaced."""
    rounds = policy_of(work, case).frequencies
    for routine in work.session.exec(select(Routine).where(Routine.customer_id == customer.id)):
        work.session.delete(routine)
    duties = {
        "monitoring": rounds.monitoring[rating.level],
        "visit": rounds.visits[rating.customer_class],
        "archive_refresh": rounds.archive_refresh[rating.customer_class],
    }
    today = work.house.calendar.day_of(work.now)
    for duty, every in duties.items():
        work.session.add(
            Routine(
                customer_id=customer.id or 0,
                duty=duty,
                every=every.value,
                next_on=next_turn(today, every),
                set_by=case.ref,
            )
        )


@effect("refuse-customer", N_("Refuse the customer"))
def refuse_customer(work: Work, case: Case) -> None:
    """An applicant who is refused stays on file as refused; a customer of long standing stays one."""
    customer = customer_of(work, case)
    if not admitted(customer):
        customer.status = CustomerStatus.REFUSED
        work.add(customer)
    work.record("customer.refused", case.ref)


@effect("issue-warning", N_("Warn the departments concerned"))
def issue_warning(work: Work, case: Case, rating: Rating) -> bool:
    """A new high risk is announced to the departments concerned (B). Returns whether there was one."""
    rules = policy_of(work, case).onboarding
    if rating.level not in rules.warn_at:
        return False
    warn_departments(
        work,
        case,
        customer_of(work, case),
        rating.level,
        points=rating.points,
        listed=rating.listed,
        comment=rating.reason,
    )
    return True
