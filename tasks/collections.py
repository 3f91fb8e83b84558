"""Where a collections case stands: settled in the record first, then looked up, and the next move decided (X, B)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import col, select

from config.languages import N_, translate
from config.policy.collections import CollectionsPolicy
from config.words import (
    CaseState,
    ContactAnswer,
    ContactWay,
    InstalmentState,
    JudgmentResult,
    ListingCriterion,
    ListingKind,
    Outcome,
    RungState,
    StrategyState,
    StrategyWay,
)
from models.collections import Ended, OwedNow, Stock
from models.house import Work
from models.operations.ledger import mark_disputed
from models.operations.standing import nominate
from models.queries.collections import (
    LISTED,
    NOTHING,
    at_work_on,
    contacts_of,
    debtor,
    group_shown,
    instalments_of,
    kept_times,
    ladder_lines,
    owed_now,
    paid_by,
    proposal_shown,
    refusals,
    rungs_of,
    said,
    strategy_of,
)
from models.rules.ladder import Move, Next, Position, business_day, next_move
from models.rules.reasons import because
from models.tables import Case, CollectionContact, CollectionStrategy, Instalment, Invoice
from tasks import of_case
from tasks.case_task import effect

BROKEN = N_("Promise broken")
LOOK_AGAIN_DAYS = 5
"""Business days after which a held case looks whether what held it is still there, should nobody tell it."""


def rules_of(work: Work, case: Case) -> CollectionsPolicy:
    """The collections policy the case began under."""
    return work.house.policy_of(work.session, case.policy_version).collections


def owed_of(work: Work, case: Case, listed: int | None = LISTED) -> OwedNow:
    """What the case's customer has overdue today, with at most ``listed`` invoices one by one (all)."""
    rules, calendar = rules_of(work, case), work.house.calendar
    return owed_now(work.session, case.customer_id or 0, of_case.today(work), calendar, rules, listed)


@effect("take-stock", N_("Look at what is owed"))
def take_stock(work: Work, case: Case) -> Stock:
    """Settle what payments and days have decided (promises, disputes, instalments), and say what comes next."""
    settle_disputes(work, case)
    owed = owed_of(work, case)
    case.amount = max(case.amount or NOTHING, owed.overdue)  # the debt at its greatest: what falls due later joins
    work.add(case)
    settle_promises(work, case, owed)
    ended_by_plan = settle_plan(work, case, owed)
    settle_judgment(work, case, owed)
    nominate_for_arrears(work, case)
    rules, today = rules_of(work, case), of_case.today(work)
    position = position_of(work, case, owed)
    step = next_move(position, rules.ladder, today, work.house.calendar)
    over = [rung.name for rung in rules.ladder if position.rungs.get(rung.name) in (RungState.DONE, RungState.NOT_DONE)]
    strategy = strategy_of(work.session, case.ref)
    return Stock(
        move=step.move,
        owed=owed,
        customer=debtor(work.session, case.customer_id or 0),
        contacts=said(work.session, case.ref, rules),
        ladder=ladder_lines(
            work.session, case.ref, rules, step.rung.name if step.rung and step.move is Move.CLIMB else ""
        ),
        rung=step.rung.name if step.rung else "",
        last_rung=over[-1] if over else "",
        spoken=any(one.way is not ContactWay.REMINDER for one in contacts_of(work.session, case.ref)),
        again=step.again,
        until=wait_ends(work, case, step),
        kept=kept_times(work.session, case.ref),
        group=group_shown(work.session, case.ref),
        proposal=proposal_shown(work.session, case.ref),
        ended=how_it_ended(work, case, strategy, ended_by_plan) if step.move is Move.FINISH else None,
    )


def position_of(work: Work, case: Case, owed: OwedNow) -> Position:
    """The case as the ladder's rule sees it."""
    contacts = contacts_of(work.session, case.ref)
    disputes = [one for one in contacts if open_dispute(one)]
    promises = [date.fromisoformat(one.facts["held_until"]) for one in contacts if open_promise(one)]
    strategy = strategy_of(work.session, case.ref)
    return Position(
        since=owed.since,
        disputed=owed.disputed > 0 and (bool(disputes) or owed.since is None),
        promised_until=max(promises, default=None),
        rungs={name: rung.state for name, rung in rungs_of(work.session, case.ref).items()},
        strategy=(strategy.way, strategy.state) if strategy else None,
    )


def open_promise(contact: CollectionContact) -> bool:
    """Whether a promise was made here of which nobody knows yet whether it is kept."""
    return contact.answer is ContactAnswer.PROMISES and contact.promise_kept is None


def open_dispute(contact: CollectionContact) -> bool:
    """Whether a dispute was raised here that its reception has not ended."""
    return contact.answer is ContactAnswer.DISPUTES and not contact.facts.get("settled")


