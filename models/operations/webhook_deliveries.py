"""Notices on their way to webhooks: written after the audit trail, claimed, and marked with what became of them.

Deliveries follow the trail instead of being written with every change: so nothing that people do waits for them, and
an installation without webhooks pays nothing. The trail has no gaps (its events are numbered one after the other while
its head is locked), so what was written up to a webhook's ``position`` is complete, whoever dies in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, func, select

from config.languages import N_
from config.words import MessageState, Role
from models.house import SYSTEM, House, Work
from models.messages import WebhookPaused, queue
from models.operations.webhooks import deliveries
from models.tables import AuditEvent, Case, ChainHead, Person, Webhook, WebhookDelivery
from models.webhooks import SOURCES, WebhookEvent, notice, sources_of

BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long a notice waits after each failure; after the last it is given up, three days after the first attempt."""

MAX_ATTEMPTS = len(BACK_OFF) + 1
PAUSED_AFTER = 5
"""Notices given up one after the other, after which a webhook is paused."""

ORPHANED_AFTER = timedelta(seconds=60)
AT_ONCE = 4
"""Notices on their way to one webhook at a time: a slow receiver holds nobody else's up."""

BATCH = 500
KEPT = timedelta(days=30)
"""How long what was delivered is kept to look at."""

NOT_TAKEN = N_("Its receiver has not taken several notices for three days.")
GONE = N_("Its receiver says that it is gone for good (410).")


@dataclass(frozen=True)
class Parcel:
    """A claimed notice with all that sending it needs. Address and secret are neither logged nor shown."""

    id: int
    webhook_id: int
    attempt: int
    claimed_by: str
    body: dict[str, Any]
    url: str = field(repr=False)
    secret: str = field(repr=False)


# -- following the trail ---------------------------------------------------------------------------------------------


def behind(session: Session) -> bool:
    """Whether there is anything on the trail that a webhook has not followed yet."""
    head = select(ChainHead.seq).where(ChainHead.id == 1).scalar_subquery()
    waiting = select(Webhook.id).where(col(Webhook.active), col(Webhook.position) < head)
    return session.exec(waiting.limit(1)).first() is not None


def has_webhooks(session: Session) -> bool:
    """Whether anybody ever asked to be told, and something may still be on its way."""
    return session.exec(select(Webhook.id).limit(1)).first() is not None


def follow(house: House) -> int:
    """Write the deliveries of what has happened. Returns how many; 0 also if somebody else has written them."""
    written = 0
    while True:
        with house.read() as session:
            if not behind(session):
                return written
        with house.work(SYSTEM) as work:
            hooks = work.session.exec(
                select(Webhook).where(col(Webhook.active)).order_by(col(Webhook.id)).with_for_update()
            ).all()
            written += sum(_follow_on(work, hook) for hook in hooks)


def _follow_on(work: Work, hook: Webhook) -> int:
    head = work.session.exec(select(ChainHead.seq).where(ChainHead.id == 1)).one()
    names = sources_of(frozenset(hook.events) | {WebhookEvent.PING.value})
    events = work.session.exec(
        select(AuditEvent.seq, AuditEvent.event, AuditEvent.case_ref, AuditEvent.data)
        .where(col(AuditEvent.event).in_(names), col(AuditEvent.seq) > hook.position, col(AuditEvent.seq) <= head)
        .order_by(col(AuditEvent.seq))
        .limit(BATCH)
    ).all()
    rows = [
        {
            "webhook_id": hook.id,
            "event_seq": seq,
            "event": SOURCES[name].event.value,
            "case_ref": case_ref,
            "state": MessageState.PENDING,
            "attempts": 0,
            "next_at": work.now,
            "created_at": work.now,
        }
        for seq, name, case_ref, data in events
        if name != "webhook.pinged" or data.get("webhook") == hook.id
    ]
    if rows:
        work.session.execute(insert(deliveries), rows)
    hook.position = events[-1][0] if len(events) == BATCH else head
    work.add(hook)
    return len(rows)


# -- claiming --------------------------------------------------------------------------------------------------------


def claim_parcels(work: Work, sender: str, limit: int) -> list[Parcel]:
    """Claim up to ``limit`` notices that are due, a few for each webhook, the longest due first."""
    claimed: list[WebhookDelivery] = []
    hooks = {hook.id: hook for hook in work.session.exec(select(Webhook).where(col(Webhook.active)))}
    for hook_id in hooks:
        of_it = (deliveries.c.webhook_id == hook_id) & (deliveries.c.state == MessageState.SENDING)
        flying = work.session.execute(select(func.count()).select_from(deliveries).where(of_it)).scalar_one()
        room = min(limit - len(claimed), AT_ONCE - flying)
        if room > 0:
            claimed += _take(work, sender, hook_id or 0, room)
    return _parcels(work, claimed, hooks)


def _take(work: Work, sender: str, hook_id: int, room: int) -> list[WebhookDelivery]:
    due = (
        select(deliveries.c.id)
        .where(deliveries.c.webhook_id == hook_id, deliveries.c.state == MessageState.PENDING)
        .where(deliveries.c.next_at <= work.now)
        .order_by(deliveries.c.next_at)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    taken = work.session.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(due), deliveries.c.state == MessageState.PENDING)
        .values(state=MessageState.SENDING, claimed_by=sender, claimed_at=work.now, attempts=deliveries.c.attempts + 1)
        .returning(deliveries.c.id)
    )
    mine = select(WebhookDelivery).where(col(WebhookDelivery.id).in_([row.id for row in taken]))
    ordered = mine.order_by(col(WebhookDelivery.event_seq)).execution_options(populate_existing=True)
    return list(work.session.exec(ordered).all())


