"""Places on a step's route: found, checked, given, asked and settled. What every move by a signer is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from config.languages import N_
from config.words import SignerState, StepState
from models.errors import Conflict, NotAllowed, NotFound
from models.house import Work
from models.messages import How
from models.operations.asking import ask_signer
from models.operations.journal import lock_case
from models.operations.parties import concerned, parties, policy_of
from models.operations.steps import case_is_live
from models.operations.working_time import end_hold
from models.rights import Right, not_held
from models.rules.conflicts import lacks_authority, objection
from models.rules.reasons import Reason
from models.rules.signing import Route
from models.rules.standing import OnLevel, Standing, standing
from models.tables import Case, Person, Signer, Step


def my_place(work: Work, signer_id: int, *, states: frozenset[SignerState]) -> tuple[Signer, Step, Case]:
    """The acting person's own place, while it is in one of ``states`` and the step is open.

    Raises:
        NotFound, NotAllowed: no such place, or somebody else's.
        Conflict: the step or the place is past this.
    """
    signer = work.session.get(Signer, signer_id)
    if signer is None:
        raise NotFound(N_("There is no such step for you."))
    lock_case(work, signer.case_ref)
    step = work.session.get_one(Step, signer.step_id)
    work.session.refresh(signer)
    case = work.session.get_one(Case, step.case_ref)
    if work.actor.id != signer.person_id:
        raise not_held(Right.ANSWER)
    if not work.session.get_one(Person, signer.person_id).active:
        raise NotAllowed(N_("Your account is not active."))
    if step.state is not StepState.OPEN or not case_is_live(case):
        raise Conflict(N_("This step is no longer open."))
    if signer.state not in states:
        raise Conflict(N_("This is not possible any more: your place on the step has changed."))
    return signer, step, case


def staff(work: Work, person_id: str) -> Person:
    """A member of staff.

    Raises:
        NotFound: there is none of this name.
    """
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound(N_("There is no person {person}."), person=person_id[:64])
    return person


def must_be_free(work: Work, case: Case, step: Step, person: Person, *, besides: Sequence[int] = ()) -> None:
    """Refuse somebody with a conflict of interest; the refusal is on record.

    Raises:
        NotAllowed: says why.
    """
    why = objection(concerned(person), parties(work, case, step, besides=besides), policy_of(work, case).approval)
    _refuse(case, step, person, why)


def must_have_authority(work: Work, case: Case, step: Step, person: Person, place: Signer) -> None:
    """Refuse somebody below the authority that the place was given for."""
    _refuse(case, step, person, lacks_authority(concerned(person), place.role, policy_of(work, case).approval))


def _refuse(case: Case, step: Step, person: Person, why: Reason | None) -> None:
    if why is not None:
        refused = NotAllowed(N_("{name} may not sign this step: {reason}."), name=person.name, reason=why)
        raise refused.note("move.refused", case.ref, step=step.key, person=person.id, why=why)


def new_place(work: Work, case: Case, step: Step, person: Person, like: Signer, how: How, **more: Any) -> Signer:
    """A place on the level of ``like``, asked at once unless ``state`` says otherwise."""
    note = more.pop("note", "")
    place = Signer(
        step_id=step.id or 0,
        case_ref=case.ref,
        person_id=person.id,
        level=like.level,
        **{"seat": like.seat, "role": like.role, "state": SignerState.WAITING, **more},
    )
    work.add(place)
    if how is not How.ADDED:
        ask(work, case, step, place, how, note=note)
    return place


def ask(work: Work, case: Case, step: Step, place: Signer, how: How, *, note: str = "") -> None:
    """Ask the holder of a place in the name of whoever acts."""
    by = work.session.get(Person, work.actor.id) if work.actor.id else None
    ask_signer(work, case, step, place, how, by=by.name if by is not None else "", note=note)


def on_level(work: Work, step: Step) -> list[OnLevel]:
    """The places of the step's current level, as the rule of standing sees them."""
    statement = select(Signer).where(Signer.step_id == step.id, Signer.level == step.level).order_by(col(Signer.id))
    return [
        OnLevel(
            id=place.id or 0,
            seat=place.seat,
            state=place.state,
            kind=place.kind,
            added_by=place.added_by,
            where=place.added_where,
            delegate_of=place.delegated_by,
        )
        for place in work.session.exec(statement)
    ]


def settle(work: Work, case: Case, step: Step) -> Standing:
    """Ask whoever's turn it is on the current level, hold back whoever must wait, release who is not needed."""
    level = Route.model_validate(step.route).levels[step.level]
    now = standing(level, on_level(work, step), rejection_waits=step.rejection_waits)
    for place_id in now.release:
        place = work.session.get_one(Signer, place_id)
        end_hold(work, place)
        place.state = SignerState.RELEASED
        work.add(place)
    for place_id in now.hold:
        place = work.session.get_one(Signer, place_id)
        end_hold(work, place)
        place.state = SignerState.WAITING
        work.add(place)
    for place_id in now.ask:
        place = work.session.get_one(Signer, place_id)
        if place.added_by is None:
            ask(work, case, step, place, How.TURN)
        else:
            adder = work.session.get_one(Person, work.session.get_one(Signer, place.added_by).person_id)
            ask_signer(work, case, step, place, How.ADDED, by=adder.name, note=place.moved_because or "")
    return now
