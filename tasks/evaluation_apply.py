"""What takes effect when an evaluation is signed off: ratings, routines, warnings, nominations, credit lines (C, B).

Somebody whose rating or line was changed by another case in the meantime keeps what that case decided: it is newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import JSON, bindparam, insert, literal, select, update
from sqlalchemy import case as choose
from sqlmodel import col
from sqlmodel import select as rows_of

from config.languages import N_
from config.policy import Policy
from config.words import Change, CustomerType, ListingCriterion
from models.evaluation import Portfolio
from models.house import Work
from models.messages import PortfolioWarning, queue
from models.onboarding import Block
from models.operations.standing import nominate
from models.operations.warning import WARNED_ROLES
from models.queries.evaluation_summary import SHOWN, becomes_high, candidates_of, flagged, limit_differs
from models.queries.ledger import customer_number
from models.rules.portfolio import Flag
from models.rules.scoring import score
from models.rules.turns import next_turn
from models.tables import (
    Assessment,
    Case,
    CreditLine,
    Customer,
    CustomerFigures,
    Evaluation,
    EvaluationRow,
    Person,
    RiskWarning,
    Routine,
)
from tasks.case_task import effect
from tasks.evaluation import show_progress

APPLYING = N_("Customers whose rating takes effect")
NOMINATED_AT_ONCE = 20
Row = EvaluationRow


class Applied(Block):
    """How many took effect, and how many did not because another case was quicker."""

    done: int
    passed_over: int


@effect("apply-ratings", N_("Let the ratings take effect"))
def apply_ratings(work: Work, case: Case, number: int, portfolio: Portfolio) -> Applied:
    """Grade, level and class of the range's customers who change, with the assessment each change rests on."""
    first, last = portfolio.ranges[number]
    policy = work.house.policy_of(work.session, case.policy_version)
    changing = work.session.exec(
        rows_of(Row, Customer)
        .join(Customer, col(Customer.id) == Row.customer_id)
        .where(Row.case_ref == case.ref, col(Row.customer_id).between(first, last), col(Row.applied).is_(False))
        .where(Row.change != Change.SAME)
        .order_by(col(Row.customer_id))
    ).all()
    due = [(row, customer) for row, customer in changing if _as_it_was(row, customer)]
    figures = _figures(work, [row for row, _ in due])
    assessments: list[dict[str, Any]] = []
    for row, customer in due:
        customer.credit_grade, customer.risk_level = row.new_grade, row.new_level
        customer.customer_class, row.applied = row.new_class, True
        work.session.add_all((row, customer))
        assessments.append(_assessment(work, case, row, figures[row.customer_id], customer.type, policy))
    work.session.flush()
    if assessments:
        work.session.execute(insert(Assessment.__table__), assessments)  # type: ignore[attr-defined]
    _set_routines(work, case.ref, {row.customer_id: row for row, _ in due}, policy)
    done = portfolio.done_after(number)
    show_progress(work, case.ref, done, portfolio.customers, APPLYING)
    applied = Applied(done=len(due), passed_over=len(changing) - len(due))
    if changing:
        work.record("evaluation.applied", case.ref, customers=applied.done, passed_over=applied.passed_over)
    return applied


def _as_it_was(row: EvaluationRow, customer: Customer) -> bool:
    now = (customer.credit_grade, customer.risk_level, customer.customer_class)
    return now == (row.old_grade, row.old_level, row.old_class)


def _figures(work: Work, rows: Sequence[EvaluationRow]) -> dict[int, dict[str, str]]:
    """What each change rests on: kept with the row, else (an exception made it change) the figures on file."""
    kept = {row.customer_id: row.figures for row in rows if row.figures is not None}
    missing = [row.customer_id for row in rows if row.figures is None]
    on_file: dict[int, dict[str, str]] = {}
    if missing:
        of_them = col(CustomerFigures.customer_id).in_(missing)
        found = rows_of(CustomerFigures.customer_id, CustomerFigures.figures).where(of_them)
        on_file = {id: dict(known) for id, known in work.session.exec(found)}
    return {row.customer_id: kept.get(row.customer_id) or on_file.get(row.customer_id, {}) for row in rows}


