"""Who is calling: a person's browser by its session, or a program by its token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from api.csrf import HEADER, Csrf
from api.refusals import NotSignedIn
from api.session import sessions_of
from config.languages import N_
from config.words import ActorKind
from models.audit import Actor
from models.house import House
from models.house import person as person_actor
from models.operations.access import Scope, person_of_token
from models.operations.decide import Via
from models.tables import Person

SAFE = ("GET", "HEAD", "OPTIONS")
API_PURPOSE = "api"


def house_of(request: Request) -> House:
    """The house this application serves."""
    house: House = request.app.state.house
    return house


@dataclass(frozen=True)
class Caller:
    """Whom a request acts for, and in whose name it is recorded."""

    person: Person
    actor: Actor
    via: Via


def signed_in(request: Request) -> Person:
    """The person signed in with this browser.

    Raises:
        NotSignedIn: nobody is.
    """
    person = sessions_of(request).person(request)
    if person is None:
        raise NotSignedIn
    return person


def caller_with(scope: Scope) -> Callable[[Request], Caller]:
    """A dependency: the caller, who must be allowed ``scope``. A browser's session is allowed what its person is."""

    def caller(request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme:
            return _program(request, scheme, token.strip(), scope)
        person = signed_in(request)
        if request.method not in SAFE:
            Csrf(request).check(request.headers.get(HEADER), API_PURPOSE)
        return Caller(person, person_actor(person.id), "session")

    return caller


def _program(request: Request, scheme: str, token: str, scope: Scope) -> Caller:
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn(N_("Send an API token: “Authorization: Bearer …”."))
    house = house_of(request)
    with house.read() as session:
        person = person_of_token(session, token, scope, house.clock())
    if person is None:
        raise NotSignedIn(N_("This API token is unknown, has expired or was revoked."))
    return Caller(person, Actor(ActorKind.PROGRAM, person.id), "api")
