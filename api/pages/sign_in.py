"""Signing in by a one-time link to the registered address. Showing the link does not use it: scanners follow links."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, whence
from api.csrf import FIELD, Csrf
from api.openid import away
from api.posted import Posted, posted
from api.session import local_path, sessions_of
from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import Invalid, Problem, Refused
from models.house import SYSTEM, House
from models.house import person as person_actor
from models.messages import SignIn, queue
from models.operations.access import person_by_email, sign_in, sign_out
from models.operations.sign_ins import Whence, count_failure, enter_in_book, one_link_more, refuse_locked
from models.tables import Person

router = APIRouter(include_in_schema=False)
LONGEST_ADDRESS = 254


@router.api_route("/sign-in", methods=["GET", "HEAD"])
def ask(request: Request, next: str = "/") -> Response:  # the name in the address
    return _page(request, "sign_in.html", next_path=local_path(next), address="", refusal=None)


@router.post("/sign-in")
def send(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Always the same answer, and equally fast: it does not tell whose addresses are known."""
    address, next_path = form.text("address").strip(), local_path(form.text("next"))
    Csrf(request).check(form.text(FIELD), "sign-in")
    refuse_locked_out(request)
    if "@" not in address or len(address) > LONGEST_ADDRESS:
        refusal = Invalid(N_("Please enter your e-mail address."), [Problem("address", N_("This is not an address."))])
        return _page(request, "sign_in.html", 422, next_path=next_path, address=address, refusal=refusal)
    response = _page(request, "sign_in_sent.html", address=address)
    response.background = BackgroundTask(_queue_for_address, house_of(request), address, whence(request))
    sessions_of(request).remember_next(response, next_path)
    return response


def send_link(request: Request, person: Person, *, masked: bool) -> Response:
    """Send ``person`` a sign-in link, and say so without giving their address away."""
    _queue(house_of(request), person)
    address = mask_address(person.email or "") if masked else person.email or ""
    return _page(request, "sign_in_sent.html", address=address)


@router.api_route("/sign-in/{token}", methods=["GET", "HEAD"])
def confirm(request: Request, token: str, next: str | None = None) -> Response:
    action = f"/sign-in/{token}" + (f"?next={local_path(next)}" if next else "")
    return _page(request, "sign_in_confirm.html", action=action)


@router.post("/sign-in/{token}")
def enter(request: Request, token: str, form: Annotated[Posted, Depends(posted)], next: str | None = None) -> Response:
    house = house_of(request)
    sessions = sessions_of(request)
    Csrf(request).check(form.text(FIELD), "sign-in")
    refuse_locked_out(request)
    try:
        with house.work(SYSTEM) as work:
            _person, session_token = sign_in(work, token[:200], whence(request), sessions.token(request))
    except Refused as refusal:
        with house.work(SYSTEM) as work:
            count_failure(work, SignInWay.LINK, whence(request), refusal.message)
        raise
    response = RedirectResponse(local_path(next) if next else sessions.next_path(request), 303)
    sessions.begin(response, session_token)
    return response


@router.post("/sign-out")
def leave(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    house = house_of(request)
    sessions = sessions_of(request)
    Csrf(request).check(form.text(FIELD), "sign-out")
    person, token, id_token = sessions.person(request), sessions.token(request), None
    if person is not None and token is not None:
        with house.work(person_actor(person.id)) as work:
            row = sign_out(work, token)
            id_token = row.id_token if row else None
    response = RedirectResponse(away(request, id_token) if id_token else "/sign-in", 303)
    sessions.end(response)
    return response


def refuse_locked_out(request: Request) -> None:
    """Let pass whose address has not failed too often.

    Raises:
        LockedOut: it has. Whoever is signed in already notices nothing of it.
    """
    house = house_of(request)
    with house.read() as session:
        refuse_locked(session, whence(request), house.clock())


def _queue_for_address(house: House, address: str, source: Whence) -> None:
    """Known addresses and unknown ones cost the same."""
    with house.work(SYSTEM) as work:
        person = person_by_email(work.session, address)
        more = one_link_more(work, address)
        reason = "" if more else N_("Too many links were asked for; none was sent.")
        enter_in_book(work, SignInEvent.ASKED, SignInWay.LINK, source, person.id if person else None, reason)
    if person is not None and more:
        _queue(house, person)


def _queue(house: House, person: Person) -> None:
    """One message a minute at most, however often the button is pressed."""
    with house.work(SYSTEM) as work:
        minute = hashlib.sha256(f"{person.id} {work.now:%Y-%m-%d %H:%M}".encode()).hexdigest()[:24]
        queue(work, SignIn(), person.id, f"sign-in:{minute}")


def mask_address(address: str) -> str:
    """``li.na@hengyuan.example`` → ``l***@hengyuan.example``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}"


def _page(request: Request, template: str, status: int = 200, **context: object) -> Response:
    settings = house_of(request).settings
    context |= {"openid": settings.signs_in_by_openid, "openid_label": settings.openid_label}
    response: Response = request.app.state.pages.page(request, template, status, **context)
    return response
