"""One case as a whole: its facts, its steps with their signatures, and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from config.words import (
    ActionKind,
    CaseState,
    ClosedBy,
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    Outcome,
    RiskLevel,
    SignerState,
    StepState,
)
from models.queries.discussion import Discussion, discussion
from models.queries.inbox import Deadline, deadline
from models.queries.ledger import customer_number
from models.queries.places import named, people_of
from models.queries.rights import concerns
from models.queries.route import RouteView, route_view
from models.queries.shown import Read, Sentence, reasons_of
from models.queries.steps import SignatureView, answered_people, names_of, signatures_of
from models.rules.calendar import BusinessCalendar
from models.rules.identity import mask_identifier, mask_phone
from models.tables import AuditEvent, Case, Customer, Person, Progress, Run, Signer, Step, Wait


class CustomerFacts(Read):
    """The customer as everyone on the case may see them: numbers are masked (processes §5)."""

    number: str
    name: str
    type: CustomerType
    identifier: str
    contact: str | None
    phone: str
    industry: str | None
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    customer_class: CustomerClass | None
    prepays: bool


class RunFacts(Read):
    """The run that carries the case, for operations."""

    flow_run_id: str | None
    failures: int
    failure: str | None


class HowFar(Read):
    """How far a long task of the case has come. ``what`` is translatable."""

    what: str
    done: int
    total: int


class Pause(Read):
    """Nobody is asked: the case goes on at a time, or when an event comes before."""

    until: datetime | None
    event: str | None


class CaseStep(Read):
    """One step of the case. ``asked`` names those it waits for; ``signer_id`` is the viewer's own place, if asked."""

    key: str
    name: str
    title: str
    round: int
    state: StepState
    closed_by: ClosedBy | None
    outcome: ActionKind | None
    opened_at: datetime
    closed_at: datetime | None
    due: Deadline
    asked: tuple[str, ...]
    signer_id: int | None
    signatures: tuple[SignatureView, ...]
    route: RouteView
    escalations: int = 0


class CaseView(Read):
    """A case and everything that a reader of it is shown, but for its timeline.

    ``concerns_viewer``: they have to do with the case themselves, and do not only watch over it. ``earlier`` closed
    steps are left out of ``steps``.
    """

    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    because: tuple[Sentence, ...]
    withdrawn: bool
    department: Department
    origin: str
    initiator_id: str | None
    initiator: str | None
    handler_id: str
    handler: str
    policy_version: str
    amount: Decimal | None
    opened_at: datetime
    closed_at: datetime | None
    customer: CustomerFacts | None
    steps: tuple[CaseStep, ...]
    run: RunFacts | None
    how_far: HowFar | None
    concerns_viewer: bool
    discussion: Discussion
    earlier: int = 0
    pause: Pause | None = None

    @property
    def open_steps(self) -> tuple[CaseStep, ...]:
        return tuple(step for step in self.steps if step.state is StepState.OPEN)


def earlier_runs(session: Session, ref: str) -> tuple[tuple[str, datetime], ...]:
    """Every flow run that has carried the case, with when it was started: the audit trail's own record of them."""
    statement = select(AuditEvent).where(AuditEvent.case_ref == ref, AuditEvent.event == "run.started")
    started = session.exec(statement.order_by(col(AuditEvent.seq))).all()
    return tuple((str(event.data["flow_run"]), event.at) for event in started if event.data.get("flow_run"))


@dataclass(frozen=True)
class CaseRecord:
    """A case's steps and the places on their routes, in order: read once for all that is shown of them."""

    steps: tuple[Step, ...]
    signers: tuple[Signer, ...]


def case_record(session: Session, ref: str) -> CaseRecord:
    """The steps and places of the case called ``ref``: two queries."""
    steps = session.exec(select(Step).where(Step.case_ref == ref).order_by(col(Step.id))).all()
    signers = session.exec(select(Signer).where(Signer.case_ref == ref).order_by(col(Signer.id))).all()
    return CaseRecord(tuple(steps), tuple(signers))


