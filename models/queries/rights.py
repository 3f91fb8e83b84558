"""Who may see what (processes §5): a case is seen by those it concerns and by those who watch over all of them.

Which roles these are is in ``models.rights``; here it is decided who stands how to a case, a customer, a step.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, or_, true, union
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import RemarkKind
from models.errors import NotFound
from models.rights import Right, holds, must_hold, not_held
from models.tables import Attachment, Case, Copy, Customer, Person, Remark, Signer


def reads_everything(person: Person) -> bool:
    """Whether every case is open to this person."""
    return holds(person, Right.SEE_CASE)


def sees_runs(person: Person) -> bool:
    """Whether this person is shown the Prefect run behind a case."""
    return holds(person, Right.SEE_RUNS)


def operates(person: Person) -> bool:
    """Whether this person runs the system: schedules, retries, messages, staff."""
    return holds(person, Right.OPERATE)


def sees_operations(person: Person) -> bool:
    """Whether the pages of operations are open to this person; changing anything there is for operations alone."""
    return holds(person, Right.SEE_OPERATIONS)


def must_operate(person: Person) -> None:
    """What runs the system is operations' to change.

    Raises:
        NotAllowed: this person is not of operations.
    """
    must_hold(person, Right.OPERATE)


def must_see_operations(person: Person) -> None:
    """The pages of operations.

    Raises:
        NotAllowed: they are not open to this person.
    """
    must_hold(person, Right.SEE_OPERATIONS)


def manages(person: Person) -> bool:
    """Whether figures of the whole house are open to this person."""
    return holds(person, Right.SEE_STATISTICS)


def must_manage(person: Person) -> None:
    """Figures of the whole house.

    Raises:
        NotAllowed: they are not open to this person.
    """
    must_hold(person, Right.SEE_STATISTICS)


def may_see(session: Session, person: Person, case: Case) -> bool:
    """Whether ``person`` may see ``case``: it concerns them, or they read everything."""
    return reads_everything(person) or concerns(session, person, case)


def concerns(session: Session, person: Person, case: Case) -> bool:
    """Whether ``person`` has to do with ``case``: they started or handle it, have or had a place on a route of it
    (themselves or by a substitute), were told of it, or were asked a question about it."""
    if person.id in (case.initiator_id, case.handler_id):
        return True
    found = or_(
        select(Signer.id).where(Signer.case_ref == case.ref, Signer.person_id == person.id).exists(),
        select(Signer.id).where(Signer.case_ref == case.ref, Signer.for_person_id == person.id).exists(),
        select(Copy.id).where(Copy.person_id == person.id, Copy.case_ref == case.ref).exists(),
        select(Remark.id).where(Remark.to_person_id == person.id, Remark.case_ref == case.ref).exists(),
    )
    return bool(session.execute(select(found)).scalar())


def sees_every_customer(person: Person) -> bool:
    """Whether every customer is open to this person: they watch over all of them, or their department does."""
    return holds(person, Right.SEE_CUSTOMER)


def sees_customer(session: Session, person: Person, customer: Customer) -> bool:
    """Whether ``person`` may see ``customer``: those who watch over all of them, else its handler and whoever has to
    do with a case of it."""
    if sees_every_customer(person) or customer.handler_id == person.id:
        return True
    theirs = select(Case.ref).where(Case.customer_id == customer.id, concerning(person))
    return session.exec(theirs.limit(1)).first() is not None


def customers_visible_to(person: Person) -> ColumnElement[bool]:
    """The customers this person may see, as a condition."""
    if sees_every_customer(person):
        return true()
    theirs = select(Case.customer_id).where(concerning(person), col(Case.customer_id).is_not(None))
    return or_(col(Customer.handler_id) == person.id, col(Customer.id).in_(theirs))


def sees_account(session: Session, person: Person, customer: Customer) -> bool:
    """Whether what ``customer`` owes, pays and may owe is open to ``person``: those who see every customer, its handler
    and those above the handler, if they see the customer at all. A question about one case opens no books."""
    if holds(person, Right.SEE_ACCOUNT) or customer.handler_id == person.id:
        return True
    return stands_above(session, person, customer.handler_id) and sees_customer(session, person, customer)


def accounts_visible_to(person: Person) -> ColumnElement[bool]:
    """The customers whose account this person may see, as a condition: as ``sees_account`` has it."""
    if holds(person, Right.SEE_ACCOUNT):
        return true()
    below = select(Person.id).where(Person.manager_id == person.id).cte("below", recursive=True)
    below = below.union(select(Person.id).join(below, col(Person.manager_id) == below.c.id))
    theirs = or_(col(Customer.handler_id) == person.id, col(Customer.handler_id).in_(select(below.c.id)))
    return and_(theirs, customers_visible_to(person))


def keeps_ledger(person: Person) -> bool:
    """Whether this person enters invoices and payments."""
    return holds(person, Right.KEEP_LEDGER)


def must_keep_ledger(person: Person) -> None:
    """The receivables ledger is kept by finance and the client administrator (C).

    Raises:
        NotAllowed: it is not this person's to write in.
    """
    must_hold(person, Right.KEEP_LEDGER)


HIGHEST = 12
"""Steps up from a handler that are looked at; nobody's chain is longer, but a register may hold a circle."""


