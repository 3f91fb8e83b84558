"""The special group and the way it goes: formed, equipped with evidence, chosen, approved, watched (X)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from config.languages import N_
from config.words import Department, JudgmentResult, Role, RungState, StrategyState, StrategyWay
from models.collections import GroupShown
from models.forms.base import StepForm
from models.forms.collections import EvidenceCollected, SpecialGroupFormed
from models.forms.collections_strategy import JudgmentRecord, PlanProposal, SuitFiled
from models.house import Work
from models.operations.ledger import write_off
from models.queries.collections import group_of, group_shown, paid_by, strategy_of
from models.rules.ladder import business_day
from models.tables import Case, CollectionStrategy, Instalment, Person, SpecialGroup
from tasks import of_case
from tasks.case_task import effect
from tasks.collections import open_invoices, owed_of, rules_of
from tasks.collections_rungs import end_rung

SEATS = {
    "legal": (Department.LEGAL, Role.LEGAL_OFFICER),
    "finance": (Department.FINANCE, Role.FINANCE_OFFICER),
    "business": (Department.BUSINESS, Role.HANDLER),
}
"""The department of each seat, and the role that its holder has: nobody who approves is offered for business (§5)."""


# -- the group ------------------------------------------------------------------------------------------------------


@effect("group-candidates", N_("See who can sit in the special group"))
def group_candidates(work: Work, case: Case) -> dict[str, dict[str, str]]:
    """For each seat, whom may be chosen: ids and names."""
    authority = set(work.house.policy_of(work.session, case.policy_version).approval.authority)
    people = work.session.exec(select(Person).where(col(Person.active)).order_by(col(Person.id))).all()
    found: dict[str, dict[str, str]] = {}
    for seat, (department, role) in SEATS.items():
        holders = [
            one for one in people if role in one.roles and (seat != "business" or not authority & set(one.roles))
        ]
        members = [one for one in people if one.department is department and not authority & set(one.roles)]
        found[seat] = {one.id: one.name for one in holders or members}
    return found


@effect("name-group", N_("Name the special group"))
def keep_group(work: Work, case: Case, form: SpecialGroupFormed) -> GroupShown:
    """A group is named; it stands when everybody in it has accepted."""
    last = group_of(work.session, case.ref)
    group = SpecialGroup(
        case_ref=case.ref,
        number=last.number + 1 if last else 1,
        members={"legal": form.legal, "finance": form.finance, "business": form.business},
        formed_at=work.now,
    )
    work.add(group)
    work.record("collections.group-named", case.ref, people=sorted(group.members.values()))
    shown = group_shown(work.session, case.ref)
    assert shown is not None
    return shown


@effect("note-acceptances", N_("Note who has accepted"))
def note_acceptances(work: Work, case: Case, accepted: tuple[str, ...], declined: str) -> None:
    """Who has accepted keeps their word, even where a payment made the case ask the others anew."""
    group = group_of(work.session, case.ref)
    if group is None:
        return
    group.accepted = sorted({*group.accepted, *accepted})
    if declined:
        group.declined = declined
        work.record("collections.group-declined", case.ref, reason=declined)
    elif set(group.accepted) >= set(group.members.values()):
        work.record("collections.group-formed", case.ref, people=group.accepted)
    work.add(group)


@effect("keep-evidence", N_("Keep the evidence collected"))
def keep_evidence(work: Work, case: Case, rung_name: str, form: EvidenceCollected) -> None:
    """The evidence is put together; with that the last rung is over."""
    group = group_of(work.session, case.ref)
    if group is not None:
        group.evidence = form.model_dump(mode="json")["items"]
        work.add(group)
    work.record("collections.evidence-collected", case.ref, count=len(form.items), lacking=form.lacking)
    end_rung(work, case, rung_name, RungState.DONE)


# -- the way on -----------------------------------------------------------------------------------------------------


@effect("keep-strategy", N_("Keep the way proposed"))
def keep_strategy(work: Work, case: Case, way: StrategyWay, form: StepForm, by: str) -> int:
    """A way on is proposed; nothing of it is done before it is approved. Returns its number."""
    last, owed = strategy_of(work.session, case.ref), owed_of(work, case)
    row = CollectionStrategy(
        case_ref=case.ref,
        number=last.number + 1 if last else 1,
        way=way,
        amount=owed.overdue,
        paid_before=paid_by(work.session, case.customer_id or 0),
        terms=form.model_dump(mode="json"),
        proposed_by=by,
        proposed_at=work.now,
    )
    work.add(row)
    if isinstance(form, PlanProposal):
        for number, line in enumerate(form.instalments, 1):
            work.session.add(
                Instalment(
                    case_ref=case.ref,
                    strategy_id=row.id or 0,
                    number=number,
                    due_on=line.due_on,
                    amount=line.amount,
                    paid=Decimal("0.00"),
                )
            )
    work.record("collections.strategy-proposed", case.ref, way=way.value, amount=row.amount, number=row.number)
    return row.number


@effect("take-over-ruling", N_("Take over what was decided on the way"))
def take_over_ruling(work: Work, case: Case, approved: bool, reason: str) -> None:
    """An approved way is gone; one that was returned leaves its reason for the next choice."""
    row = _strategy(work, case)
    row.state = StrategyState.RUNNING if approved else StrategyState.RETURNED
    row.note = reason
    if approved and row.way is StrategyWay.AGENCY:
        row.report_on = _in(work, rules_of(work, case).agency_reports_every_days)
    work.add(row)
    work.record("collections.strategy-ruled", case.ref, way=row.way.value, approved=approved, reason=reason)


@effect("give-up-strategy", N_("Leave the way that was chosen"))
def give_up_strategy(work: Work, case: Case, reason: str) -> None:
    """The way has come to nothing: another is to be chosen."""
    row = _strategy(work, case)
    row.state, row.note, row.report_on = StrategyState.FAILED, reason, None
    work.add(row)
    work.record("collections.strategy-failed", case.ref, way=row.way.value, reason=reason)


@effect("keep-report", N_("Keep the report"))
def keep_report(work: Work, case: Case, report: dict[str, Any]) -> None:
    """How the matter stands in others' hands; the next report falls due."""
    row = _strategy(work, case)
    row.facts = {
        **row.facts,
        "reports": [*row.facts.get("reports", []), {**report, "on": str(of_case.today(work))}][-20:],
    }
    _report_again(work, case, row)
    work.record("collections.report", case.ref, way=row.way.value)


