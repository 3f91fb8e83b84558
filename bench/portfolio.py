"""A database with a portfolio of any size: customers with every figure, credit lines, ten invoices each."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

from config.policy import load_policy
from config.policy.indicators import ChoicePart
from config.settings import Settings
from config.words import CustomerType
from models.house import system_clock
from models.rules.periods import quarter_of
from models.rules.portfolio import Position, Standing, evaluate
from models.rules.portfolio_scoring import PortfolioScoring

INVOICES_EACH = 10
SEED = 20260331
INDUSTRIES = ("钢材贸易", "建材", "机械制造", "化工", "纺织", "食品", "物流", "电子")
NUMBERS = {
    "debt_to_income": (5, 80),
    "overdue_days": (0, 60),
    "annual_revenue": (1_000_000, 900_000_000),
    "roa": (-3, 14),
    "roe": (-5, 25),
    "ebit": (-1_000_000, 80_000_000),
    "debt_ratio": (20, 95),
    "current_ratio": (0, 4),
    "orders_per_year": (0, 40),
    "annual_volume": (100_000, 30_000_000),
    "on_time_share": (50, 100),
    "contract_performance": (75, 100),
    "lawsuits": (0, 7),
    "penalties": (0, 4),
}


def fill(settings: Settings, customers: int, case_ref: str) -> None:
    """Put ``customers`` admitted customers into the SQLite database of ``settings``; ``case_ref`` set their lines."""
    with sqlite3.connect(settings.home / "clientrisk.db") as database:
        database.execute("PRAGMA synchronous=OFF")
        _insert(database, "customer", _customers(customers))
        _insert(database, "customer_figures", _figures(customers))
        _insert(database, "credit_line", _lines(customers, case_ref))
        _insert(database, "invoice", _invoices(customers))
        database.execute("ANALYZE")
        database.commit()
    database.close()


FIRST_ID = 1_000_001
STAMP = "2026-01-05 09:00:00.000000"
TYPES = (CustomerType.MEDIUM, CustomerType.SMALL, CustomerType.LARGE, CustomerType.INDIVIDUAL)


def _type(number: int) -> CustomerType:
    return TYPES[number % len(TYPES)]


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, object]]) -> None:
    first = next(rows)
    names, places = ", ".join(f'"{name}"' for name in first), ", ".join("?" * len(first))
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({places})'
    database.execute(statement, tuple(first.values()))
    database.executemany(statement, (tuple(row.values()) for row in rows))


def _customers(number: int) -> Iterator[dict[str, object]]:
    """Most stand where their figures put them; the quarter moves about one in four."""
    policy = load_policy()
    scoring, luck = PortfolioScoring(policy.indicators), random.Random(SEED)
    declared = _figures(number)
    for n in range(number):
        figures = json.loads(str(next(declared)["figures"]))
        points = min(100, max(0, scoring.points(figures, _type(n)).total + luck.choice((0, 0, 0, 4, -4))))
        stood = evaluate(Position(points, Standing(None, None, None)), policy.credit, policy.evaluation.limits).new
        yield {
            "id": FIRST_ID + n,
            "type": _type(n).value,
            "name": f"测试客户{n:06d}有限公司",
            "industry": INDUSTRIES[n % len(INDUSTRIES)],
            "department": "business",
            "handler_id": "li.na",
            "status": "admitted",
            "credit_grade": stood.grade,
            "risk_level": stood.level,
            "customer_class": stood.klass,
            "prepays": n % 20 == 0,
            "created_at": STAMP,
        }


def _figures(number: int) -> Iterator[dict[str, object]]:
    policy, luck = load_policy(), random.Random(SEED + 1)
    for n in range(number):
        known: dict[str, str] = {}
        for part in policy.indicators.figures(_type(n)):
            if isinstance(part, ChoicePart):
                known[part.name] = luck.choice(part.choices).value
            else:
                low, high = NUMBERS[part.name]
                known[part.name] = str(round(luck.uniform(low, high), 1))
        yield {"customer_id": FIRST_ID + n, "figures": json.dumps(known), "source": "import", "as_of": STAMP}


def _lines(number: int, case_ref: str) -> Iterator[dict[str, object]]:
    luck = random.Random(SEED + 2)
    for n in range(number):
        if n % 20 and n % 33:
            yield {
                "customer_id": FIRST_ID + n,
                "case_ref": case_ref,
                "limit": luck.choice((20_000_000, 80_000_000, 150_000_000, 400_000_000)),
                "term_days": luck.choice((30, 45, 60, 90)),
                "securities": "[]",
                "note": "",
                "recorded_by": "li.na",
                "effective_from": STAMP,
            }


def _invoices(number: int) -> Iterator[dict[str, object]]:
    """Over the last fourteen months; nine of ten are paid, some of them late."""
    luck = random.Random(SEED + 3)
    end = quarter_of(system_clock().date()).before.last
    for n in range(number * INVOICES_EACH):
        issued = end - timedelta(days=luck.randrange(0, 420))
        due = issued + timedelta(days=45)
        amount = luck.randrange(100_000, 30_000_000)
        paid = due + timedelta(days=luck.randrange(-20, 25))
        settled = paid <= end and luck.random() < 0.95
        yield {
            "number": f"INV-{n:08d}",
            "customer_id": FIRST_ID + n // INVOICES_EACH,
            "amount": amount,
            "outstanding": 0 if settled else amount,
            "currency": "CNY",
            "issued_on": issued.isoformat(),
            "due_on": due.isoformat(),
            "open": not settled,
            "disputed": False,
            "settled_on": paid.isoformat() if settled else None,
            "recorded_at": STAMP,
        }
