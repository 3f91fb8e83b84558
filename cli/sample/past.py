"""Cases of the sample company that had ended before its records were taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.words import CaseState, Outcome
from models.house import Work
from models.processes import ProcessKind
from models.rules.reasons import because
from models.tables import Case, CaseNumber, Customer


def past_case(
    then: Work,
    kind: ProcessKind,
    customer: Customer,
    outcome: Outcome,
    *,
    by: str | None,
    given: Mapping[str, Any] | None = None,
) -> Case:
    """A case that began and ended at the time of ``then``: on file, and carried by no run; nobody is told of it."""
    case = Case(
        ref=_next_ref(then, kind),
        process=kind.name,
        title=customer.name,
        customer_id=customer.id,
        initiator_id=by,
        handler_id=customer.handler_id or "",
        department=customer.department,
        origin="takeover",
        policy_version=then.house.policy.version,
        input=dict(given or {}),
        state=CaseState.CLOSED,
        outcome=outcome,
        because=[because("case.taken_over").model_dump(mode="json")],
        opened_at=then.now,
        closed_at=then.now,
        working_minutes=0,
    )
    then.add(case)
    then.record("case.taken-over", case.ref, process=kind.name, outcome=outcome, closed_at=then.now)
    return case


def _next_ref(then: Work, kind: ProcessKind) -> str:
    year = then.house.calendar.day_of(then.now).year
    number = then.session.get(CaseNumber, (kind.prefix, year)) or CaseNumber(prefix=kind.prefix, year=year)
    number.last += 1
    then.add(number)
    return f"{kind.prefix}-{year}-{number.last:06d}"
