"""Assessment of the work 监督与考核 (R, B): twice a year, how the work was done, and what is put right."""

from __future__ import annotations

from itertools import count
from typing import Any

from config.languages import N_
from config.words import ActionKind, Expiry, FindingState, Mode, Outcome, Role
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from models.assessment import FindingShown, Rewards
from models.forms.assessment import (
    AuditFindings,
    RectificationReport,
    RectificationSentBack,
    RectificationVerified,
    RewardsProposed,
)
from models.forms.common import Commented, Reasoned, ReturnForm
from models.processes import ASSESSMENT
from models.rules.reasons import because
from models.rules.signing import ByPerson, ByRole, Together
from models.steps import Action, HumanStep
from tasks.assessment import (
    draw_samples,
    findings_now,
    judge_rectification,
    keep_findings,
    measure_work,
    note_decision,
    note_proposals,
    note_rectified,
    note_signed,
    rectification_due,
)

_RECORD, _APPROVE = ActionKind.RECORD, ActionKind.APPROVE
AUDIT = HumanStep(
    name="audit-findings",
    title=N_("Audit of the samples"),
    question=N_("Please look at the figures and the samples. What is to be put right, by whom, and until when?"),
    actions=(
        Action(name="findings", kind=_RECORD, label=N_("File the audit findings"), form=AuditFindings),
        Action(name="none", kind=_RECORD, label=N_("Nothing is to be put right"), form=Commented),
    ),
    signers=ByRole(role=Role.AUDITOR),
    by_initiator=True,
)
RECTIFICATION = HumanStep(
    name="rectification",
    title=N_("Rectification"),
    question=N_("Internal audit has found what is to be put right. What have you done about yours?"),
    actions=(Action(name="report", kind=_RECORD, label=N_("Report the rectification"), form=RectificationReport),),
    signers=ByRole(role=Role.RISK_MANAGER),
    by_initiator=True,
    expiry=Expiry.GO_ON,
)
VERIFICATION = HumanStep(
    name="rectification-check",
    title=N_("Check of the rectification"),
    question=N_("Was everything put right?"),
    actions=(
        Action(name="verified", kind=_RECORD, label=N_("All of it is put right"), form=RectificationVerified),
        Action(name="send-back", kind=_RECORD, label=N_("Send some of it back"), form=RectificationSentBack),
    ),
    signers=ByRole(role=Role.AUDITOR),
    by_initiator=True,
)
AWARDS = HumanStep(
    name="awards-and-sanctions",
    title=N_("Awards and sanctions"),
    question=N_("Who is to be rewarded or sanctioned for the work of this half-year?"),
    actions=(
        Action(name="none", kind=_RECORD, label=N_("Nobody"), form=Commented),
        Action(name="propose", kind=_RECORD, label=N_("Put to approval"), form=RewardsProposed),
    ),
    signers=ByRole(role=Role.RISK_MANAGER),
    by_initiator=True,
)
AWARDS_APPROVAL = HumanStep(
    name="awards-approval",
    title=N_("Approval of awards and sanctions"),
    question=N_("Are these awards and sanctions approved?"),
    actions=(
        Action(name="approve", kind=_APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="reject", kind=ActionKind.REJECT, label=N_("Reject"), form=Reasoned),
    ),
    signers=ByRole(role=Role.VICE_PRESIDENT),
    returns_to=("awards-and-sanctions",),
    sensitive=True,
)
SIGN_OFF = HumanStep(
    name="assessment-sign-off",
    title=N_("Sign-off of the assessment"),
    question=N_("Does management sign the assessment of the work?"),
    actions=(
        Action(name="sign-off", kind=_APPROVE, label=N_("Sign off"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
    ),
    signers=ByRole(role=Role.VICE_PRESIDENT),
    returns_to=("audit-findings",),
    sensitive=True,
)


@case_flow(ASSESSMENT)
def work_assessment(case: CaseRun) -> Outcome:
    """Measure the work of a half-year against its targets, have what is wrong put right, and settle who answers for it.

    Started by its schedule, or by operations, audit or the risk manager, for a half-year that is over; one assessment a
    half-year. The indicators are measured; internal audit looks at samples and says what is to be put right; the owners
    report, internal audit verifies; the risk manager proposes awards and sanctions, the vice-president approves them
    and signs the whole, or returns it to internal audit.

    Ends signed off, lapsed, withdrawn, or cancelled.
    """
    for round_number in count(1):
        report = case.do(measure_work.at(round_number))
        shown: dict[str, Any] = {"assessment": report, "samples": case.do(draw_samples.at(round_number))}
        findings = audited(case, round_number, shown)
        if findings:
            shown["findings"] = findings
        rewards = rewarded(case, round_number, shown)
        if rewards is not None:
            shown["rewards"] = rewards
        signed = case.ask(SIGN_OFF.at(round_number), **shown)
        if signed.returned:
            continue
        by = signed.signatures[-1]
        case.do(note_signed, by.person_id)
        decided = len(rewards.rewards) if rewards is not None and rewards.approved else 0
        why = because(
            "assessment.signed_off", period=report.period, findings=len(findings), rewards=decided, name=by.name
        )
        return case.close(Outcome.SIGNED_OFF, why)
    raise AssertionError("the loop ends by returning")


def audited(case: CaseRun, round_number: int, shown: dict[str, Any]) -> tuple[FindingShown, ...]:
    """R: samples are looked at; what is to be put right goes to its owners until internal audit has verified it."""
    answer = case.ask(AUDIT.at(round_number), **shown)
    if answer.action == "findings":
        case.do(keep_findings.at(round_number), answer.filled(AuditFindings).findings)
    for look in count(1):
        turn = f"{round_number}.{look}"
        due = case.do(rectification_due.at(turn))
        findings = case.do(findings_now.at(turn))
        if due is None:
            return findings
        open_still = tuple(one for one in findings if one.state is FindingState.OPEN)
        owners = tuple(dict.fromkeys(one.owner_id for one in open_still))
        everybody = Together(mode=Mode.ALL, parts=tuple(ByPerson(person_id=one) for one in owners))
        reported = case.ask(RECTIFICATION.signed_by(everybody).at(turn), due_at=due, findings=open_still)
        case.do(note_rectified.at(turn), reported.signatures)
        to_check = tuple(
            one
            for one in case.do(findings_now.named("findings-reported", turn))
            if one.state is not FindingState.VERIFIED
        )
        verdict = case.ask(VERIFICATION.at(turn), findings=to_check)
        lacking = verdict.filled(RectificationSentBack).lacking if verdict.action == "send-back" else ()
        case.do(judge_rectification.at(turn), lacking)
    raise AssertionError("the loop ends by returning")


def rewarded(case: CaseRun, round_number: int, shown: dict[str, Any]) -> Rewards | None:
    """R, B: awards and sanctions are proposed and approved; returned, they are proposed anew."""
    for look in count(1):
        turn = f"{round_number}.{look}"
        answer = case.ask(AWARDS.at(turn), **shown)
        if answer.action == "none":
            return None
        by = answer.signatures[-1]
        rewards = case.do(note_proposals.at(turn), answer.filled(RewardsProposed), by)
        verdict = case.ask(AWARDS_APPROVAL.not_by((by.person_id,)).at(turn), rewards=rewards, **shown)
        if not verdict.returned:
            return case.do(note_decision.at(turn), rewards, verdict.approved)
    raise AssertionError("the loop ends by returning")
