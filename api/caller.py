"""Who is calling: a person's browser by its session, or a program by its token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from api.csrf import HEADER, Csrf
from api.refusals import NotSignedIn
from api.session import sessions_of
from config.languages import N_
from config.words import ActorKind, SignInWay
from models.audit import Actor
from models.house import SYSTEM, House
from models.house import person as person_actor
from models.operations.access import Program, Scope, is_to_be_noted, must_cover, note_used, program_of_token
from models.operations.decide import Via
from models.operations.sign_ins import Whence, count_failure, refuse_locked, whence_of
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


def person_calling(request: Request) -> Person:
    """Whom a request acts for: whoever is signed in with the browser, or whose token a program sends.

    Raises:
        NotSignedIn: nobody, or the token is not known.
    """
    if request.url.path.startswith("/api/") and request.headers.get("authorization"):
        return _program(request).person
    return signed_in(request)


def caller_with(scope: Scope) -> Callable[[Request], Caller]:
    """A dependency: the caller, who must be allowed ``scope``. A browser's session is allowed what its person is."""

    def caller(request: Request) -> Caller:
        if request.headers.get("authorization"):
            program = _program(request)
            must_cover(program.token, scope)
            return Caller(program.person, Actor(ActorKind.PROGRAM, program.person.id), "api")
        person = signed_in(request)
        if request.method not in SAFE:
            Csrf(request).check(request.headers.get(HEADER), API_PURPOSE)
        return Caller(person, person_actor(person.id), "session")

    return caller


def _looked_up(request: Request, token: str) -> Program | None:
    """The program with this token. What is not known is counted, by its address; what is, is good from anywhere."""
    house, source = house_of(request), whence(request)
    with house.read() as session:
        program = program_of_token(session, token, house.clock())
        if program is None:
            refuse_locked(session, source, house.clock())
    if program is None:
        with house.work(SYSTEM) as work:
            count_failure(work, SignInWay.TOKEN, source, N_("An unknown, expired or revoked token."))
    elif is_to_be_noted(program.token, house.clock()):
        with house.work(SYSTEM) as work:
            note_used(work, program.token, source)
    return program


def whence(request: Request) -> Whence:
    """From where a request comes: the network address (as a proxy on this machine passes it on) and the browser."""
    address = request.client.host if request.client else ""
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    return whence_of(house_of(request), address, agent)


def _program(request: Request) -> Program:
    """The program that sends a token. Looked up once per request."""
    if not hasattr(request.state, "program"):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn(N_("Send an API token: “Authorization: Bearer …”."))
        request.state.program = _looked_up(request, token.strip())
    program: Program | None = request.state.program
    if program is None:
        raise NotSignedIn(N_("This API token is unknown, has expired or was revoked."))
    return program
