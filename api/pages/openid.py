"""Signing in with the company account: away to the OpenID provider, and back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, whence
from api.openid import NotAtProvider, Trip, openid_of
from api.pages.sign_in import refuse_locked_out
from api.session import sessions_of
from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import NotAllowed, NotFound, Refused
from models.house import SYSTEM
from models.operations.access import open_session, person_by_email
from models.operations.sign_ins import count_failure, enter_in_book
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.get("/openid/start")
def start(request: Request, next: str = "/") -> Response:  # the name in the address
    """Off to the provider."""
    _must_be_set(request)
    refuse_locked_out(request)
    openid = openid_of(request)
    trip, address = openid.begin(next)
    response = RedirectResponse(address, 303)
    openid.remember(response, trip)
    return response


@router.get("/openid/callback")
def callback(request: Request) -> Response:
    """Back from the provider: whoever it vouches for is signed in, if they are on the register. Nobody is put there."""
    _must_be_set(request)
    refuse_locked_out(request)
    openid, house, trip = openid_of(request), house_of(request), None
    try:
        trip = openid.trip_of(request)
        token = _enter(request, trip)
    except Refused as refusal:
        reason = refusal.reason if isinstance(refusal, NotAtProvider) else refusal.message
        with house.work(SYSTEM) as work:
            if trip is None or refusal.status >= 500:  # anybody's page can send a browser here without a trip
                enter_in_book(work, SignInEvent.REFUSED, SignInWay.OPENID, whence(request), reason=reason)
            else:
                count_failure(work, SignInWay.OPENID, whence(request), reason)
        raise
    response = RedirectResponse(trip.next_path, 303)
    sessions_of(request).begin(response, token)
    openid.forget(response, trip)
    return response


def _enter(request: Request, trip: Trip) -> str:
    house, settings = house_of(request), house_of(request).settings
    vouched = openid_of(request).vouched(trip, request.query_params)
    with house.work(SYSTEM) as work:
        if settings.openid_claim == "email":
            person = person_by_email(work.session, vouched.claim)
        else:
            person = work.session.get(Person, vouched.claim[:64])
        if person is None or not person.active:
            raise NotAllowed(N_("Your company account is not on the register here. Please turn to operations."))
        before = sessions_of(request).token(request)
        return open_session(work, person, SignInWay.OPENID, whence(request), before, vouched.id_token)


def _must_be_set(request: Request) -> None:
    if not house_of(request).settings.signs_in_by_openid:
        raise NotFound(N_("There is no such page."))
