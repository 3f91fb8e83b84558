"""Credit repair 信用修复 (B): how a listed customer comes off the list again."""

from __future__ import annotations

from itertools import count
from typing import Any

from config.words import Outcome
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from flows.repair_steps import (
    APPEAL,
    APPEAL_DECISION,
    BACKGROUND_CHECK,
    COUNTERSIGN,
    HEAD_DECISION,
    PAPERS_CHECK,
    REPAIR_REVIEW,
    REPAIR_VISIT,
    SUPPLY_PAPERS,
)
from models.forms.common import ReturnForm
from models.forms.onboarding import SiteVisitReport
from models.forms.repair import (
    Appeal,
    BackgroundOrder,
    BackgroundReport,
    MorePapers,
    PapersChecked,
    RepairApproval,
    RepairRefusal,
    RepairReview,
    RepairVisitOrder,
    SuppliedPapers,
)
from models.messages import RepairResult
from models.operations.repair import APPEALED, PAPERS_SUPPLIED, RELAPSE
from models.processes import REPAIR
from models.rules.reasons import Reason, because
from models.standing import RepairShown
from models.steps import Answer
from tasks.onboarding import customer_facts
from tasks.repair import (
    applied_from_outside,
    ask_applicant,
    check_eligibility,
    close_appeal,
    close_papers_link,
    end_of,
    gather_appeal,
    gather_application,
    list_again,
    open_appeal,
    pass_probation,
    restore_credit,
    take_over_appeal,
    take_over_papers,
    tell_applicant,
)
from tasks.standing import customer_standing


@case_flow(REPAIR)
def credit_repair(case: CaseRun) -> Outcome:
    """Take a customer off the grey or black list again, or refuse to.

    Started by a handler, or by the customer through a link. The conditions are checked one by one; the handler checks
    the papers, risk reviews (after a visit or a background check where needed), risk, legal and finance all sign, the
    head of department decides. Granted: delisted, regraded, on probation; a relapse re-opens the listing. Refused: the
    measures go on, and the vice-president decides an appeal. A relapse on the way has the conditions checked anew.

    Ends repaired, listed again, refused, withdrawn, or lapsed.
    """
    findings: dict[str, Any] = {}
    back_to = PAPERS_CHECK.name
    for look in count(1):
        repair = case.do(check_eligibility.at(look))
        if not repair.eligibility.met:
            case.do(tell_applicant, RepairResult.REFUSED, repair.eligibility.unmet)
            return case.close(Outcome.REFUSED, *repair.eligibility.unmet)
        verdict = considered(case, look, repair, back_to, findings)
        if verdict.approved:
            return restored(case, verdict)
        if verdict.rejected:
            return refused(case, repair, verdict)
        # Returned, or overtaken by a relapse: the papers are not checked twice unless they are what is wanted.
        if verdict.returned:
            back_to = verdict.filled(ReturnForm).target
        elif not verdict.key.startswith((PAPERS_CHECK.name, SUPPLY_PAPERS.name)):
            back_to = REPAIR_REVIEW.name
    raise AssertionError("the loop ends by returning")


def considered(case: CaseRun, look: int, repair: RepairShown, back_to: str, findings: dict[str, Any]) -> Answer:
    """B: papers, review, three countersignatures, the head's decision. The answer that ended it, wherever that was."""
    shows: dict[str, Any] = {
        "repair": repair,
        "customer": case.do(customer_facts.at(look)),
        "standing": case.do(customer_standing.at(look)),
    }
    if back_to == PAPERS_CHECK.name:
        checked = papers_checked(case, look, shows)
        if checked.overtaken:
            return checked
    shows["application"] = case.do(gather_application.named("application-to-review", look))
    reviewed = risk_reviews(case, look, shows, findings)
    if reviewed.overtaken:
        return reviewed
    review = reviewed.filled(RepairReview)
    shows = {**shows, **findings, "repair_review": review}
    signed = case.ask(COUNTERSIGN.at(look), **shows)
    if not signed.approved:
        return signed
    return case.ask(HEAD_DECISION.at(look), **shows, prefill={"grade": review.grade})


def papers_checked(case: CaseRun, look: int, shows: dict[str, Any]) -> Answer:
    """The handler checks the papers, asking the applicant for more until they are complete."""
    for asking in count(1):
        turn = f"{look}.{asking}"
        application = case.do(gather_application.at(turn))
        answer = case.ask(PAPERS_CHECK.at(turn), application=application, **shows)
        if answer.overtaken:
            return answer
        if answer.action == "complete":
            case.do(take_over_papers.named("papers-complete", turn), answer.filled(PapersChecked))
            return answer
        supplied = further_papers(case, turn, answer.filled(MorePapers), shows)
        if supplied is not None and supplied.overtaken:
            return supplied
    raise AssertionError("the loop ends by returning")


def further_papers(case: CaseRun, turn: str, wanted: MorePapers, shows: dict[str, Any]) -> Answer | None:
    """From the applicant through a link, or from the handler who applied for them."""
    until = case.do(ask_applicant.at(turn), wanted.request, turn)
    if until is not None:
        if case.wait_for(f"papers#{turn}", PAPERS_SUPPLIED, until).timed_out:
            case.do(close_papers_link.at(turn))
        return None
    answer = case.ask(SUPPLY_PAPERS.at(turn), inquiry={"question": wanted.request}, customer=shows["customer"])
    if not answer.overtaken:
        case.do(take_over_papers.at(turn), answer.filled(SuppliedPapers))
    return answer


