"""One's own ways in: the browsers one is signed in with, and the tokens one has given to programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import House, Work
from models.messages import TokenExpiring, queue
from models.operations.access import Scope, issue_api_token, token_hash
from models.operations.sign_ins import NOWHERE, enter_in_book
from models.rights import Right, must_hold
from models.tables import ApiToken, CalendarFeed, Person, SignInLink, WebSession

MOST_TOKENS = 10
LONGEST_LABEL = 80
SESSIONS_SHOWN = 50


def live_sessions(session: Session, person_id: str, now: datetime) -> Sequence[WebSession]:
    """The browsers somebody is signed in with, the latest first."""
    statement = select(WebSession).where(
        WebSession.person_id == person_id, col(WebSession.revoked_at).is_(None), col(WebSession.expires_at) >= now
    )
    return session.exec(statement.order_by(col(WebSession.id).desc()).limit(SESSIONS_SHOWN)).all()


def is_session_of(row: WebSession, token: str | None) -> bool:
    """Whether this is the session that ``token`` opened."""
    return token is not None and row.token_hash == token_hash(token)


def sign_out_elsewhere(work: Work, person_id: str, keep: str) -> int:
    """End every session of somebody but the one that the token ``keep`` opened. Returns how many there were."""
    table = WebSession.__table__  # type: ignore[attr-defined]
    live = (table.c.person_id == person_id) & table.c.revoked_at.is_(None) & (table.c.expires_at >= work.now)
    others = live & (table.c.token_hash != token_hash(keep))
    ended = work.change(update(table).where(others).values(revoked_at=work.now))
    if ended:
        enter_in_book(work, SignInEvent.ENDED, SignInWay.SELF, NOWHERE, person_id)
        work.record("sign-in.ended-elsewhere", person=person_id, sessions=ended)
    return ended


def tokens_of(session: Session, person_id: str) -> Sequence[ApiToken]:
    """The tokens that act for somebody: those in use first, then the latest."""
    statement = select(ApiToken).where(ApiToken.person_id == person_id)
    newest = statement.order_by(col(ApiToken.revoked_at).is_not(None), col(ApiToken.id).desc()).limit(50)
    return session.exec(newest).all()


def is_live(token: ApiToken, now: datetime) -> bool:
    """Whether a program can still use it."""
    return token.revoked_at is None and (token.expires_at is None or token.expires_at >= now)


def make_own_token(work: Work, person_id: str, label: str, scopes: Sequence[Scope], days: int | None = None) -> str:
    """Make a token for a program of one's own; it is shown this once. It may do what its person may, within its scopes.

    Raises:
        Invalid: no name, no scope, or a time that is too long. Conflict: there are enough, or one of this name.
    """
    label = label.strip()
    problems = []
    if not label or len(label) > LONGEST_LABEL:
        problems.append(Problem("label", N_("A name of 1 to {max} characters."), {"max": LONGEST_LABEL}))
    if not scopes:
        problems.append(Problem("scopes", N_("Choose at least one.")))
    longest = work.house.settings.api_token_longest_days
    days = min(work.house.settings.api_token_days, longest) if days is None else days
    if not 1 <= days <= longest:
        problems.append(Problem("days", N_("From 1 to {max} days."), {"max": longest}))
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    live = select(ApiToken).where(
        ApiToken.person_id == person_id,
        col(ApiToken.revoked_at).is_(None),
        or_(col(ApiToken.expires_at).is_(None), col(ApiToken.expires_at) >= work.now),
    )
    kept = work.session.exec(live).all()
    if any(one.label == label for one in kept):
        raise Conflict(N_("You have a token of this name already. Revoke it first, or choose another name."))
    if len(kept) >= MOST_TOKENS:
        raise Conflict(N_("You have {max} tokens already. Revoke one first."), max=MOST_TOKENS)
    return issue_api_token(work, person_id, label, list(dict.fromkeys(scopes)), days)


def revoke_own_token(work: Work, person_id: str, token_id: int) -> ApiToken:
    """Let one of one's own tokens go dead at once.

    Raises:
        NotFound: it is none of theirs. Conflict: it was revoked before.
    """
    token = work.session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id:
        raise NotFound(N_("You have no such token."))
    if token.revoked_at is not None:
        raise Conflict(N_("This token was revoked already."))
    token.revoked_at = work.now
    work.add(token)
    work.record("api-token.revoked", person=person_id, label=token.label)
    enter_in_book(work, SignInEvent.TOKEN_REVOKED, SignInWay.SELF, NOWHERE, person_id, token.label)
    return token


WARNED_BEFORE = timedelta(days=7)


def warn_of_ending(house: House) -> int:
    """Tell everybody whose token ends within a week, once for each. Returns how many were told."""
    soon = house.clock() + WARNED_BEFORE
    due = select(ApiToken).where(
        col(ApiToken.warned_at).is_(None),
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at).between(house.clock(), soon),
    )
    with house.read() as session:
        ending = session.exec(due.limit(500)).all()
    if not ending:
        return 0
    with house.work() as work:
        told = 0
        for one in ending:
            first = (col(ApiToken.id) == one.id) & col(ApiToken.warned_at).is_(None)
            lasted_longer = one.expires_at is not None and one.expires_at - one.created_at > WARNED_BEFORE
            if work.change(update(ApiToken).where(first).values(warned_at=work.now)) and lasted_longer:
                ends_on = house.calendar.day_of(one.expires_at or work.now)
                queue(work, TokenExpiring(label=one.label, ends_on=ends_on), one.person_id, f"token-ends:{one.id}")
                told += 1
    return told


# -- ending --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """What was ended of somebody's ways in."""

    sessions: int = 0
    tokens: int = 0
    links: int = 0
    feeds: int = 0