def may_export(session: Session, person: Person, case: Case) -> bool:
    """Whether ``person`` may take the evidence of a case out of the house: its handler and everybody above them, and
    the risk manager, legal officers and auditors who may see it."""
    if holds(person, Right.TAKE_EVIDENCE) and may_see(session, person, case):
        return True
    above: str | None = case.handler_id
    for _ in range(HIGHEST):
        if above is None or above == person.id:
            return above is not None
        keeper = session.get(Person, above)
        above = keeper.manager_id if keeper else None
    return False


def stands_above(session: Session, person: Person, handler_id: str | None) -> bool:
    """Whether ``person`` is the manager of ``handler_id``, or one further up."""
    keeper = session.get(Person, handler_id) if handler_id else None
    for _ in range(HIGHEST):
        if keeper is None or keeper.manager_id is None:
            return False
        if keeper.manager_id == person.id:
            return True
        keeper = session.get(Person, keeper.manager_id)
    return False


def case_exported_by(session: Session, person: Person, ref: str) -> Case:
    """The case whose evidence ``person`` may take out.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
        NotAllowed: they may see it, but not take it out.
    """
    case = session.get(Case, ref)
    if case is not None and may_export(session, person, case):
        return case
    case_seen_by(session, person, ref)
    raise not_held(Right.TAKE_EVIDENCE)


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


def place_seen_by(session: Session, person: Person, signer_id: int) -> Signer:
    """A place on a route that is this very person's, or that a substitute holds in their name.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    signer = session.get(Signer, signer_id)
    if signer is None or person.id not in (signer.person_id, signer.for_person_id):
        raise NotFound(N_("There is no such step for you."))
    return signer


def question_seen_by(session: Session, person: Person, remark_id: int) -> Remark:
    """A question that this very person asked or was asked.

    Raises:
        NotFound: there is none, or it is between others.
    """
    question = session.get(Remark, remark_id)
    theirs = question is not None and person.id in (question.to_person_id, question.by_person_id)
    if question is None or not theirs or question.kind is not RemarkKind.QUESTION:
        raise NotFound(N_("There is no such question."))
    return question


def attachment_seen_by(session: Session, person: Person, attachment_id: int) -> Attachment:
    """A file handed in with a case that this person may see.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or not may_see(session, person, session.get_one(Case, attachment.case_ref)):
        raise NotFound(N_("There is no such file."))
    return attachment


def concerning(person: Person) -> ColumnElement[bool]:
    """Cases that concern this person, as a condition."""
    return col(Case.ref).in_(concerning_refs(person))


def concerning_refs(person: Person) -> CompoundSelect[Any]:
    """The references of the cases that concern this person: each set is found by its own index."""
    started = select(Case.ref).where(Case.initiator_id == person.id)
    handled = select(Case.ref).where(Case.handler_id == person.id)
    asked = select(Signer.case_ref).where(Signer.person_id == person.id)
    absent = select(Signer.case_ref).where(Signer.for_person_id == person.id)
    told = select(Copy.case_ref).where(Copy.person_id == person.id)
    questioned = select(Remark.case_ref).where(Remark.to_person_id == person.id)
    return union(started, handled, asked, absent, told, questioned)


def visible_to(person: Person) -> ColumnElement[bool]:
    """The cases this person may see, as a condition."""
    return true() if reads_everything(person) else concerning(person)
