"""One's own ways in: the browsers one is signed in with, and the tokens one has given to programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from config.languages import N_
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.operations.access import Scope, issue_api_token, token_hash
from models.tables import ApiToken, WebSession

MOST_TOKENS = 10
LONGEST_DAYS = 365
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


def make_own_token(work: Work, person_id: str, label: str, scopes: Sequence[Scope], days: int) -> str:
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
    if not 1 <= days <= LONGEST_DAYS:
        problems.append(Problem("days", N_("From 1 to {max} days."), {"max": LONGEST_DAYS}))
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
    return token
