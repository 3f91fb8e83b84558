"""One's own ways in: the calendar feed, the tokens one has given to programs, other browsers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.caller import Caller, house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.me_shapes import FeedShown, NewToken, SessionsEnded, TokenList, TokenShown
from api.routes.parameters import Decider, Reader
from api.session import sessions_of
from config.languages import N_
from models.errors import NotAllowed
from models.operations.access import Scope
from models.operations.feeds import feed_of, make_feed, revoke_feed
from models.operations.sessions import is_live, make_own_token, revoke_own_token, sign_out_elsewhere, tokens_of
from models.tables import ApiToken

router = APIRouter(tags=["Me"], responses=PROBLEM_RESPONSES)


@router.get("/calendar-feed", summary="Read my calendar feed")
def read_feed(request: Request, caller: Reader) -> FeedShown:
    """Whether there is one, and when a calendar last read it. Token scope: `read`."""
    with house_of(request).read() as session:
        kept = feed_of(session, caller.person.id)
    return FeedShown(made_at=kept and kept.created_at, read_at=kept and kept.read_at)


@router.post("/calendar-feed", summary="Make a calendar feed", status_code=201)
def new_feed(request: Request, caller: Decider) -> FeedShown:
    """A secret address with the caller's deadlines (RFC 5545). One made before is dead from now on. Token scope:
    `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        token = make_feed(work, caller.person.id)
    return FeedShown(made_at=work.now, read_at=None, url=f"{house.settings.base_url}/calendar/{token}.ics")


@router.delete("/calendar-feed", summary="Revoke my calendar feed")
def end_feed(request: Request, caller: Decider) -> FeedShown:
    """Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        revoke_feed(work, caller.person.id)
    return FeedShown(made_at=None, read_at=None)


@router.get("/tokens", summary="List my tokens")
def tokens(request: Request, caller: Reader) -> TokenList:
    """Those in use first, then the latest. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        kept = tokens_of(session, caller.person.id)
    return TokenList(items=[_token(one, house.clock()) for one in kept])


@router.post("/tokens", summary="Make a token", status_code=201)
def new_token(request: Request, caller: Decider, body: NewToken) -> TokenShown:
    """For a browser that is signed in only: no token makes another (403)."""
    _signed_in_only(caller)
    with house_of(request).work(caller.actor) as work:
        token = make_own_token(work, caller.person.id, body.label, body.scopes, body.days)
        made = max(tokens_of(work.session, caller.person.id), key=lambda one: one.id or 0)
    return _token(made, work.now).model_copy(update={"token": token})


@router.post("/tokens/{token_id}/revoke", summary="Revoke a token of mine")
def end_token(request: Request, caller: Decider, token_id: Annotated[int, Path(ge=1, le=2**53)]) -> TokenShown:
    """It is dead at once, also the one that asks for it. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        revoked = revoke_own_token(work, caller.person.id, token_id)
    return _token(revoked, work.now)


@router.post("/session/end-others", summary="Sign out everywhere else")
def end_others(request: Request, caller: Decider) -> SessionsEnded:
    """For a browser that is signed in only: it is the one that stays (403)."""
    _signed_in_only(caller)
    with house_of(request).work(caller.actor) as work:
        return SessionsEnded(
            ended=sign_out_elsewhere(work, caller.person.id, sessions_of(request).token(request) or "")
        )


def _signed_in_only(caller: Caller) -> None:
    if caller.via != "session":
        raise NotAllowed(N_("Only a person who is signed in can do this, no program."))


def _token(one: ApiToken, now: datetime) -> TokenShown:
    return TokenShown(
        id=one.id or 0,
        label=one.label,
        scopes=[Scope(scope) for scope in one.scopes],
        created_at=one.created_at,
        expires_at=one.expires_at,
        used_at=one.used_at,
        active=is_live(one, now),
    )
