"""One customer: its risk archive as a page and in print, masked fields shown for a reason, and who looked.

Every look is on record.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.archive import assessments_chart
from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.fields import kind_of
from api.language import language_of
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, Problem, Refused
from models.house import person as person_actor
from models.operations.looks import Looked, note_look
from models.operations.unmask import Secret, unmask
from models.queries.archive import looks
from models.queries.archive_parts import Part, may_unmask, must_watch
from models.queries.customer import PRINTED, SHOWN, CustomerView, customer_seen_by, customer_view
from models.queries.ledger import customer_number
from models.queries.shown import day
from models.starting import starts
from models.tables import Customer, Person

router = APIRouter(include_in_schema=False)


@router.api_route("/customers/{number}", methods=["GET", "HEAD"])
def read(request: Request, number: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, number, person, look=request.method == "GET")


@router.api_route("/customers/{number}/print", methods=["GET", "HEAD"])
def printed(request: Request, number: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """Every part that the reader may see, on paper: with the day, their name, and what is not in it."""
    house = house_of(request)
    now = house.calendar.local(house.clock())
    with house.read() as session:
        customer = customer_seen_by(session, house, person, number)
        view = customer_view(session, house, customer, person, limit=PRINTED)
    if request.method == "GET":
        _look(request, person, customer, Looked.PRINT)
    response: Response = request.app.state.pages.page(
        request,
        "customer_print.html",
        company=house.settings.company,
        stamp=f"{day(now.date(), language_of(request, person))} {now:%H:%M}",
        closed=[part for part in Part if part not in view.on_file.parts],
        **_drawn(request, person, view),
    )
    return response


@router.api_route("/customers/{number}/looks", methods=["GET", "HEAD"])
def looked(request: Request, number: str, person: Annotated[Person, Depends(signed_in)], cursor: str = "") -> Response:
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, person, number)
        must_watch(session, person, customer)
        page = looks(session, customer.id or 0, cursor=cursor or None)
    if request.method == "GET":
        _look(request, person, customer, Looked.REGISTER)
    response: Response = request.app.state.pages.page(
        request,
        "customer_looks.html",
        called=customer_number(customer.id or 0),
        customer=customer.name,
        page=page,
        first=not cursor,
        next_query=urlencode({"cursor": page.next_cursor or ""}),
    )
    return response


@router.post("/customers/{number}/unmask")
def show(
    request: Request,
    number: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    """The field in full, in this one answer: no address leads to it again, and nothing keeps it."""
    house, field, reason = house_of(request), form.text("field"), form.text("reason")
    try:
        Csrf(request).check(form.text(FIELD), f"unmask:{number}")
        if field not in list(Secret):
            raise Invalid(
                N_("Please look at the marked fields."), [Problem("field", N_("Choose one of those offered."))]
            )
        with house.work(person_actor(person.id)) as work:
            customer = customer_seen_by(work.session, house, person, number)
            value = unmask(work, customer, person, Secret(field), reason)
    except Refused as refusal:
        return _page(request, number, person, refusal=refusal, tried=field, reason=reason)
    return _page(request, number, person, shown=(field, value))


def _page(
    request: Request,
    number: str,
    person: Person,
    *,
    look: bool = False,
    refusal: Refused | None = None,
    tried: str = "",
    reason: str = "",
    shown: tuple[str, str] | None = None,
) -> Response:
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, person, number)
        view = customer_view(session, house, customer, person, limit=SHOWN)
    if look:
        _look(request, person, customer, Looked.PAGE)
    response: Response = request.app.state.pages.page(
        request,
        "customer.html",
        refusal.status if refusal else 200,
        ways=_ways(person),
        unmasks=may_unmask(person, customer),
        refusal=refusal,
        tried=tried,
        reason=reason,
        shown=shown,
        **_drawn(request, person, view),
    )
    return response


def _drawn(request: Request, person: Person, view: CustomerView) -> dict[str, object]:
    """What the page and its print draw alike. ``present`` are the parts that have a section of their own."""
    house, language = house_of(request), language_of(request, person)
    filled = {Part.WARNINGS: view.on_file.warnings, Part.ROUTINES: view.on_file.routines}
    return {
        "view": view,
        "chart": assessments_chart(view, house, language),
        "order": [part for part in Part if part is not Part.PROFILE],
        "present": {part for part in view.on_file.parts if filled.get(part, True)},
        "today": house.calendar.day_of(house.clock()),
        "local_day": lambda at: day(house.calendar.day_of(at), language),
    }


def _look(request: Request, person: Person, customer: Customer, what: Looked) -> None:
    with house_of(request).work(person_actor(person.id)) as work:
        note_look(work, customer.id or 0, person.id, what)


def _ways(person: Person) -> list[tuple[str, str]]:
    """What this person may begin for a customer: the process's name and title."""
    return [
        (start.kind.name, start.kind.title)
        for start in starts().values()
        if start.open_to(person)
        and any(kind_of(name, info) == "customer" for name, info in start.form.model_fields.items())
    ]
