"""Webhooks as operations see them: each with how its deliveries stand, and the deliveries of one, newest first."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, func, select

from config.words import MessageState
from models.errors import NotFound
from models.operations.webhooks import NO_SUCH
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.shown import Read
from models.tables import Person, Webhook, WebhookDelivery
from models.webhooks import WebhookEvent

Delivery = WebhookDelivery


class WebhookView(Read):
    """One webhook. ``address`` leaves out what may be secret in it: its path and query."""

    id: int
    name: str
    url: str
    address: str
    events: tuple[WebhookEvent, ...]
    active: bool
    paused_because: str | None
    failures: int
    created_by: str
    created_at: datetime
    waiting: int
    dead: int
    last_taken_at: datetime | None


class DeliveryView(Read):
    """One notice on its way. ``status`` is the receiver's last answer, ``note`` what it said or what was wrong."""

    id: int
    sequence: int
    event: WebhookEvent
    case_ref: str | None
    state: MessageState
    attempts: int
    status: int | None
    note: str | None
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None


class DeliveryPage(Read):
    items: tuple[DeliveryView, ...]
    next_cursor: str | None = None


def webhooks(session: Session) -> tuple[WebhookView, ...]:
    """All of them, the oldest first."""
    hooks = session.exec(select(Webhook).order_by(col(Webhook.id))).all()
    return tuple(_views(session, list(hooks)))


def webhook_view(session: Session, hook: Webhook) -> WebhookView:
    """One of them."""
    return _views(session, [hook])[0]


def webhook_of(session: Session, webhook_id: int) -> Webhook:
    """The webhook of this number.

    Raises:
        NotFound: there is none.
    """
    hook = session.get(Webhook, webhook_id)
    if hook is None:
        raise NotFound(NO_SUCH)
    return hook


def _views(session: Session, hooks: list[Webhook]) -> list[WebhookView]:
    ids = [hook.id for hook in hooks]
    unfinished = (MessageState.PENDING, MessageState.SENDING, MessageState.DEAD)
    counted = session.exec(
        select(Delivery.webhook_id, Delivery.state, func.count())
        .where(col(Delivery.webhook_id).in_(ids), col(Delivery.state).in_(unfinished))
        .group_by(col(Delivery.webhook_id), col(Delivery.state))
    ).all()
    counts = {(webhook_id, MessageState(state)): number for webhook_id, state, number in counted}
    # Asked for each by itself: so the database looks at one end of the index instead of reading a month of deliveries.
    newest = (
        select(func.max(Delivery.next_at))
        .where(col(Delivery.webhook_id) == col(Webhook.id), Delivery.state == MessageState.SENT)
        .scalar_subquery()
    )
    last = session.execute(select(col(Webhook.id), newest).where(col(Webhook.id).in_(ids)))
    taken: dict[int, datetime | None] = {row[0]: row[1] for row in last}
    people = col(Person.id).in_({hook.created_by for hook in hooks})
    names = dict(session.exec(select(Person.id, Person.name).where(people)).all())
    return [
        WebhookView(
            id=hook.id or 0,
            name=hook.name,
            url=hook.url,
            address=_address(hook.url),
            events=tuple(WebhookEvent(event) for event in hook.events),
            active=hook.active,
            paused_because=hook.paused_because,
            failures=hook.failures,
            created_by=names.get(hook.created_by, hook.created_by),
            created_at=hook.created_at,
            waiting=counts.get((hook.id or 0, MessageState.PENDING), 0)
            + counts.get((hook.id or 0, MessageState.SENDING), 0),
            dead=counts.get((hook.id or 0, MessageState.DEAD), 0),
            last_taken_at=taken.get(hook.id or 0),
        )
        for hook in hooks
    ]


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" + ("/…" if parts.path not in ("", "/") or parts.query else "")


def deliveries_of(
    session: Session,
    webhook_id: int,
    *,
    state: MessageState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> DeliveryPage:
    """What was told to one webhook, newest first; ``limit`` of it from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = select(Delivery).where(Delivery.webhook_id == webhook_id)
    # What is not delivered is rare: found by its state and put in order, not looked for along the whole order.
    place = col(Delivery.event_seq) + 0 if state not in (None, MessageState.SENT) else col(Delivery.event_seq)
    if state is not None:
        statement = statement.where(Delivery.state == state)
    if cursor:
        _, key = read_cursor(cursor)
        statement = statement.where(place < number_of(key))
    rows = session.exec(statement.order_by(place.desc()).limit(limit + 1)).all()
    items = tuple(delivery_view(row) for row in rows[:limit])
    if len(rows) <= limit:
        return DeliveryPage(items=items)
    return DeliveryPage(items=items, next_cursor=write_cursor(items[-1].created_at, items[-1].sequence))


def delivery_view(row: WebhookDelivery) -> DeliveryView:
    """One delivery as it is shown."""
    return DeliveryView(
        id=row.id or 0,
        sequence=row.event_seq,
        event=WebhookEvent(row.event),
        case_ref=row.case_ref,
        state=row.state,
        attempts=row.attempts,
        status=row.status,
        note=row.note,
        created_at=row.created_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
    )