def wait_ends(work: Work, case: Case, step: Next) -> datetime | None:
    """When what the case waits for comes to an end by itself."""
    calendar, rules, today = work.house.calendar, rules_of(work, case), of_case.today(work)
    if step.move is Move.AWAIT_RUNG and step.on:
        return at_work_on(calendar, rules, step.on)
    if step.move is Move.AWAIT_PROMISE and step.on:
        return at_work_on(calendar, rules, step.on + timedelta(days=1))
    if step.move is Move.AWAIT_RECEPTION:
        return at_work_on(calendar, rules, business_day(calendar, today, LOOK_AGAIN_DAYS))
    if step.move is Move.PURSUE:
        return pursuit_ends(work, case)
    return None


def pursuit_ends(work: Work, case: Case) -> datetime | None:
    """When a plan's next instalment is looked at, or the next report of agency or lawsuit is due."""
    strategy, calendar, rules = strategy_of(work.session, case.ref), work.house.calendar, rules_of(work, case)
    if strategy is None:
        return None
    if strategy.way is StrategyWay.PLAN:
        left = [one for one in instalments_of(work.session, strategy.id or 0) if one.state is InstalmentState.OPEN]
        if not left:
            return None
        after = left[0].due_on if of_case.today(work) <= left[0].due_on else grace_of(work, case, left[0])
        return at_work_on(calendar, rules, after + timedelta(days=1))
    ahead = strategy.report_on is not None and strategy.report_on > of_case.today(work)
    return at_work_on(calendar, rules, strategy.report_on) if ahead and strategy.report_on else None


# -- what payments and days decide ----------------------------------------------------------------------------------


def settle_disputes(work: Work, case: Case) -> None:
    """A dispute is over when its reception is: the invoices are no longer disputed, the ladder goes on."""
    for contact in contacts_of(work.session, case.ref):
        reception = work.session.get(Case, str(contact.facts.get("reception"))) if open_dispute(contact) else None
        if reception is None or reception.state is not CaseState.CLOSED:
            continue
        outcome = reception.outcome.value if reception.outcome else None
        contact.facts = {**contact.facts, "settled": outcome or "ended"}
        work.add(contact)
        mark_disputed(work, case.customer_id or 0, case.ref, contact.facts["invoices"], disputed=False)
        work.record("collections.dispute-over", case.ref, reception=reception.ref, outcome=outcome)


def settle_promises(work: Work, case: Case, owed: OwedNow) -> None:
    """A promise is kept once so much was paid by its day, and broken when the day is over and it was not."""
    for contact in contacts_of(work.session, case.ref):
        if not open_promise(contact) or contact.promise_on is None or contact.promised is None:
            continue
        in_time = paid_by(work.session, contact.customer_id, contact.promise_on) - Decimal(contact.facts["paid_before"])
        if in_time >= contact.promised or (owed.overdue == owed.disputed == NOTHING and owed.on <= contact.promise_on):
            contact.promise_kept = True
            work.record("collections.promise-kept", case.ref, promised=contact.promised, by=contact.promise_on)
        elif owed.on > contact.promise_on:
            contact.promise_kept = False
            work.record(
                "collections.promise-broken", case.ref, promised=contact.promised, by=contact.promise_on, paid=in_time
            )
        work.add(contact)


def grace_of(work: Work, case: Case, instalment: Instalment) -> date:
    """The last day on which an instalment may still come without breaking the plan."""
    return business_day(work.house.calendar, instalment.due_on, rules_of(work, case).instalment_grace_days)


def settle_plan(work: Work, case: Case, owed: OwedNow) -> bool:
    """Mark what was paid in time, late, or not at all. Returns whether the plan is what ends the case.

    Payments since the plan began count, the earliest instalment first. A debtor who pays everything at once, with more
    than the last instalment still to come, has simply paid.
    """
    strategy = strategy_of(work.session, case.ref)
    if strategy is None or strategy.way is not StrategyWay.PLAN or strategy.state is not StrategyState.RUNNING:
        return False
    lines = instalments_of(work.session, strategy.id or 0)
    to_come = sum(one.state is InstalmentState.OPEN for one in lines)
    needed = NOTHING
    for line in lines:
        needed += line.amount
        if line.state is InstalmentState.OPEN:
            look_at_instalment(work, case, strategy, line, needed, owed.on)
    if any(line.state is InstalmentState.BROKEN for line in lines):
        strategy.state = StrategyState.FAILED
        strategy.note = N_("The repayment plan was broken")
    elif all(line.state is not InstalmentState.OPEN for line in lines):
        strategy.state = StrategyState.DONE
        strategy.note = N_("The repayment plan was kept; more has fallen due since")
    work.add(strategy)
    return strategy.state is StrategyState.DONE and to_come <= 1


