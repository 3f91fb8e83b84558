"""The report of an assessment of the work: figures against targets, and what was put right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from models.house import person as person_actor
from models.queries.assessment import assessment_seen_by, findings_of, work_report_of
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.api_route("/cases/{ref}/assessment", methods=["GET", "HEAD"])
def report(request: Request, ref: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The report as it was measured last, and every finding with what became of it."""
    house = house_of(request)
    with house.read() as session:
        case, kept = assessment_seen_by(session, person, ref)
        found, findings = work_report_of(kept), findings_of(session, ref)
    if request.method == "GET":
        with house.work(person_actor(person.id)) as work:
            work.record("case.looked", ref, part="assessment")
    response: Response = request.app.state.pages.page(
        request,
        "work_assessment.html",
        case=case,
        report=found.model_dump(mode="json") if found else None,
        findings=[one.model_dump(mode="json") for one in findings],
    )
    return response
