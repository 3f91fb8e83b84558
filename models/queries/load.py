"""Who has how much before them, and how long they held what they answered: by role or department, and for a manager by
the people who report to them. There is no list of everybody: figures of single people are for those who lead them.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from config.words import Department, Role, Word
from models.house import House
from models.queries.shown import Read
from models.queries.statistics import Took, Wanted, sought_of, took
from models.queries.statistics_counts import Load, Sought, loads
from models.rules.reporting import Reported
from models.tables import Person, Signer


class By(Word):
    """What the load is told by."""

    ROLE = "role", "By role"
    DEPARTMENT = "department", "By department"


class LoadFigures(Read):
    """What one role, department or person has before them (``asked``, of which ``overdue``) and has answered within the
    period; ``held`` is how long a place was held until it was answered, in working time."""

    key: str
    label: str
    people: int
    asked: int
    overdue: int
    answered: int
    held: Took


class Workload(Read):
    """The load of the house for a period; ``reports`` is empty for those to whom nobody reports."""

    by: By
    load: tuple[LoadFigures, ...]
    reports: tuple[LoadFigures, ...]


def workload(session: Session, house: House, person: Person, period: Reported, wanted: Wanted, by: By) -> Workload:
    """What is asked now, and what was answered within ``period``, as ``person`` may see it."""
    sought = sought_of(house, period, wanted.process, wanted.department)
    return Workload(by=by, load=_load(session, house, sought, by), reports=_reports(session, house, sought, person))


def _load(session: Session, house: House, sought: Sought, by: By) -> tuple[LoadFigures, ...]:
    """By role or by department: never a list of everybody."""
    if by is By.ROLE:
        found = loads(session, sought, house.clock(), col(Signer.role))
    else:
        departments = dict(session.exec(select(Person.id, col(Person.department))).all())
        found = loads(session, sought, house.clock(), col(Signer.person_id), belongs=departments)
    words: list[Word] = [*Role] if by is By.ROLE else [*Department]
    order = [*words, None]
    return tuple(
        _figures(word.value if word else "", word.label if word else "", found[word]) for word in order if word in found
    )


def _reports(session: Session, house: House, sought: Sought, person: Person) -> tuple[LoadFigures, ...]:
    """Of those who report to ``person`` directly, by name."""
    statement = select(Person).where(Person.manager_id == person.id, col(Person.active))
    people = session.exec(statement.order_by(col(Person.name), col(Person.id))).all()
    if not people:
        return ()
    found = loads(session, sought, house.clock(), col(Signer.person_id), people=[one.id for one in people])
    return tuple(_figures(one.id, one.name, found.get(one.id, Load())) for one in people)


def _figures(key: str, label: str, one: Load) -> LoadFigures:
    return LoadFigures(
        key=key,
        label=label,
        people=len(one.people),
        asked=one.asked,
        overdue=one.overdue,
        answered=one.answered,
        held=took(one.minutes),
    )
