"""A warning to the departments concerned (B): on record, and told to those who answer for them."""

from __future__ import annotations

from sqlmodel import col, select

from config.words import RiskLevel, Role
from models.house import Work
from models.messages import RiskWarningIssued, queue
from models.tables import Case, Customer, Person, RiskWarning

# A department hears of a risk through those who answer for it, not through everybody in it.
WARNED_ROLES = {Role.SALES_MANAGER, Role.HEAD, Role.VICE_PRESIDENT, Role.FINANCE_OFFICER, Role.LEGAL_OFFICER}


def warn_departments(
    work: Work,
    case: Case,
    customer: Customer,
    level: RiskLevel,
    *,
    points: int | None = None,
    listed: bool = False,
    comment: str = "",
) -> None:
    """Warn the departments that policy names of a customer at ``level``; ``points`` are the score's, if there is one.

    A case warns each person once.
    """
    departments = work.house.policy_of(work.session, case.policy_version).onboarding.warn_departments
    work.add(
        RiskWarning(
            customer_id=customer.id or 0,
            case_ref=case.ref,
            risk_level=level,
            departments=list(departments),
            reason=comment or ("listed" if listed else "score"),
            issued_at=work.now,
        )
    )
    message = RiskWarningIssued(
        case_ref=case.ref, customer=customer.name, risk_level=level, points=points, listed=listed, comment=comment
    )
    concerned = select(Person).where(col(Person.active), col(Person.department).in_(departments))
    for person in work.session.exec(concerned.order_by(col(Person.id))):
        if WARNED_ROLES & set(person.roles):
            queue(work, message, person.id, f"{case.ref}:warning:{person.id}", case_ref=case.ref)
    work.record("risk-warning.issued", case.ref, level=level, departments=departments)