def risk_reviews(case: CaseRun, look: int, shows: dict[str, Any], findings: dict[str, Any]) -> Answer:
    """B: risk files its review, after as many visits and background checks as it needs; they go to ``findings``."""
    for inquiry in count(1):
        turn = f"{look}.{inquiry}"
        answer = case.ask(REPAIR_REVIEW.at(turn), **shows, **findings, prefill={"grade": shows["repair"].best_grade})
        if answer.overtaken or answer.action == "review":
            return answer
        if answer.action == "visit":
            order = answer.filled(RepairVisitOrder)
            report = case.ask(REPAIR_VISIT.at(turn), order=order, customer=shows["customer"])
            if not report.overtaken:
                findings["visit"] = report.filled(SiteVisitReport)
        else:
            order_given = answer.filled(BackgroundOrder)
            report = case.ask(BACKGROUND_CHECK.at(turn), background_order=order_given, customer=shows["customer"])
            if not report.overtaken:
                findings["background_check"] = report.filled(BackgroundReport)
        if report.overtaken:
            return report
    raise AssertionError("the loop ends by returning")


def refused(case: CaseRun, repair: RepairShown, verdict: Answer) -> Outcome:
    """B: the measures go on, with reasons; the vice-president decides an appeal, as often as policy allows one."""
    why = refusal_of(verdict, "repair.refused")
    told = verdict.filled(RepairRefusal).reason
    case.do(tell_applicant.named("tell-refused", 1), RepairResult.REFUSED, (), told)
    for number in range(1, case.policy.listing.repair.appeals + 1):
        if not appealed(case, number, why, told):
            break
        verdict = appeal_decided(case, number, why)
        if verdict.approved:
            return restored(case, verdict)
        why = refusal_of(verdict, "repair.appeal_refused")
        told = verdict.filled(RepairRefusal).reason
        case.do(tell_applicant.named("tell-appeal-refused", number), RepairResult.APPEAL_REFUSED, (), told)
    return case.close(Outcome.REFUSED, why)


def refusal_of(verdict: Answer, code: str) -> Reason:
    """Who refused, and why."""
    return because(code, name=verdict.signatures[-1].name, reason=verdict.filled(RepairRefusal).reason)


def appealed(case: CaseRun, number: int, why: Reason, told: str) -> bool:
    """Whether the refusal is appealed in time: by whoever applied from outside, else by the handler."""
    until = case.do(open_appeal.at(number), told, number)
    if case.do(applied_from_outside.at(number)):
        made = not case.wait_for(f"appeal#{number}", APPEALED, until).timed_out
    else:
        customer = case.do(customer_facts.named("facts-for-appeal", number))
        answer = case.ask(APPEAL.at(number), refusal=why, customer=customer, due_at=until, expires_at=until)
        made = not answer.unanswered and answer.action == "appeal"
        if made:
            case.do(take_over_appeal.at(number), answer.filled(Appeal))
    if not made:
        case.do(close_appeal.at(number))
    return made


def appeal_decided(case: CaseRun, number: int, why: Reason) -> Answer:
    """The vice-president decides; a relapse meanwhile is shown before anybody signs."""
    for look in count(1):
        turn = f"{number}.{look}"
        repair = case.do(check_eligibility.named("conditions-at-appeal", turn))
        verdict = case.ask(
            APPEAL_DECISION.at(turn),
            refusal=why,
            appeal=case.do(gather_appeal.at(turn)),
            application=case.do(gather_application.named("application-at-appeal", turn)),
            repair=repair,
            customer=case.do(customer_facts.named("facts-at-appeal", turn)),
            standing=case.do(customer_standing.named("standing-at-appeal", turn)),
            prefill={"grade": repair.best_grade},
        )
        if not verdict.overtaken:
            return verdict
    raise AssertionError("the loop ends by returning")


def restored(case: CaseRun, verdict: Answer) -> Outcome:
    """B: off the list, regraded, under probation; a relapse re-opens the listing by the same criterion."""
    grade = verdict.filled(RepairApproval).grade
    last_day = case.do(restore_credit, grade)
    case.do(tell_applicant.named("tell-approved", 1), RepairResult.APPROVED, (), "", last_day)
    approved = because("repair.approved", name=verdict.signatures[-1].name, grade=grade)
    waited = case.wait_for("probation", RELAPSE, case.do(end_of, last_day))
    if waited.timed_out:
        case.do(pass_probation)
        case.do(tell_applicant.named("tell-passed", 1), RepairResult.PASSED)
        passed = because("repair.probation_passed", until=last_day.isoformat())
        return case.close(Outcome.REPAIRED, approved, passed)
    ref, why = waited.payload.get("ref"), str(waited.payload.get("why", ""))
    case.do(list_again, why)
    relapse = because("repair.relapsed_collections", ref=ref) if ref else because("repair.relapsed", why=why)
    case.do(tell_applicant.named("tell-relisted", 1), RepairResult.RELISTED)
    return case.close(Outcome.RELISTED, approved, relapse)
