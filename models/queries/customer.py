"""One customer as a whole: who it is, how it stands, what it owes, whether it may trade, its cases, its archive.

Which part is shown to whom is decided in one place, ``archive_parts``; a part that is closed to the reader is empty.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Text
from config.words import ListingCriterion, ListingKind, MeasureKind, Security
from models.errors import NotFound
from models.house import House
from models.queries.archive import Archive, archive_of
from models.queries.archive_parts import Part, parts_open_to
from models.queries.case import CustomerFacts, customer_facts
from models.queries.case_list import CaseFilter, CaseLine, cases
from models.queries.ledger import AgeBand, OwedInvoice, ageing, credit_balance, customer_by, owed
from models.queries.ledger_lists import PaymentLine, payments
from models.queries.rights import sees_customer
from models.queries.shown import Read, Sentence, sentence_of
from models.queries.standing import listing_history
from models.queries.trading import may_trade
from models.tables import CreditLine, Customer, CustomerFigures, Measure, Person, RiskArchive

SHOWN = 20
"""Of each kind, on the page: the newest, of invoices the oldest."""
PRINTED = 200
"""Of each kind, in print."""


class LineView(Read):
    """A credit line in force. Without a case it was there when the company began with this product."""

    limit: Decimal
    term_days: int
    securities: tuple[Security, ...]
    note: str
    since: datetime
    case_ref: str | None


class ListingView(Read):
    """An entry of the lists, in force or over."""

    kind: ListingKind
    criterion: ListingCriterion
    reason: str
    since: date
    until: date | None
    case_ref: str | None
    ended_because: str

    @property
    def over(self) -> bool:
        return self.until is not None


class MeasureView(Read):
    """A measure, in force or over."""

    kind: MeasureKind
    scope: str
    reason: str
    since: date
    until: date | None
    lifted_on: date | None
    case_ref: str
    in_force: bool


class TradeView(Read):
    """Whether the customer may trade today, on what terms, and why. To whom its receivables are closed, it is said
    whether, but neither amounts nor the reasons that tell them."""

    may: bool
    prepay: bool
    limit: Decimal | None
    used: Decimal | None
    available: Decimal | None
    term_days: int | None
    securities: tuple[Security, ...]
    conditions: tuple[Sentence, ...]
    because: tuple[Sentence, ...]


class DebtView(Read):
    """What the customer owes, by age; ``invoices`` are the oldest of those that are open. Amounts in yuan."""

    total: Decimal
    overdue: Decimal
    oldest_due: date | None
    credit: Decimal
    ages: tuple[AgeBand, ...]
    invoices: tuple[OwedInvoice, ...]
    more: int


class FigureView(Read):
    """One figure on file, by the label the running policy gives it."""

    label: Text | str
    value: str
    told: Text | str
    """``value`` as it is read out: the policy's words for a choice, its unit with a number."""


class CustomerView(Read):
    """A customer and everything that a reader of it is shown. ``cases`` are those the reader may see, newest first.

    ``line``, ``debts``, ``figures`` and ``payments`` are empty where that part of the archive is closed to the reader.
    """

    facts: CustomerFacts
    email: str | None
    handler: str | None
    archive: str | None
    known_since: datetime
    trade: TradeView
    line: LineView | None
    listings: tuple[ListingView, ...]
    measures: tuple[MeasureView, ...]
    debts: DebtView | None
    figures: tuple[FigureView, ...]
    figures_as_of: datetime | None
    cases: tuple[CaseLine, ...]
    more_cases: bool
    payments: tuple[PaymentLine, ...]
    on_file: Archive


