"""What the quarterly evaluation does by itself, first half: find out how everybody stands (C, B)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Policy
from config.words import Change, CustomerStatus
from models.evaluation import Portfolio
from models.house import Work
from models.queries.evaluation_positions import (
    Account,
    Known,
    Windows,
    accounts,
    admitted,
    figures,
    lines,
    listed,
    volume_of,
)
from models.rules.credit import NOTHING
from models.rules.migration import Standing
from models.rules.periods import months_before, quarter
from models.rules.portfolio import Found, Position, evaluate
from models.rules.portfolio_scoring import PortfolioScoring
from models.tables import Case, Customer, CustomerFigures, Evaluation, EvaluationRow, Progress
from tasks.case_task import effect

BATCH = 2000
"""Customers evaluated in one transaction: nobody else waits long, and little is done again after a kill."""
EVALUATING = N_("Customers evaluated")
LEDGER = "ledger"

_SCORING: dict[str, PortfolioScoring] = {}


@effect("prepare", N_("Draw up the portfolio"))
def prepare(work: Work, case: Case) -> Portfolio:
    """Everybody who is admitted, in ranges of ids; nothing is evaluated yet."""
    found = quarter(str(case.input["period"]))
    if found is None:
        raise ValueError(f"{case.ref} has no period")
    ranges: list[tuple[int, int]] = []
    total = 0
    ids = select(Customer.id).where(Customer.status == CustomerStatus.ADMITTED).order_by(col(Customer.id))
    for chunk in work.session.exec(ids.execution_options(yield_per=BATCH)).partitions(BATCH):
        ranges.append((chunk[0] or 0, chunk[-1] or 0))
        total += len(chunk)
    show_progress(work, case.ref, 0, total, EVALUATING)
    return Portfolio(
        period=str(found),
        cut_off=found.last,
        on=work.house.calendar.day_of(work.now),
        customers=total,
        ranges=tuple(ranges),
        batch=BATCH,
    )


@effect("evaluate-batch", N_("Evaluate customers"))
def evaluate_batch(work: Work, case: Case, number: int, portfolio: Portfolio) -> int:
    """Score and rate the customers of the portfolio's range ``number`` (from 0). Returns how many there were.

    What the ledger knows of volume, orders, punctuality and delays takes the place of what was declared. Customers
    themselves stay as they are until the evaluation is signed off.
    """
    policy = work.house.policy_of(work.session, case.policy_version)
    rules = policy.evaluation
    first, last = portfolio.ranges[number]
    windows = Windows(
        year_from=months_before(portfolio.cut_off, rules.trading_months),
        delays_from=months_before(portfolio.cut_off, rules.overdue_months),
        cut_off=portfolio.cut_off,
        on=portfolio.on,
    )
    rows, refreshed = _evaluated(work.session, case.ref, policy, first, last, windows)
    if rows:
        work.session.execute(insert(EvaluationRow.__table__), rows)  # type: ignore[attr-defined]
    _keep_figures(work, refreshed)
    done = portfolio.done_after(number)
    show_progress(work, case.ref, done, portfolio.customers, EVALUATING)
    return len(rows)


def _evaluated(
    session: Session, ref: str, policy: Policy, first: int, last: int, windows: Windows
) -> tuple[list[dict[str, Any]], dict[int, tuple[dict[str, str], bool]]]:
    """The rows of a range, and the figures that are new with whether there were any before."""
    scoring = scoring_of(policy)
    declared, in_force = figures(session, first, last), lines(session, first, last)
    ledger, on_lists = accounts(session, first, last, windows), listed(session, first, last, windows.on)
    rows: list[dict[str, Any]] = []
    refreshed: dict[int, tuple[dict[str, str], bool]] = {}
    for customer in admitted(session, first, last):
        before = declared.get(customer.id)
        account = ledger.get(customer.id)
        known = {**(before or {}), **(account.figures() if account else {})}
        if known != before:
            refreshed[customer.id] = known, before is not None
        points, missing = scoring.points(known, customer.type)
        position = _position(customer, points, known, account, in_force.get(customer.id), customer.id in on_lists)
        found = evaluate(position, policy.credit, policy.evaluation.limits)
        rows.append(_row(ref, customer.id, position, found, missing, known, _days(account, windows.on)))
    return rows, refreshed


def scoring_of(policy: Policy) -> PortfolioScoring:
    """The policy's indicators laid out for many customers; once for each version."""
    if policy.version not in _SCORING:
        _SCORING[policy.version] = PortfolioScoring(policy.indicators)
    return _SCORING[policy.version]


def _position(
    customer: Known,
    points: int,
    known: dict[str, str],
    account: Account | None,
    line: tuple[Any, int] | None,
    on_list: bool,
) -> Position:
    return Position(
        points=points,
        old=Standing(customer.grade, customer.level, customer.klass),
        listed=on_list,
        prepays=customer.prepays,
        volume=volume_of(known),
        exposure=account.exposure if account else NOTHING,
        overdue=account.overdue if account else NOTHING,
        trades=account is not None and (account.exposure > 0 or account.orders > 0),
        limit=line[0] if line else None,
        term=line[1] if line else None,
    )


def _days(account: Account | None, on: date) -> int:
    return (on - account.oldest_due).days if account and account.oldest_due else 0


def _row(
    ref: str, customer_id: int, position: Position, found: Found, missing: int, known: dict[str, str], days: int
) -> dict[str, Any]:
    return {
        "case_ref": ref,
        "customer_id": customer_id,
        "points": position.points,
        "missing": missing,
        "old_grade": position.old.grade,
        "old_level": position.old.level,
        "old_class": position.old.klass,
        "new_grade": found.new.grade,
        "new_level": found.new.level,
        "new_class": found.new.klass,
        "change": found.change,
        "exposure": position.exposure,
        "overdue": position.overdue,
        "old_limit": position.limit,
        "new_limit": found.limit,
        "old_term": position.term,
        "new_term": found.term,
        "volume": position.volume,
        "days_overdue": days,
        "figures": known if found.change is not Change.SAME else None,
        "flags": list(found.flags),
        "exception_reason": "",
        "applied": False,
    }


def _keep_figures(work: Work, refreshed: dict[int, tuple[dict[str, str], bool]]) -> None:
    """Facts of the ledger join the figures on file; they are no judgement and need nobody's approval."""
    new = [
        {"customer_id": id, "figures": known, "source": LEDGER, "as_of": work.now}
        for id, (known, there) in refreshed.items()
        if not there
    ]
    table = CustomerFigures.__table__  # type: ignore[attr-defined]
    if new:
        work.session.execute(insert(table), new)
    changed = [{"id": id, "known": known} for id, (known, there) in refreshed.items() if there]
    if changed:
        mine = update(table).where(table.c.customer_id == bindparam("id"))
        values = mine.values(figures=bindparam("known"), source=LEDGER, as_of=work.now)
        work.session.connection().execute(values, changed)


def show_progress(work: Work, ref: str, done: int, total: int, what: str) -> None:
    """How far the case has come, for pages and the command line."""
    progress = work.session.get(Progress, ref) or Progress(case_ref=ref, what=what, at=work.now)
    progress.what, progress.done, progress.total, progress.at = what, done, total, work.now
    work.add(progress)


@effect("count-portfolio", N_("Count the portfolio"))
def count_portfolio(work: Work, case: Case, customers: int) -> None:
    """Note on the evaluation how many customers it holds."""
    evaluation = work.session.get_one(Evaluation, str(case.input["period"]))
    evaluation.customers = customers
    work.add(evaluation)
    work.record("evaluation.made", case.ref, period=evaluation.period, customers=customers)
