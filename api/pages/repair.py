"""Credit repair besides its steps: sending a customer the link to apply, and reporting a relapse in probation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.forms import data_of, form_view
from api.people import customers_for
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, NotFound, Refused
from models.forms import StepForm, validate
from models.forms.repair import RelapseReport, RepairInvitation
from models.house import Work
from models.house import person as person_actor
from models.operations.repair_requests import report_relapse, send_repair_link
from models.queries.customer import customer_seen_by
from models.queries.customers import customer_meant
from models.queries.ledger import customer_number
from models.rights import Right, must_hold
from models.tables import Customer, Person

router = APIRouter(include_in_schema=False)


def _invite(work: Work, form: Any, customer: Customer, by: Person) -> None:
    send_repair_link(work, customer, by, form.name, form.email, form.phone)


def _relapse(work: Work, form: Any, customer: Customer, by: Person) -> None:
    report_relapse(work, customer, by, form.reason)


@dataclass(frozen=True)
class Act:
    """One of the two: its form, who may, and what it does."""

    title: str
    intro: str
    button: str
    form: type[StepForm]
    right: Right
    do: Callable[[Work, Any, Customer, Person], None]


ACTS = {
    "invite": Act(
        N_("Invite to apply for credit repair"),
        N_("The customer gets a link to the application form; no account is needed. The case begins when they apply."),
        N_("Send the application link"),
        RepairInvitation,
        Right.BEGIN_REPAIR,
        _invite,
    ),
    "relapse": Act(
        N_("Report a relapse"),
        N_("In probation a relapse puts the customer back on the list; before that the conditions are checked anew."),
        N_("Report the relapse"),
        RelapseReport,
        Right.REPORT_RELAPSE,
        _relapse,
    ),
}


def _act(name: str, person: Person) -> Act:
    act = ACTS.get(name)
    if act is None:
        raise NotFound(N_("There is no such page."))
    must_hold(person, act.right)
    return act


@router.api_route("/repair/{name}", methods=["GET", "HEAD"])
def form_page(
    request: Request, name: str, person: Annotated[Person, Depends(signed_in)], customer: str = ""
) -> Response:
    """The form; ``customer`` in the address fills in whom it is about."""
    return _page(request, name, _act(name, person), customer=customer[:240])


@router.post("/repair/{name}")
def take(
    request: Request,
    name: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    house, act = house_of(request), _act(name, person)
    try:
        Csrf(request).check(form.text(FIELD), f"repair:{name}")
        filled: Any = validate(act.form, data_of(act.form, form), {})
        with house.work(person_actor(person.id)) as work:
            meant = customer_meant(work.session, house.keys, filled.customer)
            customer = customer_seen_by(work.session, house, person, customer_number(meant.id or 0))
            act.do(work, filled, customer, person)
    except Refused as refusal:
        return _page(request, name, act, form, refusal)
    return RedirectResponse(f"/customers/{customer_number(customer.id or 0)}", 303)


def _page(
    request: Request,
    name: str,
    act: Act,
    form: Posted | None = None,
    refusal: Refused | None = None,
    customer: str = "",
) -> Response:
    house = house_of(request)
    with house.read() as session:
        customers = customers_for(session, act.form)
    view = form_view(
        act.form,
        {"prefill": {"customer": customer}} if customer else {},
        posted=form,
        problems=refusal.problems if isinstance(refusal, Invalid) else (),
        choices=choices_of(house.policy),
        customers=customers,
    )
    response: Response = request.app.state.pages.page(
        request,
        "repair_form.html",
        refusal.status if refusal else 200,
        name=name,
        act=act,
        form=view,
        refusal=refusal,
    )
    return response
