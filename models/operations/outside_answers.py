"""What somebody outside does with a link: opens it, has the one-time code sent, answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from config.languages import N_
from models.audit import digest
from models.errors import Conflict, ContentChanged, Invalid, LinkDead, Problem
from models.forms.base import validate
from models.house import House, Work
from models.messages import Need, OutsideCode, queue_outside
from models.operations.access import token_hash
from models.operations.outside import LOCKED, is_live, tell_keeper
from models.operations.outside_secrets import CODE_LASTS, is_code_of, issue_code
from models.operations.papers import SUPERSEDED, issuer_of
from models.outside import Purpose, purposes
from models.tables import OutsideLink, OutsideParty

MOST_CODES = 5
MOST_WRONG_CODES = 5
CODE_PAUSE = timedelta(minutes=1)
"""A code asked for again within this time is the same message."""
CODE_FIELD = "_code"
"""The field of the page in which the code is entered; it is no part of the form."""


@dataclass(frozen=True)
class OutsideTarget:
    """What a link to the outside opens. ``done``: it was used; nothing is shown but that."""

    link: OutsideLink
    party: OutsideParty
    purpose: Purpose

    @property
    def done(self) -> bool:
        return self.link.used_at is not None


def follow_outside_link(session: Session, token: str, house: House) -> OutsideTarget:
    """What the link with this token opens.

    Raises:
        LinkDead: unknown, expired, locked or revoked.
        ContentChanged: the paper it was for has a new text.
    """
    link = session.exec(select(OutsideLink).where(OutsideLink.token_hash == token_hash(token))).first()
    if link is None or link.purpose not in purposes():
        raise LinkDead(N_("This link is not known. Please open it again from the latest message you were sent."))
    target = OutsideTarget(link, session.get_one(OutsideParty, link.outside_id), purposes()[link.purpose])
    if target.done:
        return target
    if link.revoked_at is not None and link.note == SUPERSEDED:
        told = N_(
            "The text was changed after this link was sent. Nothing was signed. Please use the link to the new text."
        )
        raise ContentChanged(told)
    if link.revoked_at is not None and link.note == LOCKED:
        raise LinkDead(N_("This link was locked after too many wrong codes. Your contact here has been told."))
    if link.revoked_at is not None:
        raise LinkDead(N_("This link is no longer needed. Ask your contact here if you think otherwise."))
    if link.expires_at <= house.clock():
        raise LinkDead(N_("This link has expired. Ask your contact here for a new one."))
    return target


def note_opened(work: Work, target: OutsideTarget) -> None:
    """Somebody has opened the page. The first time is put on record."""
    first = (col(OutsideLink.id) == target.link.id) & col(OutsideLink.opened_at).is_(None)
    if work.change(update(OutsideLink).where(first).values(opened_at=work.now)):
        work.record("outside.opened", target.link.case_ref, link=target.link.id, name=target.party.name)


# -- codes -----------------------------------------------------------------------------------------------------------


def ask_for_code(work: Work, token: str) -> OutsideTarget:
    """Send the link's holder a one-time code by mail; of whom no address is known, their contact reads it to them.

    Asked again within a minute, it is the same code.

    Raises:
        LinkDead, ContentChanged: as ``follow_outside_link`` does.
        Conflict: no more codes are sent for this link, or what it opens was done.
    """
    target = follow_outside_link(work.session, token, work.house)
    link, party = target.link, target.party
    if target.done:
        raise Conflict(N_("You have answered already; nothing more is needed."))
    if link.code_expires_at is not None and link.code_expires_at > work.now + CODE_LASTS - CODE_PAUSE:
        return target
    counted = (
        update(OutsideLink)
        .where(col(OutsideLink.id) == link.id, col(OutsideLink.codes_sent) < MOST_CODES)
        .values(codes_sent=OutsideLink.codes_sent + 1, code_expires_at=work.now + CODE_LASTS, code_hash=None)
    )
    if work.change(counted) != 1:
        raise Conflict(N_("No more codes can be sent for this link. Ask your contact here for a new one."))
    work.session.refresh(link)
    work.record("outside.code-asked", link.case_ref, link=link.id, name=party.name, times=link.codes_sent)
    if party.email is None:
        tell_keeper(work, link, party, Need.CODE, str(link.codes_sent))
    else:
        message = OutsideCode(
            link_id=link.id or 0, company=issuer_of(work.house, party.language), title=target.purpose.title
        )
        queue_outside(work, message, party, f"outside-code:{link.id}:{link.codes_sent}", case_ref=link.case_ref)
    return target


def read_code(work: Work, link: OutsideLink) -> str:
    """A fresh code for a member of staff to read to the link's holder by telephone; that they did is on record.

    Raises:
        Conflict: the link is over, its holder has not asked, or gets the code by mail.
    """
    party = work.session.get_one(OutsideParty, link.outside_id)
    if not is_live(link, work):
        raise Conflict(N_("This invitation is over; make a new one."))
    if party.email is not None:
        raise Conflict(N_("The code goes to {name} by mail; nobody else is shown it."), name=party.name)
    if link.codes_sent == 0:
        raise Conflict(N_("{name} has not asked for a code yet."), name=party.name)
    work.record("outside.code-read-out", link.case_ref, link=link.id, name=party.name)
    return issue_code(work, link.id or 0)


def try_code(work: Work, token: str, code: str) -> Invalid | None:
    """Whether ``code`` is right: what is wrong with it, or nothing. A wrong one is counted, and too many lock the link.

    It returns what is wrong instead of raising it, for the count is to be kept.

    Raises:
        LinkDead, ContentChanged: as ``follow_outside_link`` does.
    """
    # Whoever tries many codes at once is to be counted as if they had tried them one after the other.
    work.session.exec(select(OutsideLink.id).where(OutsideLink.token_hash == token_hash(token)).with_for_update()).all()
    target = follow_outside_link(work.session, token, work.house)
    link = target.link
    if target.done or not target.purpose.needs_code:
        return None
    if not code.strip():
        return _wrong_code(N_("Please enter the code you were sent."))
    if link.code_hash is None:
        return _wrong_code(N_("First have a code sent to you, then enter it here."))
    if link.code_expires_at is None or link.code_expires_at <= work.now:
        return _wrong_code(N_("This code has expired. Have a new one sent to you."))
    if is_code_of(work, link, plain_code(code)):
        return None
    link.wrong_codes += 1
    work.add(link)
    work.record("outside.code-wrong", link.case_ref, link=link.id, name=target.party.name, times=link.wrong_codes)
    if link.wrong_codes >= MOST_WRONG_CODES:
        link.revoked_at, link.note = work.now, LOCKED
        work.record_system("outside.locked", link.case_ref, link=link.id, name=target.party.name)
        tell_keeper(work, link, target.party, Need.LOCKED, "1")
        work.add(link)
    return _wrong_code(
        N_("This is not the code you were sent. Tries left: {left}."), left=MOST_WRONG_CODES - link.wrong_codes
    )


def plain_code(code: str) -> str:
    """A code without the blanks people put into it, in plain digits."""
    return "".join(c for c in unicodedata.normalize("NFKC", code) if c.isdigit())


def _wrong_code(message: str, **values: object) -> Invalid:
    return Invalid(N_("Please look at the marked fields."), [Problem(CODE_FIELD, message, values)])


# -- taking ----------------------------------------------------------------------------------------------------------


def take_outside(work: Work, token: str, code: str, data: Mapping[str, Any]) -> OutsideTarget:
    """Take over what was filled in behind a link, and use the link up. The same again is taken once.

    A wrong code is refused here without being counted: pages ask ``try_code`` first, in a unit of work of its own.

    Raises:
        LinkDead, ContentChanged: as ``follow_outside_link`` does.
        Invalid: a wrong code, or the form is not filled in right; the link stays as it is.
        Conflict: something else was answered before.
    """
    target = follow_outside_link(work.session, token, work.house)
    link, purpose = target.link, target.purpose
    answered = digest({name: value for name, value in data.items() if value not in (None, "")})
    if target.done:
        if link.answer_hash == answered:
            return target
        raise Conflict(N_("You have answered already, otherwise than now. What you answered first stands."))
    if purpose.needs_code and not is_code_of(work, link, plain_code(code)):
        raise _wrong_code(N_("This is not the code you were sent."))
    form = validate(purpose.form, data, purpose.shows(work.session, link))
    unused = (
        (col(OutsideLink.id) == link.id) & col(OutsideLink.used_at).is_(None) & col(OutsideLink.revoked_at).is_(None)
    )
    used = update(OutsideLink).where(unused).values(used_at=work.now, answer_hash=answered, code_hash=None)
    if work.change(used) != 1:
        raise Conflict(N_("You have answered already; nothing more is needed."))
    work.session.refresh(link)
    work.record("outside.answered", link.case_ref, link=link.id, name=target.party.name, purpose=purpose.title)
    purpose.takes(work, link, target.party, form)
    return target
