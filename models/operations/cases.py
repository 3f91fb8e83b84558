"""A case as a whole: open, wake, withdraw, close, fail, try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ActionKind, CaseState, ClosedBy, Department, Outcome, Role, SignerState
from models.ending import carry_out_endings
from models.errors import Conflict, NotFound
from models.house import House, Work
from models.messages import CaseClosed, CaseFailed, queue
from models.operations.journal import lock_case
from models.operations.steps import close_open_steps
from models.processes import ProcessKind
from models.rights import Right, not_held
from models.rules.reasons import Reason, because
from models.rules.working_time import working_minutes
from models.tables import Case, CaseNumber, Person, Run, Signer

OPENING = 7022  # the number of PostgreSQL's advisory lock; the outbox has one beside it


def open_case(
    work: Work,
    kind: ProcessKind,
    *,
    title: str,
    initiator: Person | None,
    handler: Person,
    department: Department,
    origin: str,
    request_key: str | None = None,
    customer_id: int | None = None,
    given: Mapping[str, Any] | None = None,
    amount: Decimal | None = None,
) -> Case:
    """Open a case under the running policy. Its run is started by whoever dispatches runs.

    Without an ``initiator`` it is the system (a scan, a schedule) or somebody outside who began it: ``origin`` says.
    ``amount`` is what it is about, in yuan, as far as it is about an amount and that is known by now.

    The same ``request_key`` again gives the case it opened the first time.
    """
    one_opener_at_a_time(work)
    if request_key:
        earlier = work.session.exec(select(Case).where(Case.request_key == request_key)).first()
        if earlier is not None:
            return earlier
    case = Case(
        ref=_next_ref(work, kind),
        process=kind.name,
        title=title,
        customer_id=customer_id,
        initiator_id=initiator.id if initiator else None,
        handler_id=handler.id,
        department=department,
        origin=origin,
        request_key=request_key,
        policy_version=work.house.policy.version,
        input=dict(given or {}),
        amount=amount,
        opened_at=work.now,
    )
    work.add(case)
    work.add(Run(case_ref=case.ref, process=kind.name, act_at=work.now))
    work.record("case.opened", case.ref, process=kind.name, handler=handler.id, origin=origin)
    return case


def one_opener_at_a_time(work: Work) -> None:
    """Until this work is committed nobody else opens a case.

    What is looked up before opening (the last number, a review under way, a request seen before) then still holds.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text(f"SELECT pg_advisory_xact_lock({OPENING})"))


def _next_ref(work: Work, kind: ProcessKind) -> str:
    year = work.now.astimezone(ZoneInfo(work.house.settings.time_zone)).year
    statement = select(CaseNumber).where(CaseNumber.prefix == kind.prefix, CaseNumber.year == year)
    number = work.session.exec(statement).first()
    if number is None:
        number = CaseNumber(prefix=kind.prefix, year=year)
    number.last += 1
    work.add(number)
    return f"{kind.prefix}-{year}-{number.last:06d}"


def case_of(work: Work, ref: str) -> Case:
    """The case with this reference.

    Raises:
        NotFound: there is none.
    """
    case = work.session.get(Case, ref)
    if case is None:
        raise NotFound(N_("There is no case {ref}."), ref=ref)
    return case


def wake(work: Work, case_ref: str) -> None:
    """Give the case's run a reason to look at the journal again."""
    table = Run.__table__  # type: ignore[attr-defined]
    work.change(
        update(table).where(table.c.case_ref == case_ref).values(wake_seq=table.c.wake_seq + 1, act_at=work.now)
    )


def withdraw(work: Work, ref: str, by: Person, reason: str) -> Case:
    """The initiator takes the case back (its handler, where the system began it). Open steps close; the run ends it.

    Raises:
        NotAllowed: somebody else's case.
        Conflict: it has ended already.
    """
    case = case_of(work, ref)
    lock_case(work, ref)
    if by.id != owner_of(case):
        raise not_held(Right.WITHDRAW)
    _nobody_above_has_signed(work, case)
    _take(work, case, {"by": by.id, "reason": reason, "at": work.now.isoformat(), "how": ClosedBy.WITHDRAWAL.value})
    close_open_steps(work, case, ClosedBy.WITHDRAWAL)
    work.record("case.withdrawn", case.ref, reason=reason)
    wake(work, case.ref)
    return case


def owner_of(case: Case) -> str:
    """Whose case it is to take back: whoever started it, or who handles it where no member of staff did."""
    return case.initiator_id or case.handler_id


def signed_above(session: Session, house: House, case: Case) -> str | None:
    """The name of somebody above who has finished with the case, which bars its withdrawal (撤回) by policy."""
    if house.policy_of(session, case.policy_version).approval.withdraw_after_signature:
        return None
    deciding = [ActionKind.APPROVE, ActionKind.APPROVE_WITH_CONDITIONS]
    statement = (
        select(Person.name)
        .join(Signer, col(Signer.person_id) == Person.id)
        .where(Signer.case_ref == case.ref, col(Signer.kind).in_(deciding), col(Signer.void).is_(False))
        .where(Signer.state == SignerState.SIGNED)
    )
    return session.exec(statement).first()


