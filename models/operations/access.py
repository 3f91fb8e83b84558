"""Links, sessions and tokens: 256 random bits each, of which only the SHA-256 is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import LinkDead, NotAllowed
from models.house import Work
from models.operations.sign_ins import NOWHERE, Whence, enter_in_book
from models.tables import ApiToken, ApprovalLink, Person, Signer, SignInLink, Step, WebSession


class Scope(StrEnum):
    """What a program's token may be used for."""

    READ = "read"
    OPEN = "open"
    DECIDE = "decide"
    LEDGER = "ledger"
    OPERATE = "operate"


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> str:
    return secrets.token_urlsafe(32)


# -- approval links --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkTarget:
    """What a live or closed approval link opens."""

    signer: Signer
    step: Step
    person: Person


def issue_approval_link(work: Work, signer_id: int) -> str:
    """Make a link for one signer's place on a step, and return its token; it is not to be had again."""
    signer = work.session.get_one(Signer, signer_id)
    step = work.session.get_one(Step, signer.step_id)
    token = _new_token()
    work.add(
        ApprovalLink(
            token_hash=token_hash(token),
            signer_id=signer_id,
            step_id=signer.step_id,
            content_hash=step.content_hash,
            created_at=work.now,
            expires_at=work.now + timedelta(days=work.house.settings.link_days),
        )
    )
    return token


def follow_approval_link(session: Session, token: str, now: datetime) -> LinkTarget:
    """The step a link opens. A link of a closed step still shows how it was closed.

    Raises:
        LinkDead: unknown, past its date, or made for somebody who no longer holds the place (离岗代理).
    """
    link = session.exec(select(ApprovalLink).where(ApprovalLink.token_hash == token_hash(token))).first()
    if link is None:
        raise LinkDead(N_("This link is not known. Perhaps it was cut off: open it again from the message."))
    if link.expires_at < now:
        raise LinkDead(N_("This link has expired. Sign in to see what waits for you."))
    signer, step = session.get_one(Signer, link.signer_id), session.get_one(Step, link.step_id)
    if not session.get_one(Person, signer.person_id).active:
        raise LinkDead(N_("This link was made for somebody who is no longer in service."))
    if link.revoked_at is not None and (step.closed_at is None or link.revoked_at < step.closed_at):
        raise LinkDead(N_("This step has passed to somebody else. Sign in to see what waits for you."))
    return LinkTarget(signer, step, session.get_one(Person, signer.person_id))


def revoke_links(work: Work, signer_id: int | None) -> None:
    """A place changes hands: the links made for whoever held it open it no more."""
    live = (col(ApprovalLink.signer_id) == signer_id) & col(ApprovalLink.revoked_at).is_(None)
    work.change(update(ApprovalLink).where(live).values(revoked_at=work.now))


# -- sign-in ---------------------------------------------------------------------------------------------------------


def issue_sign_in_link(work: Work, person_id: str) -> str:
    """Make a one-time sign-in link and return its token."""
    token = _new_token()
    minutes = work.house.settings.sign_in_minutes
    work.add(
        SignInLink(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=work.now,
            expires_at=work.now + timedelta(minutes=minutes),
        )
    )
    work.record("sign-in.link-made", person=person_id)
    return token


def sign_in(work: Work, token: str, whence: Whence = NOWHERE, replaces: str | None = None) -> tuple[Person, str]:
    """Use a one-time link, once, and return the person and their new session's token; it takes the place of the session
    ``replaces``.

    Raises:
        LinkDead: unknown, expired or used.
        NotAllowed: the person's account is not active.
    """
    table = SignInLink.__table__  # type: ignore[attr-defined]
    usable = (table.c.token_hash == token_hash(token)) & table.c.used_at.is_(None) & (table.c.expires_at >= work.now)
    if work.change(update(table).where(usable).values(used_at=work.now)) != 1:
        refused = LinkDead(N_("This sign-in link was used or has expired. Ask for a new one."))
        raise refused.note("sign-in.refused", None)
    link = work.session.exec(select(SignInLink).where(SignInLink.token_hash == token_hash(token))).one()
    person = work.session.get_one(Person, link.person_id)
    return person, open_session(work, person, SignInWay.LINK, whence, replaces)


