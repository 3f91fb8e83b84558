"""The menu of moves on a step's page: each with its form, whom one may choose, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session, select

from api.caller import house_of
from api.forms import FormView, Option, data_of, form_view
from api.language import language_of
from api.moves import ASIDE, MOVES, Move, Moving, called, filled, person_meant
from api.pages.place import Standpoint
from api.posted import Posted, Upload
from config.languages import N_, translate
from models.errors import Invalid, NotAllowed, NotFound, Problem, Refused
from models.house import House
from models.queries.people import Choosable, Colleague, choosable
from models.queries.steps import StepView
from models.rules.reasons import Label
from models.tables import Case, Signer, Step

PEOPLE = {"transfer": "to", "delegate": "to", "add-signer": "who", "question": "to", "copy": "to"}
"""The field in which a move names somebody."""


@dataclass(frozen=True)
class Tried:
    """A move that was sent and refused."""

    name: str
    posted: Posted
    refusal: Refused


@dataclass(frozen=True)
class MoveView:
    """One move as it is drawn. ``tried`` was sent just now and refused."""

    move: Move
    form: FormView
    tried: Refused | None = None


def menu_of(request: Request, place: Standpoint, view: StepView, tried: Tried | None) -> tuple[MoveView, ...]:
    """The moves that are open to whoever stands here."""
    if not view.moves:
        return ()
    people = people_for(house_of(request), place)
    # Several moves offer the same colleagues, and a large company has hundreds: each is written once.
    options = {one.person_id: _option(request, one) for one in people.anyone}
    return tuple(_drawn(request, MOVES[name], people, options, tried) for name in view.moves)


def people_for(house: House, place: Standpoint) -> Choosable:
    """Whom the holder of a place may choose."""
    with house.read() as session:
        step, case = session.get_one(Step, place.step.id), session.get_one(Case, place.step.case_ref)
        signer = session.get_one(Signer, place.signer.id)
        policy = house.policy_of(session, case.policy_version)
        return choosable(session, policy, case, step, signer, _signers(session, step), house.clock())


def _signers(session: Session, step: Step) -> Sequence[Signer]:
    return session.exec(select(Signer).where(Signer.step_id == step.id)).all()


def offered(move: str, people: Choosable) -> tuple[Colleague, ...]:
    """Whom a move offers to choose from."""
    lists = {"transfer": people.heirs, "delegate": people.signers, "add-signer": people.signers}
    return lists.get(move, people.anyone)


def _drawn(
    request: Request, move: Move, people: Choosable, options: Mapping[str, Option], tried: Tried | None
) -> MoveView:
    mine = tried if tried is not None and tried.name == move.name else None
    form = form_view(
        move.form,
        {},
        posted=mine.posted if mine else None,
        problems=_problems(request, move, mine.refusal) if mine else (),
        people=[options[one.person_id] for one in offered(move.name, people)],
    )
    return MoveView(move, form, mine.refusal if mine else None)


def _option(request: Request, one: Colleague) -> Option:
    label = called(one)
    if one.substitute:
        absent = translate(N_("absent, {name} stands in"), language_of(request), name=one.substitute)
        label = f"{label}{ASIDE}{absent}"
    return Option(one.person_id, Label(label=label), Label(label=one.department.label))


def _problems(request: Request, move: Move, refusal: Refused) -> tuple[Problem, ...]:
    """Each at its field; who may not be chosen is told where they were chosen."""
    if isinstance(refusal, Invalid):
        return refusal.problems
    if move.name in PEOPLE and isinstance(refusal, NotAllowed | NotFound):
        told = refusal.text(language_of(request))
        return (Problem(PEOPLE[move.name], "{told}", {"told": told}),)
    return ()


def given_by(house: House, place: Standpoint, move: Move, posted: Posted) -> Moving | Upload:
    """What was posted, as the move takes it.

    Raises:
        Invalid: with every problem, by field.
    """
    if move.takes_file:
        return posted.upload("file")
    data = data_of(move.form, posted)
    field = PEOPLE.get(move.name)
    if field and data.get(field):
        data[field] = person_meant(field, data[field], people_for(house, place).anyone)
    return filled(move.form, data)
