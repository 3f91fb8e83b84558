"""Beginning a process by hand: what one may begin, and the form of each."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.fields import kind_of
from api.forms import data_of, form_view
from api.opening import request_key
from api.people import customers_for, people_for, with_people_meant
from api.posted import Posted, posted
from models.errors import Invalid, Refused
from models.house import person as person_actor
from models.operations.beginning import begin, begin_content, may_begin, start_named
from models.starting import Start, starts
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.api_route("/start", methods=["GET", "HEAD"])
def listed(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    mine = [start for start in starts().values() if start.open_to(person)]
    response: Response = request.app.state.pages.page(request, "start.html", starts=mine)
    return response


@router.api_route("/start/{process}", methods=["GET", "HEAD"])
def form_page(
    request: Request, process: str, person: Annotated[Person, Depends(signed_in)], customer: str = ""
) -> Response:
    """The form; ``customer`` in the address fills in whom it is about."""
    start = start_named(process)
    may_begin(start, person)
    return _page(request, start, customer=customer[:240])


@router.post("/start/{process}")
def open_one(
    request: Request,
    process: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    house, start = house_of(request), start_named(process)
    may_begin(start, person)
    try:
        Csrf(request).check(form.text(FIELD), f"start:{process}")
        data = with_people_meant(house, start.form, data_of(start.form, form))
        with house.work(person_actor(person.id)) as work:
            key = request_key(person.id, form.text("_key") or secrets.token_urlsafe(12))
            case = begin(work, start, data, person, key)
    except Refused as refusal:
        return _page(request, start, form, refusal)
    return RedirectResponse(f"/cases/{case.ref}", 303)


def _page(
    request: Request, start: Start, form: Posted | None = None, refusal: Refused | None = None, customer: str = ""
) -> Response:
    house = house_of(request)
    with house.read() as session:
        content = begin_content(session, house, start)
        people, customers = people_for(session, house, start.form), customers_for(session, start.form)
    about = {name: customer for name, info in start.form.model_fields.items() if kind_of(name, info) == "customer"}
    if customer:
        content["prefill"] = {**content.get("prefill", {}), **about}
    view = form_view(
        start.form,
        content,
        posted=form,
        problems=refusal.problems if isinstance(refusal, Invalid) else (),
        choices=choices_of(house.policy),
        people=people,
        customers=customers,
    )
    response: Response = request.app.state.pages.page(
        request,
        "start_form.html",
        refusal.status if refusal else 200,
        start=start,
        form=view,
        refusal=refusal,
        key=(form.text("_key") if form else "") or secrets.token_urlsafe(12),
    )
    return response
