"""Risk-client reception 风险客户接待 (R): how the company meets a client who has become a risk."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from config.words import ClosedBy, Mode, Outcome
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from flows.reception_steps import (
    ACCEPTANCE,
    BACKGROUND,
    CHECK,
    CHECK_AGAIN,
    CLOSING,
    CONCESSION,
    EFFECT,
    EVIDENCE,
    FIRST_MEETING,
    IN_DEPTH,
    LAST_NEGOTIATION,
    LEGAL_ACTION,
    LEGAL_CASE,
    LEGAL_CONSULTATION,
    LESSONS,
    MINUTES_REVIEW,
    MINUTES_SIGNING,
    NEGOTIATION,
    OPINIONS,
    PARTIES_INFORMED,
    RESPONSE,
    SOLUTION,
    SPECIAL_ASSESSMENT,
    SUSPENSION,
    TEAM,
    TRACKING_PLAN,
    UNSIGNED_MINUTES,
    VENUE,
)
from models.forms.base import Filled
from models.forms.common import Reasoned
from models.forms.reception import (
    BackgroundRuling,
    EvidenceReceived,
    EvidenceStillOut,
    InDepthRecord,
    MeetingRecord,
    TeamFormation,
    VenueChecklist,
)
from models.forms.reception_after import (
    EffectEvaluation,
    ItemAdjusted,
    ItemDone,
    LegalCase,
    MoreTracking,
    PartiesInformed,
    ResponsePlan,
    TrackingPlan,
)
from models.forms.reception_terms import (
    Agreed,
    ClientSide,
    CounterProposal,
    MinutesText,
    NegotiationFailed,
    SolutionProposal,
)
from models.minutes import Recorded
from models.operations.outside import CLIENT_ANSWERED
from models.processes import RECEPTION
from models.reception import (
    Authority,
    CommitmentMade,
    Declined,
    Effects,
    EvidenceItem,
    MinutesPaper,
    Objection,
    Team,
    ending,
    opinions_of,
    why_major,
)
from models.rules.reasons import Reason, because
from models.rules.signing import ByMatrix, ByPerson, Together
from models.steps import Answer, HumanStep
from tasks.reception import (
    background_file,
    client_facts,
    confirm_team,
    evidence_day,
    form_team,
    note_commitments,
    reasons_so_far,
    receive_evidence,
    set_risk_level,
)
from tasks.reception_after import (
    NextItem,
    effect_evaluated_from,
    item_adjusted,
    item_done,
    item_dropped,
    item_missed,
    keep_result,
    next_item,
    note_contacts,
    note_legal_action,
    note_major_case,
    plan_tracking,
    propose_tracking,
    suspend_trading,
    tighten_monitoring,
    tracking_so_far,
)
from tasks.reception_minutes import (
    draft_minutes,
    invite_client,
    remind_client,
    remind_client_at,
    sign_minutes,
    withdraw_invitation,
    write_minutes,
)


@case_flow(RECEPTION)
def risk_reception(case: CaseRun) -> Outcome:
    """Receive a client who has become a risk, and see the matter through.

    Started by an early warning, a complaint, a disputed debt (by the collections case), or by hand. Risk officers set
    level, strategy and goals and form the team; the team talks, negotiates and signs; finance, business and legal give
    opinions; concessions above authority go along the matrix; the client signs the minutes through an outside link;
    the risk manager approves a suspension and closes; internal audit assesses major cases.

    Ends settled, not settled, taken to court, withdrawn, lapsed, or cancelled.
    """
    client = case.do(client_facts)
    background = case.do(background_file)
    ruling = case.ask(BACKGROUND, customer=client, background=background).filled(BackgroundRuling)
    case.do(set_risk_level, ruling.level, ruling.at_stake)
    shown: dict[str, Any] = {"customer": client, "ruling": Filled.of(ruling)}

    team = form_the_team(case, shown)
    venue = case.ask(by_team(VENUE, team), team=team, **shown).filled(VenueChecklist)
    meeting = case.ask(
        by_team(FIRST_MEETING, team), venue=Filled.of(venue), prefill={"held_on": venue.meeting_on}, **shown
    ).filled(MeetingRecord)
    commitments = case.do(note_commitments.at("first-meeting"), FIRST_MEETING.name, meeting.commitments)
    shown |= {"commitments": commitments, "meeting": Filled.of(meeting)}
    talk = case.ask(by_team(IN_DEPTH, team), **shown).filled(InDepthRecord)
    commitments = case.do(note_commitments.at("in-depth-talk"), IN_DEPTH.name, talk.commitments)
    shown |= {"commitments": commitments, "talk": Filled.of(talk)}
    shown["evidence"] = gather_evidence(case, talk, shown)
    opinions = opinions_of(case.ask(OPINIONS, **shown).signatures)
    shown |= {"opinions": opinions, "reasons": case.do(reasons_so_far)}

    solution, result, rounds = negotiate(case, team, shown)
    shown |= {"solution": Filled.of(solution) if solution else None, "result": Filled.of(result)}
    shown = {name: block for name, block in shown.items() if block is not None}
    recorded = Recorded(
        client=client.name, team=team, venue=venue, meeting=meeting, talk=talk, solution=solution, result=result
    )
    sign_the_minutes(case, recorded, commitments, shown)
    suit = respond_to_the_risk(case, ruling, shown)

    agreed = isinstance(result, Agreed)
    effects = Effects(
        at_stake=ruling.at_stake,
        concession=solution.concession if solution and agreed else Decimal(0),
        all_three=bool(ruling.economic and ruling.reputation and ruling.interruption),
        legal_action=suit is not None,
    )
    major = why_major(effects, case.policy.reception.major)
    if major:
        case.do(note_major_case, [reason.code for reason in major])
    plan_the_tracking(case, solution if agreed else None, shown)
    evaluation = track_and_close(case, team, shown, agreed, rounds, effects, bool(major))
    if major and case.policy.frequencies.special_assessment_of_major_cases:
        case.ask(SPECIAL_ASSESSMENT, major=major, effect=Filled.of(evaluation), **shown)
    outcome = ending(agreed=agreed, legal_action=suit is not None, resolution=evaluation.resolution)
    return case.close(outcome, *why_it_ended(outcome, suit, result, evaluation), *major)


def by_team(step: HumanStep, team: Team) -> HumanStep:
    """A step that any one member of the team answers."""
    return step.signed_by(Together(mode=Mode.ANY, parts=tuple(ByPerson(person_id=one) for one in team.ids)))


def by_every_member(step: HumanStep, team: Team) -> HumanStep:
    """A step that all members of the team sign."""
    return step.signed_by(Together(parts=tuple(ByPerson(person_id=one) for one in team.ids)))


def form_the_team(case: CaseRun, shown: dict[str, Any]) -> Team:
    """R: two or more, each with a role, agreement and training; every member accepts, or another team is formed."""
    refused: tuple[Declined, ...] = ()
    for attempt in count(1):
        formation = case.ask(
            TEAM.at(attempt), team_minimum=case.policy.reception.team_minimum, declined=refused, **shown
        ).filled(TeamFormation)
        team = case.do(form_team.at(attempt), formation)
        answer = case.ask(by_every_member(ACCEPTANCE, team).at(attempt), team=team, **shown)
        if answer.closed_by is ClosedBy.ANSWER and not answer.returned:
            case.do(confirm_team, team)
            return team
        refused = who_declined(team, answer)
    raise AssertionError("the loop ends by returning")


def who_declined(team: Team, answer: Answer) -> tuple[Declined, ...]:
    """Those who declined with their reasons; where nobody did, those who did not answer in time."""
    said = {one.name: str(one.form.get("reason", "")) for one in answer.signatures if one.action == "decline"}
    if said:
        return tuple(Declined(name=name, reason=reason) for name, reason in said.items())
    accepted = {one.for_name or one.name for one in answer.signatures}
    return tuple(Declined(name=one.name, reason="") for one in team.members if one.name not in accepted)


def gather_evidence(case: CaseRun, talk: InDepthRecord, shown: dict[str, Any]) -> tuple[EvidenceItem, ...]:
    """R: the evidence asked for is received; what is still to come is waited for, or given up with a reason."""
    if not talk.requested:
        return ()
    there: tuple[EvidenceItem, ...] = ()
    for look in count(1):
        answer = case.ask(EVIDENCE.at(look), received=there, **shown)
        if answer.action == "without":
            return there
        if answer.action == "received":
            return case.do(receive_evidence.at(look), answer.filled(EvidenceReceived).received)
        still_out = answer.filled(EvidenceStillOut)
        there = case.do(receive_evidence.at(look), still_out.received)
        case.wait_until(f"evidence#{look}", case.do(evidence_day.at(look), still_out.wait_until))
    raise AssertionError("the loop ends by returning")


def negotiate(
    case: CaseRun, team: Team, shown: dict[str, Any]
) -> tuple[SolutionProposal | None, Agreed | NegotiationFailed, int]:
    """R: propose, have concessions approved, negotiate; a counter-proposal begins the next round, up to the last."""
    rules = case.policy.reception
    counter: CounterProposal | None = None
    solution: SolutionProposal | None = None
    for round_number in range(1, rules.rounds_at_most + 1):
        asked: dict[str, Any] = {"counter": Filled.of(counter)} if counter else {}
        proposed = propose(case, team, round_number, {**shown, **asked}, solution)
        if isinstance(proposed, NegotiationFailed):
            return solution, proposed, round_number
        solution = proposed
        last = round_number == rules.rounds_at_most
        outcome = case.ask(
            by_team(LAST_NEGOTIATION if last else NEGOTIATION, team).at(round_number),
            solution=Filled.of(solution),
            **shown,
            **asked,
        )
        if outcome.action == "agreed":
            return solution, outcome.filled(Agreed), round_number
        if outcome.action == "failed":
            return solution, outcome.filled(NegotiationFailed), round_number
        counter = outcome.filled(CounterProposal)
    raise AssertionError("the last round offers no counter-proposal")


def propose(
    case: CaseRun, team: Team, round_number: int, shown: dict[str, Any], before: SolutionProposal | None
) -> SolutionProposal | NegotiationFailed:
    """R: what the team may concede by itself it offers; more is approved along the matrix on the amount conceded."""
    free = case.policy.reception.free_concession_up_to
    authority = Authority(free=free)
    for attempt in count(1):
        turn = f"{round_number}.{attempt}"
        answer = case.ask(
            by_team(SOLUTION, team).at(turn),
            authority=authority,
            prefill=before.model_dump(mode="json") if before else {},
            **shown,
        )
        if answer.action == "give-up":
            return answer.filled(NegotiationFailed)
        solution = before = answer.filled(SolutionProposal)
        if solution.concession <= free:
            return solution
        verdict = case.ask(
            CONCESSION.not_by(team.ids).at(turn),
            limit=solution.concession,
            solution=Filled.of(solution),
            authority=authority,
            **shown,
        )
        if verdict.approved:
            return solution
        why = str(verdict.signatures[-1].form.get("reason", ""))
        authority = Authority(free=free, cap=free if verdict.rejected else None, refused=why)
    raise AssertionError("the loop ends by returning")


def sign_the_minutes(
    case: CaseRun, recorded: Recorded, commitments: tuple[CommitmentMade, ...], shown: dict[str, Any]
) -> None:
    """R: minutes are written, and signed by the whole team and by the client; a changed text is signed anew by all."""
    draft = case.do(draft_minutes, recorded)
    prefill = draft.model_dump(mode="json")
    objections: tuple[Objection, ...] = ()
    for version in count(1):
        text = case.ask(
            MINUTES_REVIEW.at(version), draft=draft, objections=objections, prefill=prefill, **shown
        ).filled(MinutesText)
        prefill = {**text.model_dump(mode="json"), "party_phone": ""}
        agreed = isinstance(recorded.result, Agreed)
        minutes = case.do(write_minutes.at(version), text, recorded, commitments, agreed)
        signing = case.ask(by_every_member(MINUTES_SIGNING, recorded.team).at(version), paper=minutes)
        if signing.returned:
            objections = tuple(
                Objection(name=one.name, reason=str(one.form.get("reason", "")))
                for one in signing.signatures
                if one.action == "object"
            )
            continue
        case.do(sign_minutes.at(version), minutes, signing.signatures, recorded.team)
        refused = ask_the_client(case, version, minutes, text, shown)
        if refused is None:
            return
        objections = (refused,)


def ask_the_client(
    case: CaseRun, version: int, minutes: MinutesPaper, text: MinutesText, shown: dict[str, Any]
) -> Objection | None:
    """R: the client signs the exact text through an outside link, and is reminded. Returns why to revise it, if so."""
    side: ClientSide = text
    for attempt in count(1):
        turn = f"{version}.{attempt}"
        objection = await_the_client(case, turn, minutes, side, text)
        if objection is None:
            return None
        ruling = case.ask(
            UNSIGNED_MINUTES.at(turn),
            objection=objection,
            paper=minutes,
            prefill={name: getattr(side, name) for name in ("party_name", "party_capacity", "party_email")},
            **shown,
        )
        if ruling.action == "revise":
            case.do(withdraw_invitation.at(turn))
            return objection.model_copy(update={"reason": objection.reason or ruling.filled(Reasoned).reason})
        if ruling.action == "without":
            case.do(withdraw_invitation.at(turn))
            return None
        side = ruling.filled(ClientSide)
    raise AssertionError("the loop ends by returning")


def await_the_client(
    case: CaseRun, turn: str, minutes: MinutesPaper, side: ClientSide, text: MinutesText
) -> Objection | None:
    """Wait for the client's signature through all reminders; none if they signed, else why not."""
    link = case.do(invite_client.at(turn), minutes, side, text.language)
    reminders = 0
    for look in count(1):
        at = case.do(remind_client_at.at(f"{turn}.{look}"))
        answered = case.wait_for(f"client-signature#{turn}.{look}", CLIENT_ANSWERED, until=at)
        if answered.timed_out and reminders == case.policy.reception.client_reminders:
            return Objection(name=side.party_name, reason="", outside=True, answered=False)
        if answered.timed_out:
            reminders += 1
            case.do(remind_client.at(f"{turn}.{look}"), link)
        elif answered.payload.get("paper") == minutes.paper_id:  # an answer to an earlier text says nothing of this one
            if answered.payload["signed"]:
                return None
            name = str(answered.payload.get("name") or side.party_name)
            return Objection(name=name, reason=str(answered.payload["reason"]), outside=True)
    raise AssertionError("the loop ends by returning")


