"""What customers have consented to share, with whom, what for; and whether something may be shared on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ConsentPurpose, SharedData, Word
from models.queries.shown import Read
from models.tables import Consent


class ConsentState(Word):
    """How a consent stands on a day."""

    VALID = "valid", N_("Valid")
    ENDING = "ending", N_("Ends soon")
    FUTURE = "future", N_("Not yet valid")
    EXPIRED = "expired", N_("Expired")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


class ConsentView(Read):
    """One consent of the register."""

    id: int
    purpose: ConsentPurpose
    recipient: str
    shares: tuple[SharedData, ...]
    given_by: str
    document: str
    since: date
    until: date | None
    state: ConsentState
    withdrawn_on: date | None
    withdrawn_because: str

    @property
    def live(self) -> bool:
        """Whether it may still be withdrawn."""
        return self.state in (ConsentState.VALID, ConsentState.ENDING, ConsentState.FUTURE)


def consents_of(session: Session, customer_id: int, on: date, soon: int) -> tuple[ConsentView, ...]:
    """Every consent of a customer, the newest first; ``soon`` are the days before the end that are marked."""
    rows = select(Consent).where(Consent.customer_id == customer_id)
    return tuple(
        _view(row, on, soon) for row in session.exec(rows.order_by(col(Consent.since).desc(), col(Consent.id)))
    )


def may_share(
    session: Session, customer_id: int, purpose: ConsentPurpose, recipient: str, what: Iterable[SharedData], on: date
) -> Consent | None:
    """The consent under which ``what`` may be shared with ``recipient`` for ``purpose`` on a day; none: it may not.

    One consent must cover all of it: two that each cover a half were given for other things. The recipient is compared
    without regard to case and blanks.
    """
    wanted, whom = set(what), _plain(recipient)
    if not wanted:
        return None
    rows = session.exec(
        select(Consent)
        .where(Consent.customer_id == customer_id, Consent.purpose == purpose, col(Consent.since) <= on)
        .order_by(col(Consent.id).desc())
    )
    for row in rows:
        covers = wanted <= {SharedData(one) for one in row.shares} and _plain(row.recipient) == whom
        if covers and _holds(row, on):
            return row
    return None


def _plain(recipient: str) -> str:
    return "".join(recipient.split()).casefold()


def _holds(row: Consent, on: date) -> bool:
    withdrawn = row.withdrawn_on is not None and row.withdrawn_on <= on
    return row.since <= on and (row.until is None or on <= row.until) and not withdrawn


def _view(row: Consent, on: date, soon: int) -> ConsentView:
    if row.withdrawn_on is not None:
        state = ConsentState.WITHDRAWN
    elif row.until is not None and row.until < on:
        state = ConsentState.EXPIRED
    elif row.since > on:
        state = ConsentState.FUTURE
    else:
        ending = row.until is not None and row.until <= on + timedelta(days=soon)
        state = ConsentState.ENDING if ending else ConsentState.VALID
    shares = tuple(SharedData(one) for one in row.shares)
    kept = row.model_dump(exclude={"shares", "customer_id", "recorded_by", "recorded_at"})
    return ConsentView(**kept, shares=shares, state=state)
