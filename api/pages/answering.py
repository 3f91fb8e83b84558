"""The page of one step, by link or by session: show it, take the answer or a move, and show what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.deciding import proposed_form, take_answer
from api.forms import FormView, Option, data_of, form_view
from api.moves import MOVES, make_move
from api.pages.menu import Tried, given_by, menu_of
from api.pages.place import Standpoint
from api.people import customers_for, people_for, with_people_meant
from api.posted import Posted
from config.languages import N_
from config.words import SignerState
from models.audit import digest
from models.errors import ContentChanged, Invalid, NotFound, Problem, Refused
from models.forms import form_named
from models.forms.sealed import PREFIX
from models.house import House
from models.house import person as person_actor
from models.operations.remarks import note_read, note_seen
from models.queries.onward import onward
from models.queries.steps import ActionView, StepView, step_view
from models.tables import Signer, Step

PROPOSED = "_proposed"
"""Names the delegate's proposal that is confirmed as it stands."""


@dataclass(frozen=True)
class Answerable:
    """One way to answer, as it is drawn. ``key`` makes sending it twice harmless."""

    action: ActionView
    form: FormView
    key: str
    open: bool


@dataclass(frozen=True)
class Offers:
    """Whom the forms of a page suggest."""

    people: tuple[Option, ...]
    customers: tuple[Option, ...]


def show(request: Request, place: Standpoint) -> Response:
    """The page. GET is noted as a look, HEAD is not.

    A mail scanner follows links by GET too, and is not the person: only one who is signed in, or whose browser has been
    here before, has seen the step.
    """
    house = house_of(request)
    if request.method == "GET":
        with house.work(person_actor(place.person.id)) as work:
            via = "link" if place.by_link else "session"
            work.record("step.looked", place.step.case_ref, step=place.step.key, via=via)
            if place.signed_in(request) or Csrf(request).been_here:
                note_read(work, place.step.id or 0, place.person.id)
                note_seen(work, place.signer, place.person.id)
    return _page(request, place)


def take(request: Request, place: Standpoint, posted: Posted) -> Response:
    """Take the answer that was posted; tell what became of it. Nothing is recorded unless it is right."""
    action = posted.text("_action")
    try:
        Csrf(request).check(posted.text(FIELD), place.purpose)
        take_answer(
            house_of(request),
            place.signer.id or 0,
            action,
            _filled_in(house_of(request), place, action, posted),
            actor=person_actor(place.person.id),
            shown_hash=posted.text("_hash"),
            via=place.via(request),
            key=posted.text("_key") or None,
        )
    except Refused as refusal:
        return _page(request, place, refusal=refusal, posted=posted, action=action)
    return RedirectResponse(place.path, 303)


def take_move(request: Request, place: Standpoint, name: str, posted: Posted) -> Response:
    """Carry out one of the moves of the menu, and say so on the page; a refused one comes back as it was typed."""
    if name not in MOVES:
        raise NotFound("There is no such page.")
    move = MOVES[name]
    house = house_of(request)
    try:
        Csrf(request).check(posted.text(FIELD), place.purpose)
        given = given_by(house, place, move, posted)
        make_move(house, place.signer.id or 0, move, given, actor=person_actor(place.person.id), via=place.via(request))
    except Refused as refusal:
        return _page(request, place, refusal=refusal, tried=Tried(name, posted, refusal))
    return RedirectResponse(f"{place.path}?done={name}", 303)


def _filled_in(house: House, place: Standpoint, action: str, posted: Posted) -> Mapping[str, Any]:
    """What was filled in, or what the delegate proposed if that is confirmed as it stands."""
    if posted.text(PROPOSED):
        if posted.text(PROPOSED) != digest(place.signer.advice):
            raise ContentChanged(N_("The proposal has changed since you opened it. Please read it again."))
        return proposed_form(place.signer, action)
    declared = next((one for one in place.step.actions if one["name"] == action), None)
    if declared is None:
        return {}
    form = form_named(declared["form"])
    return with_people_meant(house, form, data_of(form, posted))


def _page(
    request: Request,
    place: Standpoint,
    refusal: Refused | None = None,
    posted: Posted | None = None,
    action: str = "",
    tried: Tried | None = None,
) -> Response:
    house = house_of(request)
    with house.read() as session:
        signer, step = session.get_one(Signer, place.signer.id), session.get_one(Step, place.step.id)
        view = step_view(session, signer, step, house.calendar, house.clock(), reader=place.person.id)
        next_up = onward(session, step.case_ref) if not view.may_answer else None
        asked_for = [form_named(one.form) for one in view.actions] if view.may_answer else []
        offers = Offers(people_for(session, house, *asked_for), customers_for(session, *asked_for))
    problems = refusal.problems if isinstance(refusal, Invalid) and tried is None else ()
    session_needed = view.sensitive and place.via(request) == "link"
    may_answer = view.may_answer and not session_needed
    answers = (
        [_answerable(request, view, one, posted, action, problems, offers) for one in view.actions]
        if may_answer
        else []
    )
    done = MOVES.get(request.query_params.get("done", "")) if refusal is None else None
    return request.app.state.pages.page(  # type: ignore[no-any-return]
        request,
        "step.html",
        refusal.status if refusal else 200,
        reader=place.person,
        place=place,
        view=view,
        refusal=refusal,
        tried=tried,
        answers=answers,
        menu=() if session_needed else menu_of(request, place, view, tried),
        done=done,
        proposal_key=secrets.token_urlsafe(12),
        session_needed=session_needed and (view.may_answer or bool(view.moves)),
        recorded=view.own if signer.state is SignerState.SIGNED else None,
        onward=next_up,
        somebody_else=place.by_link and place.signed_in_as_another(request),
    )


def _answerable(
    request: Request,
    view: StepView,
    action: ActionView,
    posted: Posted | None,
    chosen: str,
    problems: Sequence[Problem],
    offers: Offers,
) -> Answerable:
    mine = posted is not None and action.name == chosen
    form = form_view(
        form_named(action.form),
        {**view.content, **_prefilled(view, action)},
        returns_to=view.returns_to,
        posted=posted if mine else None,
        problems=problems if mine else (),
        choices=choices_of(house_of(request).policy),
        people=offers.people,
        customers=offers.customers,
    )
    return Answerable(action, form, secrets.token_urlsafe(12), mine)


def _prefilled(view: StepView, action: ActionView) -> dict[str, Any]:
    """What a delegate has proposed for this very action; numbers that identify a person are typed anew."""
    if view.advice is None or view.advice.action != action.name:
        return {}
    given = {name: value for name, value in view.advice.form.items() if value not in (None, "")}
    return {"prefill": {name: value for name, value in given.items() if not str(value).startswith(PREFIX)}}
