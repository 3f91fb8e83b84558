"""An assessment of the work by API: figures against targets, and what was put right."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import CaseRef, Reader
from api.routes.shapes import Given
from models.assessment import FindingShown, WorkReport
from models.queries.assessment import assessment_seen_by, findings_of, work_report_of

router = APIRouter(tags=["Evaluation"], responses=PROBLEM_RESPONSES)


class AssessmentReport(Given):
    """What was measured last, and what internal audit has found, with what became of it."""

    case: str
    report: WorkReport | None = Field(description="None before the first figures.")
    findings: list[FindingShown]


@router.get("/cases/{ref}/assessment", summary="Read an assessment of the work")
def read(request: Request, caller: Reader, ref: CaseRef) -> AssessmentReport:
    """Indicators of a half-year against their targets, by department, and the findings. Token scope: `read`. The look
    is put on record."""
    with house_of(request).read() as session:
        _, kept = assessment_seen_by(session, caller.person, ref)
        shown = AssessmentReport(case=ref, report=work_report_of(kept), findings=list(findings_of(session, ref)))
    with house_of(request).work(caller.actor) as work:
        work.record("case.looked", ref, part="assessment")
    return shown
