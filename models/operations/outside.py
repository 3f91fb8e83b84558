"""People outside the company: who they are, the links that let them do one thing, and taking over what they did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.languages import N_
from config.words import ActorKind, CaseState, Language
from models.audit import Actor
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.messages import Need, OutsideInvited, OutsideNeeds, queue, queue_outside
from models.operations.outside_secrets import issue_outside_link, no_token_yet
from models.operations.papers import issuer_of
from models.outside import Purpose, purposes
from models.tables import Case, Customer, OutsideLink, OutsideParty, Paper

CLIENT_ANSWERED = "client-answered"
"""Announced to the case when somebody outside has signed a paper or declined: ``{"signed", "reason", "paper"}``."""

LOCKED, REPLACED = "locked", "replaced"
MAIL = re.compile(r"[^@\s:/<>,;\"]+@[^@\s:/<>,;\"]+\.[^@\s:/<>,;\".]+")
"""One plain address. Anything with ``://`` in it would name a mail server of somebody's own."""


def outside_actor(party: OutsideParty) -> Actor:
    """Somebody outside, acting."""
    return Actor(ActorKind.OUTSIDE, f"outside:{party.id}")


# -- who they are ----------------------------------------------------------------------------------------------------


def outside_party(
    work: Work,
    customer_id: int | None,
    name: str,
    email: str | None,
    phone: str | None = None,
    language: Language | None = None,
) -> OutsideParty:
    """Somebody outside. Who is known already under the same name and addresses is the same party.

    Raises:
        Invalid: no name, or an e-mail address that is none.
    """
    name, email, phone = name.strip(), (email or "").strip() or None, (phone or "").strip() or None
    if not name or len(name) > 80 or len(name.splitlines()) > 1:
        raise Invalid(N_("Please look at the marked fields."), [Problem("name", N_("This field is needed."))])
    if email is not None and (len(email) > 254 or not MAIL.fullmatch(email)):
        raise Invalid(N_("Please look at the marked fields."), [Problem("email", N_("This is not an e-mail address."))])
    spoken = language or work.house.settings.language
    same = select(OutsideParty).where(OutsideParty.name == name, OutsideParty.customer_id == customer_id)
    for known in work.session.exec(same):
        if (known.email, known.phone, known.language) == (email, phone, spoken):
            return known
    party = OutsideParty(
        customer_id=customer_id, name=name, email=email, phone=phone, language=spoken, created_at=work.now
    )
    work.add(party)
    return party


# -- inviting --------------------------------------------------------------------------------------------------------


def invite(
    work: Work,
    party: OutsideParty,
    purpose_name: str,
    *,
    case_ref: str | None = None,
    customer_id: int | None = None,
    paper: Paper | None = None,
    given: Mapping[str, Any] | None = None,
) -> OutsideLink:
    """Ask somebody outside to do one thing, by a link that is made when its message is sent. Asked twice is once.

    Of whom no mail address is known, the case's handler is told to pass the link on.

    Raises:
        LookupError: there is no such purpose.
    """
    purpose = purposes()[purpose_name]
    told = dict(given or {})
    same = live_links(work).where(
        OutsideLink.outside_id == party.id,
        OutsideLink.purpose == purpose.name,
        OutsideLink.case_ref == case_ref,
        OutsideLink.paper_id == (paper.id if paper else None),
    )
    for known in work.session.exec(same):
        if known.given == told and known.customer_id == customer_id:
            return known
    link = OutsideLink(
        token_hash=no_token_yet(),
        outside_id=party.id or 0,
        case_ref=case_ref,
        customer_id=customer_id,
        purpose=purpose.name,
        paper_id=paper.id if paper else None,
        content_hash=paper.content_hash if paper else None,
        given=told,
        created_at=work.now,
        expires_at=work.now + timedelta(days=purpose.valid_days),
    )
    work.add(link)
    work.record("outside.invited", case_ref, link=link.id, name=party.name, purpose=purpose.title)
    _send(work, link, party, purpose)
    return link


def resend_invitation(work: Work, link: OutsideLink) -> None:
    """Ask again: the message goes out anew with a token of its own; the one before opens nothing any more.

    Raises:
        Conflict: what the link opens was done, or it is dead.
    """
    if not is_live(link, work):
        raise Conflict(N_("This invitation is over; make a new one."))
    party = work.session.get_one(OutsideParty, link.outside_id)
    work.record("outside.invited-again", link.case_ref, link=link.id, name=party.name)
    _send(work, link, party, purposes()[link.purpose])


