"""Webhooks for operations: where other programs are told of events, and what became of each notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from config.words import MessageState
from models.errors import Invalid, Refused
from models.house import Work
from models.house import person as person_actor
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
from models.queries.webhooks import deliveries_of, webhook_of, webhook_view, webhooks
from models.tables import Person, Webhook
from models.webhooks import CHOSEN

router = APIRouter(include_in_schema=False)

Operator = Annotated[Person, Depends(signed_in)]
Form = Annotated[Posted, Depends(posted)]
Number = Annotated[int, Path(ge=1, le=2**53)]
PURPOSE = "webhook"
STATES = (MessageState.PENDING, MessageState.SENT, MessageState.DEAD, MessageState.SKIPPED)


@router.api_route("/operations/webhooks", methods=["GET", "HEAD"])
def listed(request: Request, person: Operator, done: str = "") -> Response:
    must_operate(person)
    return _list_page(request, done=done)


@router.post("/operations/webhooks")
def make(request: Request, person: Operator, form: Form) -> Response:
    """The answer is the page with the secret: it is shown nowhere else, and never again."""
    must_operate(person)
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        with house_of(request).work(person_actor(person.id)) as work:
            hook, secret = create_webhook(work, person, form.text("name"), form.text("url"), form.all("events"))
    except Refused as refusal:
        return _list_page(request, form=form, refusal=refusal)
    return _one_page(request, hook.id or 0, secret=secret)


@router.api_route("/operations/webhooks/{webhook_id}", methods=["GET", "HEAD"])
def one(
    request: Request, webhook_id: Number, person: Operator, state: str = "", cursor: str = "", done: str = ""
) -> Response:
    must_operate(person)
    wanted = MessageState(state) if state in STATES else None
    return _one_page(request, webhook_id, state=wanted, cursor=cursor, done=done)


@router.post("/operations/webhooks/{webhook_id}")
def change(request: Request, webhook_id: Number, person: Operator, form: Form) -> Response:
    must_operate(person)
    try:
        with _changing(request, person, webhook_id, form) as (work, hook):
            change_webhook(work, person, hook, form.text("name"), form.text("url"), form.all("events"))
    except Refused as refusal:
        return _one_page(request, webhook_id, form=form, refusal=refusal)
    return RedirectResponse(f"/operations/webhooks/{webhook_id}?done=changed", 303)


def _act(name: str, act: Callable[[Work, Person, Webhook, Posted], Any], then: str = "") -> None:
    """A button of the webhook's page. ``then`` is where it leads, if the webhook is there no more."""

    def carry_out(request: Request, webhook_id: Number, person: Operator, form: Form) -> Response:
        must_operate(person)
        try:
            with _changing(request, person, webhook_id, form) as (work, hook):
                act(work, person, hook, form)
        except Refused as refusal:
            if refusal.status == 404:
                raise
            return _one_page(request, webhook_id, refusal=refusal)
        return RedirectResponse(f"{then or f'/operations/webhooks/{webhook_id}'}?done={name}", 303)

    router.add_api_route(f"/operations/webhooks/{{webhook_id}}/{name}", carry_out, methods=["POST"], name=name)


_act("pause", lambda work, person, hook, _form: pause_webhook(work, person, hook))
_act(
    "resume",
    lambda work, person, hook, form: resume_webhook(work, person, hook, from_now=bool(form.text("from_now"))),
)
_act("ping", lambda work, person, hook, _form: ping_webhook(work, person, hook))
_act("delete", lambda work, person, hook, _form: delete_webhook(work, person, hook), "/operations/webhooks")
_act(
    "resend",
    lambda work, person, hook, form: resend_delivery(work, person, _digits(form.text("delivery")), of=hook.id),
)


@contextmanager
def _changing(request: Request, person: Person, webhook_id: int, form: Posted) -> Iterator[tuple[Work, Webhook]]:
    """A unit of work about one webhook, after the form was found to be ours."""
    Csrf(request).check(form.text(FIELD), f"{PURPOSE}:{webhook_id}")
    with house_of(request).work(person_actor(person.id)) as work:
        yield work, webhook_to_change(work, person, webhook_id)


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _list_page(
    request: Request, *, form: Posted | None = None, refusal: Refused | None = None, done: str = ""
) -> Response:
    with house_of(request).read() as session:
        found = webhooks(session)
    response: Response = request.app.state.pages.page(
        request,
        "webhooks.html",
        refusal.status if refusal else 200,
        desk="operations",
        hooks=found,
        refusal=refusal,
        done=done,
        **_typed(form, refusal, "", "", []),
    )
    return response


def _one_page(
    request: Request,
    webhook_id: int,
    *,
    state: MessageState | None = None,
    cursor: str = "",
    done: str = "",
    secret: str | None = None,
    form: Posted | None = None,
    refusal: Refused | None = None,
) -> Response:
    with house_of(request).read() as session:
        view = webhook_view(session, webhook_of(session, webhook_id))
        page = deliveries_of(session, webhook_id, state=state, cursor=cursor or None)
    kept = {"state": state.value} if state else {}
    here = f"/operations/webhooks/{webhook_id}"
    response: Response = request.app.state.pages.page(
        request,
        "webhook.html",
        refusal.status if refusal else 201 if secret else 200,
        desk="operations",
        hook=view,
        page=page,
        states=STATES,
        state=state,
        first=f"{here}?{urlencode(kept)}" if cursor else None,
        next=f"{here}?{urlencode({**kept, 'cursor': page.next_cursor})}" if page.next_cursor else None,
        secret=secret,
        done=done,
        refusal=refusal,
        **_typed(form, refusal, view.name, view.url, [event.value for event in view.events]),
    )
    return response


def _typed(form: Posted | None, refusal: Refused | None, name: str, url: str, events: list[str]) -> dict[str, Any]:
    """What stands in the fields, and what is wrong with it."""
    if form is not None:
        name, url, events = form.text("name"), form.text("url"), form.all("events")
    problems = {one.field: one for one in refusal.problems} if isinstance(refusal, Invalid) else {}
    return {"typed": {"name": name, "url": url, "events": events}, "problems": problems, "events": CHOSEN}
