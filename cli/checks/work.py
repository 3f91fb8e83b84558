"""The work: cases that should be moving and are not, messages that should have gone out and have not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from cli.checks.finding import Finding, fail, ok, warn
from cli.checks.ground import Ground, count, span
from config.words import CaseState, MessageState, SignerState
from models.messages import SignIn
from models.operations.outbox import backlog
from models.tables import Case, OutboxMessage, Run, Signer

PATIENCE = timedelta(minutes=1)
NAMED = 3
"""How many cases or messages a sentence names."""


def look_at_cases(ground: Ground) -> Iterator[Finding]:
    """Cases due for more than a minute, leases that ran out, cases that stopped on an error."""
    late = ground.now - PATIENCE
    runs = select(Run).join(Case, col(Case.ref) == Run.case_ref)
    running = runs.where(Case.state == CaseState.RUNNING)
    with ground.house.read() as session:
        due = session.exec(running.where(col(Run.act_at) <= late).order_by(col(Run.act_at))).all()
        dead = session.exec(running.where(col(Run.lease_owner).is_not(None), col(Run.lease_until) <= late)).all()
        failed = session.exec(runs.where(Case.state == CaseState.FAILED).order_by(col(Case.ref))).all()
        moving = session.exec(select(func.count()).select_from(Case).where(Case.state == CaseState.RUNNING)).one()
    if due:
        since = span((ground.now - (due[0].act_at or ground.now)).total_seconds())
        told = f"{count(len(due), 'case')} should have moved on, the first {since} ago: {_refs(due)}"
        yield fail("cases due", f"{told}. See that a worker runs and Prefect answers.")
    else:
        yield ok("cases due", f"{count(moving, 'case')} open; none has been kept waiting for a worker.")
    if dead:
        told = f"{count(len(dead), 'case is', 'cases are')} held by workers that fell silent: {_refs(dead)}"
        yield fail("leases", f"{told}. A running worker frees them within seconds: start one.")
    for run in failed[:NAMED]:
        told = f"{run.case_ref} stopped after {count(run.failures, 'attempt')}: {(run.failure or 'unknown')[:200]}"
        yield fail("failed case", f"{told}. Mend the cause, then run `clientrisk cases retry {run.case_ref}`.")
    if len(failed) > NAMED:
        yield fail("failed case", f"{len(failed) - NAMED} more; `clientrisk cases list --state failed` lists them.")


def _refs(runs: Sequence[Run]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    return ", ".join(run.case_ref for run in runs[:NAMED]) + more


def look_at_messages(ground: Ground) -> Iterator[Finding]:
    """Messages late, given up, or of a fate unknown; those that no longer matter to anybody are not counted."""
    with ground.house.read() as session:
        stand = backlog(session, ground.now)
        dead, unknown = _that_matter(session, MessageState.DEAD), _that_matter(session, MessageState.UNKNOWN)
    age = (ground.now - stand.oldest) if stand.oldest else timedelta()
    if age > PATIENCE:
        told = f"{count(stand.late, 'message')} due and not sent, the first for {span(age.total_seconds())}"
        yield fail("outbox", f"{told}. See that a worker runs: it sends them.")
    else:
        yield ok("outbox", f"{count(stand.waiting, 'message')} waiting, {stand.sending} being sent, none late.")
    if dead:
        told = f"{count(len(dead), 'message was', 'messages were')} given up (IDs {_ids(dead)}): {dead[0].note}"
        yield warn("dead messages", f"{told}. Mend the address or channel, then `clientrisk messages resend ID`.")
    if unknown:
        told = f"Of {count(len(unknown), 'message')} nobody can say whether they arrived (IDs {_ids(unknown)})"
        yield warn("unknown messages", f"{told}. The people asked get another; call them if it is urgent.")


def _that_matter(session: Session, state: MessageState) -> Sequence[OutboxMessage]:
    """Those about a step that still waits for their reader, and those about no step, but for old sign-in links."""
    waits: Any = select(Signer.id).where(Signer.state == SignerState.ASKED)
    about = or_(
        col(OutboxMessage.signer_id).in_(waits),
        col(OutboxMessage.signer_id).is_(None) & (col(OutboxMessage.kind) != SignIn.kind),
    )
    statement = select(OutboxMessage).where(OutboxMessage.state == state, about)
    return session.exec(statement.order_by(col(OutboxMessage.id).desc())).all()


def _ids(messages: Sequence[OutboxMessage]) -> str:
    more = " …" if len(messages) > NAMED else ""
    return ", ".join(str(message.id) for message in messages[:NAMED]) + more
