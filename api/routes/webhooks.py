"""Webhooks by API: made, changed, tried, paused, taken away, with their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from api.caller import Caller, house_of
from api.etags import IfMatch, must_match, tag_of, told
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Cursor, Limit, Operator
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from config.languages import translate
from config.words import MessageState
from models.house import Work
from models.operations.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    pause_webhook,
    ping_webhook,
    resend_delivery,
    resume_webhook,
    webhook_to_change,
)
from models.queries.rights import must_operate
from models.queries.webhooks import DeliveryView, WebhookView, deliveries_of, webhook_of, webhook_view, webhooks
from models.queries.webhooks import delivery_view as view_of
from models.tables import Webhook
from models.webhooks import CHOSEN, WebhookEvent

router = APIRouter(tags=["Webhooks"], responses=PROBLEM_RESPONSES)

WebhookId = Annotated[int, Path(ge=1, le=2**53, examples=[3])]
DeliveryId = Annotated[int, Path(ge=1, le=2**53, examples=[88])]
EVENTS = [event.value for event in CHOSEN]


class NewWebhook(Taken):
    """Where notices go, and of what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "ERP receivables",
                    "url": "https://erp.example.com/hooks/risk",
                    "events": ["payment.recorded", "customer.standing_changed"],
                }
            ]
        },
    )

    name: Text = Field(min_length=1, max_length=80)
    url: Text = Field(min_length=1, max_length=500, description="By https, to a public address.")
    events: list[Annotated[Text, Field(max_length=64)]] = Field(
        min_length=1, max_length=50, description="Of what: " + ", ".join(f"`{event}`" for event in EVENTS) + "."
    )


class Resume(Taken):
    """How to go on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"from_now": False}]})

    from_now: bool = Field(False, description="Pass over what has happened since it was paused.")


class WebhookShown(Given):
    """One webhook. It never shows its secret."""

    id: int
    name: str
    url: str
    events: list[WebhookEvent]
    active: bool
    paused_because: str | None = Field(description="Why, if it was not a person who paused it.")
    created_by: str
    created_at: datetime
    waiting: int = Field(description="Notices still to be sent.")
    dead: int = Field(description="Notices given up.")
    last_taken_at: datetime | None


class WebhookMade(WebhookShown):
    """A new webhook with its secret, which is shown this once."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class WebhookList(Given):
    items: list[WebhookShown]
    next_cursor: str | None = Field(None, description="Always null: there are never so many.")


class DeliveryShown(Given):
    """One notice on its way. `sequence`: its event's place in the audit trail; `status`: the receiver's last answer."""

    id: int
    sequence: int
    event: WebhookEvent
    case: str | None
    state: MessageState
    attempts: int
    status: int | None
    note: str | None
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None


class DeliveryList(Given):
    items: list[DeliveryShown]
    next_cursor: str | None


class Pinged(Given):
    """A test notice is on its way."""

    webhook: int


@router.get("/webhooks", summary="List webhooks")
def listed(request: Request, caller: Operator) -> WebhookList:
    """Every webhook with how its deliveries stand. Operations only. Token scope: `operate`."""
    must_operate(caller.person)
    with house_of(request).read() as session:
        found = webhooks(session)
    return WebhookList(items=[_shown(request, caller, view) for view in found])


@router.post("/webhooks", status_code=201, summary="Make a webhook")
def make(request: Request, response: Response, caller: Operator, body: NewWebhook) -> WebhookMade:
    """It is told of what happens from now on. Its secret is in this answer and nowhere else. Operations only. Token
    scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        hook, secret = create_webhook(work, caller.person, body.name, body.url, body.events)
        view = webhook_view(work.session, hook)
    response.headers["location"] = f"/api/v1/webhooks/{hook.id}"
    told(response, version_of(hook))
    return WebhookMade(**_shown(request, caller, view).model_dump(), secret=secret)


@router.get("/webhooks/{webhook_id}", summary="Read a webhook")
def read(request: Request, response: Response, caller: Operator, webhook_id: WebhookId) -> WebhookShown:
    """One webhook. Its `ETag` is what `If-Match` of a change names. Operations only. Token scope: `operate`."""
    must_operate(caller.person)
    with house_of(request).read() as session:
        hook = webhook_of(session, webhook_id)
        view = webhook_view(session, hook)
    told(response, version_of(hook))
    return _shown(request, caller, view)


@router.put("/webhooks/{webhook_id}", summary="Change a webhook")
def change(
    request: Request,
    response: Response,
    caller: Operator,
    webhook_id: WebhookId,
    body: NewWebhook,
    if_match: IfMatch = None,
) -> WebhookShown:
    """Another name, address or choice of events; the secret stays. 412: it was changed since it was read. Operations
    only. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        hook = _held(work, caller, webhook_id, if_match)
        change_webhook(work, caller.person, hook, body.name, body.url, body.events)
        view = webhook_view(work.session, hook)
    told(response, version_of(hook))
    return _shown(request, caller, view)


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Delete a webhook")
def delete(request: Request, caller: Operator, webhook_id: WebhookId, if_match: IfMatch = None) -> None:
    """What was still to be sent is not. Operations only. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        delete_webhook(work, caller.person, _held(work, caller, webhook_id, if_match))


@router.post("/webhooks/{webhook_id}/pause", summary="Pause a webhook")
def pause(
    request: Request, response: Response, caller: Operator, webhook_id: WebhookId, if_match: IfMatch = None
) -> WebhookShown:
    """Nothing is sent until it is resumed. Operations only. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        hook = pause_webhook(work, caller.person, _held(work, caller, webhook_id, if_match))
        view = webhook_view(work.session, hook)
    told(response, version_of(hook))
    return _shown(request, caller, view)


