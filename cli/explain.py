"""A case explained in plain words: which rule chose each route and these people, and who was left out, and why."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from cli.terminal import on_clock, operations
from config.words import ActionKind, Language, Mode, SignerState
from models.house import House
from models.queries.case import CaseStep, CaseView, case_view
from models.queries.rights import case_seen_by
from models.queries.route import LeftOutPerson, LevelState, LevelView, SeatedPerson
from models.tables import PolicyVersion

EN = Language.EN


def explain_case(house: House, session: Session, ref: str) -> list[str]:
    """The explanation of a case, line by line.

    Raises:
        NotFound: there is no such case.
    """
    case = case_seen_by(session, operations(), ref)
    view = case_view(session, case, operations(), house.calendar, house.clock())
    return list(_lines(house, session, view))


def _lines(house: House, session: Session, view: CaseView) -> Iterator[str]:
    stand = view.outcome.label if view.outcome else view.state.label
    yield f"{view.ref} · {view.title} · {stand}"
    yield from (f"  {reason.text(EN)}" for reason in view.because)
    yield f"  {_version(house, session, view.policy_version)}"
    yield f"  Started by {view.initiator or 'the system'}, handled by {view.handler} ({view.department.label})."
    if not view.steps:
        yield "  Nobody has been asked anything yet."
    for step in view.steps:
        yield ""
        yield from _step(house, step)


def _version(house: House, session: Session, version: str) -> str:
    row = session.get(PolicyVersion, version)
    since = f", first used {on_clock(house, row.first_used_at)}" if row else ""
    now = "" if version == house.policy.version else f" (by now {house.policy.version} runs; the case keeps its own)"
    return f"Policy version {version}{since}{now}."


def _step(house: House, step: CaseStep) -> Iterator[str]:
    turn = step.key.partition("#")[2]
    yield f"{step.title} (turn {turn}, {on_clock(house, step.opened_at)}): {came_to(step)}"
    yield from (f"  Why this route: {reason.text(EN)}." for reason in step.route.reasons)
    for level in step.route.levels:
        yield from _level(house, level, of=len(step.route.levels))
    yield from (_left_out(one, "  ") for one in step.route.left_out)


def came_to(step: CaseStep) -> str:
    """What a step came to, in a word or two; a form that was handed in decides nothing."""
    if step.outcome is not None and step.outcome is not ActionKind.RECORD:
        return step.outcome.label
    return step.closed_by.label if step.closed_by else step.state.label


def _level(house: House, level: LevelView, of: int) -> Iterator[str]:
    number = f"Level {level.number} of {of}, " if of > 1 else ""
    yield f"  {number}{level.title}: {_mode(level)}; {_STATE[level.state]}"
    yield from (f"    Why: {reason.text(EN)}." for reason in level.reasons)
    yield from (f"    {_seated(house, person)}" for person in level.people)
    yield from (_left_out(one, "    ") for one in level.left_out)


_STATE = {
    LevelState.SIGNED: "signed",
    LevelState.ASKED: "asked now",
    LevelState.WAITING: "asked after those before it",
    LevelState.RELEASED: "not needed any more",
}


def _mode(level: LevelView) -> str:
    if level.seats == 1:
        return "one signature"
    if level.mode is Mode.QUORUM:
        return f"{level.needed} of {level.seats} must sign"
    return "all must sign" if level.mode is Mode.ALL else "any one signs"


def _seated(house: House, person: SeatedPerson) -> str:
    role = f" ({person.role})" if person.role else ""
    if person.state is SignerState.SIGNED:
        return f"{person.name}{role}: {person.label}, {on_clock(house, person.at)}"
    return f"{person.name}{role}: {person.state.label.lower()}"


def _left_out(one: LeftOutPerson, indent: str) -> str:
    return f"{indent}Left out: {one.name} as {one.seat}. {one.reason.text(EN)}."
