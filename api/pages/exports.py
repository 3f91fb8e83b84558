"""Customers, invoices and payments as files to take along."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import signed_in
from api.exports import export_file
from models.house import person as person_actor
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.get("/exports/{what}.{kind}")
def export(request: Request, what: str, kind: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """``customers`` takes the filters of its list."""
    return export_file(request, what, kind, person, person_actor(person.id))
