"""Collections escalation 逾期催收升级 (X, B, C): how the company recovers what is overdue."""

from __future__ import annotations

from typing import Any

from config.languages import N_
from config.words import ActionKind, Outcome, RungWay, StrategyWay
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from flows.collections_steps import (
    AGENCY_REPORT,
    APPROVE_STRATEGY,
    CHOOSE_STRATEGY,
    COLLECT_EVIDENCE,
    COLLECTION_VISIT,
    CUSTOMER_REPLY,
    ENFORCEMENT,
    FILE_SUIT,
    FORM_GROUP,
    JOIN_GROUP,
    JUDGMENT,
    POST_LETTER,
    TELEPHONE,
)
from models.collections import Stock, Times
from models.forms.collections import (
    CollectionVisitReport,
    CustomerReply,
    EvidenceCollected,
    LetterPosted,
    SpecialGroupFormed,
    TelephoneRecord,
)
from models.forms.collections_strategy import JudgmentRecord, SuitFiled
from models.forms.common import Reasoned, ReturnForm
from models.operations.ledger import PAYMENT
from models.operations.receptions import DISPUTE_SETTLED
from models.processes import COLLECTIONS
from models.rules.ladder import Move
from models.rules.reasons import because
from models.rules.signing import ByMatrix, ByPerson, ByRole, Together
from models.steps import Answer, HumanStep
from tasks.collections import take_stock
from tasks.collections_group import (
    give_up_strategy,
    group_candidates,
    keep_evidence,
    keep_filing,
    keep_group,
    keep_judgment,
    keep_report,
    keep_strategy,
    note_acceptances,
    take_over_ruling,
    write_debt_off,
)
from tasks.collections_rungs import (
    begin_rung,
    note_call,
    note_missed,
    note_posted,
    note_reply,
    note_visit,
    send_reminder,
    visit_candidates,
    write_letter,
)

NO_ANSWER = N_("Not everybody answered in time")
NOBODY_DECIDED = N_("Nobody decided in time")


@case_flow(COLLECTIONS)
def collections_escalation(case: CaseRun) -> Outcome:
    """Climb the ladder while money is overdue, then go the way that was chosen and approved.

    Started by the overdue scan, or by hand: one open case per customer, over all that is overdue. The handler calls,
    posts and visits; a risk manager forms the special group of legal, finance and business, which collects evidence
    and chooses; the matrix, or those whom the policy names, approve. A payment overtakes whatever is asked or awaited:
    every turn looks anew at what is owed (X). A promise holds the ladder until its day, a dispute until reception has
    ended (R). From the letter on the credit line is frozen, with the special group trading stops (X, C).

    Ends recovered, by the plan kept, by the agency, by judgment, written off, withdrawn, or cancelled.
    """
    for turn in case.turns("look"):
        look = case.do(take_stock.at(turn))
        if look.ended:
            return case.close(look.ended.outcome, look.ended.because)
        if look.move is Move.AWAIT_RECEPTION:
            case.wait_for(f"reception#{turn}", (PAYMENT, DISPUTE_SETTLED), look.until)
        elif look.move is Move.AWAIT_PROMISE:
            case.wait_for(f"promise#{turn}", PAYMENT, look.until)
        elif look.move is Move.AWAIT_RUNG:
            await_rung(case, turn, look)
        elif look.move is Move.CLIMB:
            CLIMBING[case.policy.collections.rung(look.rung).done_as](case, turn, look)
        elif look.move is Move.CHOOSE:
            choose(case, turn, look)
        elif look.move is Move.APPROVE:
            if (written_off := approve(case, turn, look)) is not None:
                return written_off
        else:
            PURSUING[way_of(look)](case, turn, look)
    raise AssertionError("the loop ends by returning")


def ask(case: CaseRun, step: HumanStep, turn: int, look: Stock, times: Times | None = None, **show: Any) -> Answer:
    """Ask with what every step of this process shows. A step that a payment overtook keeps its deadline.

    The turn is no round of signing: to those who are asked it is all the first.
    """
    by = times or look.times(step.name)
    return case.ask(
        step.at(f"1.{turn}"),
        due_at=by.due_at,
        expires_at=by.expires_at,
        debtor=look.customer,
        owed=look.owed,
        ladder=look.ladder,
        contacts=look.contacts,
        **show,
    )


def signer_of(answer: Answer) -> str:
    """Who answered."""
    return answer.signatures[-1].person_id


