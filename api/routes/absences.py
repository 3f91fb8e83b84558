"""Absences: name a substitute for a time, list, cancel."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as QueryParameter

from api.caller import Caller, house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.outcomes import AbsenceList, AbsenceShown
from api.routes.parameters import Decider, IdempotencyKey, Reader
from api.routes.shaping import Shaping
from api.routes.taken import NewAbsence
from models.operations.absences import cancel_absence, set_absence
from models.operations.once import once
from models.queries.absences import absence_seen_by, absence_view, absences
from models.queries.steps import names_of
from models.rights import Right, must_hold
from models.tables import Absence

router = APIRouter(tags=["Absences"], responses=PROBLEM_RESPONSES)
Everybodys = Annotated[bool, QueryParameter(description="Everybody's that are not over yet. Operations only.")]


@router.get("/absences", summary="List absences")
def listed(request: Request, caller: Reader, everybody: Everybodys = False) -> AbsenceList:
    """The caller's absences and those they stand in for, the latest first. Token scope: `read`."""
    house = house_of(request)
    if everybody:
        must_hold(caller.person, Right.SET_ABSENCES)
    with house.read() as session:
        found = absences(session, caller.person, house.clock(), everybodys=everybody)
    shaping = Shaping(language_of(request, caller.person))
    return AbsenceList(items=[shaping.absence(view) for view in found])


@router.post("/absences", summary="Name a substitute", status_code=201)
def add(request: Request, caller: Decider, body: NewAbsence, key: IdempotencyKey = None) -> AbsenceShown:
    """For all or chosen processes, up to an amount. What is asked of the absent person already goes to the substitute
    at once if the time has begun. Chains and cycles are refused. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:

        def make() -> int | None:
            return set_absence(
                work,
                body.person or caller.person.id,
                body.substitute,
                body.starts_at,
                body.ends_at,
                processes=body.processes,
                up_to=body.up_to,
                reason=body.reason.strip(),
            ).id

        asked = {"what": "absence", **body.model_dump(mode="json")}
        number, _ = once(work, caller.person.id, key, asked, make)
        absence = work.session.get_one(Absence, int(number))
    return _shown(request, caller, absence)


@router.post("/absences/{absence_id}/cancel", summary="End an absence")
def cancel(request: Request, caller: Decider, absence_id: Annotated[int, Path(ge=1, le=2**53)]) -> AbsenceShown:
    """What the substitute has not answered goes back at once. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        absence_seen_by(work.session, caller.person, absence_id)
        absence = cancel_absence(work, absence_id)
    return _shown(request, caller, absence)


def _shown(request: Request, caller: Caller, absence: Absence) -> AbsenceShown:
    house = house_of(request)
    with house.read() as session:
        names = names_of(session, {absence.person_id, absence.substitute_id})
    view = absence_view(absence, names, house.clock())
    return Shaping(language_of(request, caller.person)).absence(view)
