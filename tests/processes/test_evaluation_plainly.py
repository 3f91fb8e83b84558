"""The evaluation against a computation that is written down plainly here and shares nothing with it but the policy.

Customers, figures, lines and invoices are drawn by lot; every row the evaluation writes must say the same.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import tasks.evaluation
from config.policy import Policy
from config.words import CustomerType
from models.columns import FEN
from models.tables import EvaluationRow, Invoice
from tests.processes.conftest import Office
from tests.processes.portfolio import TODAY, Held, evaluates, take_in

CUT_OFF = date(2025, 12, 31)
YEAR_FROM, DELAYS_FROM = date(2024, 12, 31), date(2023, 12, 31)
CUSTOMERS = 120


@pytest.fixture
def luck() -> random.Random:
    return random.Random(20260310)


def drawn(luck: random.Random, policy: Policy) -> Held:
    """A customer as it may be on file: values missing, misspelt, grouped by commas, in capitals."""
    kind = luck.choice(list(CustomerType))
    figures: dict[str, str] = {}
    for part in policy.indicators.figures(kind):
        if luck.random() < 0.12:
            continue
        if part.kind == "choice":
            word = luck.choice([choice.value for choice in part.choices])
            figures[part.name] = luck.choice([word, word.upper(), f" {word} ", "不详"])
        else:
            number = luck.choice([luck.randint(-5, 120), luck.uniform(0, 100), luck.randint(10**5, 10**9)])
            figures[part.name] = luck.choice([f"{number:.1f}", f"{number:,.2f}", f"{number:.0f}", "—"])
    line = (str(luck.choice([200_000, 800_000, 1_500_000, 4_000_000])), luck.choice([30, 45, 90, 120]))
    grade, level, klass = luck.choice(["A", "B", "C", "D"]), luck.choice(["low", "medium", "high"]), luck.choice("ABCD")
    return Held(
        f"抽签客户{luck.random()}",
        grade,
        level,
        klass,
        figures=figures,
        line=line if luck.random() < 0.7 else None,
        prepays=luck.random() < 0.15,
        type=kind,
    )


def invoices(luck: random.Random, customer_id: int) -> list[dict[str, Any]]:
    """What a customer was sent over three years: paid early, late, in part, not at all, disputed."""
    made = []
    for number in range(luck.choice([0, 0, 1, 3, 8])):
        issued = TODAY - timedelta(days=luck.randint(0, 1100))
        due = issued + timedelta(days=luck.choice([30, 60, 90]))
        amount = Decimal(luck.randint(10_000, 90_000_000)) / 100
        settled = due + timedelta(days=luck.randint(-25, 120)) if luck.random() < 0.75 else None
        if settled is not None and settled > TODAY:
            settled = None
        left = Decimal(0) if settled else luck.choice([amount, (amount / 3).quantize(Decimal("0.01"))])
        made.append(
            {
                "number": f"P-{customer_id}-{number}",
                "customer_id": customer_id,
                "amount": amount,
                "outstanding": left,
                "issued_on": issued,
                "due_on": due,
                "open": settled is None,
                "settled_on": settled,
                "disputed": settled is None and luck.random() < 0.2,
            }
        )
    return made


def test_every_row_says_what_a_plain_computation_says(
    office: Office, policy: Policy, luck: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 37)
    portfolio = {}
    for _ in range(CUSTOMERS):
        held = drawn(luck, policy)
        id = take_in(office, held)
        portfolio[id] = held, invoices(luck, id)
    with office.house.work() as work:
        for _, owed in portfolio.values():
            work.session.add_all([Invoice(**one, recorded_at=work.now) for one in owed])
    evaluates(office)
    found = {row.customer_id: row for row in office.all(EvaluationRow)}
    assert set(found) == set(portfolio)
    assert {row.change.value for row in found.values()} == {"up", "down", "same"}, "the lot must show everything"
    assert {flag for row in found.values() for flag in row.flags} >= {"no_line", "above_cap", "overdue"}
    for id, (held, owed) in portfolio.items():
        row = found[id]
        said = {
            "points": row.points,
            "missing": row.missing,
            "new": (row.new_grade.value, row.new_level.value, row.new_class.value),
            "change": row.change.value,
            "exposure": row.exposure,
            "overdue": row.overdue,
            "line": (row.new_limit, row.new_term),
            "flags": set(row.flags),
        }
        assert said == plainly(held, owed, policy), f"{id}: {held}"


# -- plainly ----------------------------------------------------------------------------------------------------------


def plainly(held: Held, owed: list[dict[str, Any]], policy: Policy) -> dict[str, Any]:
    figures = {**held.figures, **from_ledger(owed)}
    points, missing = score(figures, held.type, policy)
    grade, cap, term_cap = next(
        (row.grade.value, row.limit, row.term_days)
        for row in policy.credit.grades
        if row.lowest <= points <= row.highest
    )
    level = next(row.level.value for row in policy.credit.levels if row.lowest <= points <= row.highest)
    klass = class_of(grade, level, figures.get("annual_volume"), policy)
    better = ["A", "B", "C", "D"].index(held.grade or "") - ["A", "B", "C", "D"].index(grade)
    safer = ["low", "medium", "high"].index(held.level or "") - ["low", "medium", "high"].index(level)
    closer = "ABCD".index(held.klass or "") - "ABCD".index(klass)
    if better < 0 or safer < 0:
        change = "down"
    elif better > 0 or safer > 0:
        change = "up"
    else:
        change = "down" if closer < 0 else "up" if closer > 0 else "same"
    exposure = sum((one["outstanding"] for one in owed if one["open"]), Decimal("0.00"))
    late = [one for one in owed if one["open"] and not one["disputed"] and one["due_on"] < TODAY]
    overdue = sum((one["outstanding"] for one in late), Decimal("0.00"))
    flags = set()
    limit = term = None
    if held.line:
        old = Decimal(held.line[0])
        limit = min(old, cap)
        if limit == old and change == "up" and not overdue and exposure * 100 >= old * 80:
            more = Decimal(int(old * 120 / 100 // 10_000) * 10_000)
            limit = max(old, min(cap, more))
        limit, term = (limit, min(held.line[1], term_cap)) if limit else (Decimal(0), 0)
        flags |= {"above_cap"} if old > cap else set()
        flags |= {"over_limit"} if exposure > old else set()
    else:
        orders = int(figures["orders_per_year"]) if from_ledger(owed) else 0
        flags |= {"no_line"} if not held.prepays and (exposure > 0 or orders > 0) else set()
    flags |= {"overdue"} if overdue else set()
    return {
        "points": points,
        "missing": missing,
        "new": (grade, level, klass),
        "change": change,
        "exposure": exposure,
        "overdue": overdue,
        "line": (limit, term),
        "flags": flags,
    }


def from_ledger(owed: list[dict[str, Any]]) -> dict[str, str]:
    known = [one for one in owed if one["issued_on"] <= CUT_OFF]
    if not known:
        return {}
    year = [one for one in known if one["issued_on"] > YEAR_FROM]
    figures = {
        "annual_volume": str(sum((one["amount"] for one in year), Decimal("0.00"))),
        "orders_per_year": str(len(year)),
    }
    due = [one for one in known if YEAR_FROM < one["due_on"] <= CUT_OFF and not one["disputed"]]
    if due:
        punctual = sum(
            int(one["amount"] * FEN) for one in due if one["settled_on"] and one["settled_on"] <= one["due_on"]
        )
        tenths = Fraction(1000 * punctual, sum(int(one["amount"] * FEN) for one in due))
        figures["on_time_share"] = f"{Decimal(half_up(tenths)) / 10:.1f}"
    delays = [
        max(0, (min(one["settled_on"] or CUT_OFF, CUT_OFF) - one["due_on"]).days)
        for one in known
        if one["due_on"] <= CUT_OFF
        and not one["disputed"]
        and (one["settled_on"] is None or one["settled_on"] > DELAYS_FROM)
    ]
    if delays:
        figures["overdue_days"] = str(max(delays))
    return figures


def score(figures: dict[str, str], kind: CustomerType, policy: Policy) -> tuple[int, int]:
    total, whole, missing = Fraction(0), 0, 0
    for indicator in policy.indicators.indicators:
        parts = [part for part in indicator.parts if not part.only_for or kind in part.only_for]
        if not parts:
            continue
        gained = 0
        for part in parts:
            points = points_of(part, figures.get(part.name))
            if points is None:
                missing += 1
                points = policy.indicators.missing_points if part.missing_points is None else part.missing_points
            gained += points * part.weight
        total += Fraction(gained, sum(part.weight for part in parts)) * indicator.weight
        whole += indicator.weight
    return half_up(total / whole), missing


def points_of(part: Any, value: str | None) -> int | None:
    if part.kind == "choice":
        words = {choice.value.lower(): choice.points for choice in part.choices}
        return words.get((value or "").strip().lower())
    try:
        number = Fraction((value or "").strip().replace(",", ""))
    except ValueError:
        return None
    for band in part.bands:
        if (band.at_least is None or number >= Fraction(band.at_least)) and (
            band.below is None or number < Fraction(band.below)
        ):
            return int(band.points)
    raise AssertionError("the bands leave a gap")


def class_of(grade: str, level: str, volume: str | None, policy: Policy) -> str:
    try:
        yuan = Fraction((volume or "0").strip().replace(",", ""))
    except ValueError:
        yuan = Fraction(0)
    for rule in policy.credit.class_rules:
        if rule.grades and grade not in [one.value for one in rule.grades]:
            continue
        if rule.levels and level not in [one.value for one in rule.levels]:
            continue
        if rule.annual_volume_from is not None and yuan < Fraction(rule.annual_volume_from):
            continue
        return rule.customer_class.value
    raise AssertionError("the last rule holds for everyone")


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
