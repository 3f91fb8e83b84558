"""Standing in for somebody absent (离岗代理): when a step is asked, and when the time is over. Both are on record."""

from __future__ import annotations

from decimal import Decimal

from sqlmodel import col, select

from config.words import SignerState
from models.house import Work
from models.operations.access import revoke_links
from models.operations.parties import concerned, parties, policy_of
from models.operations.working_time import end_hold
from models.rules.conflicts import objection
from models.tables import Absence, Case, Person, Signer, Step, Timer


def in_force(work: Work, person_id: str, process: str, amount: Decimal | None) -> Absence | None:
    """The absence of ``person_id`` that covers this process and amount (yuan) now."""
    statement = select(Absence).where(
        Absence.person_id == person_id,
        col(Absence.starts_at) <= work.now,
        col(Absence.ends_at) > work.now,
        col(Absence.cancelled_at).is_(None),
    )
    for absence in work.session.exec(statement.order_by(col(Absence.id).desc())):
        covers = not absence.processes or process in absence.processes
        if covers and (absence.up_to is None or (amount is not None and amount <= absence.up_to) or amount is None):
            return absence
    return None


def stand_in(work: Work, case: Case, step: Step, place: Signer) -> bool:
    """Give the place of somebody absent to their substitute. Conflicts of interest are judged for the substitute.

    Both people are on record. Returns whether somebody stands in; else the absent person is asked all the same.
    """
    absence = in_force(work, place.person_id, case.process, step.amount)
    if absence is None or place.for_person_id is not None:
        return False
    absent = work.session.get_one(Person, place.person_id)
    substitute = work.session.get_one(Person, absence.substitute_id)
    why = objection(
        concerned(substitute),
        parties(work, case, step, besides=[place.id or 0]),
        policy_of(work, case).approval,
    )
    if why is not None:
        work.record_system("step.substitute-barred", case.ref, step=step.key, substitute=substitute.id, why=why)
        return False
    end_hold(work, place)
    place.for_person_id, place.person_id = absent.id, substitute.id
    place.asked_at = work.now if place.state is SignerState.ASKED else None
    work.add(place)
    revoke_links(work, place.id)
    work.add(
        Timer(kind="substitute_ends", due_at=absence.ends_at, case_ref=case.ref, step_id=step.id, signer_id=place.id)
    )
    work.record_system("step.substituted", case.ref, step=step.key, absent=absent.id, substitute=substitute.id)
    return True


def substitute_ended(work: Work, case: Case, step: Step, place: Signer) -> bool:
    """Whether the place is held by a substitute whose time is over; it is then given back."""
    if place.for_person_id is None or place.state is not SignerState.ASKED:
        return False
    absence = in_force(work, place.for_person_id, case.process, step.amount)
    if absence is not None and absence.substitute_id == place.person_id:
        return False
    end_hold(work, place)
    place.person_id, place.for_person_id, place.asked_at = place.for_person_id, None, work.now
    work.add(place)
    revoke_links(work, place.id)
    work.record_system("step.substitute-ended", case.ref, step=step.key, back_to=place.person_id)
    return True