# -- the rungs ------------------------------------------------------------------------------------------------------


def await_rung(case: CaseRun, turn: int, look: Stock) -> None:
    """Until the next rung's day. Once the customer has been spoken to, what it answers meanwhile can be recorded."""
    if not look.spoken:
        case.wait_for(f"rung#{turn}", PAYMENT, look.until)
        return
    answer = ask(case, CUSTOMER_REPLY, turn, look, Times(due_at=look.until, expires_at=look.until))
    if not answer.overtaken and not answer.unanswered:
        case.do(note_reply.at(turn), look.last_rung, turn, answer.filled(CustomerReply), signer_of(answer))


def remind(case: CaseRun, turn: int, look: Stock) -> None:
    """X: the first rung is the system's own."""
    case.do(send_reminder.at(turn), look.rung, turn)


def telephone(case: CaseRun, turn: int, look: Stock) -> None:
    """X: reached or not, promise, dispute or refusal."""
    answer = ask(case, TELEPHONE, turn, look, case.do(begin_rung.at(turn), look.rung))
    if answer.unanswered:
        case.do(note_missed.at(turn), look.rung, turn)
    elif not answer.overtaken:
        case.do(note_call.at(turn), look.rung, turn, answer.filled(TelephoneRecord), signer_of(answer))


def letter(case: CaseRun, turn: int, look: Stock) -> None:
    """X: the letter is generated, posted, and traced; from here on the credit line is frozen."""
    times = case.do(begin_rung.at(turn), look.rung)
    paper = case.do(write_letter.at(turn), look.rung)
    answer = ask(case, POST_LETTER, turn, look, times, paper=paper)
    if answer.unanswered:
        case.do(note_missed.at(turn), look.rung, turn)
    elif not answer.overtaken:
        form = answer.filled(LetterPosted)
        case.do(note_posted.at(turn), look.rung, turn, form, signer_of(answer), paper.paper_id)


def visit(case: CaseRun, turn: int, look: Stock) -> None:
    """X: two people go, hand over the final demand, and report."""
    times = case.do(begin_rung.at(turn), look.rung)
    paper = case.do(write_letter.at(turn), look.rung)
    people = case.do(visit_candidates.at(turn))
    order = {"people": max(1, case.policy.collections.rung(look.rung).people)}
    answer = ask(case, COLLECTION_VISIT, turn, look, times, visit_order=order, paper=paper, person_offered=people)
    if answer.unanswered:
        case.do(note_missed.at(turn), look.rung, turn)
    elif not answer.overtaken:
        case.do(note_visit.at(turn), look.rung, turn, answer.filled(CollectionVisitReport), signer_of(answer))


def special_group(case: CaseRun, turn: int, look: Stock) -> None:
    """X: trading stops as the rung begins; legal, finance and business accept, and collect the evidence."""
    times, group = case.do(begin_rung.at(turn), look.rung), look.group
    if group is None or group.declined:
        given = case.do(group_candidates.at(turn))
        offered = {f"{seat}_offered": people for seat, people in given.items()}
        first = None if look.again or look.kept.get(FORM_GROUP.name) else times
        named = ask(case, FORM_GROUP, turn, look, first, group=group, **offered)
        if not named.overtaken and not named.unanswered:
            case.do(keep_group.at(turn), named.filled(SpecialGroupFormed))
    elif group.asked:
        members = Together(parts=tuple(ByPerson(person_id=one) for one in group.asked))
        answer = ask(case, JOIN_GROUP.signed_by(members), turn, look, group=group)
        accepted = tuple(one.person_id for one in answer.signatures if one.action == "accept")
        refused = next((str(one.form.get("reason")) for one in answer.signatures if one.action == "decline"), "")
        case.do(note_acceptances.at(turn), accepted, refused or (NO_ANSWER if answer.unanswered else ""))
    else:
        legal = ByPerson(person_id=group.members["legal"])
        answer = ask(case, COLLECT_EVIDENCE.signed_by(legal), turn, look, group=group, evidence_pack=case.ref)
        if not answer.overtaken and not answer.unanswered:
            case.do(keep_evidence.at(turn), look.rung, answer.filled(EvidenceCollected))


CLIMBING = {
    RungWay.REMINDER: remind,
    RungWay.TELEPHONE: telephone,
    RungWay.LETTER: letter,
    RungWay.VISIT: visit,
    RungWay.SPECIAL_GROUP: special_group,
}