@effect("keep-filing", N_("Note that the suit is filed"))
def keep_filing(work: Work, case: Case, form: SuitFiled) -> None:
    """The court has taken the suit."""
    row = _strategy(work, case)
    row.facts = {**row.facts, "filed": form.model_dump(mode="json")}
    _report_again(work, case, row)
    work.record("collections.suit-filed", case.ref, court=form.court, number=form.case_number)


@effect("keep-judgment", N_("Note the judgment"))
def keep_judgment(work: Work, case: Case, form: JudgmentRecord) -> None:
    """The court has decided; what is paid from here on is paid on the judgment."""
    row = _strategy(work, case)
    before = str(paid_by(work.session, case.customer_id or 0))
    row.facts = {**row.facts, "judgment": {**form.model_dump(mode="json"), "paid_before": before}}
    _report_again(work, case, row)
    if form.pay_by and form.result is not JudgmentResult.LOST and form.pay_by > of_case.today(work):
        row.report_on = form.pay_by
        work.add(row)
    work.record("collections.judgment", case.ref, result=form.result.value, awarded=form.awarded)


def _report_again(work: Work, case: Case, row: CollectionStrategy) -> None:
    rules = rules_of(work, case)
    agency = row.way is StrategyWay.AGENCY
    row.report_on = _in(work, rules.agency_reports_every_days if agency else rules.lawsuit_reports_every_days)
    work.add(row)


@effect("write-off", N_("Write the debt off"))
def write_debt_off(work: Work, case: Case) -> Decimal:
    """Give up what is overdue, as was approved. Returns how much (yuan)."""
    row, numbers = _strategy(work, case), open_invoices(work, case.customer_id or 0)
    amount = write_off(work, case.customer_id or 0, case.ref, numbers)
    row.state = StrategyState.DONE
    work.add(row)
    return amount


def _strategy(work: Work, case: Case) -> CollectionStrategy:
    row = strategy_of(work.session, case.ref)
    if row is None:
        raise LookupError(f"{case.ref}: no way was chosen yet")
    return row


def _in(work: Work, days: int) -> date:
    return business_day(work.house.calendar, of_case.today(work), days)
