"""Lists as files for programs: customers, invoices, payments."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Query as QueryParameter
from starlette.responses import Response

from api.exports import export_file
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Reader
from api.spreadsheets import MEDIA_TYPE

router = APIRouter(tags=["Exports"], responses=PROBLEM_RESPONSES)
Filter = Annotated[str, QueryParameter(max_length=200, description="As in the list of customers; only there.")]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/exports/{what}.{kind}", summary="A list as a file", response_class=Response, responses=FILES)
def export(
    request: Request,
    caller: Reader,
    what: Literal["customers", "invoices", "payments"],
    kind: Literal["csv", "xlsx"],
    text: Filter = "",
    status: Filter = "",
    level: Filter = "",
    grade: Filter = "",
    customer_class: Annotated[str, QueryParameter(alias="class", max_length=200, description="As in the list.")] = "",
    listed: Filter = "",
    mine: Filter = "",
) -> Response:
    """All of a list that the caller may see, as CSV (UTF-8) or XLSX, in the caller's language. A cell that a
    spreadsheet program would take for a formula is made harmless. On record. Token scope: `read`."""
    return export_file(request, what, kind, caller.person, caller.actor)