def respond_to_the_risk(case: CaseRun, ruling: BackgroundRuling, shown: dict[str, Any]) -> LegalCase | None:
    """R: suspension (approved), closer monitoring, legal advice and action (approved), others informed.

    Returns the legal action that was approved, if any.
    """
    plan = respond(case, ruling, shown)
    if plan is None:
        return None
    response: dict[str, Any] = {"response": Filled.of(plan)}
    if plan.monitoring:
        case.do(tighten_monitoring, plan.monitoring, plan.reason)
    if plan.legal_question:
        advice = case.ask(LEGAL_CONSULTATION, **response, **shown)
        response["advice"] = Filled.of(advice.form)
    suit = take_to_court(case, {**response, **shown}) if plan.legal_action else None
    if plan.inform:
        told = case.ask(PARTIES_INFORMED, **response, **shown)
        if told.action == "record":
            case.do(note_contacts, told.filled(PartiesInformed).contacts)
    return suit


def respond(case: CaseRun, ruling: BackgroundRuling, shown: dict[str, Any]) -> ResponsePlan | None:
    """The response, with its suspension approved and in force; a plan returned is made anew, a refused one goes on
    without the suspension."""
    by_matrix = ruling.at_stake >= case.policy.reception.suspension_by_matrix_from
    approval = SUSPENSION.signed_by(ByMatrix()) if by_matrix else SUSPENSION
    returned: dict[str, Any] = {}
    for look in count(1):
        answer = case.ask(RESPONSE.at(look), **returned, **shown)
        if answer.action == "none":
            return None
        plan = answer.filled(ResponsePlan)
        if not plan.suspend:
            return plan
        verdict = case.ask(
            approval.at(look),
            limit=ruling.at_stake if by_matrix else None,
            response=Filled.of(plan),
            **shown,
        )
        if not verdict.returned:
            if verdict.approved:
                case.do(suspend_trading, plan)
            return plan
        returned = {"returned": Filled.of(verdict.form), "prefill": plan.model_dump(mode="json")}
    raise AssertionError("the loop ends by returning")