def case_view(
    session: Session,
    case: Case,
    viewer: Person,
    calendar: BusinessCalendar,
    now: datetime,
    *,
    with_run: bool = False,
    record: CaseRecord | None = None,
    last: int | None = None,
    only: Collection[int | None] | None = None,
) -> CaseView:
    """``case`` as ``viewer`` sees it, with all its steps; or ``only`` those; or the open ones and the ``last`` closed.
    Whether they may see it is decided before: see ``rights``."""
    record = record or case_record(session, case.ref)
    every, signers = record.steps, record.signers
    closed = [step.id for step in every if step.state is StepState.CLOSED]
    hidden = frozenset(closed[:-last]) if last else frozenset()
    steps = [step for step in every if step.id not in hidden and (only is None or step.id in only)]
    seated: dict[int, list[Signer]] = {}
    for signer in signers:
        seated.setdefault(signer.step_id, []).append(signer)
    shown = [signer for step in steps for signer in seated.get(step.id or 0, ())]
    names = names_of(session, named(case) | people_of(shown) | answered_people(steps, shown))
    signed: dict[str, list[SignatureView]] = {}
    for signature in signatures_of(every, shown, names):
        signed.setdefault(signature.step_key, []).append(signature)
    customer = session.get(Customer, case.customer_id) if case.customer_id is not None else None
    run = session.get(Run, case.ref) if with_run else None
    return CaseView(
        ref=case.ref,
        process=case.process,
        title=case.title,
        state=case.state,
        outcome=case.outcome,
        because=reasons_of(case.because),
        withdrawn=case.withdrawal is not None,
        department=case.department,
        origin=case.origin,
        initiator_id=case.initiator_id,
        initiator=names.get(case.initiator_id, case.initiator_id) if case.initiator_id else None,
        handler_id=case.handler_id,
        handler=names.get(case.handler_id, case.handler_id),
        policy_version=case.policy_version,
        amount=case.amount,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        customer=customer_facts(customer) if customer else None,
        steps=tuple(
            _step(
                step,
                seated.get(step.id or 0, []),
                signed.get(step.key, []),
                names,
                viewer,
                deadline(calendar, now, step.due_at),
            )
            for step in steps
        ),
        run=RunFacts(flow_run_id=run.flow_run_id, failures=run.failures, failure=run.failure) if run else None,
        how_far=_how_far(session, case),
        concerns_viewer=concerns(session, viewer, case),
        discussion=discussion(session, every, viewer.id),
        earlier=len(hidden),
        pause=_pause(session, case),
    )


def _pause(session: Session, case: Case) -> Pause | None:
    """What a running case waits for of which it is known."""
    if case.state is not CaseState.RUNNING:
        return None
    waits = session.exec(select(Wait).where(Wait.case_ref == case.ref, col(Wait.open).is_(True))).all()
    if not waits:
        return None
    until = min((wait.until for wait in waits if wait.until), default=None)
    return Pause(until=until, event=next((wait.event for wait in waits if wait.event), None))


def _how_far(session: Session, case: Case) -> HowFar | None:
    """What the case is at, while it is at it."""
    row = session.get(Progress, case.ref) if case.state is CaseState.RUNNING else None
    return HowFar(what=row.what, done=row.done, total=row.total) if row and row.done < row.total else None


def customer_facts(customer: Customer) -> CustomerFacts:
    """The customer as people may see them."""
    return CustomerFacts(
        number=customer_number(customer.id or 0),
        name=customer.name,
        type=customer.type,
        identifier=mask_identifier(customer.identifier),
        contact=customer.contact,
        phone=mask_phone(customer.phone),
        industry=customer.industry,
        status=customer.status,
        risk_level=customer.risk_level,
        credit_grade=customer.credit_grade,
        customer_class=customer.customer_class,
        prepays=customer.prepays,
    )


def _step(
    step: Step,
    signers: Sequence[Signer],
    signatures: Sequence[SignatureView],
    names: dict[str, str],
    viewer: Person,
    due: Deadline,
) -> CaseStep:
    asked = [signer for signer in signers if signer.state is SignerState.ASKED]
    return CaseStep(
        key=step.key,
        name=step.name,
        title=step.title,
        round=step.round,
        state=step.state,
        closed_by=step.closed_by,
        outcome=step.outcome,
        opened_at=step.opened_at,
        closed_at=step.closed_at,
        due=due,
        asked=tuple(names.get(signer.person_id, signer.person_id) for signer in asked),
        signer_id=next((signer.id for signer in asked if signer.person_id == viewer.id), None),
        signatures=tuple(signatures),
        route=route_view(step, signers, names),
        escalations=step.escalations,
    )
