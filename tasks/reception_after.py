"""What a reception does after the minutes: measures, contacts, the tracking plan, the result (R)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from config.languages import N_, translate
from config.policy.frequencies import Frequency
from config.words import MeasureKind, TrackingState
from models.forms.reception_after import EffectEvaluation, LegalCase, PartyInformed, ResponsePlan, TrackedItem
from models.forms.reception_terms import SolutionProposal
from models.house import Work
from models.operations.standing import set_measure
from models.reception import ItemDue
from models.rules.turns import next_turn
from models.tables import Case, Person, ReceptionResult, Routine, TrackingItem
from tasks.case_task import effect
from tasks.of_case import policy_of, today
from tasks.reception import at_the_hour

MONITORING = "monitoring"


@effect("suspend-trading", N_("Suspend trading"))
def suspend_trading(work: Work, case: Case, plan: ResponsePlan) -> int:
    """The approved suspension is in force from its first to its last day (R, B)."""
    measure = set_measure(
        work,
        case.customer_id or 0,
        case.ref,
        MeasureKind.SUSPEND,
        since=plan.suspend_from,
        until=plan.suspend_until,
        scope=plan.suspend_scope,
        reason=plan.reason,
    )
    return measure.id or 0


@effect("tighten-monitoring", N_("Monitor the client more often"))
def tighten_monitoring(work: Work, case: Case, every: Frequency, reason: str) -> None:
    """The client's monitoring routine runs at the new pace from today on, and the measure says so (R, B)."""
    mine = select(Routine).where(Routine.customer_id == case.customer_id, Routine.duty == MONITORING)
    routine = work.session.exec(mine).first() or Routine(
        customer_id=case.customer_id or 0, duty=MONITORING, every=every.value, next_on=today(work), set_by=case.ref
    )
    routine.every, routine.next_on, routine.set_by = every.value, next_turn(today(work), every), case.ref
    work.add(routine)
    terms = {"frequency": every.value}
    set_measure(work, case.customer_id or 0, case.ref, MeasureKind.MONITOR, terms=terms, reason=reason)


@effect("note-legal-action", N_("Note the approved legal action"))
def note_legal_action(work: Work, case: Case, suit: LegalCase) -> None:
    """Legal action was approved with its list of evidence (R)."""
    work.record(
        "reception.legal-action",
        case.ref,
        court=suit.court,
        claim=suit.claim,
        evidence=[f"{one.what} · {one.reference}" for one in suit.evidence],
    )


@effect("note-contacts", N_("Note who was informed"))
def note_contacts(work: Work, case: Case, contacts: Sequence[PartyInformed]) -> int:
    """Every contact with a supplier, partner or regulator is on record (R)."""
    for one in contacts:
        work.record(
            "reception.party-informed",
            case.ref,
            name=one.name,
            kind=one.kind,
            way=one.way,
            told_on=one.told_on,
            what=one.what,
        )
    return len(contacts)


@effect("propose-tracking", N_("Propose the tracking plan"))
def propose_tracking(work: Work, case: Case, solution: SolutionProposal | None) -> list[dict[str, str]]:
    """The plan of payment agreed on, as items of the client's handler: one for each payment."""
    language = work.house.settings.language
    return [
        {
            "what": translate(N_("Payment of {amount} yuan"), language, amount=f"{one.amount:,.2f}"),
            "owner": case.handler_id,
            "due_on": one.due_on.isoformat(),
        }
        for one in (solution.payments if solution else ())
    ]


@effect("plan-tracking", N_("Set up the tracking plan"))
def plan_tracking(work: Work, case: Case, items: Sequence[TrackedItem]) -> int:
    """Put items on the tracking plan. Returns how many there are to come."""
    for one in items:
        work.add(
            TrackingItem(
                case_ref=case.ref, what=one.what, owner_id=one.owner, due_on=one.due_on, planned_for=one.due_on
            )
        )
    work.record("reception.tracking-planned", case.ref, items=len(items))
    return len(items)


class NextItem(ItemDue):
    """The item whose turn it is, and the instant at which it is checked."""

    at: datetime


@effect("next-item", N_("Find the next item to track"))
def next_item(work: Work, case: Case) -> NextItem | None:
    """The open item that falls due first; none when everything is settled."""
    still_open = select(TrackingItem).where(TrackingItem.case_ref == case.ref, TrackingItem.state == TrackingState.OPEN)
    row = work.session.exec(still_open.order_by(col(TrackingItem.due_on), col(TrackingItem.id))).first()
    if row is None:
        return None
    shown = _shown(work, case, row)
    return NextItem(**shown.model_dump(), at=at_the_hour(work, case, row.due_on))


