"""People outside as those who look after a matter see them: whom they asked for what, and how far it has come."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.languages import N_
from config.words import InvitationState
from models.errors import NotFound
from models.operations.outside import LOCKED, keeper_of
from models.operations.outside_answers import MOST_CODES
from models.outside import purposes
from models.queries.rights import may_see
from models.queries.shown import Read
from models.rights import Right, holds
from models.rules.identity import mask_phone
from models.tables import Case, OutsideLink, OutsideParty, Person

OPEN = frozenset({InvitationState.UNSENT, InvitationState.SENT, InvitationState.OPENED, InvitationState.CODE_ASKED})
STUCK = frozenset({InvitationState.LOCKED, InvitationState.EXPIRED})
MOST = 100


class Invitation(Read):
    """One invitation. Addresses are masked; ``by_telephone``: there is no mail address, the code is read out."""

    id: int
    case_ref: str | None
    name: str
    title: str
    state: InvitationState
    email: str | None
    phone: str | None
    created_at: datetime
    expires_at: datetime
    done_at: datetime | None
    messages: int
    wrong_codes: int
    by_telephone: bool
    code_wanted: bool
    no_more_codes: bool

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def stuck(self) -> bool:
        """Whether they can go on by a new link only: the one they have is dead, or gets no more codes."""
        return self.state in STUCK or (self.open and self.no_more_codes)


def looks_after(session: Session, person: Person, case: Case) -> bool:
    """Whether the people outside of a case are this person's to deal with: its handler's, and the risk department's."""
    if person.id == case.handler_id:
        return True
    return holds(person, Right.LOOK_AFTER_OUTSIDE) and may_see(session, person, case)


def invitation_kept_by(session: Session, person: Person, link_id: int) -> OutsideLink:
    """An invitation that this person may send again or pass on.

    Raises:
        NotFound: there is none, or it is not theirs to deal with.
    """
    link = session.get(OutsideLink, link_id)
    if link is not None and link.case_ref and looks_after(session, person, session.get_one(Case, link.case_ref)):
        return link
    if link is None or link.case_ref or keeper_of(session, link) != person.id:
        raise NotFound(N_("There is no such invitation."))
    return link


def invitations(session: Session, case_ref: str, now: datetime) -> tuple[Invitation, ...]:
    """Whom of outside a case has asked for something, the latest first."""
    return _shown(session, select(OutsideLink).where(OutsideLink.case_ref == case_ref), now)


def own_invitations(session: Session, person: Person, now: datetime) -> tuple[Invitation, ...]:
    """Whom this person has asked outside of any case, the latest first."""
    without_case = select(OutsideLink).where(col(OutsideLink.case_ref).is_(None))
    return tuple(
        _invitation(session, link, now)
        for link in session.exec(without_case.order_by(col(OutsideLink.id).desc()).limit(MOST * 5))
        if link.purpose in purposes() and keeper_of(session, link) == person.id
    )[:MOST]


def _shown(session: Session, statement: SelectOfScalar[OutsideLink], now: datetime) -> tuple[Invitation, ...]:
    links = session.exec(statement.order_by(col(OutsideLink.id).desc()).limit(MOST)).all()
    return tuple(_invitation(session, link, now) for link in links if link.purpose in purposes())


def _invitation(session: Session, link: OutsideLink, now: datetime) -> Invitation:
    party = session.get_one(OutsideParty, link.outside_id)
    waits_for_code = link.codes_sent > 0 and link.code_expires_at is not None and link.code_expires_at > now
    return Invitation(
        id=link.id or 0,
        case_ref=link.case_ref,
        name=party.name,
        title=purposes()[link.purpose].title,
        state=_state(link, now),
        email=mask_email(party.email),
        phone=mask_phone(party.phone) or None,
        created_at=link.created_at,
        expires_at=link.expires_at,
        done_at=link.used_at,
        messages=link.messages,
        wrong_codes=link.wrong_codes,
        by_telephone=party.email is None,
        code_wanted=party.email is None and waits_for_code,
        no_more_codes=link.codes_sent >= MOST_CODES,
    )


def _state(link: OutsideLink, now: datetime) -> InvitationState:
    if link.used_at is not None:
        return InvitationState.DONE
    if link.revoked_at is not None:
        return InvitationState.LOCKED if link.note == LOCKED else InvitationState.REVOKED
    if link.expires_at <= now:
        return InvitationState.EXPIRED
    if link.codes_sent:
        return InvitationState.CODE_ASKED
    if link.opened_at is not None:
        return InvitationState.OPENED
    return InvitationState.SENT if link.sent_at is not None else InvitationState.UNSENT


def mask_email(address: str | None) -> str | None:
    """``li.na@hengyuan.example`` → ``l***@hengyuan.example``."""
    if address is None:
        return None
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}"