def _assessment(
    work: Work, case: Case, row: EvaluationRow, figures: dict[str, str], kind: CustomerType, policy: Policy
) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "case_ref": case.ref,
        "score": score(figures, policy.indicators, kind).model_dump(mode="json"),
        "credit_grade": row.new_grade,
        "risk_level": row.new_level,
        "customer_class": row.new_class,
        "policy_version": case.policy_version,
        "made_at": work.now,
    }


def _set_routines(work: Work, ref: str, rows: dict[int, EvaluationRow], policy: Policy) -> None:
    """Monitoring follows the level, visits and archive follow the class; a turn that is nearer stays where it is."""
    rounds, today = policy.frequencies, work.house.calendar.day_of(work.now)
    there = work.session.exec(rows_of(Routine).where(col(Routine.customer_id).in_(rows))).all() if rows else ()
    for routine in there:
        row = rows[routine.customer_id]
        every = {
            "monitoring": rounds.monitoring[row.new_level],
            "visit": rounds.visits[row.new_class],
            "archive_refresh": rounds.archive_refresh[row.new_class],
        }.get(routine.duty)
        if every is not None and routine.every != every.value:
            routine.every, routine.set_by = every.value, ref
            routine.next_on = _nearer(routine.next_on, next_turn(today, every))
            work.session.add(routine)
    work.session.flush()


def _nearer(planned: date, turn: date) -> date:
    return min(planned, turn)


@effect("warn-of-new-high-risks", N_("Warn of new high risks"))
def warn_of_new_high_risks(work: Work, case: Case, portfolio: Portfolio) -> int:
    """Every customer who became a high risk is a warning; those concerned get one message for all of them (B)."""
    rules = work.house.policy_of(work.session, case.policy_version).onboarding
    new = (col(Row.case_ref) == case.ref, col(Row.applied).is_(True), becomes_high())
    warnings = select(
        col(Row.customer_id),
        literal(case.ref),
        col(Row.new_level),
        literal([department.value for department in rules.warn_departments], JSON),
        _why(),
        literal(work.now, RiskWarning.__table__.c.issued_at.type),  # type: ignore[attr-defined]
    ).where(*new)
    into = ("customer_id", "case_ref", "risk_level", "departments", "reason", "issued_at")
    number = int(work.session.execute(insert(RiskWarning).from_select(into, warnings)).rowcount)  # type: ignore[attr-defined]
    if number:
        named = rows_of(Row.customer_id, Customer.name).join(Customer, col(Customer.id) == Row.customer_id)
        largest = work.session.exec(
            named.where(*new).order_by(col(Row.exposure).desc(), col(Row.id)).limit(SHOWN)
        ).all()
        _tell(work, case, portfolio.period, number, [f"{name} ({customer_number(id)})" for id, name in largest], rules)
        work.record("evaluation.warned", case.ref, customers=number, departments=rules.warn_departments)
    return number


def _why() -> Any:
    return choose((flagged(Flag.LISTED), "listed"), else_="score")


def _tell(work: Work, of: Case, period: str, number: int, named: Sequence[str], rules: Any) -> None:
    message = PortfolioWarning(case_ref=of.ref, period=period, customers=number, largest=tuple(named))
    concerned = rows_of(Person).where(col(Person.active), col(Person.department).in_(rules.warn_departments))
    for person in work.session.exec(concerned.order_by(col(Person.id))):
        if WARNED_ROLES & set(person.roles):
            queue(work, message, person.id, f"{of.ref}:warning:{person.id}", case_ref=of.ref)


@effect("find-candidates", N_("Find candidates for a list"))
def find_candidates(work: Work, case: Case) -> tuple[int, ...]:
    """Who is to be nominated, by id: long and much overdue, and asked in vain (B)."""
    rules = work.house.policy_of(work.session, case.policy_version).evaluation.nomination
    return tuple(one.customer_id for one in candidates_of(work.session, case.ref, rules))


