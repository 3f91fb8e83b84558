"""Operations: how everything stands, and what needs a hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.doings import DOINGS
from models.operations.customer_import import may_import_customers
from models.queries.operations import overview
from models.queries.queue import Which
from models.queries.rights import keeps_ledger, must_see_operations, operates
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.api_route("/operations", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_see_operations(person)
    house = house_of(request)
    with house.read() as session:
        view = overview(session, house)
    response: Response = request.app.state.pages.page(
        request,
        "ops_overview.html",
        desk="operations",
        view=view,
        which=Which,
        doings=DOINGS,
        operates=operates(person),
        imports_customers=may_import_customers(person),
        imports_ledger=keeps_ledger(person),
    )
    return response
