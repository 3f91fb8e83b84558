"""Escalation: a deadline passed, and the managers above are told, one level up each further day (processes §2)."""

from __future__ import annotations

from models.house import Work
from models.messages import StepEscalated, queue
from models.operations.asking import about, asked_signers
from models.tables import Case, Person, Step, Timer


def escalate(work: Work, step: Step) -> None:
    """Tell the manager one level further up of everyone who is late, and set the timer for the next level."""
    case = work.session.get_one(Case, step.case_ref)
    step.escalations += 1
    late: dict[str, list[str]] = {}
    for signer in asked_signers(work, step):
        person = work.session.get_one(Person, signer.person_id)
        manager = _manager(work, person, step.escalations)
        if manager is not None:
            late.setdefault(manager.id, []).append(person.name)
    for manager_id, names in late.items():
        message = StepEscalated(**about(case, step), late=tuple(names))
        key = f"{case.ref}:{step.key}:{step.level}:escalated:{step.escalations}:{manager_id}"
        queue(work, message, manager_id, key, case_ref=case.ref, step_id=step.id)
    work.add(step)
    work.record_system("step.escalated", case.ref, step=step.key, level=step.escalations, told=sorted(late))
    every = work.house.policy_of(work.session, case.policy_version).steps.times(step.name).escalate_every_days
    following = work.house.calendar.add_business_days(work.now, every)
    if late and following < step.expires_at:
        work.add(Timer(kind="escalate", due_at=following, case_ref=case.ref, step_id=step.id))


def _manager(work: Work, person: Person, levels: int) -> Person | None:
    """The manager ``levels`` above ``person``; nobody above the top."""
    found: Person | None = person
    for _ in range(levels):
        if found is None or found.manager_id is None:
            return None
        found = work.session.get(Person, found.manager_id)
    return found if found is not None and found.active else None
