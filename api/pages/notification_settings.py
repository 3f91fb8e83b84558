"""Notifications: where I am reached, when I want to be told, and a message to try it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from config.languages import N_
from config.words import DigestRhythm
from models.errors import Invalid, Problem, Refused
from models.house import person as person_actor
from models.messages import StepAsked
from models.operations.people import TITLES, ChannelKind, destinations, kind_of, masked
from models.operations.preferences import (
    Wishes,
    channels_of,
    send_test,
    set_wishes,
    switch_channel,
    trials_of,
    version_of,
    wishes_of,
)
from models.tables import Person, Preference

router = APIRouter(include_in_schema=False)
PURPOSE = "notifications"
TIMES = ("quiet_from", "quiet_until", "digest_at")


@router.api_route("/me/notifications", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, person)


@router.post("/me/notifications")
def keep(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        wishes = _wishes(form)
        with house_of(request).work(person_actor(person.id)) as work:
            set_wishes(work, person.id, wishes, seen=form.text("_version") or None)
    except Refused as refusal:
        return _page(request, person, form, refusal)
    return RedirectResponse("/me/notifications?done=kept", 303)


@router.post("/me/notifications/test")
def try_it(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        with house_of(request).work(person_actor(person.id)) as work:
            sent = send_test(work, person.id)
    except Refused as refusal:
        return _page(request, person, None, refusal)
    return RedirectResponse(f"/me/notifications?done={'tested' if sent else 'patience'}", 303)


@router.post("/me/notifications/channels/{channel_id}")
def switch(
    request: Request,
    channel_id: Annotated[int, Path(ge=1, le=2**53)],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        with house_of(request).work(person_actor(person.id)) as work:
            switch_channel(work, person.id, channel_id, active=form.text("use") == "1")
    except Refused as refusal:
        return _page(request, person, None, refusal)
    return RedirectResponse("/me/notifications?done=switched", 303)


@router.api_route("/me/notifications/test", methods=["GET", "HEAD"])
@router.api_route("/me/notifications/channels/{channel_id}", methods=["GET", "HEAD"])
def back() -> Response:
    """Where the language switch of a refusal leads."""
    return RedirectResponse("/me/notifications", 303)


def _wishes(form: Posted) -> Wishes:
    problems: list[Problem] = []
    times: dict[str, time | None] = {}
    for name in TIMES:
        try:
            times[name] = (
                time.fromisoformat(form.text(name)).replace(second=0, tzinfo=None) if form.text(name) else None
            )
        except ValueError:
            problems.append(Problem(name, N_("This is not a time of day, such as 18:30.")))
    rhythm = form.text("digest")
    if rhythm not in list(DigestRhythm):
        problems.append(Problem("digest", N_("Choose one of those offered.")))
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    return Wishes(times["quiet_from"], times["quiet_until"], DigestRhythm(rhythm), times["digest_at"])


def _page(request: Request, person: Person, form: Posted | None = None, refusal: Refused | None = None) -> Response:
    house = house_of(request)
    with house.read() as session:
        kept = session.get(Preference, person.id)
        own = [(one, TITLES[kind_of(one.address)], masked(one.address)) for one in channels_of(session, person.id)]
        used = destinations(session, house.settings, person, StepAsked.kind)
        tests = trials_of(session, person.id, house.clock() - timedelta(hours=1))
    wishes = wishes_of(kept)
    response: Response = request.app.state.pages.page(
        request,
        "me_notifications.html",
        refusal.status if refusal else 200,
        desk="me",
        own=own,
        others=[(TITLES[one.kind], masked(one.address) if one.address else "") for one in used if not one.channel_id],
        tests=[(one, TITLES[ChannelKind(one.channel)] if one.channel else "") for one in tests],
        mail=masked(person.email) if person.email else "",
        company=house.policy.steps.quiet_hours,
        rhythms=list(DigestRhythm),
        digested=kept.digested_until if kept else None,
        typed=_typed(wishes, form),
        version=version_of(wishes),
        problems={one.field: one for one in refusal.problems} if isinstance(refusal, Invalid) else {},
        refusal=refusal,
        done="" if refusal else request.query_params.get("done", ""),
    )
    return response


def _typed(wishes: Wishes, form: Posted | None) -> Mapping[str, str]:
    if form is not None:
        return {name: form.text(name) for name in (*TIMES, "digest")}
    times = {name: getattr(wishes, name) for name in TIMES}
    return {name: f"{at:%H:%M}" if at else "" for name, at in times.items()} | {"digest": wishes.digest.value}
