"""From score to grade, risk level, class, limit and term; and conditions merged to the strictest (B, C)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pydantic import field_validator

from config.policy import CreditPolicy
from config.words import CreditGrade, CustomerClass, RiskLevel, Security
from models.rules.reasons import Reason, Result, because

NOTHING = Decimal("0.00")
_FEN = Decimal("0.01")


def grade(score: int, policy: CreditPolicy) -> CreditGrade:
    """The credit grade of a score in whole points (C).

    Raises:
        ValueError: the score is not within 0–100.
    """
    for band in policy.grades:
        if band.lowest <= score <= band.highest:
            return band.grade
    raise ValueError(f"a score of {score} is outside the credit table")


def risk_level(score: int, policy: CreditPolicy, *, listed: bool = False) -> RiskLevel:
    """The risk level of a score; a customer on the grey or black list has the policy's level for that.

    Raises:
        ValueError: the score is not within 0–100.
    """
    if listed:
        return policy.listed_level
    for band in policy.levels:
        if band.lowest <= score <= band.highest:
            return band.level
    raise ValueError(f"a score of {score} is outside the risk levels")


def customer_class(
    grade: CreditGrade, level: RiskLevel, annual_volume: Decimal | None, policy: CreditPolicy
) -> CustomerClass:
    """The customer class (C) by the first rule that holds. An unknown volume (yuan a year) counts as none."""
    volume = annual_volume or NOTHING
    for rule in policy.class_rules:
        if (
            (not rule.grades or grade in rule.grades)
            and (not rule.levels or level in rule.levels)
            and (rule.annual_volume_from is None or volume >= rule.annual_volume_from)
        ):
            return rule.customer_class
    raise AssertionError("the last class rule holds for everyone")


class Conditions(Result):
    """What an approval is bound to: at most this limit (yuan) and term (days), with these securities.

    ``None`` means no condition. Securities are kept once each in the order of the vocabulary, notes as lines.
    """

    limit: Decimal | None = None
    term_days: int | None = None
    securities: tuple[Security, ...] = ()
    note: str = ""

    @field_validator("limit")
    @classmethod
    def _in_fen(cls, limit: Decimal | None) -> Decimal | None:
        if limit is not None and limit < 0:
            raise ValueError("a limit is not negative")
        return None if limit is None else limit.quantize(_FEN)

    @field_validator("term_days")
    @classmethod
    def _not_negative(cls, term_days: int | None) -> int | None:
        if term_days is not None and term_days < 0:
            raise ValueError("a term is not negative")
        return term_days

    @field_validator("securities")
    @classmethod
    def _once_each(cls, securities: tuple[Security, ...]) -> tuple[Security, ...]:
        return tuple(security for security in Security if security in securities)

    @field_validator("note", mode="before")
    @classmethod
    def _lines(cls, note: Any) -> Any:
        if not isinstance(note, str):
            return note
        return "\n".join(sorted({line.strip() for line in note.splitlines() if line.strip()}))

    @property
    def any(self) -> bool:
        """Whether anything is asked at all."""
        return self != Conditions()


def merge_conditions(several: Iterable[Conditions]) -> Conditions:
    """All conditions at once: lowest limit, shortest term, every security, every note. Their order does not matter."""
    given = list(several)
    return Conditions(
        limit=min((c.limit for c in given if c.limit is not None), default=None),
        term_days=min((c.term_days for c in given if c.term_days is not None), default=None),
        securities=tuple(security for c in given for security in c.securities),
        note="\n".join(c.note for c in given),
    )


class CreditProposal(Result):
    """The limit (yuan) and term (days) proposed, what was asked, and why they differ.

    ``cut`` says that the table's cap lowered what was asked; ``prepay_only`` that there is no credit line.
    """

    grade: CreditGrade
    requested_limit: Decimal
    requested_term_days: int
    limit: Decimal
    term_days: int
    cap: Decimal
    cap_term_days: int
    cut: bool
    prepay_only: bool
    reasons: tuple[Reason, ...]

    def as_conditions(self) -> Conditions:
        """The proposal as what no later approval may exceed."""
        return Conditions(limit=self.limit, term_days=self.term_days)


def propose(
    grade: CreditGrade, requested_limit: Decimal, requested_term_days: int, *, prepays: bool, policy: CreditPolicy
) -> CreditProposal:
    """Limit and term by the credit table (C): what is asked, cut at the cap of the grade.

    Raises:
        ValueError: a negative limit or term was asked for.
    """
    if requested_limit < 0 or requested_term_days < 0:
        raise ValueError("a credit limit and a payment term are not negative")
    row = policy.row(grade)
    asked = requested_limit.quantize(_FEN)
    reasons = _no_credit_reasons(grade, asked, row.limit, prepays=prepays)
    if reasons:
        limit, term = NOTHING, 0
        cut = not prepays and asked > row.limit
    else:
        limit, term = min(asked, row.limit), min(requested_term_days, row.term_days)
        cut = limit < asked or term < requested_term_days
        reasons = (
            because(
                "credit.limit_cut" if limit < asked else "credit.limit_within_cap",
                asked=asked,
                cap=row.limit,
                grade=grade,
            ),
            because(
                "credit.term_cut" if term < requested_term_days else "credit.term_within_cap",
                asked=requested_term_days,
                cap=row.term_days,
                grade=grade,
            ),
        )
    return CreditProposal(
        grade=grade,
        requested_limit=asked,
        requested_term_days=requested_term_days,
        limit=limit,
        term_days=term,
        cap=row.limit,
        cap_term_days=row.term_days,
        cut=cut,
        prepay_only=limit == 0,
        reasons=reasons,
    )


def _no_credit_reasons(grade: CreditGrade, asked: Decimal, cap: Decimal, *, prepays: bool) -> tuple[Reason, ...]:
    """Why there is no credit line at all; empty when there is one."""
    if prepays:
        return (because("credit.prepays"),)
    if asked == 0:
        return (because("credit.none_asked"),)
    return (because("credit.grade_without_credit", grade=grade),) if cap == 0 else ()
