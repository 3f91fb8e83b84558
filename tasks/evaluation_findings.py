"""What the quarterly evaluation does by itself, second half: add up, report, measure the work (C, R, B)."""

from __future__ import annotations

from config.languages import N_
from models.evaluation import Changes, LimitChanges, Portfolio, Report, Summary
from models.house import Work
from models.queries.evaluation_report import ages_of, assessment_of, spread_of
from models.queries.evaluation_summary import changes_of, limit_changes_of, summary_of
from models.queries.evaluation_work import span_of
from models.rules.periods import quarter
from models.tables import Case, Evaluation
from tasks.case_task import effect


@effect("summarise", N_("Add up the findings"))
def summarise(work: Work, case: Case, portfolio: Portfolio) -> Summary:
    """Migration, breaches, new high risks and candidates for a list, as they stand now."""
    policy = work.house.policy_of(work.session, case.policy_version)
    summary = summary_of(work.session, case.ref, portfolio, policy.evaluation)
    _keep(work, portfolio.period, summary=summary)
    return summary


@effect("count-changes", N_("Count the changes"))
def count_changes(work: Work, case: Case) -> Changes:
    """Who moves, with the fingerprint of all of it."""
    return changes_of(work.session, case.ref)


@effect("count-limits", N_("Count the changed limits"))
def count_limits(work: Work, case: Case) -> LimitChanges:
    """The credit lines that change, after the review."""
    return limit_changes_of(work.session, case.ref)


@effect("draw-up-report", N_("Draw up the report"))
def draw_up_report(work: Work, case: Case, portfolio: Portfolio) -> Report:
    """Everything management signs, exceptions included: findings, concentration, ageing, the work of the period."""
    policy = work.house.policy_of(work.session, case.policy_version)
    period = quarter(portfolio.period)
    if period is None:
        raise ValueError(f"{case.ref}: {portfolio.period} is no quarter")
    report = Report(
        summary=summary_of(work.session, case.ref, portfolio, policy.evaluation),
        changes=changes_of(work.session, case.ref),
        limits=limit_changes_of(work.session, case.ref),
        spread=spread_of(work.session, case.ref, policy.evaluation),
        ageing=ages_of(work.session, portfolio),
        assessment=assessment_of(work.session, case.ref, span_of(period, work.house.calendar), policy),
        address=f"/cases/{case.ref}/report",
    )
    _keep(work, portfolio.period, report=report)
    work.record("evaluation.reported", case.ref, period=portfolio.period, changes=report.changes.moved)
    return report


def _keep(work: Work, period: str, **found: Summary | Report) -> None:
    """Keep on the evaluation what its pages show."""
    evaluation = work.session.get_one(Evaluation, period)
    kept = {name: one.model_dump(mode="json") for name, one in found.items()}
    evaluation.summary = {**evaluation.summary, **kept}
    work.add(evaluation)