def _parcels(work: Work, claimed: list[WebhookDelivery], hooks: dict[int | None, Webhook]) -> list[Parcel]:
    wanted = select(AuditEvent).where(col(AuditEvent.seq).in_({one.event_seq for one in claimed}))
    events = {event.seq: event for event in work.session.exec(wanted)} if claimed else {}
    refs = {one.case_ref for one in claimed if one.case_ref}
    found = select(Case).where(col(Case.ref).in_(refs))
    cases = {case.ref: case for case in work.session.exec(found)} if refs else {}
    return [
        Parcel(
            id=one.id or 0,
            webhook_id=one.webhook_id,
            attempt=one.attempts,
            claimed_by=one.claimed_by or "",
            body=notice(events[one.event_seq], cases.get(one.case_ref or "")),
            url=hooks[one.webhook_id].url,
            secret=hooks[one.webhook_id].secret,
        )
        for one in claimed
    ]


# -- what became of it -----------------------------------------------------------------------------------------------


def parcel_taken(work: Work, parcel: Parcel, status: int, note: str | None = None) -> None:
    """The receiver has taken it. ``next_at`` is from now on when that was: by it old deliveries are found."""
    if _mark(work, parcel, state=MessageState.SENT, sent_at=work.now, next_at=work.now, status=status, note=note):
        table = Webhook.__table__  # type: ignore[attr-defined]
        work.change(update(table).where(table.c.id == parcel.webhook_id, table.c.failures > 0).values(failures=0))


def parcel_refused(work: Work, parcel: Parcel, status: int | None, reason: str | None) -> MessageState:
    """The receiver has not taken it: it is tried again later, or given up. ``status`` is none without an answer."""
    gone = status == 410
    if not gone and parcel.attempt < MAX_ATTEMPTS:
        later = work.now + BACK_OFF[parcel.attempt - 1]
        _mark(
            work,
            parcel,
            state=MessageState.PENDING,
            next_at=later,
            status=status,
            note=reason,
            claimed_by=None,
            claimed_at=None,
        )
        return MessageState.PENDING
    if _mark(work, parcel, state=MessageState.DEAD, status=status, note=reason):
        _count_failure(work, parcel.webhook_id, gone)
    return MessageState.DEAD


def _count_failure(work: Work, webhook_id: int, gone: bool) -> None:
    hook = work.session.exec(select(Webhook).where(col(Webhook.id) == webhook_id).with_for_update()).one()
    hook.failures += 1
    if hook.active and (gone or hook.failures >= PAUSED_AFTER):
        hook.active, hook.paused_because = False, GONE if gone else NOT_TAKEN
        work.record_system("webhook.paused", webhook=hook.id, name=hook.name, gone=gone, given_up=hook.failures)
        _tell_operations(work, hook, gone)
    work.add(hook)


def _tell_operations(work: Work, hook: Webhook, gone: bool) -> None:
    message = WebhookPaused(webhook_id=hook.id or 0, name=hook.name, gone=gone, given_up=hook.failures)
    for person in work.session.exec(select(Person).where(col(Person.active))):
        if Role.OPS in person.roles:
            queue(work, message, person.id, f"webhook:{hook.id}:paused:{work.now.isoformat()}:{person.id}")


def _mark(work: Work, parcel: Parcel, **values: Any) -> bool:
    held = (
        (deliveries.c.id == parcel.id)
        & (deliveries.c.state == MessageState.SENDING)
        & (deliveries.c.claimed_by == parcel.claimed_by)
        & (deliveries.c.attempts == parcel.attempt)
    )
    return work.change(update(deliveries).where(held).values(**values)) == 1


# -- upkeep ----------------------------------------------------------------------------------------------------------


def next_due(session: Session) -> datetime | None:
    """When the next notice is due, or the oldest claim grows old; none: not until something happens."""
    active = select(Webhook.id).where(col(Webhook.active))
    waiting = (deliveries.c.state == MessageState.PENDING) & deliveries.c.webhook_id.in_(active)
    due = session.execute(select(func.min(deliveries.c.next_at)).where(waiting)).scalar()
    sending = deliveries.c.state == MessageState.SENDING
    oldest = session.execute(select(func.min(deliveries.c.claimed_at)).where(sending)).scalar()
    return min((at for at in (due, oldest and oldest + ORPHANED_AFTER) if at is not None), default=None)


def release_orphans(house: House, is_gone: Callable[[str], bool]) -> int:
    """Let what dead senders had claimed be sent again: a receiver knows a second copy by its id."""
    with house.read() as session:
        held = session.execute(
            select(deliveries.c.id, deliveries.c.claimed_by, deliveries.c.claimed_at).where(
                deliveries.c.state == MessageState.SENDING
            )
        ).all()
    old = house.clock() - ORPHANED_AFTER
    left = [row for row in held if row.claimed_at is None or row.claimed_at <= old or is_gone(row.claimed_by or "")]
    if not left:
        return 0
    with house.work(SYSTEM) as work:
        return sum(
            work.change(
                update(deliveries)
                .where(deliveries.c.id == row.id, deliveries.c.state == MessageState.SENDING)
                .where(deliveries.c.claimed_by == row.claimed_by, deliveries.c.claimed_at == row.claimed_at)
                .values(state=MessageState.PENDING, next_at=work.now, claimed_by=None, claimed_at=None)
            )
            for row in left
        )


def sweep(work: Work) -> int:
    """Forget what was delivered long ago; the audit trail has what it told of."""
    over = (deliveries.c.state.in_([MessageState.SENT, MessageState.SKIPPED])) & (
        deliveries.c.next_at < work.now - KEPT
    )
    return work.change(delete(deliveries).where(over))
