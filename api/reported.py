"""The period that the manager's pages are asked about, as an address carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import Query, Request

from api.caller import house_of
from api.durations import clock_time, working_time
from config.languages import N_, translate
from config.words import Language
from models.house import House
from models.queries.shown import MONTHS, day
from models.rules.periods import quarter
from models.rules.reporting import TWELVE_MONTHS, Reported, offered, reported
from models.rules.working_time import office_day

_MONTH, _QUARTER = 1, 3


@dataclass(frozen=True)
class PeriodChoice:
    """The period asked for, those to choose from, and how an address says it."""

    period: Reported
    offered: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        """What an address carries of it; nothing for the usual period."""
        if self.period.name == TWELVE_MONTHS:
            return {}
        if self.period.name:
            return {"period": self.period.name}
        return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}


def period_choice(
    request: Request,
    period: Annotated[str, Query(max_length=40)] = "",
    first: Annotated[str, Query(alias="from", max_length=40)] = "",
    last: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> PeriodChoice:
    """What was asked for. A date or period that is none counts as not given: links of old must not break."""
    house = house_of(request)
    today = house.calendar.day_of(house.clock())
    found = reported(period.strip(), today, _date(first), _date(last))
    return PeriodChoice(found, offered(today))


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1900 < found.year < 9000 else None


def period_name(name: str, language: Language) -> str:
    """``Last twelve months``, ``2026``, ``Q1 2026``."""
    if name == TWELVE_MONTHS:
        return translate(N_("Last twelve months"), language)
    if found := quarter(name):
        told = translate(N_("Q{number} {year}"), language, number=str(found.number), year=str(found.year))
        return told
    return translate(N_("Year {year}"), language, year=name)


class Told:
    """Durations and periods on one page, in its reader's language. ``day_minutes`` is a business day's working time."""

    def __init__(self, house: House, language: Language) -> None:
        self.language = language
        self.day_minutes = office_day(house.calendar) // timedelta(minutes=1)

    def t(self, message: str, **values: object) -> str:
        return translate(message, self.language, **{name: str(value) for name, value in values.items()})

    def clock(self, minutes: int | None) -> str:
        return clock_time(minutes, self.language)

    def worked(self, minutes: int | None) -> str:
        return working_time(minutes, self.day_minutes, self.language)

    def amount(self, yuan: Decimal) -> str:
        """A large amount in short: ``12.3 million``, ``1,234 万``; small ones whole."""
        if self.language is Language.ZH_CN:
            return _short(yuan, ((10**8, "亿"), (10**4, "万")))
        return _short(yuan, ((10**9, "bn"), (10**6, "m"), (10**3, "k")))

    def period(self, period: Reported) -> str:
        """The period's name, or its days."""
        return period_name(period.name, self.language) if period.name else self.days(period.first, period.last)

    def named(self, name: str) -> str:
        return period_name(name, self.language)

    def days(self, first: date, last: date) -> str:
        return f"{day(first, self.language)} – {day(last, self.language)}"

    def part(self, first: date, months: int, *, short: bool = False) -> str:
        """A part of a period: ``Mar 2026``, ``Q1 2026``, ``2026``; short: ``Mar``, ``Q1``, ``2026``."""
        chinese = self.language is Language.ZH_CN
        if months == _MONTH:
            month = f"{first.month}月" if chinese else MONTHS[first.month - 1]
            return month if short else f"{first.year}年{month}" if chinese else f"{month} {first.year}"
        if months == _QUARTER:
            number = (first.month - 1) // _QUARTER + 1
            return f"Q{number}" if short else period_name(f"{first.year}Q{number}", self.language)
        return str(first.year)


def _short(yuan: Decimal, units: Sequence[tuple[int, str]]) -> str:
    for unit, name in units:
        if abs(yuan) >= 10 * unit or (abs(yuan) >= unit and unit >= 10**6):
            return (
                f"{yuan / unit:,.2f}".removesuffix(".00") + f" {name}"
                if abs(yuan) < 100 * unit
                else f"{yuan / unit:,.0f} {name}"
            )
    return f"{yuan:,.2f}".removesuffix(".00")