def open_session(
    work: Work, person: Person, way: SignInWay, whence: Whence, replaces: str | None = None, id_token: str | None = None
) -> str:
    """Sign ``person`` in, and return the new session's token. The session that the browser had before is over: what
    somebody may have planted there is worth nothing.

    Raises:
        NotAllowed: the account is not active.
    """
    if not person.active:
        raise NotAllowed(N_("Your account is not active."))
    if replaces is not None:
        before = (col(WebSession.token_hash) == token_hash(replaces)) & col(WebSession.revoked_at).is_(None)
        work.change(update(WebSession).where(before).values(revoked_at=work.now))
    session_token = _new_token()
    work.add(
        WebSession(
            token_hash=token_hash(session_token),
            person_id=person.id,
            created_at=work.now,
            expires_at=work.now + timedelta(hours=work.house.settings.session_hours),
            seen_at=work.now,
            way=way,
            address=whence.address,
            agent=whence.agent,
            id_token=id_token,
        )
    )
    enter_in_book(work, SignInEvent.DONE, way, whence, person.id)
    work.record("sign-in.done", person=person.id, **({} if way is SignInWay.LINK else {"way": way.value}))
    return session_token


def live_session(session: Session, token: str, now: datetime, idle: timedelta) -> WebSession | None:
    """The session with this token; none if it is unknown, over, revoked, or was not heard of for ``idle``."""
    row = session.exec(select(WebSession).where(WebSession.token_hash == token_hash(token))).first()
    if (
        row is None
        or row.revoked_at is not None
        or row.expires_at < now
        or (row.seen_at or row.created_at) < now - idle
    ):
        return None
    return row


def note_seen(work: Work, token: str) -> None:
    """The session was heard of just now."""
    live = (col(WebSession.token_hash) == token_hash(token)) & col(WebSession.revoked_at).is_(None)
    work.change(update(WebSession).where(live).values(seen_at=work.now))


def sign_out(work: Work, token: str) -> WebSession | None:
    """End a session at once. Returns it, if there is one."""
    row = work.session.exec(select(WebSession).where(WebSession.token_hash == token_hash(token))).first()
    if row is not None and row.revoked_at is None:
        row.revoked_at = work.now
        work.add(row)
        enter_in_book(work, SignInEvent.ENDED, SignInWay.SELF, Whence(row.address, row.agent), row.person_id)
    work.record("sign-in.ended")
    return row


def person_by_email(session: Session, email: str) -> Person | None:
    """The active member of staff with this address."""
    address = email.strip().lower()
    found = session.exec(select(Person).where(Person.email == address, col(Person.active))).first()
    return found


# -- programs --------------------------------------------------------------------------------------------------------


def issue_api_token(work: Work, person_id: str, label: str, scopes: list[Scope], days: int | None = 365) -> str:
    """Make an API token that acts for a person within ``scopes``; shown once."""
    token = "crk_" + _new_token()
    work.add(
        ApiToken(
            token_hash=token_hash(token),
            label=label,
            person_id=person_id,
            scopes=[scope.value for scope in scopes],
            created_at=work.now,
            expires_at=None if days is None else work.now + timedelta(days=days),
        )
    )
    work.record("api-token.issued", person=person_id, label=label, scopes=[scope.value for scope in scopes])
    return token


@dataclass(frozen=True)
class Program:
    """A program that calls: its token, and whom it acts for."""

    token: ApiToken
    person: Person


def program_of_token(session: Session, token: str, now: datetime) -> Program | None:
    """Who calls with this token; nobody if it is unknown, expired or revoked, or its person has left."""
    row = session.exec(select(ApiToken).where(ApiToken.token_hash == token_hash(token))).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at < now):
        return None
    person = session.get(Person, row.person_id)
    return Program(row, person) if person is not None and person.active else None


def must_cover(token: ApiToken, scope: Scope) -> None:
    """Let pass what a token was made for.

    Raises:
        NotAllowed: it is good, but not for this.
    """
    if scope.value not in token.scopes:
        raise NotAllowed(N_("This token may not be used for “{scope}”."), scope=scope.value)


NOTED_EVERY = timedelta(minutes=10)
"""How often it is noted that a token is used."""


def is_to_be_noted(token: ApiToken, now: datetime) -> bool:
    """Whether its use now is worth a write."""
    return token.used_at is None or token.used_at <= now - NOTED_EVERY


def note_used(work: Work, token: ApiToken, whence: Whence) -> None:
    """A token was used, at about this time; its first use is written into the book."""
    first = (col(ApiToken.id) == token.id) & col(ApiToken.used_at).is_(None)
    if work.change(update(ApiToken).where(first).values(used_at=work.now)):
        enter_in_book(work, SignInEvent.TOKEN_USED, SignInWay.TOKEN, whence, token.person_id, token.label)
    else:
        work.change(update(ApiToken).where(col(ApiToken.id) == token.id).values(used_at=work.now))
