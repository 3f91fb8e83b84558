"""Saved views: how somebody looks at a list, kept under a name; shared with everybody by those who manage."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, update
from sqlmodel import col, select

from config.languages import N_
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.rights import Right, must_hold
from models.tables import Person, SavedView

PLACES = frozenset({"cases"})
"""The lists that views are saved of."""
LONGEST_NAME = 60
MOST_VIEWS = 50
_LONGEST_FILTER = 200


def save_view(
    work: Work,
    person: Person,
    place: str,
    name: str,
    filters: Mapping[str, str],
    *,
    shared: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Keep ``filters`` under ``name``. Under a name that the person has already, they take the place of the old ones.

    Raises:
        Invalid: the list, the name or a filter cannot be.
        NotAllowed: shared by somebody who does not manage.
        Conflict: the person has as many as one may have.
    """
    if place not in PLACES:
        raise Invalid(N_("Please look at the marked fields."), [Problem("place", N_("There is no such list."))])
    if any(len(word) > _LONGEST_FILTER or len(text) > _LONGEST_FILTER for word, text in filters.items()):
        raise Invalid(N_("Please look at the marked fields."), [Problem("filters", N_("Choose one of those offered."))])
    name = _named(name)
    _may_share(person, shared)
    mine = select(SavedView).where(SavedView.person_id == person.id, SavedView.place == place)
    row = work.session.exec(mine.where(SavedView.name == name)).first()
    if row is None:
        held = work.session.exec(select(func.count()).select_from(mine.subquery())).one()
        if held >= MOST_VIEWS:
            raise Conflict(N_("You have {most} saved views, which is as many as one may have."), most=MOST_VIEWS)
        row = SavedView(person_id=person.id, place=place, name=name, saved_at=work.now)
    row.filters, row.shared, row.saved_at = dict(filters), shared, work.now
    work.add(row)
    if is_default:
        _make_default(work, row)
    work.record("view.saved", view=row.id, place=place, name=name, shared=shared)
    return row


def change_view(
    work: Work,
    person: Person,
    view_id: int,
    *,
    name: str | None = None,
    shared: bool | None = None,
    is_default: bool | None = None,
    filters: Mapping[str, str] | None = None,
) -> SavedView:
    """Change what is given of one's own view; the rest stays.

    Raises:
        NotFound: there is none of this person's.
        Invalid, NotAllowed: as in ``save_view``.
        Conflict: another view of theirs has the name.
    """
    row = own_view(work, person, view_id)
    if name is not None and (name := _named(name)) != row.name:
        same = select(SavedView.id).where(
            SavedView.person_id == person.id, SavedView.place == row.place, SavedView.name == name
        )
        if work.session.exec(same).first() is not None:
            raise Conflict(N_("Another of your views is called “{name}”."), name=name)
        row.name = name
    if shared is not None:
        _may_share(person, shared)
        row.shared = shared
    if filters is not None:
        row.filters = dict(filters)
    work.add(row)
    if is_default:
        _make_default(work, row)
    elif is_default is False:
        row.is_default = False
        work.add(row)
    work.record("view.changed", view=row.id, name=row.name, shared=row.shared, default=row.is_default)
    return row


def delete_view(work: Work, person: Person, view_id: int) -> None:
    """Forget one's own view; whoever used it because it was shared has it no longer.

    Raises:
        NotFound: there is none of this person's.
    """
    row = own_view(work, person, view_id)
    work.record("view.deleted", view=row.id, place=row.place, name=row.name, shared=row.shared)
    work.session.delete(row)
    work.session.flush()


def own_view(work: Work, person: Person, view_id: int) -> SavedView:
    """A view of this very person.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = work.session.get(SavedView, view_id)
    if row is None or row.person_id != person.id:
        raise NotFound(N_("There is no such view of yours."))
    return row


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise Invalid(N_("Please give the view a name."), [Problem("name", N_("This field is needed."))])
    if len(plain) > LONGEST_NAME:
        problem = Problem("name", N_("At most {max_length} characters."), {"max_length": LONGEST_NAME})
        raise Invalid(N_("Please look at the marked fields."), [problem])
    return plain


def _may_share(person: Person, shared: bool) -> None:
    if shared:
        must_hold(person, Right.SHARE_VIEW)


def _make_default(work: Work, row: SavedView) -> None:
    mine = (col(SavedView.person_id) == row.person_id) & (col(SavedView.place) == row.place)
    work.change(update(SavedView).where(mine, col(SavedView.id) != row.id).values(is_default=False))
    row.is_default = True
    work.add(row)
