"""What operations do with a case that stands still: try it again, have it looked at again, or cancel it.

Each is safe to do twice. A case runs again from its journal: what was done stays done, whoever was asked stays asked.
"""

from __future__ import annotations

from config.languages import N_
from config.words import CaseState
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.operations.cases import cancel, case_of, try_again, wake
from models.queries.rights import must_operate
from models.tables import Case, Person

LONGEST_REASON = 1000


def retry(work: Work, by: Person, ref: str) -> Case:
    """Let a failed case run again.

    Raises:
        NotAllowed: ``by`` is not of operations.
        Conflict: the case has not failed, or somebody else has let it run again already.
    """
    must_operate(by)
    return try_again(work, ref)


def look_again(work: Work, by: Person, ref: str) -> Case:
    """Have a worker look at a running case once more. Where there is nothing to do, nothing happens.

    Raises:
        NotAllowed: ``by`` is not of operations.
        Conflict: the case has ended, or it failed and is to be tried again instead.
    """
    must_operate(by)
    case = case_of(work, ref)
    if case.state is CaseState.FAILED:
        raise Conflict(N_("{ref} stopped on an error: let it try again."), ref=ref)
    if case.state is CaseState.CLOSED:
        raise Conflict(N_("{ref} has ended already."), ref=ref)
    work.record("case.woken", ref)
    wake(work, ref)
    return case


def cancel_case(work: Work, by: Person, ref: str, reason: str) -> Case:
    """End a case that cannot or must not go on. What it asks of people closes; its run ends when it is next looked at.

    Raises:
        NotAllowed: ``by`` is not of operations.
        Invalid: no reason, or one of more than ``LONGEST_REASON`` characters.
        Conflict: the case has ended already.
    """
    must_operate(by)
    reason = said_why(reason)
    case = cancel(work, ref, reason)
    work.record("case.cancelled", ref, reason=reason)
    wake(work, ref)
    return case


def said_why(reason: str) -> str:
    """A reason as it is kept.

    Raises:
        Invalid: there is none, or too much of it.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(N_("Please say why."), [Problem("reason", N_("This field is needed."))])
    if len(reason) > LONGEST_REASON:
        problem = Problem("reason", N_("At most {max_length} characters."), {"max_length": LONGEST_REASON})
        raise Invalid(N_("Please look at the marked fields."), [problem])
    return reason