def end_access(work: Work, person_id: str, *, sessions_only: bool = False) -> Ended:
    """Let every way in of somebody go dead at once: sessions and links that sign in; unless ``sessions_only`` also
    tokens and the calendar's address. Who is still in service signs in anew."""
    sessions = _revoke(work, WebSession, person_id)
    unused = (col(SignInLink.person_id) == person_id) & col(SignInLink.used_at).is_(None)
    links = work.change(update(SignInLink).where(unused).values(used_at=work.now))
    tokens = feeds = 0
    if not sessions_only:
        tokens, feeds = _revoke(work, ApiToken, person_id), _revoke(work, CalendarFeed, person_id)
    way = SignInWay.SELF if work.actor.id == person_id else SignInWay.OPERATIONS
    if sessions:
        enter_in_book(work, SignInEvent.ENDED, way, NOWHERE, person_id)
    if tokens:
        enter_in_book(work, SignInEvent.TOKEN_REVOKED, way, NOWHERE, person_id)
    ended = Ended(sessions, tokens, links, feeds)
    if ended != Ended():
        work.record("sign-in.ways-ended", person=person_id, sessions=sessions, tokens=tokens, links=links, feeds=feeds)
    return ended


def end_access_of(work: Work, by: Person, person_id: str, *, sessions_only: bool = False) -> Ended:
    """The same for somebody else, by operations.

    Raises:
        NotAllowed: ``by`` is not of operations. NotFound: there is no such person.
    """
    if by.id != person_id:
        must_hold(by, Right.END_ACCESS)
    if work.session.get(Person, person_id) is None:
        raise NotFound(N_("There is no person {person}."), person=person_id[:64])
    return end_access(work, person_id, sessions_only=sessions_only)


def _revoke(work: Work, table: type[WebSession] | type[ApiToken] | type[CalendarFeed], person_id: str) -> int:
    live = (col(table.person_id) == person_id) & col(table.revoked_at).is_(None)
    return work.change(update(table).where(live).values(revoked_at=work.now))