def take_to_court(case: CaseRun, shown: dict[str, Any]) -> LegalCase | None:
    """R: legal action is prepared with its list of evidence; legal, finance and the vice-president all sign."""
    returned: dict[str, Any] = {}
    for look in count(1):
        answer = case.ask(LEGAL_CASE.at(look), **returned, **shown)
        if answer.action != "submit":
            return None
        suit = answer.filled(LegalCase)
        verdict = case.ask(LEGAL_ACTION.at(look), suit=Filled.of(suit), **shown)
        if verdict.approved:
            case.do(note_legal_action, suit)
            return suit
        if verdict.rejected:
            return None
        returned = {"returned": Filled.of(verdict.form), "prefill": suit.model_dump(mode="json")}
    raise AssertionError("the loop ends by returning")


def plan_the_tracking(case: CaseRun, solution: SolutionProposal | None, shown: dict[str, Any]) -> None:
    """R: what was agreed becomes items with an owner and a date; the plan of payment is offered as such."""
    due = case.do(propose_tracking, solution)
    answer = case.ask(TRACKING_PLAN, prefill={"items": due} if due else {}, **shown)
    if answer.action == "plan":
        case.do(plan_tracking, answer.filled(TrackingPlan).items)


def track_and_close(
    case: CaseRun, team: Team, shown: dict[str, Any], agreed: bool, rounds: int, effects: Effects, major: bool
) -> EffectEvaluation:
    """R: every item is checked on its day; then effect and lessons, and the risk manager closes or has more tracked.

    Months of checks: what a turn did is folded away, so nothing but the tables goes from one turn to the next.
    """
    evaluated_from = case.do(effect_evaluated_from)
    for turn in case.turns("tracking"):
        item = case.do(next_item.at(turn))
        if item is not None:
            case.wait_until(f"item-due#{turn}", item.at)
            check(case, turn, item)
            continue
        case.wait_until(f"effect-due#{turn}", evaluated_from)
        tracked = case.do(tracking_so_far.at(turn))
        evaluation = case.ask(EFFECT.at(turn), tracked=tracked, **shown).filled(EffectEvaluation)
        case.do(keep_result.at(turn), evaluation, agreed, rounds, effects.at_stake, effects.concession, major)
        lessons = case.ask(by_team(LESSONS, team).at(turn), effect=Filled.of(evaluation), tracked=tracked, **shown)
        verdict = case.ask(
            CLOSING.at(turn),
            effect=Filled.of(evaluation),
            lessons=Filled.of(lessons.form),
            tracked=tracked,
            **shown,
        )
        if verdict.approved:
            return evaluation
        case.do(plan_tracking.at(turn), verdict.filled(MoreTracking).items)
    raise AssertionError("the loop ends by returning")


