"""The charts of the manager's pages. Each stands beside a table that says the same in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from api.charts import Bar, Group, Segment, columns, lines, whole
from api.rendering import money, number
from api.reported import Told
from config.languages import N_
from models.queries.portfolio_now import EvaluationFound, PortfolioNow, Standing
from models.queries.statistics import Statistics
from models.rules.concentration import Concentration

NOT_RATED = N_("Not rated yet")
TONES = {"low": "good", "medium": "warn", "high": "bad", "A": "good", "B": "fair", "C": "warn", "D": "bad", "": "none"}


def statistics_charts(found: Statistics, told: Told) -> dict[str, Markup]:
    """Through-put by months, and the steps most working time went into."""
    t = told.t
    return {
        "throughput": columns(
            t(N_("Cases opened and ended")),
            [
                Group(
                    told.part(part.first, part.months, short=True),
                    told.part(part.first, part.months),
                    (part.opened, part.closed),
                )
                for part in found.parts
            ],
            (t(N_("Cases opened")), t(N_("Cases ended"))),
        ),
        "bottlenecks": lines(
            t(N_("Where the working time went")),
            [
                Bar(t(one.title), one.working.total, f"{number(one.share)} %", "warn" if place == 0 else "")
                for place, one in enumerate(found.bottlenecks)
                if one.working.total
            ],
        ),
    }


def portfolio_charts(found: PortfolioNow, told: Told) -> dict[str, Markup]:
    """How the portfolio is made up, whom its exposure hangs on, how old it is and what came in."""
    t = told.t
    return {
        "levels": _parts(t(N_("Risk levels")), found.levels, told),
        "grades": _parts(t(N_("Credit grades")), found.grades, told),
        "classes": _parts(t(N_("Customer classes")), found.classes, told),
        "customers": _largest(t(N_("Largest customers")), found.by_customer, found.too_much, told),
        "industries": _largest(t(N_("Industries")), found.by_industry, found.too_much, told),
        "ageing": lines(
            t(N_("Outstanding by age")),
            [
                Bar(t(band.age.label), band.amount, money(band.amount), "" if band.age.value == "not_due" else "warn")
                for band in found.ageing
            ],
        ),
        "recovery": lines(
            t(N_("Recovered of what fell due")),
            [
                Bar(told.part(part.first, part.months), part.percent, f"{number(part.percent)} %")
                for part in found.recovery
                if part.percent is not None
            ],
        ),
        "trend": _trend(found.evaluations, told),
    }


def _parts(title: str, some: Sequence[Standing], told: Told) -> Markup:
    return whole(title, [Segment(told.t(one.label or NOT_RATED), one.customers, TONES[one.word]) for one in some])


def _largest(title: str, found: Concentration, too_much: Sequence[str], told: Told) -> Markup:
    return lines(
        title,
        [
            Bar(told.t(one.name), one.amount, f"{number(one.percent)} %", "bad" if one.key in too_much else "")
            for one in found.largest
        ],
    )


def _trend(some: Sequence[EvaluationFound], told: Told) -> Markup:
    """Customers at high risk, evaluation by evaluation, the oldest first."""
    ordered = sorted(some, key=lambda one: one.period)
    return columns(
        told.t(N_("Customers moved by each evaluation")),
        [
            Group(
                one.period[2:],
                told.named(one.period),
                (one.summary.levels.worse, one.summary.levels.better),
            )
            for one in ordered
        ],
        (told.t(N_("To a higher risk")), told.t(N_("To a lower risk"))),
        ("worse", "better"),
    )