def look_at_instalment(
    work: Work, case: Case, strategy: CollectionStrategy, line: Instalment, needed: Decimal, today: date
) -> None:
    """One instalment: covered in time, covered late, still awaited, or given up as broken."""
    before, customer = strategy.paid_before, case.customer_id or 0
    paid = paid_by(work.session, customer) - before
    line.paid = max(NOTHING, min(line.amount, paid - needed + line.amount))
    if paid >= needed:
        in_time = paid_by(work.session, customer, line.due_on) - before >= needed
        line.state = InstalmentState.KEPT if in_time else InstalmentState.LATE
        work.record(f"collections.instalment-{line.state.value}", case.ref, number=line.number, amount=line.amount)
    elif today > grace_of(work, case, line):
        line.state = InstalmentState.BROKEN
        work.record("collections.instalment-broken", case.ref, number=line.number, amount=line.amount, paid=line.paid)
    elif today > line.due_on and not line.note:
        line.note = N_("Overdue")
        work.record("collections.instalment-overdue", case.ref, number=line.number, amount=line.amount, paid=line.paid)
    work.add(line)


def settle_judgment(work: Work, case: Case, owed: OwedNow) -> None:
    """A judgment that is paid ends the lawsuit; what was not awarded is to be dealt with otherwise."""
    strategy = strategy_of(work.session, case.ref)
    judgment = strategy.facts.get("judgment") if strategy else None
    if strategy is None or judgment is None or strategy.state is not StrategyState.RUNNING or owed.overdue == NOTHING:
        return
    if judgment["result"] == JudgmentResult.LOST:
        strategy.state, strategy.note = StrategyState.FAILED, N_("The lawsuit was lost")
    elif paid_by(work.session, case.customer_id or 0) - Decimal(judgment["paid_before"]) >= Decimal(
        judgment["awarded"]
    ):
        strategy.state, strategy.note = StrategyState.DONE, N_("The judgment is paid; more than it awarded is owed")
    work.add(strategy)


def nominate_for_arrears(work: Work, case: Case) -> None:
    """B: refusals and broken promises, over all cases of the customer, add up to a nomination; once a case."""
    rules, customer_id = rules_of(work, case), case.customer_id or 0
    if case.input.get("nominated"):
        return
    counted = refusals(work.session, customer_id, rules.counted_as_refusal)
    if len(counted) < rules.refusals_until_nomination or not any(one.case_ref == case.ref for one in counted):
        return
    case.input = {**case.input, "nominated": True}
    work.add(case)
    language = work.house.settings.language
    evidence = [
        f"{one.case_ref} · {work.house.calendar.day_of(one.at)} · {translate(one.way.label, language)} · "
        + translate(BROKEN if one.promise_kept is False else one.answer.label, language)
        for one in counted
    ]
    nominate(
        work,
        customer_id,
        ListingKind.GREY,
        ListingCriterion.MALICIOUS_ARREARS,
        translate(N_("Refused, stalled or broke a promise {count} times"), language, count=len(counted)),
        evidence,
        raised_by=case.ref,
    )


# -- how it ended ---------------------------------------------------------------------------------------------------


def how_it_ended(work: Work, case: Case, strategy: CollectionStrategy | None, by_plan: bool) -> Ended:
    """Nothing is overdue any more: by which way it came to that."""
    running = strategy is not None and strategy.state is StrategyState.RUNNING
    if by_plan:
        return Ended(outcome=Outcome.PLAN_KEPT, because=because("collections.plan_kept"))
    if strategy is not None and running and strategy.way is StrategyWay.AGENCY:
        agency = str(strategy.terms.get("agency", ""))
        return Ended(outcome=Outcome.AGENCY, because=because("collections.agency_paid", agency=agency))
    if strategy is not None and running and "judgment" in strategy.facts:
        awarded = Decimal(strategy.facts["judgment"]["awarded"])
        return Ended(outcome=Outcome.JUDGMENT, because=because("collections.judgment_paid", awarded=awarded))
    paid = paid_by(work.session, case.customer_id or 0) - Decimal(case.input.get("paid_before", "0"))
    return Ended(outcome=Outcome.RECOVERED, because=because("collections.paid", amount=max(NOTHING, paid)))


def open_invoices(work: Work, customer_id: int) -> list[str]:
    """The numbers of the customer's invoices that are overdue."""
    wanted = select(Invoice.number).where(
        Invoice.customer_id == customer_id, col(Invoice.open), col(Invoice.due_on) < of_case.today(work)
    )
    return list(work.session.exec(wanted.order_by(col(Invoice.due_on), col(Invoice.number))).all())
