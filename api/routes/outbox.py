"""The outbox for programs: what became of each message, sending again, leaving out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as QueryParameter
from pydantic import ConfigDict, Field

from api.caller import house_of
from api.language import language_of
from api.letters import as_read
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Cursor, Limit, Operator, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from config.languages import translate
from config.words import Language, MessageState
from models.operations.people import ChannelKind
from models.operations.resend import resend, resend_dead, send_anew, skip
from models.operations.retry import LONGEST_REASON
from models.queries.outbox_list import MessageFilter, MessageLine, message_whole, messages
from models.queries.rights import must_see_operations

router = APIRouter(tags=["Operations"], responses=PROBLEM_RESPONSES)
Number = Annotated[int, Path(ge=1, le=2**53, examples=[4711])]


class MessageItem(Given):
    """One message to one address. `to_id` is empty for somebody outside."""

    number: int = Field(examples=[4711])
    kind: str = Field(examples=["step_asked"])
    state: MessageState
    to: str
    to_id: str | None
    case: str | None
    channel: str | None
    written_at: datetime
    next_at: datetime
    sent_at: datetime | None
    attempts: int
    note: str | None = Field(description="Why it stands as it does.")


class MessageItems(Given):
    items: list[MessageItem]
    next_cursor: str | None


class MessageShown(Given):
    """One message as its reader reads it; a place stands for links and codes, which are kept nowhere."""

    message: MessageItem
    subject: str
    text: str
    sent_anew: int = Field(description="How often it was written anew: give it back as `seen`.")
    others: list[MessageItem] = Field(description="The same to other addresses, and what it was written anew as.")


class Anew(Taken):
    """Write a message anew, though it went out or may have."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"confirmed": True, "seen": 0}]})

    confirmed: bool = Field(description="The person may read it twice.")
    seen: int = Field(ge=0, le=1000, description="`sent_anew` of the message as it was read.")


class LeaveOut(Taken):
    """Say that a message is not to be sent."""

    reason: Text = Field(min_length=1, max_length=LONGEST_REASON, examples=["Told by telephone."])


class ChannelAgain(Taken):
    """Everything that was given up on one channel."""

    channel: ChannelKind = Field(examples=["mail"])


class SentAgain(Given):
    count: int


@router.get("/outbox", summary="List messages")
def listed(
    request: Request,
    caller: Reader,
    state: MessageState | None = None,
    kind: Annotated[str | None, QueryParameter(max_length=64)] = None,
    person: Annotated[str | None, QueryParameter(max_length=64)] = None,
    case: Annotated[str | None, QueryParameter(max_length=32)] = None,
    channel: Annotated[
        ChannelKind | None, QueryParameter(description="Only with `state` dead, unknown, pending or sending.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MessageItems:
    """The messages, the latest first. For operations, managers and auditors. Token scope: `read`."""
    must_see_operations(caller.person)
    wanted = MessageFilter(state=state, kind=kind, person=person, case_ref=case, channel=channel)
    with house_of(request).read() as session:
        page = messages(session, wanted, limit=limit, cursor=cursor)
    language = language_of(request, caller.person)
    return MessageItems(items=[_item(one, language) for one in page.items], next_cursor=page.next_cursor)


@router.get("/outbox/{number}", summary="Read a message")
def read(request: Request, caller: Reader, number: Number) -> MessageShown:
    """A message as its reader reads it, in the reader's language. The look is put on record. Token scope: `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    with house.read() as session:
        view = message_whole(session, number)
    with house.work(caller.actor) as work:
        work.record("message.looked", message=number)
    letter, language = as_read(house, view), language_of(request, caller.person)
    return MessageShown(
        message=_item(view.line, language),
        subject=letter.subject,
        text=letter.text,
        sent_anew=view.sent_anew,
        others=[_item(one, language) for one in view.others],
    )


@router.post("/outbox/resend-dead", summary="Send again what was given up on a channel")
def again_by_channel(request: Request, caller: Operator, body: ChannelAgain) -> SentAgain:
    """Another round of attempts for each. 409: nothing was given up there. For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        return SentAgain(count=resend_dead(work, caller.person, body.channel.value))


@router.post("/outbox/{number}/resend", summary="Send a message again")
def again(request: Request, caller: Operator, number: Number) -> MessageItem:
    """Another round of attempts for a message that certainly did not go out; at once for one that waits. 409: it was
    sent, or may have been: see `anew`. For operations. Token scope: `operate`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        resend(work, caller.person, number)
    return _read(request, caller, number)


@router.post("/outbox/{number}/anew", summary="Write a message anew", status_code=201)
def anew(request: Request, caller: Operator, number: Number, body: Anew) -> MessageItem:
    """A new message to every address the person has now; `confirmed` says that they may read it twice. Sent twice at
    once it is written once (409). For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        fresh = send_anew(work, caller.person, number, confirmed=body.confirmed, seen=body.seen)
        number = fresh.id or 0
    return _read(request, caller, number)


@router.post("/outbox/{number}/skip", summary="Leave a message out")
def leave_out(request: Request, caller: Operator, number: Number, body: LeaveOut) -> MessageItem:
    """It is not sent (any more), with the reason beside it. For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        skip(work, caller.person, number, body.reason)
    return _read(request, caller, number)


def _read(request: Request, caller: Operator, number: int) -> MessageItem:
    with house_of(request).read() as session:
        return _item(message_whole(session, number).line, language_of(request, caller.person))


def _item(line: MessageLine, language: Language) -> MessageItem:
    facts = line.model_dump(exclude={"case_ref", "note"})
    return MessageItem(**facts, case=line.case_ref, note=translate(line.note, language) if line.note else None)
