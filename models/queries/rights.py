"""Who may see what (processes §5): a case is seen by those it concerns and by those who watch over all of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true, union
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Role
from models.errors import NotFound
from models.tables import Case, Person, Signer

READS_EVERYTHING = frozenset({Role.OPS, Role.MANAGER, Role.AUDITOR, Role.RISK_MANAGER})
SEES_RUNS = frozenset({Role.OPS, Role.MANAGER})


def reads_everything(person: Person) -> bool:
    """Whether every case is open to this person."""
    return not READS_EVERYTHING.isdisjoint(person.roles)


def sees_runs(person: Person) -> bool:
    """Whether this person is shown the Prefect run behind a case."""
    return not SEES_RUNS.isdisjoint(person.roles)


def may_see(session: Session, person: Person, case: Case) -> bool:
    """Whether ``person`` may see ``case``: they started it, handle it, are on a route of it, or read everything."""
    if person.id in (case.initiator_id, case.handler_id) or reads_everything(person):
        return True
    on_route = select(Signer.id).where(Signer.case_ref == case.ref, Signer.person_id == person.id).limit(1)
    return session.exec(on_route).first() is not None


def case_seen_by(session: Session, person: Person, ref: str) -> Case:
    """The case called ``ref``.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    case = session.get(Case, ref)
    if case is None or not may_see(session, person, case):
        raise NotFound(N_("There is no case {ref}."), ref=ref[:40])
    return case


def own_signer(session: Session, person: Person, signer_id: int) -> Signer:
    """A place on a route that is this very person's.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    signer = session.get(Signer, signer_id)
    if signer is None or signer.person_id != person.id:
        raise NotFound(N_("There is no such step for you."))
    return signer


def concerning(person: Person) -> ColumnElement[bool]:
    """Cases this person started, handles or is asked in: found by their references, each set by its own index."""
    started = select(Case.ref).where(Case.initiator_id == person.id)
    handled = select(Case.ref).where(Case.handler_id == person.id)
    asked = select(Signer.case_ref).where(Signer.person_id == person.id)
    return col(Case.ref).in_(union(started, handled, asked))


def visible_to(person: Person) -> ColumnElement[bool]:
    """The cases this person may see, as a condition."""
    return true() if reads_everything(person) else concerning(person)
