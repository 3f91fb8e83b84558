"""The inbox: what waits for one person, the most urgent first. Its other boxes: ``models.queries.boxes``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from config.words import SignerState
from models.forms import form_named
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.shown import Read
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Customer, Person, Signer, Step


class Urgency(StrEnum):
    """How soon something is due, on the company's calendar."""

    OVERDUE = "overdue"
    TODAY = "today"
    LATER = "later"


class Deadline(Read):
    """When something is due, and how far that is in business days (0: before the next business day has passed)."""

    at: datetime
    urgency: Urgency
    business_days: int


class InOneGo(Read):
    """The answer that several steps of one kind can be given in one go: it needs nothing filled in. ``kind`` names it.

    ``comments``: a comment may go with it.
    """

    kind: str
    action: str
    label: str
    comments: bool


class InboxItem(Read):
    """One step that waits for this person. ``seen``: they have opened it since they were asked.

    ``for_name`` is the absent person they stand in for; ``confirms`` says that a delegate has answered and the answer
    waits to be confirmed; ``in_one_go`` how it can be answered together with others like it.
    """

    signer_id: int
    case_ref: str
    case_title: str
    process: str
    title: str
    question: str
    round: int
    sensitive: bool
    asked_at: datetime
    due: Deadline
    step_name: str
    content_hash: str
    amount: Decimal | None = None
    seen: bool = True
    for_name: str | None = None
    confirms: bool = False
    in_one_go: InOneGo | None = None


class InboxFilter(Read):
    """What of a box is wanted; nothing given means all of it. What a box has not, it is not asked for.

    ``text`` is part of a case's reference or title, or of its customer's name; ``least`` and ``most`` are yuan;
    ``substitute``: only what one signs in somebody else's name.
    """

    text: str = ""
    process: str | None = None
    urgency: Urgency | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    substitute: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self != InboxFilter()


class Inbox(Read):
    """A page of the inbox. ``total`` counts everything that waits and is wanted, on all pages."""

    items: tuple[InboxItem, ...]
    total: int
    next_cursor: str | None = None


def deadline(calendar: BusinessCalendar, now: datetime, due_at: datetime) -> Deadline:
    """How urgent ``due_at`` is at ``now``. Past: business days since; ahead: business days left."""
    if due_at < now:
        return Deadline(at=due_at, urgency=Urgency.OVERDUE, business_days=calendar.business_days_between(due_at, now))
    same_day = calendar.day_of(now) == calendar.day_of(due_at)
    return Deadline(
        at=due_at,
        urgency=Urgency.TODAY if same_day else Urgency.LATER,
        business_days=calendar.business_days_between(now, due_at),
    )


