"""What operations do with one member of staff: in and out of service, addresses, absence, sign-in link, handing on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.pages.staff import person_page
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, NotFound, Problem, Refused
from models.house import Work
from models.house import person as person_actor
from models.operations.absences import set_absence
from models.operations.hand_on import HandedOn, hand_on
from models.operations.sessions import end_access_of
from models.operations.staff_changes import give_channel, send_sign_in_link, set_active, take_channel
from models.queries.cursor import number_of
from models.queries.rights import must_operate
from models.tables import Person
from notifications.addresses import understood

router = APIRouter(include_in_schema=False)

Act = Callable[[Work, Person, str, Posted], Any]


@router.post("/operations/staff/{person_id}/{act}")
def carry_out(
    request: Request,
    person_id: str,
    act: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    """One of ``ACTS``; the page comes back with what was refused."""
    must_operate(person)
    if act not in ACTS:
        raise NotFound(N_("There is no such page."))
    try:
        Csrf(request).check(form.text(FIELD), f"staff:{person_id}")
        with house_of(request).work(person_actor(person.id)) as work:
            report = ACTS[act](work, person, person_id, form)
    except NotFound:
        raise
    except Refused as refusal:
        typed = {name: form.text(name) for name in form.names()}
        return person_page(request, person_id, person, refusal, act, typed)
    if isinstance(report, HandedOn) and report.stayed:
        return person_page(request, person_id, person, report=report)
    return RedirectResponse(f"/operations/staff/{person_id}?done={act}", 303)


def _deactivate(work: Work, by: Person, person_id: str, form: Posted) -> HandedOn | None:
    """Out of service; what waits for them goes to somebody else at once where one is named."""
    reason, heir = form.text("reason"), form.text("to").strip()
    set_active(work, by, person_id, False, reason, seen=form.text("version"))
    return hand_on(work, by, person_id, heir, reason) if heir else None


def _activate(work: Work, by: Person, person_id: str, form: Posted) -> None:
    set_active(work, by, person_id, True, form.text("reason"), seen=form.text("version"))


def _hand_on(work: Work, by: Person, person_id: str, form: Posted) -> HandedOn:
    return hand_on(work, by, person_id, form.text("to").strip(), form.text("reason"))


def _add_channel(work: Work, by: Person, person_id: str, form: Posted) -> None:
    address = form.text("address").strip()[:500]
    if not address:
        raise Invalid(N_("Please look at the marked fields."), [Problem("address", N_("This field is needed."))])
    give_channel(work, by, person_id, understood(address, work.house.settings.webhook_private_hosts))


def _remove_channel(work: Work, by: Person, person_id: str, form: Posted) -> None:
    take_channel(work, by, person_id, number_of(form.text("channel")))


def _sign_in(work: Work, by: Person, person_id: str, _form: Posted) -> None:
    send_sign_in_link(work, by, person_id)


def _end_access(work: Work, by: Person, person_id: str, _form: Posted) -> None:
    end_access_of(work, by, person_id)


def _absence(work: Work, _by: Person, person_id: str, form: Posted) -> None:
    """Days on the company's calendar: from the beginning of the first to the end of the last."""
    first, last = _day(form, "first_day"), _day(form, "last_day")
    zone = ZoneInfo(work.house.settings.time_zone)
    starts = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    try:
        set_absence(work, person_id, form.text("substitute").strip(), starts, ends, reason=form.text("reason")[:500])
    except Invalid as refusal:
        places = {"starts_at": "first_day", "ends_at": "last_day"}
        problems = [Problem(places.get(one.field, one.field), one.message, one.values) for one in refusal.problems]
        raise Invalid(refusal.message, problems) from None


def _day(form: Posted, name: str) -> date:
    try:
        found = date.fromisoformat(form.text(name))
    except ValueError:
        found = date.max
    if found.year > 9000:
        raise Invalid(N_("Please look at the marked fields."), [Problem(name, N_("This is not a date."))])
    return found


ACTS: dict[str, Act] = {
    "deactivate": _deactivate,
    "activate": _activate,
    "hand-on": _hand_on,
    "add-channel": _add_channel,
    "remove-channel": _remove_channel,
    "sign-in-link": _sign_in,
    "absence": _absence,
    "end-access": _end_access,
}