# -- the way on -----------------------------------------------------------------------------------------------------


def way_of(look: Stock) -> StrategyWay:
    """The way that was chosen last."""
    assert look.proposal is not None
    return look.proposal.way


def choose(case: CaseRun, turn: int, look: Stock) -> None:
    """X: plan, agency or lawsuit, or to give up; the group's business member says which, and why."""
    rules = case.policy.collections
    ways = {strategy.name for strategy in rules.strategies}
    step = CHOOSE_STRATEGY.model_copy(
        update={"actions": tuple(action for action in CHOOSE_STRATEGY.actions if action.name in ways)}
    )
    if look.group is not None:
        step = step.signed_by(ByPerson(person_id=look.group.members["business"]))
    choice = {"instalments_at_most": rules.instalments_at_most}
    answer = ask(case, step, turn, look, group=look.group, strategy=look.proposal, choice=choice)
    if not answer.overtaken and not answer.unanswered:
        way = StrategyWay(str(answer.action))
        case.do(keep_strategy.at(turn), way, answer.form, signer_of(answer))


def approve(case: CaseRun, turn: int, look: Stock) -> Outcome | None:
    """X, C: along the matrix, or by those whom the policy names, all of them. Returned, another way is chosen."""
    way, strategy = way_of(look), case.policy.collections.strategy(way_of(look))
    roles = strategy.signed_by if strategy else ()
    signers = Together(parts=tuple(ByRole(role=role) for role in roles)) if roles else ByMatrix()
    answer = ask(
        case,
        APPROVE_STRATEGY.signed_by(signers),
        turn,
        look,
        limit=look.owed.overdue,
        strategy=look.proposal,
        group=look.group,
    )
    if answer.overtaken:
        return None
    reason = answer.filled(ReturnForm).reason if answer.kind is ActionKind.RETURN else ""
    case.do(take_over_ruling.at(turn), answer.approved, "" if answer.approved else reason or NOBODY_DECIDED)
    if not answer.approved or way is not StrategyWay.WRITE_OFF:
        return None
    amount = case.do(write_debt_off.at(turn))
    grounds = str(look.proposal.terms.get("reason", "")) if look.proposal else ""
    return case.close(Outcome.WRITTEN_OFF, because("collections.written_off", amount=amount, reason=grounds))


def follow_plan(case: CaseRun, turn: int, look: Stock) -> None:
    """X: each instalment is watched; a payment, or the end of its days of grace, and the plan is looked at."""
    case.wait_for(f"instalment#{turn}", PAYMENT, look.until)


def follow_agency(case: CaseRun, turn: int, look: Stock) -> None:
    """X: the agency reports until it has recovered the debt or gives it back."""
    answer = ask(case, AGENCY_REPORT, turn, look, Times(due_at=look.until), strategy=look.proposal)
    if answer.overtaken or answer.unanswered:
        return
    if answer.action == "given-back":
        case.do(give_up_strategy.at(turn), answer.filled(Reasoned).reason)
    else:
        case.do(keep_report.at(turn), answer.form.model_dump(mode="json"))


def follow_lawsuit(case: CaseRun, turn: int, look: Stock) -> None:
    """X: filed, decided, enforced."""
    facts = look.proposal.facts if look.proposal else {}
    if "filed" not in facts:
        answer = ask(case, FILE_SUIT, turn, look, strategy=look.proposal)
    elif "judgment" not in facts:
        answer = ask(case, JUDGMENT, turn, look, Times(due_at=look.until), strategy=look.proposal)
    else:
        answer = ask(case, ENFORCEMENT, turn, look, Times(due_at=look.until), strategy=look.proposal)
    if answer.overtaken or answer.unanswered:
        return
    if answer.action == "filed":
        case.do(keep_filing.at(turn), answer.filled(SuitFiled))
    elif answer.action == "judgment":
        case.do(keep_judgment.at(turn), answer.filled(JudgmentRecord))
    elif answer.action == "report":
        case.do(keep_report.at(turn), answer.form.model_dump(mode="json"))
    else:
        case.do(give_up_strategy.at(turn), answer.filled(Reasoned).reason)


PURSUING = {
    StrategyWay.PLAN: follow_plan,
    StrategyWay.AGENCY: follow_agency,
    StrategyWay.LAWSUIT: follow_lawsuit,
}
