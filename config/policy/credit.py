"""The credit table, risk levels, customer classes and measures (B, C)."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from config.policy.bands import score_faults
from config.policy.base import Amount, Days, Fault, Named, Points, PolicyModel, Text, absent, refuse, repeated
from config.words import CreditGrade, CustomerClass, RiskLevel, Security


class GradeBand(PolicyModel):
    """One row of the credit table: scores ``lowest``–``highest`` give ``grade``, capped limit and term."""

    grade: CreditGrade
    lowest: Points
    highest: Points
    limit: Amount
    term_days: Days

    @property
    def title(self) -> str:
        return self.grade.value


class LevelBand(PolicyModel):
    """Scores ``lowest``–``highest`` mean risk ``level``."""

    level: RiskLevel
    lowest: Points
    highest: Points

    @property
    def title(self) -> str:
        return self.level.value


class ClassRule(PolicyModel):
    """A customer belongs to ``customer_class`` if every condition given here holds. The first such rule decides."""

    customer_class: CustomerClass
    grades: tuple[CreditGrade, ...] = ()
    levels: tuple[RiskLevel, ...] = ()
    annual_volume_from: Amount | None = None

    @property
    def catches_all(self) -> bool:
        return not self.grades and not self.levels and self.annual_volume_from is None


class ClassStrategy(PolicyModel):
    """How the company works with a class of customer (C)."""

    label: Text
    actions: tuple[Text, ...] = Field(min_length=1)


class Measure(Named):
    """Something done against a risk (B). ``needs`` names what must be said with it, such as scope and period."""

    needs: tuple[Named, ...] = ()
    securities: tuple[Security, ...] = ()


class CreditPolicy(PolicyModel):
    """From score to grade, level, class, limit and term."""

    grades: tuple[GradeBand, ...]
    levels: tuple[LevelBand, ...]
    listed_level: RiskLevel
    """The level of a customer on the grey or black list, whatever the score."""
    class_rules: tuple[ClassRule, ...] = Field(min_length=1)
    class_strategies: dict[CustomerClass, ClassStrategy]
    measures: tuple[Measure, ...]

    @model_validator(mode="after")
    def _tables_cover_every_score_once(self) -> Self:
        faults: list[Fault] = [
            *score_faults(self.grades, "grades", "grades"),
            *score_faults(self.levels, "levels", "levels"),
            *repeated((band.grade for band in self.grades), "grades", "grade", "grade"),
            *repeated((band.level for band in self.levels), "levels", "level", "level"),
            *repeated((measure.name for measure in self.measures), "measures", "measure", "name"),
            *absent(self.class_strategies, CustomerClass, ("class_strategies",), "strategies"),
            *self._worse_grade_with_more_credit(),
            *self._class_rules_that_cannot_decide(),
        ]
        refuse(faults)
        return self

    def _worse_grade_with_more_credit(self) -> list[Fault]:
        order = sorted(range(len(self.grades)), key=lambda i: self.grades[i].lowest)
        faults: list[Fault] = []
        for i, j in pairwise(order):
            lower, upper = self.grades[i], self.grades[j]
            if lower.highest >= upper.lowest:  # which of two overlapping grades is the worse one cannot be said
                continue
            if lower.limit > upper.limit:
                faults.append((("grades", i, "limit"), f"grade {lower.title} may owe more than grade {upper.title}"))
            if lower.term_days > upper.term_days:
                faults.append((("grades", i, "term_days"), f"grade {lower.title} may owe longer than {upper.title}"))
        return faults

    def _class_rules_that_cannot_decide(self) -> list[Fault]:
        last = len(self.class_rules) - 1
        return [
            (("class_rules", i), "the last class rule must have no condition, so that every customer has a class")
            if i == last
            else (("class_rules", i), "a class rule without conditions hides the rules after it")
            for i, rule in enumerate(self.class_rules)
            if rule.catches_all != (i == last)
        ]

    def row(self, grade: CreditGrade) -> GradeBand:
        """The row of the credit table for ``grade``.

        Raises:
            LookupError: the table has no such grade.
        """
        for band in self.grades:
            if band.grade is grade:
                return band
        raise LookupError(f"the credit table has no grade {grade.value}")
