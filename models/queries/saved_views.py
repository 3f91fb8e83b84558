"""The ways of looking at a list that a person may choose among: their own, and those that managers share."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, or_, select

from models.queries.shown import Read
from models.tables import Person, SavedView


class ViewLine(Read):
    """One saved view. ``filters`` are words of the list's address; ``by`` names who saved it."""

    id: int
    place: str
    name: str
    filters: dict[str, str]
    shared: bool
    is_default: bool
    mine: bool
    by: str
    saved_at: datetime


def views_of(session: Session, person: Person, place: str) -> tuple[ViewLine, ...]:
    """The views of the list at ``place`` that ``person`` may choose: their own first, each by name."""
    statement = (
        select(SavedView, Person.name)
        .join(Person, col(Person.id) == SavedView.person_id)
        .where(SavedView.place == place, or_(col(SavedView.person_id) == person.id, col(SavedView.shared)))
        .order_by((col(SavedView.person_id) != person.id), col(SavedView.name), col(SavedView.id))
    )
    return tuple(view_line(row, name, person) for row, name in session.exec(statement))


def view_line(row: SavedView, by: str, reader: Person) -> ViewLine:
    """One view as ``reader`` sees it; whose default it is concerns nobody else."""
    mine = row.person_id == reader.id
    return ViewLine(
        id=row.id or 0,
        place=row.place,
        name=row.name,
        filters={name: str(value) for name, value in row.filters.items()},
        shared=row.shared,
        is_default=row.is_default and mine,
        mine=mine,
        by=by,
        saved_at=row.saved_at,
    )