@effect("tracking-so-far", N_("Sum up the tracking"))
def tracking_so_far(work: Work, case: Case) -> tuple[ItemDue, ...]:
    """Every item with what became of it, by its day."""
    rows = select(TrackingItem).where(TrackingItem.case_ref == case.ref)
    return tuple(
        _shown(work, case, row)
        for row in work.session.exec(rows.order_by(col(TrackingItem.due_on), col(TrackingItem.id)))
    )


def _shown(work: Work, case: Case, row: TrackingItem) -> ItemDue:
    most = policy_of(work, case).reception.adjustments_at_most
    return ItemDue(
        item_id=row.id or 0,
        what=row.what,
        owner_id=row.owner_id,
        owner=work.session.get_one(Person, row.owner_id).name,
        due_on=row.due_on,
        planned_for=row.planned_for,
        adjustments=row.adjustments,
        adjustments_left=max(0, most - row.adjustments),
        missed=row.missed,
        state=row.state,
        closed_on=row.closed_on,
        note=row.note,
    )


@effect("item-done", N_("Note that an item is done"))
def item_done(work: Work, case: Case, item_id: int, done_on: date, result: str) -> TrackingState:
    """Done, in time or late: after the day it was last due on (R)."""
    row = work.session.get_one(TrackingItem, item_id)
    state = TrackingState.LATE if done_on > row.due_on else TrackingState.DONE
    return _settle(work, case, row, state, done_on, result)


@effect("item-dropped", N_("Note that an item is dropped"))
def item_dropped(work: Work, case: Case, item_id: int, reason: str) -> TrackingState:
    """An item is no longer needed, with the reason."""
    return _settle(work, case, work.session.get_one(TrackingItem, item_id), TrackingState.DROPPED, today(work), reason)


def _settle(work: Work, case: Case, row: TrackingItem, state: TrackingState, on: date, note: str) -> TrackingState:
    row.state, row.closed_on, row.note = state, on, note
    work.add(row)
    work.record("reception.item-settled", case.ref, item=row.what, state=state, on=on, note=note)
    return state


@effect("item-adjusted", N_("Put an item off"))
def item_adjusted(work: Work, case: Case, item_id: int, due_on: date, reason: str) -> None:
    """An item gets another day: the plan is a new one from here on (R)."""
    row = work.session.get_one(TrackingItem, item_id)
    before, row.due_on = row.due_on, due_on
    row.adjustments, row.missed, row.note = row.adjustments + 1, 0, reason
    work.add(row)
    work.record("reception.item-adjusted", case.ref, item=row.what, before=before, due_on=due_on, reason=reason)


@effect("item-missed", N_("Note that nobody answered a check"))
def item_missed(work: Work, case: Case, item_id: int) -> None:
    """The owner did not answer in time: the risk officers are asked next."""
    row = work.session.get_one(TrackingItem, item_id)
    row.missed += 1
    work.add(row)
    work.record("reception.item-missed", case.ref, item=row.what, owner=row.owner_id)


@effect("effect-evaluated-from", N_("Note from when the effect can be evaluated"))
def effect_evaluated_from(work: Work, case: Case) -> datetime:
    """The first instant at which the effect may be evaluated: so many business days after the talks ended."""
    return work.house.calendar.add_business_days(work.now, policy_of(work, case).reception.effect_after_days)


@effect("keep-result", N_("Keep the result"))
def keep_result(
    work: Work,
    case: Case,
    evaluation: EffectEvaluation,
    agreed: bool,
    rounds: int,
    at_stake: Decimal,
    concession: Decimal,
    major: bool,
) -> None:
    """What the reception came to, for the evaluation of the work; a later evaluation replaces it (R)."""
    row = work.session.get(ReceptionResult, case.ref)
    values: dict[str, Any] = {
        "customer_id": case.customer_id or 0,
        "agreed": agreed,
        "rounds": rounds,
        "resolution": evaluation.resolution,
        "satisfaction": evaluation.satisfaction,
        "at_stake": at_stake,
        "concession": concession,
        "loss_avoided": evaluation.loss_avoided,
        "major": major,
        "evaluated_at": work.now,
    }
    if row is None:
        row = ReceptionResult(case_ref=case.ref, **values)
    for name, value in values.items():
        setattr(row, name, value)
    work.add(row)
    work.record(
        "reception.evaluated",
        case.ref,
        resolution=evaluation.resolution,
        satisfaction=evaluation.satisfaction,
        loss_avoided=evaluation.loss_avoided,
    )


@effect("note-major-case", N_("Note that it is a major case"))
def note_major_case(work: Work, case: Case, codes: Sequence[str]) -> None:
    """The rules by which internal audit looks at the case (R)."""
    work.record("reception.major-case", case.ref, rules=list(codes))
