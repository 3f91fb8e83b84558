"""What Prefect is told of a case, so that its own pages tell the story: who of what role was asked what, and when.

Nothing personal: no customer, no name, no amount, nothing that anybody wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from config.words import CaseState, Outcome, Role, StepState
from models.house import House, Work
from models.processes import PROCESSES
from models.tables import Case, Run, Signer, Step

LATEST = 40
"""Steps told of at most: the last ones of a case that has many."""
CAUGHT_UP = timedelta(days=2)
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Story:
    """A case as Prefect is told of it. ``markdown`` is English, as Prefect's pages are."""

    case_ref: str
    fence: int
    flow_run_id: str | None
    artifact_id: str | None
    """The artifact to bring up to date; none if that run has none yet."""
    markdown: str
    description: str


def story_of(house: House, case_ref: str) -> Story | None:
    """The story of a case as it stands; none if there is no such case."""
    with house.read() as session:
        case, run = session.get(Case, case_ref), session.get(Run, case_ref)
        if case is None or run is None:
            return None
        steps = session.exec(
            select(Step).where(Step.case_ref == case_ref).order_by(col(Step.id).desc()).limit(LATEST + 1)
        ).all()
        roles = _roles(session, steps)
    told = run.story_id if run.story_run_id == run.flow_run_id else None
    process = PROCESSES[case.process].title if case.process in PROCESSES else case.process
    return Story(
        case_ref,
        run.fence,
        run.flow_run_id,
        told,
        _markdown(house, case, process, list(reversed(steps)), roles),
        f"{process}: {_standing(case.state, case.outcome)}",
    )


def told(work: Work, story: Story, artifact_id: str) -> None:
    """Prefect has been told."""
    table = Run.__table__  # type: ignore[attr-defined]
    values = {"story_id": artifact_id, "story_run_id": story.flow_run_id, "told_fence": story.fence}
    work.change(update(table).where(table.c.case_ref == story.case_ref).values(**values))


def untold(session: Session, now: datetime) -> list[str]:
    """Cases of the last days that have moved since Prefect was told: whoever was to tell it died."""
    since = now - CAUGHT_UP
    lately = or_(col(Case.opened_at) > since, col(Case.closed_at) > since)
    wanted = select(Run.case_ref).join(Case, col(Case.ref) == Run.case_ref).where(lately, Run.told_fence < Run.fence)
    return list(session.exec(wanted.where(col(Run.lease_owner).is_(None)).limit(MOST_AT_ONCE)))


def _roles(session: Session, steps: Sequence[Step]) -> dict[int, list[Role]]:
    found: dict[int, list[Role]] = {}
    wanted = select(Signer.step_id, Signer.role).where(col(Signer.step_id).in_([step.id for step in steps]))
    for step_id, stored in session.exec(wanted.order_by(col(Signer.level), col(Signer.id))):
        roles = found.setdefault(step_id, [])
        if stored is not None and Role(stored) not in roles:
            roles.append(Role(stored))
    return found


def _markdown(house: House, case: Case, process: str, steps: Sequence[Step], roles: dict[int, list[Role]]) -> str:
    def at(instant: datetime | None) -> str:
        return f"{house.calendar.local(instant):%Y-%m-%d %H:%M}" if instant else ""

    facts = [
        ("Process", process),
        ("State", f"**{_standing(case.state, case.outcome)}**"),
        ("Opened", at(case.opened_at)),
    ]
    if case.closed_at:
        facts.append(("Closed", at(case.closed_at)))
    lines = [
        f"# {case.ref}",
        "",
        f"[Open the case page]({house.settings.base_url}/cases/{case.ref})",
        "",
        "| | |",
        "|---|---|",
    ]
    lines += [f"| {name} | {value} |" for name, value in facts]
    if steps:
        lines += ["", "| Step | Asked of | State | Opened | Due | Closed |", "|---|---|---|---|---|---|"]
    if len(steps) > LATEST:
        lines.append("| *earlier steps are on the case page* | | | | | |")
    for step in steps[-LATEST:]:
        asked = ", ".join(role.label for role in roles.get(step.id or 0, [])) or "a named person"
        state = "**open**" if step.state is StepState.OPEN else _ended(step)
        name = step.title if step.round == 1 else f"{step.title} ({step.round})"
        lines.append(
            f"| {name} | {asked} | {state} | {at(step.opened_at)} | {at(step.due_at)} | {at(step.closed_at)} |"
        )
    lines += ["", f"Times are those of {house.settings.time_zone}."]
    return "\n".join(lines)


def _standing(state: CaseState, outcome: Outcome | None) -> str:
    return outcome.label if outcome is not None else state.label


def _ended(step: Step) -> str:
    if step.outcome is not None:
        return step.outcome.label
    return step.closed_by.label if step.closed_by is not None else step.state.label
