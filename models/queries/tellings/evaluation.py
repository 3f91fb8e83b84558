"""How a quarterly evaluation is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from config.words import CreditGrade, Department
from models.queries.ledger import customer_number
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, saying
from models.rules.reasons import Label


def _grade(value: Any) -> Label:
    return Label(label=CreditGrade(value).label if value in list(CreditGrade) else str(value or "–"))


def _number(data: Mapping[str, Any]) -> str:
    return customer_number(int(data.get("customer") or 0))


def _exception(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {
        "customer": _number(data),
        "before": _grade(data.get("before")),
        "grade": _grade(data.get("grade")),
        "reason": str(data.get("reason") or "–"),
    }
    return Sentence(
        message=N_("made an exception for {customer}: {grade} instead of {before}: “{reason}”"), values=values
    )


def _dropped(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {"customer": _number(data), "grade": _grade(data.get("grade"))}
    return Sentence(message=N_("took back the exception for {customer}: {grade} stands"), values=values)


def _late(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    message = N_("tried to make an exception for {customer} when the review was not open")
    return Sentence(message=message, values={"customer": _number(data)})


def _warned(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    departments = tuple(
        Label(label=Department(one).label if one in list(Department) else str(one))
        for one in data.get("departments", [])
    )
    values: dict[str, Shown | Sentence] = {"customers": int(data.get("customers") or 0), "departments": departments}
    return Sentence(message=N_("{customers} customers became high risks; warned: {departments}"), values=values)


TELLERS: dict[str, Teller] = {
    "evaluation.made": saying(N_("{customers} customers were evaluated for {period}"), "customers", "period"),
    "evaluation.exception": _exception,
    "evaluation.exception-dropped": _dropped,
    "evaluation.exception-late": _late,
    "evaluation.reported": saying(N_("The report on {period} was drawn up: {changes} changes"), "period", "changes"),
    "evaluation.signed-off": saying(N_("The evaluation of {period} stands"), "period"),
    "evaluation.applied": saying(
        N_("{customers} ratings took effect; {passed_over} had been changed by other cases meanwhile"),
        "customers",
        "passed_over",
    ),
    "evaluation.limits-applied": saying(
        N_("{lines} credit lines took effect; {passed_over} had been changed by other cases meanwhile"),
        "lines",
        "passed_over",
    ),
    "evaluation.warned": _warned,
}
