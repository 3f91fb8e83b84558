"""Dated substitutes (离岗代理): set and cancelled by oneself or by operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import col, select

from config.languages import N_
from config.words import SignerState
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.messages import How
from models.operations.asking import ask_signer
from models.operations.substitutes import stand_in, substitute_ended
from models.processes import PROCESSES
from models.rights import Right, must_hold
from models.tables import Absence, Case, Person, Signer, Step


def set_absence(
    work: Work,
    person_id: str,
    substitute_id: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    processes: Sequence[str] = (),
    up_to: Decimal | None = None,
    reason: str = "",
) -> Absence:
    """Name a substitute for a time: for all or chosen processes, up to an amount (yuan).

    Raises:
        NotAllowed: for somebody else (operations may).
        Invalid: dates, substitute or processes that make no sense; chains and cycles of substitutes too.
    """
    _must_be_own(work, person_id)
    substitute = work.session.get(Person, substitute_id)
    problems = []
    if substitute is None or not substitute.active:
        problems.append(Problem("substitute", N_("There is no such active person.")))
    elif substitute_id == person_id:
        problems.append(Problem("substitute", N_("Nobody stands in for themselves.")))
    if ends_at <= starts_at:
        problems.append(Problem("ends_at", N_("The absence ends before it begins.")))
    elif ends_at <= work.now:
        problems.append(Problem("ends_at", N_("This absence is over already.")))
    problems += [Problem("processes", N_("There is no such process.")) for name in processes if name not in PROCESSES]
    if up_to is not None and up_to < 0:
        problems.append(Problem("up_to", N_("At least {ge}."), {"ge": 0}))
    if not problems:
        problems += _chains(work, person_id, substitute_id, starts_at, ends_at)
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    absence = Absence(
        person_id=person_id,
        substitute_id=substitute_id,
        starts_at=starts_at,
        ends_at=ends_at,
        processes=list(processes),
        up_to=up_to,
        reason=reason,
        set_by=work.actor.id or person_id,
        set_at=work.now,
    )
    work.add(absence)
    _hand_over(work, absence)
    work.record("absence.set", person=person_id, substitute=substitute_id, starts=starts_at, ends=ends_at)
    return absence


def cancel_absence(work: Work, absence_id: int) -> Absence:
    """End an absence now; what its substitute has not answered goes back."""
    absence = work.session.get(Absence, absence_id)
    if absence is None:
        raise NotFound(N_("There is no such absence."))
    _must_be_own(work, absence.person_id)
    if absence.cancelled_at is not None or absence.ends_at <= work.now:
        raise Conflict(N_("This absence is over already."))
    absence.cancelled_at = work.now
    work.add(absence)
    _give_back(work, absence)
    work.record("absence.cancelled", person=absence.person_id, substitute=absence.substitute_id)
    return absence


def _hand_over(work: Work, absence: Absence) -> None:
    """What is already asked of the absent person goes to the substitute, if the absence has begun."""
    asked = select(Signer).where(Signer.person_id == absence.person_id, Signer.state == SignerState.ASKED)
    for place in work.session.exec(asked).all():
        step, case = work.session.get_one(Step, place.step_id), work.session.get_one(Case, place.case_ref)
        if stand_in(work, case, step, place):
            ask_signer(work, case, step, place, How.SUBSTITUTE)


def _give_back(work: Work, absence: Absence) -> None:
    held = select(Signer).where(
        Signer.person_id == absence.substitute_id,
        Signer.for_person_id == absence.person_id,
        Signer.state == SignerState.ASKED,
    )
    for place in work.session.exec(held).all():
        step, case = work.session.get_one(Step, place.step_id), work.session.get_one(Case, place.case_ref)
        if substitute_ended(work, case, step, place):
            ask_signer(work, case, step, place, How.BACK)


def _must_be_own(work: Work, person_id: str) -> None:
    actor = work.session.get(Person, work.actor.id) if work.actor.id else None
    if work.session.get(Person, person_id) is None:
        raise NotFound(N_("There is no person {person}."), person=person_id[:64])
    if actor is not None and actor.id != person_id:
        must_hold(actor, Right.SET_ABSENCES)


def _chains(work: Work, person_id: str, substitute_id: str, starts: datetime, ends: datetime) -> list[Problem]:
    """A substitute is somebody who is there: chains and cycles of absences are refused when they are made."""
    overlapping = select(Absence).where(
        col(Absence.cancelled_at).is_(None), col(Absence.starts_at) < ends, col(Absence.ends_at) > starts
    )
    problems = []
    for other in work.session.exec(overlapping):
        if other.person_id == substitute_id:
            problems.append(Problem("substitute", N_("They are absent themselves during this time.")))
        if other.substitute_id == person_id:
            told = N_("{name} has named this person as their substitute for this time.")
            name = work.session.get_one(Person, other.person_id).name
            problems.append(Problem("person", told, {"name": name}))
    return problems
