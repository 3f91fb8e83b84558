"""Handing on what waits for somebody who cannot answer any more: operations name who answers instead.

It is the same as a transfer (转办) by the person themselves, judged by the same rules: nobody gets what they may not
sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from config.words import SignerState, StepState
from models.errors import Invalid, Problem, Refused
from models.house import Work
from models.messages import How
from models.operations.access import revoke_links
from models.operations.journal import lock_case
from models.operations.places import must_be_free, must_have_authority, new_place
from models.operations.retry import said_why
from models.operations.staff import person_named
from models.operations.steps import case_is_live
from models.operations.working_time import end_hold
from models.queries.rights import must_operate
from models.tables import Case, Person, Signer, Step


@dataclass(frozen=True)
class Place:
    """One place on a route: which case, which step, and why it stayed where it was, if it did."""

    case_ref: str
    step: str
    why: Refused | None = None


@dataclass
class HandedOn:
    """What became of everything that waited for somebody."""

    moved: list[Place] = field(default_factory=list)
    stayed: list[Place] = field(default_factory=list)


def hand_on(work: Work, by: Person, person_id: str, to: str, reason: str) -> HandedOn:
    """Give every step that waits for ``person_id`` to ``to``; what they may not sign stays, and it is told why.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: ``to`` is no active person.
        Invalid: no reason, or both are the same person.
    """
    must_operate(by)
    reason = said_why(reason)
    heir = person_named(work, to)
    if heir.id == person_id:
        told = N_("Choose somebody else than the person themselves.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("to", told)])
    report = HandedOn()
    for place_id in _waiting(work, person_id):
        _hand_on_one(work, place_id, heir, reason, report)
    moved, stayed = len(report.moved), len(report.stayed)
    work.record("person.handed-on", person=person_id, to=heir.id, steps=moved, stayed=stayed, reason=reason)
    return report


def _waiting(work: Work, person_id: str) -> Sequence[int]:
    """Places are taken case after case, always in the same order: two who hand on at once do not block each other."""
    statement = (
        select(Signer.id)
        .where(Signer.person_id == person_id, Signer.state == SignerState.ASKED)
        .order_by(col(Signer.case_ref), col(Signer.id))
    )
    return [place_id for place_id in work.session.exec(statement) if place_id is not None]


def _hand_on_one(work: Work, place_id: int, heir: Person, reason: str, report: HandedOn) -> None:
    place = work.session.get_one(Signer, place_id)
    lock_case(work, place.case_ref)
    work.session.refresh(place)
    step, case = work.session.get_one(Step, place.step_id), work.session.get_one(Case, place.case_ref)
    if place.state is not SignerState.ASKED or step.state is not StepState.OPEN or not case_is_live(case):
        return
    try:
        must_be_free(work, case, step, heir, besides=[place_id])
        if place.delegated_by is None:  # what a delegate works out, the delegator decides
            must_have_authority(work, case, step, heir, place)
    except Refused as refusal:
        report.stayed.append(Place(case.ref, step.title, refusal))
        return
    end_hold(work, place)
    place.state, place.moved_because = SignerState.TRANSFERRED, reason
    work.add(place)
    revoke_links(work, place.id)
    kept = {"added_by": place.added_by, "added_where": place.added_where, "delegated_by": place.delegated_by}
    taken = new_place(work, case, step, heir, place, How.TRANSFERRED, note=reason, took_over_from=place.id, **kept)
    work.change(update(Signer).where(col(Signer.added_by) == place.id).values(added_by=taken.id))
    work.record("step.transferred", case.ref, step=step.key, to=heir.id, reason=reason)
    report.moved.append(Place(case.ref, step.title))
