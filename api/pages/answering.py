"""The page of one step, by link or by session: show it, or take the answer and show what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.deciding import take_answer
from api.forms import FormView, data_of, form_view
from api.posted import Posted
from api.session import sessions_of
from config.words import SignerState
from models.errors import Invalid, Refused
from models.forms import form_named
from models.house import person as person_actor
from models.operations.decide import Via
from models.queries.onward import onward
from models.queries.steps import ActionView, StepView, step_view
from models.tables import Person, Signer, Step


@dataclass(frozen=True)
class Place:
    """One person's place on a step, the address it is shown at, and whether they came by link."""

    signer: Signer
    step: Step
    person: Person
    path: str
    by_link: bool

    @property
    def purpose(self) -> str:
        return f"decide:{self.signer.id}"


@dataclass(frozen=True)
class Answerable:
    """One way to answer, as it is drawn. ``key`` makes sending it twice harmless."""

    action: ActionView
    form: FormView
    key: str
    open: bool


def show(request: Request, place: Place) -> Response:
    """The page. GET is noted as a look; HEAD is not: mail scanners send it."""
    house = house_of(request)
    if request.method == "GET":
        with house.work(person_actor(place.person.id)) as work:
            via = "link" if place.by_link else "session"
            work.record("step.looked", place.step.case_ref, step=place.step.key, via=via)
    return _page(request, place)


def take(request: Request, place: Place, posted: Posted) -> Response:
    """Take the answer that was posted; tell what became of it. Nothing is recorded unless it is right."""
    house = house_of(request)
    action = posted.text("_action")
    declared = next((one for one in place.step.actions if one["name"] == action), None)
    form = data_of(form_named(declared["form"]), posted) if declared else {}
    via: Via = "session" if signed_in_as_signer(request, place) or not place.by_link else "link"
    try:
        Csrf(request).check(posted.text(FIELD), place.purpose)
        take_answer(
            house,
            place.signer.id or 0,
            action,
            form,
            actor=person_actor(place.person.id),
            shown_hash=posted.text("_hash"),
            via=via,
            key=posted.text("_key") or None,
        )
    except Refused as refusal:
        return _page(request, place, refusal=refusal, posted=posted, action=action)
    return RedirectResponse(place.path, 303)


def signed_in_as_signer(request: Request, place: Place) -> bool:
    """Whether the browser's session is this very person's."""
    person = sessions_of(request).person(request)
    return person is not None and person.id == place.person.id


def _signed_in_as_another(request: Request, place: Place) -> bool:
    person = sessions_of(request).person(request)
    return person is not None and person.id != place.person.id


def _page(
    request: Request, place: Place, refusal: Refused | None = None, posted: Posted | None = None, action: str = ""
) -> Response:
    house = house_of(request)
    with house.read() as session:
        signer, step = session.get_one(Signer, place.signer.id), session.get_one(Step, place.step.id)
        view = step_view(session, signer, step, house.calendar, house.clock())
        next_up = onward(session, step.case_ref) if not view.may_answer else None
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    session_needed = view.sensitive and place.by_link and not signed_in_as_signer(request, place)
    may_answer = view.may_answer and not session_needed
    answers = [_answerable(request, view, one, posted, action, problems) for one in view.actions] if may_answer else []
    return request.app.state.pages.page(  # type: ignore[no-any-return]
        request,
        "step.html",
        refusal.status if refusal else 200,
        reader=place.person,
        place=place,
        view=view,
        refusal=refusal,
        answers=answers,
        session_needed=session_needed and view.may_answer,
        recorded=view.own if signer.state is SignerState.SIGNED else None,
        onward=next_up,
        somebody_else=place.by_link and _signed_in_as_another(request, place),
    )


def _answerable(
    request: Request,
    view: StepView,
    action: ActionView,
    posted: Posted | None,
    chosen: str,
    problems: Sequence[object],
) -> Answerable:
    mine = posted is not None and action.name == chosen
    form = form_view(
        form_named(action.form),
        view.content,
        returns_to=view.returns_to,
        posted=posted if mine else None,
        problems=problems if mine else (),  # type: ignore[arg-type]
        choices=choices_of(house_of(request).policy),
    )
    return Answerable(action, form, secrets.token_urlsafe(12), mine)
