"""What an assessment of the work does by itself: measure, sample, keep findings and what became of them (R, B)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlmodel import col, select

from config.languages import N_
from config.words import FindingState
from models.assessment import FindingShown, Reward, Rewards, Sample, WorkReport
from models.forms.assessment import FindingRow, RewardsProposed, SentBack
from models.house import Work
from models.queries.assessment import findings_of, samples, work_report
from models.rules.periods import Half, half, half_of
from models.steps import Signature
from models.tables import AuditFinding, Case, Person, WorkAssessment
from tasks.case_task import effect
from tasks.of_case import policy_of

EVENING = time(18)


@effect("measure-work", N_("Measure the work"))
def measure_work(work: Work, case: Case) -> WorkReport:
    """Every indicator of the half-year against its target (R, B); measured again, it replaces the last report."""
    report = work_report(work.session, work.house, _period(work, case), policy_of(work, case), case.ref)
    kept = _kept(work, case)
    if kept is not None:
        kept.report = report.model_dump(mode="json")
        work.add(kept)
    work.record("assessment.measured", case.ref, period=report.period, without_data=report.without_data)
    return report


@effect("draw-samples", N_("Draw the samples"))
def draw_samples(work: Work, case: Case) -> tuple[Sample, ...]:
    """Minutes, plans and team members of the half-year, drawn by the case's reference (R)."""
    sizes = policy_of(work, case).assessment.samples
    drawn = samples(work.session, work.house, _period(work, case), sizes, case.ref)
    work.record("assessment.sampled", case.ref, samples=len(drawn))
    return drawn


@effect("keep-findings", N_("Keep the findings"))
def keep_findings(work: Work, case: Case, rows: Sequence[FindingRow]) -> int:
    """What internal audit found is to be put right by its owners (R). Findings of later rounds are counted on."""
    before = len(work.session.exec(select(AuditFinding.id).where(AuditFinding.case_ref == case.ref)).all())
    for number, row in enumerate(rows, before + 1):
        work.add(
            AuditFinding(
                case_ref=case.ref,
                number=number,
                sample=row.sample,
                what=row.what,
                department=row.department,
                owner_id=row.owner,
                due_on=row.due_on,
            )
        )
        work.record("assessment.found", case.ref, number=number, what=row.what, owner=row.owner, due_on=row.due_on)
    return len(rows)


@effect("findings", N_("Sum up the findings"))
def findings_now(work: Work, case: Case) -> tuple[FindingShown, ...]:
    """Every finding with what became of it."""
    return findings_of(work.session, case.ref)


@effect("rectification-due", N_("Note until when it is to be rectified"))
def rectification_due(work: Work, case: Case) -> datetime | None:
    """The evening of the latest day by which an open finding is to be put right; none when nothing is open."""
    days = [one.due_on for one in _rows(work, case) if one.state is FindingState.OPEN]
    return datetime.combine(max(days), EVENING, work.house.calendar.zone) if days else None


@effect("note-rectified", N_("Note what was rectified"))
def note_rectified(work: Work, case: Case, reports: Sequence[Signature]) -> int:
    """What each owner reports counts for all of their open findings (R); who kept silent has reported nothing."""
    noted = 0
    by_owner = {(one.person_id): one for one in reports if not one.void}
    by_name = {one.for_name: one for one in reports if one.for_name and not one.void}
    for row in _rows(work, case):
        owner = work.session.get_one(Person, row.owner_id).name
        report = by_owner.get(row.owner_id) or by_name.get(owner)
        if row.state is not FindingState.OPEN or report is None:
            continue
        row.state, row.rectified = FindingState.RECTIFIED, str(report.form["done"])
        row.rectified_on = datetime.fromisoformat(str(report.form["done_on"])).date()
        work.add(row)
        work.record("assessment.rectified", case.ref, number=row.number, owner=row.owner_id)
        noted += 1
    return noted


@effect("judge-rectification", N_("Note what was verified"))
def judge_rectification(work: Work, case: Case, lacking: Sequence[SentBack]) -> int:
    """What is lacking goes back to its owner with a new day; all else that was put right is verified (R).

    Returns how many findings are open again.
    """
    back = {one.number: one for one in lacking}
    for row in _rows(work, case):
        if row.number in back and row.state is not FindingState.VERIFIED:
            row.state, row.due_on = FindingState.OPEN, back[row.number].until
            row.sent_back, row.sent_back_because = row.sent_back + 1, back[row.number].why
            work.record("assessment.sent-back", case.ref, number=row.number, why=row.sent_back_because)
        elif row.state is FindingState.RECTIFIED:
            row.state = FindingState.VERIFIED
            work.record("assessment.verified", case.ref, number=row.number)
        work.add(row)
    return sum(row.state is FindingState.OPEN for row in _rows(work, case))


@effect("note-proposals", N_("Note awards and sanctions"))
def note_proposals(work: Work, case: Case, given: RewardsProposed, by: Signature) -> Rewards:
    """What is proposed, with the names of those it is for (R, B)."""
    rewards = tuple(
        Reward(
            kind=one.kind,
            person_id=one.person,
            person=work.session.get_one(Person, one.person).name,
            what=one.what,
            reason=one.reason,
        )
        for one in given.rewards
    )
    work.record("assessment.proposed", case.ref, rewards=len(rewards))
    return Rewards(proposed_by=by.name, rewards=rewards)


@effect("note-decision", N_("Note the decision on awards and sanctions"))
def note_decision(work: Work, case: Case, rewards: Rewards, approved: bool) -> Rewards:
    """Approved or refused, the proposals stay on record (R, B)."""
    decided = rewards.model_copy(update={"approved": approved})
    work.record(
        "assessment.rewards-approved" if approved else "assessment.rewards-refused",
        case.ref,
        rewards=[{"kind": one.kind, "person": one.person_id, "what": one.what} for one in rewards.rewards],
    )
    return decided


@effect("note-assessment-signed", N_("Note the sign-off"))
def note_signed(work: Work, case: Case, by: str) -> None:
    """The assessment stands from here on."""
    kept = _kept(work, case)
    if kept is not None:
        kept.signed_off_at = work.now
        work.add(kept)
    work.record("assessment.signed-off", case.ref, by=by)


def _rows(work: Work, case: Case) -> Sequence[AuditFinding]:
    rows = select(AuditFinding).where(AuditFinding.case_ref == case.ref)
    return work.session.exec(rows.order_by(col(AuditFinding.number))).all()


def _kept(work: Work, case: Case) -> WorkAssessment | None:
    return work.session.exec(select(WorkAssessment).where(WorkAssessment.case_ref == case.ref)).first()


def _period(work: Work, case: Case) -> Half:
    return half(str(case.input["period"])) or half_of(work.house.calendar.day_of(work.now)).before