def _send(work: Work, link: OutsideLink, party: OutsideParty, purpose: Purpose) -> None:
    link.messages += 1
    work.add(link)
    if party.email is None:
        tell_keeper(work, link, party, Need.UNREACHABLE, f"{link.messages}")
        return
    paper = work.session.get(Paper, link.paper_id) if link.paper_id else None
    message = OutsideInvited(
        link_id=link.id or 0,
        company=issuer_of(work.house, party.language),
        title=purpose.title,
        intro=purpose.intro,
        about=paper.content["title"] if paper else "",
        expires_at=link.expires_at,
        again=link.messages > 1,
    )
    queue_outside(work, message, party, f"outside:{link.id}:{link.messages}", case_ref=link.case_ref)


def invite_anew(work: Work, link: OutsideLink) -> OutsideLink:
    """Ask the same of the same person by a new link, where the one they have was locked, has expired or got no code.

    Raises:
        Conflict: it was done or taken back, its case has ended, or its paper has a new text.
    """
    case = work.session.get(Case, link.case_ref) if link.case_ref else None
    paper = work.session.get(Paper, link.paper_id) if link.paper_id else None
    taken_back = link.revoked_at is not None and link.note != LOCKED
    if link.used_at is not None or taken_back or (case is not None and case.state is CaseState.CLOSED):
        raise Conflict(N_("What was asked here is over; nobody need be asked again."))
    if paper is not None and paper.superseded:
        raise Conflict(N_("The paper has a new text; whoever is to sign it is asked by the case itself."))
    if link.revoked_at is None:
        link.revoked_at, link.note = work.now, REPLACED
        work.add(link)
    return invite(
        work,
        work.session.get_one(OutsideParty, link.outside_id),
        link.purpose,
        case_ref=link.case_ref,
        customer_id=link.customer_id,
        paper=paper,
        given=link.given,
    )


def hand_over(work: Work, link: OutsideLink) -> str:
    """A fresh token of a link, for a member of staff to pass on in person; the one before opens nothing any more.

    Raises:
        Conflict: what the link opens was done, or it is dead.
    """
    if not is_live(link, work):
        raise Conflict(N_("This invitation is over; make a new one."))
    party = work.session.get_one(OutsideParty, link.outside_id)
    work.record("outside.handed-over", link.case_ref, link=link.id, name=party.name)
    return issue_outside_link(work, link.id or 0)


def revoke_invitations(work: Work, case_ref: str, purpose: str) -> int:
    """Nobody outside is asked for this any more. Returns how many links were still open."""
    live = (
        (col(OutsideLink.case_ref) == case_ref)
        & (col(OutsideLink.purpose) == purpose)
        & col(OutsideLink.used_at).is_(None)
        & col(OutsideLink.revoked_at).is_(None)
    )
    revoked = work.change(update(OutsideLink).where(live).values(revoked_at=work.now, note="revoked"))
    if revoked:
        work.record("outside.revoked", case_ref, purpose=purposes()[purpose].title, links=revoked)
    return revoked


def live_links(work: Work) -> SelectOfScalar[OutsideLink]:
    """The links that still open something."""
    return select(OutsideLink).where(
        col(OutsideLink.used_at).is_(None),
        col(OutsideLink.revoked_at).is_(None),
        col(OutsideLink.expires_at) > work.now,
    )


def is_live(link: OutsideLink, work: Work) -> bool:
    """Whether a link still opens something."""
    return link.used_at is None and link.revoked_at is None and link.expires_at > work.now


def tell_keeper(work: Work, link: OutsideLink, party: OutsideParty, need: Need, times: str) -> None:
    """Tell whoever looks after the matter that somebody outside cannot go on without them."""
    case = work.session.get(Case, link.case_ref) if link.case_ref else None
    to = keeper_of(work.session, link)
    if to is None:
        return
    message = OutsideNeeds(
        need=need,
        name=party.name,
        title=purposes()[link.purpose].title,
        case_ref=case.ref if case else "",
        case_title=case.title if case else "",
    )
    queue(work, message, to, f"outside:{link.id}:{need.value}:{times}", case_ref=link.case_ref)


def keeper_of(session: Session, link: OutsideLink) -> str | None:
    """Who looks after an invitation: the case's handler; without a case whoever sent it, or the customer's handler."""
    if link.case_ref:
        return session.get_one(Case, link.case_ref).handler_id
    if isinstance(link.given.get("by"), str):
        return str(link.given["by"])
    customer = session.get(Customer, link.customer_id) if link.customer_id else None
    return customer.handler_id if customer else None