def _nobody_above_has_signed(work: Work, case: Case) -> None:
    """撤回: a case is taken back while nobody above has finished with it; after that it takes a return."""
    name = signed_above(work.session, work.house, case)
    if name is not None:
        raise Conflict(N_("{name} has signed already. Ask for the case to be returned instead."), name=name)


def cancel(work: Work, ref: str, reason: str) -> Case:
    """The case's run was cancelled by operations: open steps close, and the case with them."""
    case = case_of(work, ref)
    lock_case(work, ref)
    _take(work, case, {"by": None, "reason": reason, "at": work.now.isoformat(), "how": ClosedBy.CANCELLATION.value})
    close_open_steps(work, case, ClosedBy.CANCELLATION)
    close_case(work, case, Outcome.CANCELLED, [because("case.cancelled", reason=reason)])
    return case


def _take(work: Work, case: Case, withdrawal: dict[str, Any]) -> None:
    table = Case.__table__  # type: ignore[attr-defined]
    open_still = (table.c.ref == case.ref) & (table.c.state != CaseState.CLOSED) & table.c.withdrawal.is_(None)
    if work.change(update(table).where(open_still).values(withdrawal=withdrawal)) != 1:
        raise Conflict(N_("{ref} has ended already."), ref=case.ref).note("case.withdrawal-late", case.ref)
    work.session.refresh(case)


def close_case(work: Work, case: Case, outcome: Outcome, because: Sequence[Reason] = ()) -> bool:
    """End the case. Returns whether this call did it; a case ends once.

    The people who started and handle it are told.
    """
    table = Case.__table__  # type: ignore[attr-defined]
    reasons = [reason.model_dump(mode="json") for reason in because]
    ended = work.change(
        update(table)
        .where(table.c.ref == case.ref, table.c.state != CaseState.CLOSED)
        .values(
            state=CaseState.CLOSED,
            outcome=outcome,
            because=reasons,
            closed_at=work.now,
            working_minutes=working_minutes(work.house.calendar, case.opened_at, work.now),
        )
    )
    if ended != 1:
        return False
    work.session.refresh(case)
    work.record_system("case.closed", case.ref, outcome=outcome.value, because=reasons)
    message = CaseClosed(
        case_ref=case.ref, case_title=case.title, process=case.process, outcome=outcome, because=tuple(reasons)
    )
    for person_id in dict.fromkeys(id for id in (case.initiator_id, case.handler_id) if id is not None):
        queue(work, message, person_id, f"{case.ref}:closed:{person_id}", case_ref=case.ref)
    carry_out_endings(work, case)
    return True


# A failure may cure itself (a database away for a moment); after these waits it is a person's to look at.
RETRY_AFTER_SECONDS = (2, 10, 60)


def note_failure(work: Work, ref: str, fence: int, failure: str) -> None:
    """A segment ended with an error: let it be tried again after a while, or give the case to operations."""
    run = work.session.get_one(Run, ref)
    if run.fence != fence:
        return
    run.failures, run.failure = run.failures + 1, failure[:2000]
    work.record("case.stumbled", ref, failure=run.failure, times=run.failures)
    if run.failures <= len(RETRY_AFTER_SECONDS):
        run.act_at = work.now + timedelta(seconds=RETRY_AFTER_SECONDS[run.failures - 1])
        work.add(run)
    else:
        _fail(work, case_of(work, ref), run)


def _fail(work: Work, case: Case, run: Run) -> None:
    case.state, run.act_at = CaseState.FAILED, None
    work.add(case, run)
    work.record("case.failed", case.ref, failure=run.failure)
    message = CaseFailed(
        case_ref=case.ref, case_title=case.title, process=case.process, failure=run.failure or "unknown"
    )
    for person in work.session.exec(select(Person).where(Person.active)):
        if Role.OPS in person.roles:
            queue(work, message, person.id, f"{case.ref}:failed:{run.fence}:{person.id}", case_ref=case.ref)


def try_again(work: Work, ref: str) -> Case:
    """Run a failed case again from its journal: what was done stays done. Of two who do it at once one is told no.

    Raises:
        Conflict: the case has not failed.
    """
    case = case_of(work, ref)
    lock_case(work, ref)
    table = Case.__table__  # type: ignore[attr-defined]
    failed = (table.c.ref == ref) & (table.c.state == CaseState.FAILED)
    if work.change(update(table).where(failed).values(state=CaseState.RUNNING)) != 1:
        raise Conflict(N_("{ref} has not failed."), ref=ref)
    work.session.refresh(case)
    run = work.session.get_one(Run, ref)
    run.failure, run.failures = None, 0
    work.add(run)
    work.record("case.tried-again", ref)
    wake(work, ref)
    return case