def inbox(
    session: Session,
    person_id: str,
    calendar: BusinessCalendar,
    now: datetime,
    wanted: InboxFilter = InboxFilter(),
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Inbox:
    """What waits for ``person_id`` and is ``wanted``, by due date; ``limit`` items from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    mine = and_(col(Signer.person_id) == person_id, col(Signer.state) == SignerState.ASKED)
    # Which they are is found first: to sort whole steps, each with all it shows, would take ten times as long.
    which = (
        select(Signer.id)
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .where(
            mine, *concerned_by(wanted), *urgent(wanted.urgency, calendar, now), *worth(wanted), *in_the_name(wanted)
        )
        .order_by(col(Step.due_at), col(Signer.id))
    )
    total = _count(session, mine, which, wanted)
    if cursor:
        at, key = read_cursor(cursor)
        after = number_of(key)
        which = which.where(or_(col(Step.due_at) > at, and_(col(Step.due_at) == at, col(Signer.id) > after)))
    found = session.exec(which.limit(limit + 1)).all()
    shown = (
        select(Signer, Step, Case.title, Case.process)
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .where(col(Signer.id).in_(found[:limit]))
        .order_by(col(Step.due_at), col(Signer.id))
    )
    rows = session.exec(shown).all() if found else []
    absent = {signer.for_person_id for signer, *_ in rows if signer.for_person_id}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(absent))).all()) if absent else {}
    items = tuple(_item(calendar, now, names, *row) for row in rows)
    more = len(found) > limit
    return Inbox(
        items=items,
        total=total,
        next_cursor=write_cursor(items[-1].due.at, items[-1].signer_id) if more else None,
    )


def _count(session: Session, mine: ColumnElement[bool], statement: Any, wanted: InboxFilter) -> int:
    if not wanted.narrows:  # answered by the index alone
        return session.exec(select(func.count()).select_from(Signer).where(mine)).one()
    return int(
        session.execute(
            statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        ).scalar_one()
    )


def concerned_by(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    """The cases that the text and the process let through, as conditions."""
    found: list[ColumnElement[bool]] = []
    text = wanted.text.strip()
    if text:
        named = or_(
            col(Customer.name).icontains(text, autoescape=True),
            col(Customer.pinyin).contains(text.lower(), autoescape=True),
        )
        found.append(
            or_(
                col(Case.ref).startswith(text.upper(), autoescape=True),
                col(Case.title).icontains(text, autoescape=True),
                # Asked for each case of this person: few, while the customers may be very many.
                select(Customer.id).where(col(Customer.id) == col(Case.customer_id), named).exists(),
            )
        )
    if wanted.process:
        found.append(col(Case.process) == wanted.process)
    return found


def urgent(urgency: Urgency | None, calendar: BusinessCalendar, now: datetime) -> list[ColumnElement[bool]]:
    """The steps that are so urgent at ``now``, as conditions; see ``deadline``."""
    due = col(Step.due_at)
    if urgency is None:
        return []
    if urgency is Urgency.OVERDUE:
        return [due < now]
    midnight = datetime.combine(calendar.day_of(now) + timedelta(days=1), time(), calendar.zone)
    return [due >= now, due < midnight] if urgency is Urgency.TODAY else [due >= now, due >= midnight]


def worth(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    """The steps that decide on such an amount (yuan), as conditions."""
    found: list[ColumnElement[bool]] = []
    if wanted.least is not None:
        found.append(col(Step.amount) >= wanted.least)
    if wanted.most is not None:
        found.append(col(Step.amount) <= wanted.most)
    return found


def in_the_name(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    """The places that are held in somebody else's name, if only those are wanted."""
    return [col(Signer.for_person_id).is_not(None)] if wanted.substitute else []


def _item(
    calendar: BusinessCalendar,
    now: datetime,
    names: Mapping[str, str],
    signer: Signer,
    step: Step,
    case_title: str,
    process: str,
) -> InboxItem:
    return InboxItem(
        signer_id=signer.id or 0,
        case_ref=signer.case_ref,
        case_title=case_title,
        process=process,
        title=step.title,
        question=step.question,
        round=step.round,
        sensitive=step.sensitive,
        asked_at=signer.asked_at or step.opened_at,
        due=deadline(calendar, now, step.due_at),
        step_name=step.name,
        content_hash=step.content_hash,
        amount=step.amount,
        seen=signer.seen_at is not None and (signer.asked_at is None or signer.seen_at >= signer.asked_at),
        for_name=names.get(signer.for_person_id or ""),
        confirms=signer.advice is not None,
        in_one_go=None if signer.advice is not None else in_one_go(process, step),
    )


def in_one_go(process: str, step: Step) -> InOneGo | None:
    """How ``step`` can be answered together with others like it: its first action, if nothing need be filled in."""
    first = step.actions[0]
    form = form_named(str(first["form"]))
    if step.content.get("fields") or any(field.is_required() for field in form.model_fields.values()):
        return None
    kind = f"{process}.{step.name}.{first['name']}"
    return InOneGo(kind=kind, action=first["name"], label=first["label"], comments="comment" in form.model_fields)
