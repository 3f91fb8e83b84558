"""Who holds which confidentiality agreement and training on a day (R, B, X; processes §4.8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlmodel import Session, col, or_, select

from config.languages import N_
from config.words import Department, QualificationKind, Word
from models.queries.shown import Read
from models.tables import Person, Qualification

NEEDED = (QualificationKind.CONFIDENTIALITY, QualificationKind.RECEPTION_TRAINING)
"""What somebody needs to receive risk clients (R 3.2)."""


class Validity(Word):
    """How an entry of the register stands on a day."""

    VALID = "valid", N_("Valid")
    ENDING = "ending", N_("Ends soon")
    FUTURE = "future", N_("Not yet valid")
    EXPIRED = "expired", N_("Expired")
    REVOKED = "revoked", N_("Revoked")


class QualificationView(Read):
    """One entry of the register."""

    id: int
    kind: QualificationKind
    reference: str
    valid_from: date
    valid_until: date | None
    validity: Validity
    revoked_because: str


class Holder(Read):
    """A member of staff: what they hold, what they lack for receiving risk clients, and every entry, newest first."""

    person_id: str
    name: str
    department: Department
    held: tuple[QualificationView, ...]
    lacks: tuple[QualificationKind, ...]
    entries: tuple[QualificationView, ...]


def valid_qualifications(session: Session, person_id: str, on: date) -> set[QualificationKind]:
    """What ``person_id`` holds on a day, both ends of each entry's time included."""
    return _held(session, [person_id], on).get(person_id, set())


def unqualified(session: Session, person_ids: Iterable[str], on: date) -> dict[str, list[QualificationKind]]:
    """Those of ``person_ids`` who may not receive risk clients on a day, each with what they lack."""
    people = list(person_ids)
    held = _held(session, people, on)
    lacking = {one: [kind for kind in NEEDED if kind not in held.get(one, set())] for one in people}
    return {one: kinds for one, kinds in lacking.items() if kinds}


def _held(session: Session, person_ids: list[str], on: date) -> dict[str, set[QualificationKind]]:
    statement = (
        select(Qualification.person_id, Qualification.kind)
        .where(col(Qualification.person_id).in_(person_ids), col(Qualification.valid_from) <= on)
        .where(or_(col(Qualification.valid_until).is_(None), col(Qualification.valid_until) >= on))
    )
    found: dict[str, set[QualificationKind]] = {}
    for person_id, kind in session.exec(statement):
        found.setdefault(person_id, set()).add(QualificationKind(kind))
    return found


def latest(session: Session) -> list[Qualification]:
    """Of every active person and kind the entry that holds longest, however many there are."""
    statement = (
        select(Qualification)
        .join(Person, col(Person.id) == Qualification.person_id)
        .where(col(Person.active))
        .order_by(col(Qualification.person_id), col(Qualification.id))
    )
    found: dict[tuple[str, QualificationKind], Qualification] = {}
    for entry in session.exec(statement):
        key = (entry.person_id, entry.kind)
        if key not in found or _lasts(entry) >= _lasts(found[key]):
            found[key] = entry
    return list(found.values())


def _lasts(entry: Qualification) -> date:
    return entry.valid_until or date.max


def register(session: Session, on: date, soon: int, *, only: str | None = None) -> tuple[Holder, ...]:
    """The active staff with what each holds on a day; ``soon`` are the days before the end that are marked."""
    people = select(Person).where(col(Person.active)).order_by(col(Person.department), col(Person.id))
    staff = session.exec(people if only is None else people.where(Person.id == only)).all()
    entries: dict[str, list[QualificationView]] = {}
    every = select(Qualification).order_by(col(Qualification.valid_from).desc(), col(Qualification.id).desc())
    for entry in session.exec(every if only is None else every.where(Qualification.person_id == only)):
        entries.setdefault(entry.person_id, []).append(_view(entry, on, soon))
    return tuple(_holder(person, tuple(entries.get(person.id, ()))) for person in staff)


def register_page(
    session: Session, on: date, soon: int, *, only: str | None = None, limit: int = 50, after: str | None = None
) -> tuple[tuple[Holder, ...], str | None]:
    """The register by people's ids: ``limit`` of them ``after`` one, and after whom the next page begins."""
    people = select(Person).where(col(Person.active)).order_by(col(Person.id)).limit(limit + 1)
    people = people if only is None else people.where(Person.id == only)
    found = session.exec(people if after is None else people.where(col(Person.id) > after)).all()
    staff = found[:limit]
    entries: dict[str, list[QualificationView]] = {}
    theirs = select(Qualification).where(col(Qualification.person_id).in_([person.id for person in staff]))
    latest_first = theirs.order_by(col(Qualification.valid_from).desc(), col(Qualification.id).desc())
    for entry in session.exec(latest_first):
        entries.setdefault(entry.person_id, []).append(_view(entry, on, soon))
    holders = tuple(_holder(person, tuple(entries.get(person.id, ()))) for person in staff)
    return holders, staff[-1].id if len(found) > limit else None


def _holder(person: Person, entries: tuple[QualificationView, ...]) -> Holder:
    held: dict[QualificationKind, QualificationView] = {}
    for view in entries:
        known = held.get(view.kind)
        longer = known is None or (view.valid_until or date.max) > (known.valid_until or date.max)
        if view.validity in (Validity.VALID, Validity.ENDING) and longer:
            held[view.kind] = view
    return Holder(
        person_id=person.id,
        name=person.name,
        department=person.department,
        held=tuple(held[kind] for kind in QualificationKind if kind in held),
        lacks=tuple(kind for kind in NEEDED if kind not in held),
        entries=entries,
    )


def _view(entry: Qualification, on: date, soon: int) -> QualificationView:
    until = entry.valid_until
    if entry.revoked_on is not None:
        validity = Validity.REVOKED
    elif until is not None and until < on:
        validity = Validity.EXPIRED
    elif entry.valid_from > on:
        validity = Validity.FUTURE
    else:
        validity = Validity.ENDING if until is not None and until <= on + timedelta(days=soon) else Validity.VALID
    return QualificationView(
        id=entry.id or 0,
        kind=entry.kind,
        reference=entry.reference,
        valid_from=entry.valid_from,
        valid_until=until,
        validity=validity,
        revoked_because=entry.revoked_because,
    )
