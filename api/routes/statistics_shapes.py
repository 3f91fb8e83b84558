"""What the statistics give to programs. Times are minutes, amounts yuan as text, percentages numbers from 0 to 100."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import Field

from api.routes.shapes import Given
from config.languages import translate
from config.words import Age, Language, ListingKind, Outcome
from models.queries import portfolio_now as portfolio
from models.queries import statistics as figures
from models.queries.credit_gaps import Group
from models.queries.load import LoadFigures
from models.queries.recovery import Recovery
from models.rules.concentration import Concentration


class TookShown(Given):
    """How long so many took: half of them and nine of ten at most."""

    count: int
    median: int | None = Field(examples=[2880])
    ninety: int | None = Field(examples=[7200])

    @classmethod
    def of(cls, took: figures.Took) -> Self:
        return cls(count=took.count, median=took.median, ninety=took.ninety)


class PartShown(Given):
    name: str = Field(examples=["2026-03"])
    first: date
    last: date
    opened: int
    closed: int


class ProcessShown(Given):
    """`clock` and `working`: how long the cases took that ended, by the clock and in office hours."""

    name: str
    title: str
    opened: int
    closed: int
    open: int
    clock: TookShown
    working: TookShown
    steps_answered: int
    in_time_percent: Decimal | None
    returned_percent: Decimal | None
    refused_percent: Decimal | None
    endings: dict[Outcome, int]

    @classmethod
    def of(cls, one: figures.ProcessFigures, language: Language) -> Self:
        return cls(
            name=one.name,
            title=translate(one.title, language) if one.title else "",
            opened=one.opened,
            closed=one.closed,
            open=one.open,
            clock=TookShown.of(one.clock),
            working=TookShown.of(one.working),
            steps_answered=one.answered,
            in_time_percent=one.in_time_percent,
            returned_percent=one.returned_percent,
            refused_percent=one.refused_percent,
            endings={ending.outcome: ending.count for ending in one.endings},
        )


class StepCounted(Given):
    """A step of one name. `late`: answered after the deadline, or never; `share`: of all working time, in percent."""

    process: str
    name: str
    title: str
    answered: int
    working: TookShown
    share: Decimal | None
    late: int
    returned: int
    refused: int
    expired: int
    open: int
    overdue: int

    @classmethod
    def of(cls, one: figures.StepFigures, language: Language) -> Self:
        kept = one.model_dump(exclude={"title", "working", "in_time_percent"})
        return cls(title=translate(one.title, language), working=TookShown.of(one.working), **kept)


class LoadShown(Given):
    """What a role, department or person has before them, and has answered. Without a `key`: named persons."""

    key: str
    label: str
    people: int
    asked: int
    overdue: int
    answered: int
    held: TookShown

    @classmethod
    def of(cls, one: LoadFigures, language: Language) -> Self:
        label = translate(one.label, language) if one.label else ""
        return cls(held=TookShown.of(one.held), label=label, **one.model_dump(exclude={"held", "label"}))


class PassageShown(Given):
    before: str | None
    after: str | None
    outcome: Outcome | None = None
    count: int
    returned: bool = False


class StandingShown(Given):
    """Customers of one level, grade or class. Without a `word`: not rated yet."""

    word: str = Field(examples=["high"])
    customers: int
    exposure: str

    @classmethod
    def of(cls, one: portfolio.Standing) -> Self:
        return cls(word=one.word, customers=one.customers, exposure=f"{one.exposure:.2f}")


class ListedShown(Given):
    kind: ListingKind
    customers: int


class ShareShown(Given):
    key: str = Field(examples=["K-000123"])
    name: str
    amount: str
    percent: Decimal


class ConcentrationShown(Given):
    """`index` is the Herfindahl–Hirschman index, 0 to 10,000."""

    total: str
    number: int
    index: int
    largest: list[ShareShown]

    @classmethod
    def of(cls, one: Concentration) -> Self:
        largest = [
            ShareShown(key=share.key, name=share.name, amount=f"{share.amount:.2f}", percent=share.percent)
            for share in one.largest
        ]
        return cls(total=f"{one.total:.2f}", number=one.number, index=one.index, largest=largest)


class AgeingShown(Given):
    age: Age
    amount: str
    invoices: int


class RecoveryShown(Given):
    name: str = Field(examples=["2026-03"])
    first: date
    last: date
    due: str
    recovered: str
    percent: Decimal | None

    @classmethod
    def of(cls, one: Recovery) -> Self:
        kept = one.model_dump(include={"name", "first", "last", "percent"})
        return cls(due=f"{one.due:.2f}", recovered=f"{one.recovered:.2f}", **kept)


class NamedShown(Given):
    number: str
    name: str
    exposure: str
    limit: str | None


class GroupShown(Given):
    """`count` customers, `amount` together, and the gravest of them."""

    count: int
    amount: str
    gravest: list[NamedShown]

    @classmethod
    def of(cls, one: Group) -> Self:
        gravest = [
            NamedShown(
                number=named.number,
                name=named.name,
                exposure=f"{named.exposure:.2f}",
                limit=None if named.limit is None else f"{named.limit:.2f}",
            )
            for named in one.gravest
        ]
        return cls(count=one.count, amount=f"{one.amount:.2f}", gravest=gravest)


class EvaluationShown(Given):
    """What a quarterly evaluation found: how many moved to a worse or better risk level, and are at high risk."""

    period: str = Field(examples=["2026Q1"])
    case: str
    signed_off_at: datetime | None
    customers: int
    worse: int
    better: int
    high_risk: int

    @classmethod
    def of(cls, one: portfolio.EvaluationFound) -> Self:
        levels = one.summary.levels
        return cls(
            period=one.period,
            case=one.case_ref,
            signed_off_at=one.signed_off_at,
            customers=one.summary.totals.customers,
            worse=levels.worse,
            better=levels.better,
            high_risk=levels.after[-1],
        )
