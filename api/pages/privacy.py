"""A customer's privacy page: consents to share, legal holds, erasure, and everything kept on one as a file."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.forms import data_of, form_view
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, NotFound, Refused
from models.forms.consents import ConsentForm
from models.house import Work
from models.house import person as person_actor
from models.operations.consents import consent_given, must_keep_consents, record_consent, withdraw_consent
from models.operations.erasure import (
    ask_erasure,
    carry_out,
    confirm_erasure,
    lift_hold,
    must_decide,
    set_hold,
    turn_down_erasure,
)
from models.operations.looks import Looked, register_look
from models.queries.customer import customer_seen_by
from models.queries.ledger import customer_number
from models.queries.privacy import everything_on
from models.queries.privacy_page import against, privacy_view
from models.tables import Customer, Person

router = APIRouter(include_in_schema=False)
Signed = Annotated[Person, Depends(signed_in)]
Sent = Annotated[Posted, Depends(posted)]


@router.api_route("/customers/{number}/privacy", methods=["GET", "HEAD"])
def read(request: Request, number: str, person: Signed) -> Response:
    return _page(request, number, person)


@router.get("/customers/{number}/privacy/report")
def report(request: Request, number: str, person: Signed) -> Response:
    """Everything kept on the customer, as a file. That it was taken out is on record."""
    must_decide(person)
    house = house_of(request)
    with house.work(person_actor(person.id)) as work:
        customer = customer_seen_by(work.session, house, person, number)
        told = everything_on(work.session, customer)
        called = customer_number(customer.id or 0)
        work.record("privacy.reported", customer=customer_number(customer.id or 0))
        register_look(work, customer.id or 0, person.id, Looked.EVERYTHING)
    data = json.dumps(told, ensure_ascii=False, indent=1, default=str).encode()
    name = {"content-disposition": f'attachment; filename="{called}-everything.json"'}
    return Response(data, media_type="application/json", headers=name)


@router.post("/customers/{number}/privacy/{act}")
def do(request: Request, number: str, act: str, person: Signed, form: Sent) -> Response:
    if act not in ACTS:
        raise NotFound(N_("There is no such page."))
    house, chosen = house_of(request), form.text("id")
    try:
        Csrf(request).check(form.text(FIELD), f"privacy:{act}:{number}")
        row = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 16 else 0
        with house.work(person_actor(person.id)) as work:
            customer = customer_seen_by(work.session, house, person, number)
            ACTS[act](work, customer, person, form, row)
        if act == "confirm":
            carry_out(house, person_actor(person.id), row)
    except Refused as refusal:
        return _page(request, number, person, act, form, refusal)
    return RedirectResponse(f"/customers/{number}/privacy?done={act}", 303)


def _consent(work: Work, customer: Customer, person: Person, form: Posted, _row: int) -> None:
    must_keep_consents(person, customer)
    record_consent(work, customer, consent_given(data_of(ConsentForm, form)), person)


def _withdraw(work: Work, customer: Customer, person: Person, form: Posted, row: int) -> None:
    must_keep_consents(person, customer)
    withdraw_consent(work, customer, row, form.text("reason"))


def _hold(work: Work, customer: Customer, person: Person, form: Posted, _row: int) -> None:
    set_hold(work, customer, person, form.text("reason"))


def _lift(work: Work, _customer: Customer, person: Person, form: Posted, row: int) -> None:
    lift_hold(work, row, person, form.text("reason"))


def _ask(work: Work, customer: Customer, person: Person, form: Posted, _row: int) -> None:
    must_decide(person)
    ask_erasure(work, customer, form.text("reason"))


def _confirm(work: Work, _customer: Customer, person: Person, _form: Posted, row: int) -> None:
    confirm_erasure(work, row, person)


def _turn_down(work: Work, _customer: Customer, person: Person, form: Posted, row: int) -> None:
    turn_down_erasure(work, row, person, form.text("reason"))


ACTS = {
    "consent": _consent,
    "withdraw": _withdraw,
    "hold": _hold,
    "lift": _lift,
    "ask": _ask,
    "confirm": _confirm,
    "turn-down": _turn_down,
}


def _page(
    request: Request,
    number: str,
    person: Person,
    act: str = "",
    form: Posted | None = None,
    refusal: Refused | None = None,
) -> Response:
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, person, number)
        view = privacy_view(session, house, customer, person)
        stands = against(session, house, customer) if view.decides else []
    recording = form if act == "consent" else None
    response: Response = request.app.state.pages.page(
        request,
        "privacy.html",
        refusal.status if refusal else 200,
        view=view,
        stands=stands,
        me=person.id,
        form=form_view(
            ConsentForm,
            {},
            posted=recording,
            problems=refusal.problems if isinstance(refusal, Invalid) and recording is not None else (),
        ),
        refusal=refusal,
        reasons=refusal.problems if isinstance(refusal, Invalid) and recording is None else (),
        done=request.query_params.get("done", "") if refusal is None else "",
        local_day=house.calendar.day_of,
    )
    return response
