"""What customer care speaks of: the turn of a duty, what is known when it comes round, what came of it (X, C, B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.policy import Text
from config.words import CareKind, VisitWay
from models.onboarding import Block
from models.reception import OpenCase, TradingRecord


class CareDuty(Block):
    """What a case of customer care is about. ``occasion`` is the festival of a greeting, or why it was begun by hand.

    A greeting for a festival is sent ``greet_by`` and given up after ``given_up``; others have their times by policy.
    """

    kind: CareKind
    due_on: date
    occasion: Text | str = ""
    greet_by: date | None = None
    given_up: date | None = None


class LastTurn(Block):
    """What the turn before came to, so that nobody comes unprepared: who was met, what was found and promised."""

    case_ref: str
    done_on: date
    by: str
    way: VisitWay | None
    met: str
    findings: str
    promises: str
    next_steps: str


class CareFacts(Block):
    """What is known on the day: the duty, the turn before, what else is under way, the trade of the last year.

    ``missed`` counts the turns before this one that nobody carried out. Amounts are yuan.
    """

    duty: CareDuty
    missed: int
    last: LastTurn | None
    trading: TradingRecord
    open_cases: tuple[OpenCase, ...]
    owed: Decimal
    postponed: int = 0
    postpone_until: date | None = None
    """The latest day a turn may be put off to, while it may be; none when it may not."""
