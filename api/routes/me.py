"""One's own desk: the boxes of the inbox, and one's settings."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.caller import house_of
from api.etags import IfMatch, must_match, tag_of, told
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.me_shapes import (
    ChannelShown,
    ChannelUse,
    CopiedShown,
    Counts,
    DoneShown,
    InboxShown,
    MarkedRead,
    PreferencesShown,
    PreferencesTaken,
    QuestionShown,
    TrialQueued,
)
from api.routes.parameters import Cursor, Decider, Limit, Reader
from api.routes.shapes import Due
from api.routes.shaping import Shaping
from config.languages import translate
from config.words import Language
from models.house import House
from models.onboarding import MAX_AMOUNT
from models.operations.people import kind_of, masked
from models.operations.preferences import (
    Wishes,
    channels_of,
    send_test,
    set_language,
    set_wishes,
    switch_channel,
    version_of,
    wishes_of,
)
from models.operations.remarks import note_all_read
from models.queries.boxes import Box, CopyItem, DoneItem, QuestionItem, copies_to, done_by, questions_to
from models.queries.inbox import InboxFilter, Urgency, inbox
from models.queries.unread import unread
from models.tables import Person, Preference

router = APIRouter(tags=["Me"], responses=PROBLEM_RESPONSES)

Yuan = Annotated[Decimal | None, Query(ge=-MAX_AMOUNT, le=MAX_AMOUNT, decimal_places=2, description="Yuan.")]


@router.get("/inbox", summary="Read a box of my inbox")
def read_box(
    request: Request,
    caller: Reader,
    box: Box = Box.WAITING,
    text: Annotated[str, Query(max_length=200, description="Part of a case's number or title, or its customer.")] = "",
    process: Annotated[str | None, Query(max_length=64)] = None,
    urgency: Urgency | None = None,
    least: Yuan = None,
    most: Yuan = None,
    substitute: Annotated[bool, Query(description="Only what one signs in somebody else's name.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InboxShown:
    """`waiting`: what the caller is to answer, the most urgent first. `asked`: questions to them. `copied`: what they
    were told of, unread first. `done`: what they have answered, the latest first. A filter that a box has not (the
    urgency of what is done) leaves nothing out. Token scope: `read`."""
    house, person = house_of(request), caller.person
    wanted = InboxFilter(text=text, process=process, urgency=urgency, least=least, most=most, substitute=substitute)
    language = language_of(request, person)
    with house.read() as session:
        waits = unread(session, person)
        counts = Counts(waiting=waits.steps, asked=waits.questions, copied=waits.copies)
        if box is Box.WAITING:
            steps = inbox(session, person.id, house.calendar, house.clock(), wanted, limit=limit, cursor=cursor)
            page = Shaping(language).inbox(steps)
            return InboxShown(box=box, counts=counts, steps=page.items, next_cursor=page.next_cursor)
        if box is Box.ASKED:
            asked = questions_to(session, person.id, house.calendar, house.clock(), wanted, limit=limit, cursor=cursor)
            shown = [_question(one, language) for one in asked.items]
            return InboxShown(box=box, counts=counts, questions=shown, next_cursor=asked.next_cursor)
        if box is Box.COPIED:
            told_of = copies_to(session, person.id, wanted, limit=limit, cursor=cursor)
            copies = [_copied(one, language) for one in told_of.items]
            return InboxShown(box=box, counts=counts, copies=copies, next_cursor=told_of.next_cursor)
        answered = done_by(session, person.id, wanted, limit=limit, cursor=cursor)
    done = [_done(one, language) for one in answered.items]
    return InboxShown(box=box, counts=counts, done=done, next_cursor=answered.next_cursor)


def _question(one: QuestionItem, language: Language) -> QuestionShown:
    return QuestionShown(
        id=one.question_id,
        case=one.case_ref,
        case_title=one.case_title,
        process=one.process,
        step=translate(one.step_title, language),
        by=one.by,
        text=one.text,
        at=one.at,
        due=Due(**one.due.model_dump()),
    )


def _copied(one: CopyItem, language: Language) -> CopiedShown:
    return CopiedShown(
        id=one.copy_id,
        case=one.case_ref,
        case_title=one.case_title,
        process=one.process,
        step=translate(one.step_title, language),
        by=one.by,
        at=one.at,
        read=one.read,
    )


def _done(one: DoneItem, language: Language) -> DoneShown:
    return DoneShown(
        signer_id=one.signer_id,
        case=one.case_ref,
        case_title=one.case_title,
        process=one.process,
        title=translate(one.title, language),
        answer=translate(one.answer, language),
        kind=one.kind,
        at=one.at,
        state=one.state,
        outcome=one.outcome,
        amount=None if one.amount is None else f"{one.amount:.2f}",
        in_the_name_of=one.for_name,
        void=one.void,
        proposed=one.proposed,
    )


@router.post("/inbox/copies/read", summary="Mark everything copied to me as read")
def read_copies(request: Request, caller: Decider) -> MarkedRead:
    """What one has opened is read without this. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        return MarkedRead(marked=note_all_read(work, caller.person.id))


