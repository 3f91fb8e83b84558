"""What a list of cases is asked for: the words of an address, as a filter, or as what is wrong with them.

The page, its exports, saved views and the JSON API ask in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.posted import clean
from config.languages import N_
from config.words import CaseOrder, CaseState, Department, Outcome, Word
from models.errors import Invalid, Problem
from models.house import House
from models.processes import PROCESSES
from models.queries.case_list import CaseFilter
from models.queries.customers import customer_meant
from models.tables import Person

NAMES = (
    "text",
    "process",
    "state",
    "outcome",
    "department",
    "customer",
    "person",
    "opened_from",
    "opened_to",
    "closed_from",
    "closed_to",
    "least",
    "most",
    "mine",
    "order",
)
"""The words a list of cases is asked in, in the order they stand in an address."""
LONGEST = 200
MOST = Decimal(10) ** 13
_WORDS: Mapping[str, type[Word]] = {
    "state": CaseState,
    "outcome": Outcome,
    "department": Department,
    "order": CaseOrder,
}


@dataclass(frozen=True)
class Asked:
    """What was asked for: ``typed`` by name as it was typed, the filter it makes, and what is wrong with it."""

    typed: Mapping[str, str]
    wanted: CaseFilter
    problems: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """It all as an address has it."""
        return urlencode(self.typed)

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.typed.keys() - {"order"})

    def given(self, name: str) -> str:
        return self.typed.get(name, "")

    def must_be_right(self) -> CaseFilter:
        """The filter.

        Raises:
            Invalid: something of it cannot be understood; names each.
        """
        if self.problems:
            raise Invalid(N_("Please look at the marked fields."), list(self.problems.values()))
        return self.wanted


def asked_for(session: Session, house: House, given: Mapping[str, str], *, strictly: bool = False) -> Asked:
    """What ``given`` asks for. A word that is none of ours counts as none, for links of old must not break (asked
    ``strictly``, no case is of a process that there is not); a day, an amount, a customer or a person that cannot be
    understood is told."""
    reading = _Reading(session, house, {name: clean(given.get(name, "")).strip()[:LONGEST] for name in NAMES}, strictly)
    values = reading.values()
    return Asked({name: text for name, text in reading.texts.items() if text}, CaseFilter(**values), reading.problems)


class _Reading:
    """One address being read."""

    def __init__(self, session: Session, house: House, texts: dict[str, str], strictly: bool) -> None:
        self._session, self._house, self.texts, self._strictly = session, house, texts, strictly
        self.problems: dict[str, Problem] = {}

    def values(self) -> dict[str, object]:
        texts = self.texts
        if texts["process"] not in PROCESSES and not self._strictly:
            texts["process"] = ""
        for name, words in _WORDS.items():
            if texts[name] not in list(words):
                texts[name] = ""
        if texts["mine"] not in ("1", "true"):
            texts["mine"] = ""
        found: dict[str, object] = {
            "text": texts["text"],
            "process": texts["process"] or None,
            "mine": bool(texts["mine"]),
            **{name: words(texts[name]) if texts[name] else None for name, words in _WORDS.items()},
            "opened_from": self._day("opened_from"),
            "opened_before": self._day("opened_to", after=True),
            "closed_from": self._day("closed_from"),
            "closed_before": self._day("closed_to", after=True),
            "least": self._yuan("least"),
            "most": self._yuan("most"),
            "customer_id": self._customer(),
            "person": self._person(),
        }
        found["order"] = found["order"] or CaseOrder.NEWEST
        return found

    def _day(self, name: str, *, after: bool = False) -> datetime | None:
        """The beginning of a day of the company; ``after`` it, that of the next."""
        if not self.texts[name]:
            return None
        try:
            day = date.fromisoformat(self.texts[name])
            if not 1990 <= day.year <= 2200:
                raise ValueError
        except ValueError:
            self._wrong(name, N_("Write the day as 2026-03-10."))
            return None
        zone: ZoneInfo = self._house.calendar.zone
        return datetime.combine(day + timedelta(days=1 if after else 0), time(), zone)

    def _yuan(self, name: str) -> Decimal | None:
        text = self.texts[name].replace(",", "").replace("，", "").replace(" ", "")
        if not text:
            return None
        whole, _, fen = text.partition(".")
        plain = (whole + fen).isascii() and (whole + fen).isdigit() and len(fen) <= 2
        if not plain or Decimal(text) > MOST:
            self._wrong(name, N_("Write an amount in yuan, such as 1,240,000.00."))
            return None
        return Decimal(text)

    def _customer(self) -> int | None:
        if not self.texts["customer"]:
            return None
        try:
            return customer_meant(self._session, self._house.keys, self.texts["customer"]).id
        except Invalid as refusal:
            self.problems["customer"] = refusal.problems[0]
            return None

    def _person(self) -> str | None:
        text = self.texts["person"]
        if not text:
            return None
        called = text.rpartition("(")[2].rstrip(")") if text.endswith(")") else text
        known = self._session.get(Person, called[:64])
        if known is not None:
            return known.id
        named = self._session.exec(select(Person.id).where(Person.name == text).order_by(col(Person.id)).limit(6)).all()
        if len(named) == 1:
            return named[0]
        if named:
            told = N_("Several people have this name: {people}. Please write which one.")
            self._wrong("person", told, people=", ".join(named))
        else:
            self._wrong("person", N_("There is nobody of this name or staff id."))
        return None

    def _wrong(self, name: str, told: str, **values: object) -> None:
        self.problems[name] = Problem(name, told, values)
