"""People outside, as those see them who have asked them for something: how far they are, and asking them again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from api.caller import Caller, house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import CaseRef, Decider, Reader
from api.routes.shapes import Given
from config.languages import translate
from config.words import InvitationState, Language
from models.operations.outside import invite_anew, resend_invitation
from models.queries.outside import Invitation, invitation_kept_by, invitations, looks_after, own_invitations
from models.queries.rights import case_seen_by

router = APIRouter(tags=["People outside"], responses=PROBLEM_RESPONSES)
Number = Annotated[int, Path(ge=1, le=2**53, examples=[7])]


class InvitationShown(Given):
    """What somebody outside was asked for by a link. Addresses are masked; the link itself is only in the message."""

    id: int
    case: str | None
    name: str
    asked_for: str
    state: InvitationState
    email: str | None
    phone: str | None
    created_at: datetime
    expires_at: datetime
    done_at: datetime | None
    messages: int = Field(description="How often they were written to.")
    stuck: bool = Field(description="They can go on by a new link only.")


class InvitationList(Given):
    """The latest first, at most 100."""

    items: list[InvitationShown]


class InvitationSent(Given):
    """They are written to again."""

    invitation: int
    new_link: bool


@router.get("/invitations", summary="List whom I have asked outside of any case")
def mine(request: Request, caller: Reader) -> InvitationList:
    """Those whom the caller has sent a link that belongs to no case yet. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        found = own_invitations(session, caller.person, house.clock())
    return _list(request, caller, found)


@router.get("/cases/{ref}/invitations", summary="List whom a case has asked outside")
def of_case(request: Request, caller: Reader, ref: CaseRef) -> InvitationList:
    """For its handler and the risk department; for others the list is empty. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, caller.person, ref)
        looks = looks_after(session, caller.person, case)
        found = invitations(session, ref, house.clock()) if looks else ()
    return _list(request, caller, found)


@router.post("/invitations/{invitation_id}/resend", summary="Send an invitation again")
def resend(request: Request, caller: Decider, invitation_id: Number) -> InvitationSent:
    """The same link once more. 409: it is over. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        resend_invitation(work, invitation_kept_by(work.session, caller.person, invitation_id))
    return InvitationSent(invitation=invitation_id, new_link=False)


@router.post("/invitations/{invitation_id}/anew", summary="Invite anew")
def anew(request: Request, caller: Decider, invitation_id: Number) -> InvitationSent:
    """A new link in place of one that has expired or was locked. 409: it is not needed. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        invite_anew(work, invitation_kept_by(work.session, caller.person, invitation_id))
    return InvitationSent(invitation=invitation_id, new_link=True)


def _list(request: Request, caller: Caller, found: tuple[Invitation, ...]) -> InvitationList:
    language = language_of(request, caller.person)
    return InvitationList(items=[_shown(one, language) for one in found])


def _shown(one: Invitation, language: Language) -> InvitationShown:
    facts = one.model_dump(include=set(InvitationShown.model_fields) - {"case", "asked_for", "stuck"})
    return InvitationShown(**facts, case=one.case_ref, asked_for=translate(one.title, language), stuck=one.stuck)