def check(case: CaseRun, turn: int, item: NextItem) -> None:
    """Ask the owner of an item; the risk officers, where the owner did not answer before."""
    step = CHECK_AGAIN if item.missed else CHECK.signed_by(ByPerson(person_id=item.owner_id))
    answer = case.ask(step.at(turn), item=item)
    if answer.unanswered:
        case.do(item_missed.at(turn), item.item_id)
    elif answer.action == "done":
        done = answer.filled(ItemDone)
        case.do(item_done.at(turn), item.item_id, done.done_on, done.result)
    elif answer.action == "adjust":
        adjusted = answer.filled(ItemAdjusted)
        case.do(item_adjusted.at(turn), item.item_id, adjusted.due_on, adjusted.reason)
    else:
        case.do(item_dropped.at(turn), item.item_id, answer.filled(Reasoned).reason)


def why_it_ended(
    outcome: Outcome, suit: LegalCase | None, result: Agreed | NegotiationFailed, evaluation: EffectEvaluation
) -> tuple[Reason, ...]:
    """The ending in one sentence."""
    if outcome is Outcome.LEGAL_ACTION and suit is not None:
        return (because("reception.legal_action", claim=suit.claim, court=suit.court),)
    if outcome is Outcome.SETTLED:
        consensus = result.consensus if isinstance(result, Agreed) else evaluation.resolution
        return (because("reception.settled", consensus=consensus),)
    return (because("reception.not_settled", resolution=evaluation.resolution),)