@router.post("/webhooks/{webhook_id}/resume", summary="Resume a webhook")
def resume(
    request: Request,
    response: Response,
    caller: Operator,
    webhook_id: WebhookId,
    body: Resume,
    if_match: IfMatch = None,
) -> WebhookShown:
    """It is told of everything that has happened meanwhile, unless `from_now`. Operations only. Token scope:
    `operate`."""
    with house_of(request).work(caller.actor) as work:
        hook = _held(work, caller, webhook_id, if_match)
        resume_webhook(work, caller.person, hook, from_now=body.from_now)
        view = webhook_view(work.session, hook)
    told(response, version_of(hook))
    return _shown(request, caller, view)


@router.post("/webhooks/{webhook_id}/ping", status_code=202, summary="Try a webhook")
def ping(request: Request, caller: Operator, webhook_id: WebhookId) -> Pinged:
    """A test notice (`ping`) goes the way of every other. 409: it is paused. Operations only. Token scope:
    `operate`."""
    with house_of(request).work(caller.actor) as work:
        ping_webhook(work, caller.person, webhook_to_change(work, caller.person, webhook_id))
    return Pinged(webhook=webhook_id)


@router.get("/webhooks/{webhook_id}/deliveries", summary="List a webhook's deliveries")
def listed_deliveries(
    request: Request,
    caller: Operator,
    webhook_id: WebhookId,
    state: Annotated[MessageState | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryList:
    """What it was told of and what became of that, newest first; kept for 30 days. Operations only. Token scope:
    `operate`."""
    must_operate(caller.person)
    with house_of(request).read() as session:
        webhook_of(session, webhook_id)
        page = deliveries_of(session, webhook_id, state=state, limit=limit, cursor=cursor)
    return DeliveryList(items=[_delivery(request, caller, one) for one in page.items], next_cursor=page.next_cursor)


@router.post("/webhook-deliveries/{delivery_id}/resend", summary="Send a notice anew")
def resend(request: Request, caller: Operator, delivery_id: DeliveryId) -> DeliveryShown:
    """Under the same id, so that a receiver who has it knows it again. 409: it is on its way. Operations only. Token
    scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        row = resend_delivery(work, caller.person, delivery_id)
    return _delivery(request, caller, view_of(row))


def version_of(hook: Webhook) -> str:
    """The entity tag of what people set of a webhook."""
    return tag_of(hook.id, hook.name, hook.url, hook.events, hook.active)


def _held(work: Work, caller: Caller, webhook_id: int, if_match: str | None) -> Webhook:
    hook = webhook_to_change(work, caller.person, webhook_id)
    must_match(if_match, version_of(hook))
    return hook


def _shown(request: Request, caller: Caller, view: WebhookView) -> WebhookShown:
    language = language_of(request, caller.person)
    facts = view.model_dump(exclude={"address", "failures"})
    because = translate(view.paused_because, language) if view.paused_because else None
    return WebhookShown(**{**facts, "paused_because": because})


def _delivery(request: Request, caller: Caller, view: DeliveryView) -> DeliveryShown:
    facts = view.model_dump(exclude={"case_ref"})
    note = translate(view.note, language_of(request, caller.person)) if view.note else None
    return DeliveryShown(**{**facts, "note": note}, case=view.case_ref)