# -- settings --------------------------------------------------------------------------------------------------------


@router.get("/preferences", summary="Read my settings")
def preferences(request: Request, response: Response, caller: Reader) -> PreferencesShown:
    """Token scope: `read`. The `ETag` names the settings that can be changed."""
    return _preferences(house_of(request), response, caller.person)


@router.put("/preferences", summary="Change my settings")
def keep_preferences(
    request: Request, response: Response, caller: Decider, body: PreferencesTaken, if_match: IfMatch = None
) -> PreferencesShown:
    """All of them are set; what is left out is as the company has it. Quiet hours can only be made longer than the
    company's. Token scope: `decide`."""
    house = house_of(request)
    wishes = Wishes(_time(body.quiet_from), _time(body.quiet_until), body.digest, _time(body.digest_at))
    with house.work(caller.actor) as work:
        kept = work.session.get(Preference, caller.person.id)
        person = work.session.get_one(Person, caller.person.id)
        must_match(if_match, _tag(house, person, kept))
        set_wishes(work, person.id, wishes)
        set_language(work, person.id, body.language)
    return _preferences(house, response, person)


@router.put("/preferences/channels/{channel_id}", summary="Use or leave out one of my addresses")
def use_channel(
    request: Request, caller: Decider, channel_id: Annotated[int, Path(ge=1, le=2**53)], body: ChannelUse
) -> ChannelShown:
    """The last place one can be reached at stays in use (409). Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        channel = switch_channel(work, caller.person.id, channel_id, active=body.active)
    return ChannelShown(
        id=channel_id, kind=kind_of(channel.address), address=masked(channel.address), active=channel.active
    )


@router.post("/preferences/test-message", summary="Send me a test message")
def send_test_message(request: Request, caller: Decider) -> TrialQueued:
    """To every address in use; once a minute at most. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        return TrialQueued(queued=send_test(work, caller.person.id))


def _preferences(house: House, response: Response, person: Person) -> PreferencesShown:
    with house.read() as session:
        kept = session.get(Preference, person.id)
        channels = [
            ChannelShown(id=one.id or 0, kind=kind_of(one.address), address=masked(one.address), active=one.active)
            for one in channels_of(session, person.id)
        ]
    wishes, company = wishes_of(kept), house.policy.steps.quiet_hours
    told(response, _tag(house, person, kept))
    return PreferencesShown(
        language=person.language or house.settings.language,
        quiet_from=_text(wishes.quiet_from),
        quiet_until=_text(wishes.quiet_until),
        digest=wishes.digest,
        digest_at=_text(wishes.digest_at),
        company_quiet_from=f"{company.start:%H:%M}",
        company_quiet_until=f"{company.end:%H:%M}",
        channels=channels,
    )


def _tag(house: House, person: Person, kept: Preference | None) -> str:
    return tag_of((person.language or house.settings.language).value, version_of(wishes_of(kept)))


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _text(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None
