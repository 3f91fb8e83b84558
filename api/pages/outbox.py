"""Messages for operations: what was to be told to whom, what became of it, sending again, leaving be."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.letters import CHANNELS, KINDS, as_read
from api.people import option_of
from api.posted import Posted, posted
from config.words import MessageState
from models.errors import Refused
from models.house import person as person_actor
from models.operations.people import ChannelKind
from models.operations.resend import dead_by_channel, resend, resend_dead, send_anew, skip
from models.queries.cursor import number_of
from models.queries.outbox_list import FEW, MessageFilter, message_whole, messages
from models.queries.people import colleagues
from models.queries.rights import must_operate, must_see_operations, operates
from models.tables import Person

router = APIRouter(include_in_schema=False)
CHANNEL_PURPOSE = "resend-dead"
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.api_route("/operations/messages", methods=["GET", "HEAD"])
def listed(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    state: str = "",
    kind: str = "",
    to: str = "",
    case: str = "",
    channel: str = "",
    cursor: str = "",
) -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    must_see_operations(person)
    found = MessageState(state) if state in list(MessageState) else None
    wanted = MessageFilter(
        state=found,
        kind=kind if kind in KINDS else None,
        person=to.strip()[:64] or None,
        case_ref=case.strip()[:32] or None,
        channel=channel if channel in list(ChannelKind) and found in FEW else None,
    )
    return _list_page(request, person, wanted, cursor)


@router.post("/operations/messages/resend-dead")
def again_by_channel(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    must_operate(person)
    try:
        Csrf(request).check(form.text(FIELD), CHANNEL_PURPOSE)
        with house_of(request).work(person_actor(person.id)) as work:
            number = resend_dead(work, person, form.text("channel")[:32])
    except Refused as refusal:
        return _list_page(request, person, MessageFilter(state=MessageState.DEAD), "", refusal)
    return RedirectResponse(f"/operations/messages?done=again&count={number}", 303)


@router.api_route("/operations/messages/{number}", methods=["GET", "HEAD"])
def read(request: Request, number: Number, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """One message as its reader reads it. Looking at it is on record."""
    must_see_operations(person)
    response = _message_page(request, number, person)
    if request.method == "GET":
        with house_of(request).work(person_actor(person.id)) as work:
            work.record("message.looked", message=number)
    return response


@router.post("/operations/messages/{number}/{act}")
def put_right(
    request: Request,
    number: Number,
    act: Literal["again", "anew", "skip"],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    """The same message again; written anew, confirmed; or left out, with a reason."""
    must_operate(person)
    try:
        Csrf(request).check(form.text(FIELD), f"message:{number}")
        with house_of(request).work(person_actor(person.id)) as work:
            if act == "anew":
                seen = number_of(form.text("seen"))
                fresh = send_anew(work, person, number, confirmed=form.text("confirmed") == "true", seen=seen)
                number = fresh.id or 0
            elif act == "skip":
                skip(work, person, number, form.text("reason"))
            else:
                resend(work, person, number)
    except Refused as refusal:
        return _message_page(request, number, person, refusal, act, form.text("reason"))
    return RedirectResponse(f"/operations/messages/{number}?done={act}", 303)


def _list_page(
    request: Request, person: Person, wanted: MessageFilter, cursor: str, refusal: Refused | None = None
) -> Response:
    house = house_of(request)
    with house.read() as session:
        page = messages(session, wanted, cursor=cursor or None)
        dead = dead_by_channel(session)
        to = session.get(Person, wanted.person) if wanted.person else None
        staff = colleagues(session, house.clock())
    kept = {
        "state": wanted.state,
        "kind": wanted.kind,
        "to": wanted.person,
        "case": wanted.case_ref,
        "channel": wanted.channel,
    }
    query = {name: str(value) for name, value in kept.items() if value}
    asked = request.query_params
    response: Response = request.app.state.pages.page(
        request,
        "ops_messages.html",
        refusal.status if refusal else 200,
        desk="operations",
        CHANNELS=CHANNELS,
        page=page,
        wanted=wanted,
        to=to,
        dead=dead,
        kinds=KINDS,
        states=list(MessageState),
        channels=list(ChannelKind) if wanted.state in FEW else [],
        people=[option_of(one) for one in staff],
        filtered=bool(query) or bool(cursor),
        first=f"/operations/messages?{urlencode(query)}" if cursor else "",
        next=f"/operations/messages?{urlencode({**query, 'cursor': page.next_cursor})}" if page.next_cursor else "",
        operates=operates(person),
        refusal=refusal,
        again=asked.get("count", "") if asked.get("done") == "again" and refusal is None else "",
    )
    return response


def _message_page(
    request: Request,
    number: int,
    person: Person,
    refusal: Refused | None = None,
    act: str = "",
    reason: str = "",
) -> Response:
    house = house_of(request)
    with house.read() as session:
        view = message_whole(session, number)
    response: Response = request.app.state.pages.page(
        request,
        "ops_message.html",
        refusal.status if refusal else 200,
        desk="operations",
        CHANNELS=CHANNELS,
        view=view,
        letter=as_read(house, view),
        kinds=KINDS,
        operates=operates(person),
        refusal=refusal,
        act=act,
        reason=reason,
        done=request.query_params.get("done", "") if refusal is None else "",
    )
    return response
