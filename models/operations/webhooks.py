"""Webhooks as operations keep them: made, changed, tried, paused, taken away; every act with its audit event.

The secret is made here and returned once; the record never has it, nor the address.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlmodel import col, func, select

from config.languages import N_
from config.words import MessageState
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.queries.rights import must_operate
from models.rules.webhook_address import address_of
from models.tables import ChainHead, Person, Webhook, WebhookDelivery
from models.webhooks import CHOSEN

MOST = 50
"""Webhooks of one installation."""

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105  (how each begins)

NO_SUCH = N_("There is no such webhook.")
PASSED_OVER = N_("Passed over when the webhook was resumed.")

deliveries = WebhookDelivery.__table__  # type: ignore[attr-defined]


def new_secret() -> str:
    """A signing secret in the form that Standard Webhooks libraries take."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def create_webhook(work: Work, by: Person, name: str, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Make a webhook that is told of what happens from now on. Returns it with its secret, not to be had again.

    Raises:
        NotAllowed: ``by`` is not of operations.
        Invalid: no name or one that is taken, an address that it may not go to, no or unknown events.
        Conflict: there are too many.
    """
    must_operate(by)
    name, url, wanted = _checked(work, name, url, events, None)
    if work.session.exec(select(func.count()).select_from(Webhook)).one() >= MOST:
        raise Conflict(N_("There are {number} webhooks already; delete one first."), number=MOST)
    secret = new_secret()
    hook = Webhook(
        name=name,
        url=url,
        secret=secret,
        events=wanted,
        created_by=by.id,
        created_at=work.now,
        position=_head(work),
    )
    work.add(hook)
    work.record("webhook.added", webhook=hook.id, name=name, events=wanted)
    return hook, secret


def change_webhook(work: Work, by: Person, hook: Webhook, name: str, url: str, events: Sequence[str]) -> Webhook:
    """Give it another name, address or choice of events. What is on its way goes to the new address.

    Raises:
        NotAllowed, Invalid: as ``create_webhook``.
    """
    must_operate(by)
    before = (hook.name, hook.url, list(hook.events))
    hook.name, hook.url, hook.events = _checked(work, name, url, events, hook.id)
    if (hook.name, hook.url, list(hook.events)) != before:
        work.add(hook)
        moved = before[1] != hook.url
        work.record("webhook.changed", webhook=hook.id, name=hook.name, events=list(hook.events), address_changed=moved)
    return hook


def pause_webhook(work: Work, by: Person, hook: Webhook) -> Webhook:
    """Send nothing until it is resumed. Paused already: stays so."""
    must_operate(by)
    if hook.active:
        hook.active, hook.paused_because = False, None
        work.add(hook)
        work.record("webhook.paused", webhook=hook.id, name=hook.name)
    return hook


def resume_webhook(work: Work, by: Person, hook: Webhook, *, from_now: bool = False) -> Webhook:
    """Go on with what has happened since it was paused, or ``from_now`` on with what will happen. Runs: goes on so."""
    must_operate(by)
    if hook.active:
        return hook
    if from_now:
        hook.position = _head(work)
        waiting = (deliveries.c.webhook_id == hook.id) & (deliveries.c.state == MessageState.PENDING)
        work.change(update(deliveries).where(waiting).values(state=MessageState.SKIPPED, note=PASSED_OVER))
    hook.active, hook.paused_because, hook.failures = True, None, 0
    work.add(hook)
    work.record("webhook.resumed", webhook=hook.id, name=hook.name, from_now=from_now)
    return hook


def ping_webhook(work: Work, by: Person, hook: Webhook) -> None:
    """Send a test notice. It goes the way of every other.

    Raises:
        Conflict: the webhook is paused.
    """
    must_operate(by)
    if not hook.active:
        raise Conflict(N_("This webhook is paused: resume it first."))
    work.record("webhook.pinged", webhook=hook.id)


def delete_webhook(work: Work, by: Person, hook: Webhook) -> None:
    """Take it away with what was still to be sent. That it was there stays on record."""
    must_operate(by)
    work.change(delete(deliveries).where(deliveries.c.webhook_id == hook.id))
    work.session.delete(hook)
    work.record("webhook.deleted", webhook=hook.id, name=hook.name)


def resend_delivery(work: Work, by: Person, delivery_id: int, of: int | None = None) -> WebhookDelivery:
    """Send one notice (``of`` this webhook) anew, with its own id, so that a receiver who has it knows it again.

    Raises:
        NotFound: there is none.
        Conflict: it is on its way.
    """
    must_operate(by)
    delivery = work.session.get(WebhookDelivery, delivery_id)
    if delivery is None or of not in (None, delivery.webhook_id):
        raise NotFound(N_("There is no such delivery."))
    over = deliveries.c.state.in_([MessageState.SENT, MessageState.DEAD, MessageState.SKIPPED])
    again = update(deliveries).where(deliveries.c.id == delivery_id, over)
    if work.change(again.values(state=MessageState.PENDING, attempts=0, next_at=work.now, note=None)) != 1:
        raise Conflict(N_("This notice is on its way already."))
    work.session.refresh(delivery)
    work.record("webhook.sent-again", webhook=delivery.webhook_id, event=delivery.event, sequence=delivery.event_seq)
    return delivery


def webhook_to_change(work: Work, by: Person, webhook_id: int) -> Webhook:
    """The webhook, held until this work is committed.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: there is none.
    """
    must_operate(by)
    hook = work.session.exec(select(Webhook).where(col(Webhook.id) == webhook_id).with_for_update()).first()
    if hook is None:
        raise NotFound(NO_SUCH)
    return hook


def _checked(work: Work, name: str, url: str, events: Sequence[str], own: int | None) -> tuple[str, str, list[str]]:
    name, url, problems = name.strip(), url.strip(), []
    if not name:
        problems.append(Problem("name", N_("This field is needed.")))
    if len(name) > 80:
        problems.append(Problem("name", N_("At most {max_length} characters."), {"max_length": 80}))
    taken = work.session.exec(select(Webhook.id).where(col(Webhook.name) == name)).first()
    if taken is not None and taken != own:
        problems.append(Problem("name", N_("There is a webhook of this name already.")))
    known = [event.value for event in CHOSEN]
    wanted = [event for event in known if event in set(events)]
    if not wanted:
        problems.append(Problem("events", N_("Choose at least one event.")))
    strange = sorted(set(events) - set(known))
    if strange:
        problems.append(Problem("events", N_("There is no event {name}."), {"name": strange[0][:60]}))
    try:
        address_of(url, work.house.settings.webhook_private_hosts)
    except Invalid as refusal:
        problems += refusal.problems
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    return name, url, wanted


def _head(work: Work) -> int:
    """The last event of the trail. Held, so that none is sealed meanwhile that this webhook would miss."""
    return work.session.exec(select(ChainHead.seq).where(ChainHead.id == 1).with_for_update()).one()
