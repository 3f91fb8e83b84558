"""Moves by a signer: transfer 转办, delegate and take back 委派, add a signer 加签, remove one 减签."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from config.words import Place, SignerState
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.messages import How
from models.operations.places import ask, must_be_free, must_have_authority, my_place, new_place, settle, staff
from models.operations.working_time import begin_hold, end_hold
from models.tables import Case, Signer, Step

ASKED = frozenset({SignerState.ASKED})
MAX_ADDED = 10  # signers added by one person to one step; more is a meeting, not a signature


def transfer(work: Work, signer_id: int, to: str, reason: str) -> Signer:
    """Give one's place to somebody else, for good (转办). They answer in their own name.

    Raises:
        NotAllowed: a conflict of interest, or less authority than the place was given for.
    """
    place, step, case = my_place(work, signer_id, states=ASKED)
    person = staff(work, to)
    must_be_free(work, case, step, person)
    must_have_authority(work, case, step, person, place)
    end_hold(work, place)
    place.state, place.moved_because = SignerState.TRANSFERRED, reason
    work.add(place)
    added = {"added_by": place.added_by, "added_where": place.added_where}
    taken = new_place(work, case, step, person, place, How.TRANSFERRED, note=reason, took_over_from=place.id, **added)
    work.change(update(Signer).where(col(Signer.added_by) == place.id).values(added_by=taken.id))
    work.session.expire_all()
    work.session.refresh(taken)
    work.record("step.transferred", case.ref, step=step.key, to=to, reason=reason)
    return taken


def delegate(work: Work, signer_id: int, to: str, request: str) -> Signer:
    """Let somebody work out the answer (委派). It comes back, and the delegator confirms it or answers otherwise."""
    place, step, case = my_place(work, signer_id, states=ASKED)
    if place.delegated_by is not None:
        raise Conflict(N_("What was delegated to you cannot be delegated on. Give it back, or answer it."))
    person = staff(work, to)
    must_be_free(work, case, step, person)
    end_hold(work, place)
    place.state, place.moved_because, place.advice = SignerState.DELEGATED, request, None
    work.add(place)
    delegated = new_place(work, case, step, person, place, How.DELEGATED, note=request, delegated_by=place.id)
    work.record("step.delegated", case.ref, step=step.key, to=to, request=request)
    return delegated


def take_back(work: Work, signer_id: int) -> Signer:
    """Take a delegated place back before the delegate has answered."""
    place, step, case = my_place(work, signer_id, states=frozenset({SignerState.DELEGATED}))
    for delegated in _delegates(work, place):
        end_hold(work, delegated)
        delegated.state = SignerState.REMOVED
        work.add(delegated)
    begin_hold(work, place)
    place.state = SignerState.ASKED
    work.add(place)
    work.record("step.taken-back", case.ref, step=step.key)
    return place


def add_signer(work: Work, signer_id: int, who: str, where: Place, reason: str) -> Signer:
    """Have somebody sign besides oneself (加签): first, at the same time, or afterwards. They must sign."""
    place, step, case = my_place(work, signer_id, states=ASKED)
    if place.delegated_by is not None:
        raise Conflict(N_("Whoever delegated this to you decides who signs."))
    if len(_added(work, place)) >= MAX_ADDED:
        raise Conflict(N_("At most {max} signers can be added by one person."), max=MAX_ADDED)
    person = staff(work, who)
    must_be_free(work, case, step, person)
    added = new_place(
        work,
        case,
        step,
        person,
        place,
        How.ADDED,
        seat=f"added:{place.id}:{person.id}",
        role=None,
        added_by=place.id,
        added_where=where,
        moved_because=reason,
    )
    work.record("step.signer-added", case.ref, step=step.key, who=who, where=where.value, reason=reason)
    settle(work, case, step)
    return added


def remove_signer(work: Work, signer_id: int, added_id: int) -> None:
    """Take somebody one has added off the route again, as long as they have not signed (减签)."""
    place, step, case = my_place(work, signer_id, states=frozenset({SignerState.ASKED, SignerState.WAITING}))
    added = work.session.get(Signer, added_id)
    if added is None or added.added_by != place.id:
        problem = Problem("added", N_("Choose one of those offered."))
        raise Invalid(N_("Only a signer that you have added can be removed."), [problem])
    if added.state not in (SignerState.ASKED, SignerState.WAITING, SignerState.DELEGATED):
        raise Conflict(N_("They have signed already, or are no longer on the route."))
    for gone in (added, *_delegates(work, added)):
        end_hold(work, gone)
        gone.state = SignerState.REMOVED
        work.add(gone)
    work.record("step.signer-removed", case.ref, step=step.key, who=added.person_id)
    settle(work, case, step)


def give_advice(work: Work, delegated: Signer, action: str, kind: str, answer: dict[str, object]) -> Signer:
    """A delegate has answered: the answer goes back to the delegator, who is asked again with it (委派)."""
    place = work.session.get_one(Signer, delegated.delegated_by)
    step, case = work.session.get_one(Step, place.step_id), work.session.get_one(Case, place.case_ref)
    place.advice = {"person_id": delegated.person_id, "action": action, "kind": kind, "answer": answer}
    ask(work, case, step, place, How.CONFIRM)
    work.record("step.advised", case.ref, step=step.key, delegator=place.person_id, action=action)
    return place


def _delegates(work: Work, place: Signer) -> list[Signer]:
    statement = select(Signer).where(Signer.delegated_by == place.id, Signer.state == SignerState.ASKED)
    return list(work.session.exec(statement).all())


def _added(work: Work, place: Signer) -> list[Signer]:
    gone = [SignerState.REMOVED, SignerState.RELEASED]
    statement = select(Signer).where(Signer.added_by == place.id, col(Signer.state).not_in(gone))
    return list(work.session.exec(statement).all())
