"""Answering several like steps at once from the inbox: each is recorded on its own, and each says what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.deciding import Came, Listed, take_answers
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Conflict, Invalid, Problem
from models.house import House
from models.house import person as person_actor
from models.queries.inbox import in_one_go
from models.tables import Case, Person, Signer, Step

router = APIRouter(include_in_schema=False)
MOST = 100


@dataclass(frozen=True)
class Line:
    """What became of one of those that were ticked; ``case`` and ``step`` are unknown for a place of others."""

    came: Came
    case: Case | None
    step: Step | None


@router.api_route("/answer-several", methods=["GET", "HEAD"])
def back() -> Response:
    """Where the language switch of the result leads."""
    return RedirectResponse("/", 303)


@router.post("/answer-several")
def answer(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """``_kind`` is the button that was pressed: steps of other kinds are left as they are, and it says so.

    None of them: the Enter key was, and nobody approves by it.
    """
    house = house_of(request)
    if not form.text("_kind"):
        return RedirectResponse("/", 303)
    Csrf(request).check(form.text(FIELD), "answer-several")
    ticked, kind = _ticked(form.all("place")), form.text("_kind")
    action, comment = kind.rpartition(".")[2], form.text(f"comment.{kind}").strip()
    with house.read() as session:
        known = _known(session, person, ticked)
    fits = [one for one in ticked if one.signer_id not in known or _kind(known[one.signer_id]) == kind]
    came = take_answers(
        house,
        fits,
        action,
        {"comment": comment} if comment else {},
        actor=person_actor(person.id),
        via="session",
        key=form.text("_key") or None,
    )
    others = [
        Came(one, refusal=Conflict(N_("Another kind of step: it was not answered.")))
        for one in ticked
        if one not in fits
    ]
    return _page(request, house, person, [*came, *others])


def _page(request: Request, house: House, person: Person, came: list[Came]) -> Response:
    with house.read() as session:
        known = _known(session, person, [one.listed for one in came])
    lines = [Line(one, *known.get(one.listed.signer_id, (None, None))) for one in came]
    response: Response = request.app.state.pages.page(
        request,
        "answered_several.html",
        done=[line for line in lines if line.came.decided],
        refused=[line for line in lines if line.came.refusal],
    )
    return response


def _kind(known: tuple[Case, Step]) -> str | None:
    case, step = known
    answer = in_one_go(case.process, step)
    return answer.kind if answer else None


def _ticked(values: list[str]) -> list[Listed]:
    """The boxes that were ticked: place and hash of what was listed.

    Raises:
        Invalid: none, too many, or what is no box of ours.
    """
    found: dict[int, Listed] = {}
    for value in values[: MOST + 1]:
        number, _, shown = value.partition(":")
        if number.isascii() and number.isdecimal() and len(number) <= 15:
            found[int(number)] = Listed(int(number), shown[:64])
    if not found:
        told = N_("Tick at least one step first.")
        raise Invalid(told, [Problem("place", told)])
    if len(found) > MOST:
        told = N_("At most {max} steps at once.")
        raise Invalid(told, [Problem("place", told, {"max": MOST})], max=MOST)
    return list(found.values())


def _known(session: Session, person: Person, listed: list[Listed]) -> dict[int, tuple[Case, Step]]:
    """The person's own among the places, with case and step."""
    statement = (
        select(Signer.id, Case, Step)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .join(Step, col(Step.id) == Signer.step_id)
        .where(col(Signer.id).in_([one.signer_id for one in listed]), Signer.person_id == person.id)
    )
    return {number or 0: (case, step) for number, case, step in session.exec(statement)}