@effect("nominate", N_("Nominate for a list"))
def nominate_candidates(work: Work, case: Case, chosen: tuple[int, ...]) -> int:
    """Open a listing decision for each, with the criterion and what speaks for it (B)."""
    policy = work.house.policy_of(work.session, case.policy_version)
    usual = policy.listing.criteria[ListingCriterion.MALICIOUS_ARREARS].usual_list
    found = {one.customer_id: one for one in candidates_of(work.session, case.ref, policy.evaluation.nomination)}
    for customer_id in chosen:
        one = found.get(customer_id)
        if one is None:
            continue  # listed or paid since
        evidence = [
            f"{case.title}：逾期 {one.overdue:,.2f} 元，最长 {one.days_overdue} 天 / "
            f"overdue {one.overdue:,.2f} yuan for up to {one.days_overdue} days",
            f"催收记录：拒付、拖延或承诺落空 {one.refusals} 次 / "
            f"collections record: {one.refusals} refusals, stalling answers or broken promises",
        ]
        reason = f"{case.title} 季度评估 / quarterly evaluation {case.title} ({case.ref})"
        nominate(work, customer_id, usual, ListingCriterion.MALICIOUS_ARREARS, reason, evidence, case.ref)
    return len(chosen)


@effect("apply-limits", N_("Let the limits take effect"))
def apply_limits(work: Work, case: Case, number: int, portfolio: Portfolio, recorded_by: str) -> Applied:
    """The lines the client administrator recorded take effect; the earlier ones end (C)."""
    first, last = portfolio.ranges[number]
    changing = work.session.exec(
        rows_of(Row)
        .where(Row.case_ref == case.ref, col(Row.customer_id).between(first, last), limit_differs())
        .order_by(col(Row.customer_id))
    ).all()
    lines = _lines(work, [row.customer_id for row in changing])
    due = [row for row in changing if _line_as_it_was(row, lines.get(row.customer_id))]
    table = CreditLine.__table__  # type: ignore[attr-defined]
    if due:
        ended = update(table).where(table.c.customer_id == bindparam("whose"), table.c.ended_at.is_(None))
        work.session.connection().execute(ended.values(ended_at=work.now), [{"whose": row.customer_id} for row in due])
    new = [_line(work, case, row, lines[row.customer_id], recorded_by) for row in due if row.new_limit]
    if new:
        work.session.execute(insert(table), new)
    if changing:
        work.record("evaluation.limits-applied", case.ref, lines=len(due), passed_over=len(changing) - len(due))
    return Applied(done=len(due), passed_over=len(changing) - len(due))


def _lines(work: Work, customers: Iterable[int]) -> dict[int, CreditLine]:
    in_force = rows_of(CreditLine).where(col(CreditLine.customer_id).in_(customers), col(CreditLine.ended_at).is_(None))
    return {line.customer_id: line for line in work.session.exec(in_force.order_by(col(CreditLine.id)))}


def _line_as_it_was(row: EvaluationRow, line: CreditLine | None) -> bool:
    return line is not None and (line.limit, line.term_days) == (row.old_limit, row.old_term)


def _line(work: Work, of: Case, row: EvaluationRow, before: CreditLine, recorded_by: str) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "case_ref": of.ref,
        "limit": row.new_limit,
        "term_days": row.new_term,
        "securities": list(before.securities),
        "note": before.note,
        "recorded_by": recorded_by,
        "effective_from": work.now,
    }


@effect("sign-off", N_("Note the sign-off"))
def note_sign_off(work: Work, case: Case, by: str) -> None:
    """The evaluation of the period stands."""
    evaluation = work.session.get_one(Evaluation, str(case.input["period"]))
    evaluation.signed_off_at = work.now
    work.add(evaluation)
    work.record("evaluation.signed-off", case.ref, period=evaluation.period, by=by)