def customer_seen_by(session: Session, house: House, person: Person, text: str) -> Customer:
    """The customer called ``text``: its number, or its identity number.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    customer = customer_by(session, house.keys, text)
    if customer is None or not sees_customer(session, person, customer):
        raise NotFound(N_("There is no customer {number}."), number=text[:40])
    return customer


def customer_view(
    session: Session, house: House, customer: Customer, viewer: Person, *, limit: int = SHOWN
) -> CustomerView:
    """``customer`` as ``viewer`` sees it today, at most ``limit`` of each kind. Whether they may is decided before: see
    ``customer_seen_by``."""
    on, number = house.calendar.day_of(house.clock()), customer.id or 0
    parts = parts_open_to(session, viewer, customer)
    handler = session.get(Person, customer.handler_id) if customer.handler_id else None
    archive = session.get(RiskArchive, number)
    found = cases(session, viewer, CaseFilter(customer_id=number), limit=limit)
    known = session.get(CustomerFigures, number) if Part.ASSESSMENTS in parts else None
    listings = tuple(ListingView(**one.model_dump()) for one in reversed(listing_history(session, customer)))
    measures = _measures(session, number, on)
    named = [*(one.case_ref for one in listings), *(one.case_ref for one in measures)]
    close = Part.RECEIVABLES in parts
    return CustomerView(
        facts=customer_facts(customer),
        email=customer.email,
        handler=handler.name if handler else None,
        archive=archive.number if archive else None,
        known_since=customer.created_at,
        trade=_trade(session, house, number, on) if close else _verdict(session, house, number, on),
        line=_credit(session, number) if Part.CREDIT in parts else None,
        listings=listings,
        measures=measures,
        debts=_debts(session, number, on, limit) if close else None,
        figures=_figures(house, known) if known else (),
        figures_as_of=known.as_of if known else None,
        cases=found.items,
        more_cases=found.next_cursor is not None,
        payments=payments(session, viewer, customer_id=number, limit=limit).items if close else (),
        on_file=archive_of(session, customer, viewer, parts, limit=limit, also=named),
    )


def _trade(session: Session, house: House, customer_id: int, on: date) -> TradeView:
    answer = may_trade(session, house, customer_id, on)
    return TradeView(
        **answer.model_dump(exclude={"conditions", "because"}),
        conditions=tuple(sentence_of(reason) for reason in answer.conditions),
        because=tuple(sentence_of(reason) for reason in answer.because),
    )


def _verdict(session: Session, house: House, customer_id: int, on: date) -> TradeView:
    nothing = {"limit": None, "used": None, "available": None, "term_days": None}
    return _trade(session, house, customer_id, on).model_copy(update=nothing | {"securities": (), "because": ()})


def _credit(session: Session, customer_id: int) -> LineView | None:
    in_force = select(CreditLine).where(CreditLine.customer_id == customer_id, col(CreditLine.ended_at).is_(None))
    line = session.exec(in_force.order_by(col(CreditLine.id).desc())).first()
    if line is None:
        return None
    return LineView(
        limit=line.limit,
        term_days=line.term_days,
        securities=tuple(Security(one) for one in line.securities),
        note=line.note,
        since=line.effective_from,
        case_ref=line.case_ref,
    )


def _measures(session: Session, customer_id: int, on: date) -> tuple[MeasureView, ...]:
    every = select(Measure).where(Measure.customer_id == customer_id)
    rows = session.exec(every.order_by(col(Measure.since).desc(), col(Measure.id).desc())).all()
    views = [
        MeasureView(
            **one.model_dump(include=set(MeasureView.model_fields) - {"in_force"}),
            in_force=one.since <= on
            and (one.until is None or one.until >= on)
            and (one.lifted_on is None or one.lifted_on > on),
        )
        for one in rows
    ]
    return tuple(sorted(views, key=lambda view: not view.in_force))


def _debts(session: Session, customer_id: int, on: date, limit: int) -> DebtView:
    debts = owed(session, customer_id, on)
    return DebtView(
        total=debts.total,
        overdue=debts.overdue,
        oldest_due=debts.oldest_due,
        credit=credit_balance(session, customer_id),
        ages=ageing(session, on, customer_id),
        invoices=debts.invoices[:limit],
        more=max(0, len(debts.invoices) - limit),
    )


def _figures(house: House, known: CustomerFigures) -> tuple[FigureView, ...]:
    parts = {part.name: part for part in house.policy.indicators.figures()}
    return tuple(
        FigureView(label=parts[name].label, value=value, told=parts[name].told(value))
        if name in parts
        else FigureView(label=name, value=value, told=value)
        for name, value in known.figures.items()
        if value
    )
