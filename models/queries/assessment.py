"""The work of a half-year measured, and what internal audit samples of it (R, B)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import case as choose
from sqlalchemy import func
from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Policy
from config.policy.assessment import SampleSizes
from config.words import Department, SampleKind, SampleSeen, SignerState, TrackingState
from models.assessment import DepartmentLine, FindingShown, Sample, WorkReport
from models.errors import NotFound
from models.evaluation import Indicator
from models.house import House
from models.minutes import KIND as MINUTES_KIND
from models.processes import ASSESSMENT
from models.queries.evaluation_work import Span, measured, weighed
from models.queries.qualifications import unqualified
from models.queries.rights import case_seen_by
from models.rules.migration import percent
from models.rules.periods import Half
from models.tables import (
    AuditFinding,
    Case,
    Evaluation,
    Paper,
    PaperSignature,
    Person,
    Signer,
    Step,
    TeamMember,
    TrackingItem,
    WorkAssessment,
)


def assessment_seen_by(session: Session, person: Person, ref: str) -> tuple[Case, WorkAssessment | None]:
    """The assessment's case called ``ref``, and what is kept of it (another case may have taken its period over).

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    case = case_seen_by(session, person, ref)
    if case.process != ASSESSMENT.name:
        raise NotFound(N_("There is no such page."))
    return case, session.exec(select(WorkAssessment).where(WorkAssessment.case_ref == ref)).first()


def work_report_of(kept: WorkAssessment | None) -> WorkReport | None:
    """The report as it was measured last; none before the first."""
    return WorkReport.model_validate(kept.report) if kept and kept.report else None


def work_report(session: Session, house: House, period: Half, policy: Policy, ref: str) -> WorkReport:
    """Every indicator of ``period`` against its target, for the company and for each department."""
    span = span_of_half(house, period)
    quarters = [str(one) for one in period.quarters]
    evaluated = select(Evaluation.case_ref).where(
        col(Evaluation.period).in_(quarters), col(Evaluation.signed_off_at).is_not(None)
    )
    latest = session.exec(evaluated.order_by(col(Evaluation.period).desc())).first() or ""
    indicators = measured(session, latest, span, policy)
    answered = _answered(session, span)
    return WorkReport(
        period=str(period),
        first=period.first,
        last=period.last,
        indicators=indicators,
        met=tuple(one.met for one in indicators),
        departments=tuple(_line(one, indicators, answered.get(one, (0, 0))) for one in Department),
        score=weighed(indicators),
        without_data=sum(one.value is None for one in indicators),
        address=f"/cases/{ref}/assessment",
    )


def span_of_half(house: House, period: Half) -> Span:
    """The half-year on the company's clock."""
    zone = house.calendar.zone
    begins = datetime.combine(period.first, time.min, zone)
    return Span(period.first, period.last, begins, datetime.combine(period.last + timedelta(days=1), time.min, zone))


def _line(department: Department, indicators: Sequence[Indicator], answered: tuple[int, int]) -> DepartmentLine:
    own = [one for one in indicators if department in one.departments]
    number, in_time = answered
    return DepartmentLine(
        department=department,
        indicators=tuple(one.name for one in own),
        with_data=sum(one.met is not None for one in own),
        met=sum(bool(one.met) for one in own),
        score=weighed(own),
        answered=number,
        in_time_percent=percent(in_time, number),
    )


def _answered(session: Session, span: Span) -> dict[Department, tuple[int, int]]:
    """Steps answered within the period by the people of each department: all, and those in time."""
    in_time = choose((col(Signer.signed_at) <= col(Step.due_at), 1), else_=0)
    counted = (
        select(Person.department, func.count(), func.sum(in_time))
        .select_from(Signer)
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.state == SignerState.SIGNED)
        .where(col(Signer.signed_at) >= span.begins, col(Signer.signed_at) < span.ends)
        .group_by(col(Person.department))
    )
    return {Department(one): (number, punctual or 0) for one, number, punctual in session.exec(counted)}


# -- samples ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawn:
    """Something that may be sampled: what it is drawn by, and what it is shown as."""

    key: str
    ref: str
    subject: str
    seen: SampleSeen


def samples(session: Session, house: House, period: Half, sizes: SampleSizes, seed: str) -> tuple[Sample, ...]:
    """What internal audit looks at: drawn by ``seed``, so the same however often it is drawn."""
    span = span_of_half(house, period)
    drawn = [
        *((SampleKind.MINUTES, one) for one in draw(_minutes(session, span), sizes.minutes, seed)),
        *((SampleKind.PLAN, one) for one in draw(_plans(session, span), sizes.plans, seed)),
        *(
            (SampleKind.CONFIDENTIALITY, one)
            for one in draw(_members(session, house, span), sizes.confidentiality, seed)
        ),
    ]
    return tuple(
        Sample(number=number, kind=kind, ref=one.ref, subject=one.subject, seen=one.seen)
        for number, (kind, one) in enumerate(drawn, 1)
    )


def draw(population: Sequence[_Drawn], size: int, seed: str) -> list[_Drawn]:
    """``size`` of them, as good as at random and always the same for one ``seed``: by the hash of seed and key."""

    def lot(one: _Drawn) -> str:
        return hashlib.sha256(f"{seed}:{one.key}".encode()).hexdigest()

    return sorted(sorted(population, key=lot)[:size], key=lambda one: one.key)


def _minutes(session: Session, span: Span) -> list[_Drawn]:
    """The minutes in force that were written within the period; whether the client signed them."""
    signed = select(PaperSignature.id).where(
        PaperSignature.paper_id == Paper.id, col(PaperSignature.outside_id).is_not(None)
    )
    written = (
        select(Paper.case_ref, Case.title, signed.exists())
        .join(Case, col(Case.ref) == Paper.case_ref)
        .where(Paper.kind == MINUTES_KIND, col(Paper.superseded).is_(False))
        .where(col(Paper.made_at) >= span.begins, col(Paper.made_at) < span.ends)
    )
    return [
        _Drawn(ref, ref, title, SampleSeen.SIGNED if by_client else SampleSeen.UNSIGNED)
        for ref, title, by_client in session.exec(written)
    ]


def _plans(session: Session, span: Span) -> list[_Drawn]:
    """Tracking plans with items due within the period; whether they are settled."""
    open_still = choose((col(TrackingItem.state) == TrackingState.OPEN, 1), else_=0)
    past = choose(
        ((col(TrackingItem.state) == TrackingState.OPEN) & (col(TrackingItem.due_on) < span.last), 1), else_=0
    )
    planned = (
        select(TrackingItem.case_ref, Case.title, func.sum(open_still), func.sum(past))
        .join(Case, col(Case.ref) == TrackingItem.case_ref)
        .where(col(TrackingItem.due_on).between(span.first, span.last))
        .group_by(col(TrackingItem.case_ref), col(Case.title))
    )
    return [
        _Drawn(
            ref,
            ref,
            title,
            SampleSeen.PAST if late else SampleSeen.ON_TIME if still_open else SampleSeen.SETTLED,
        )
        for ref, title, still_open, late in session.exec(planned)
    ]


def _members(session: Session, house: House, span: Span) -> list[_Drawn]:
    """Members of teams who joined within the period; whether agreement and training were valid on that day."""
    joined = (
        select(TeamMember.case_ref, TeamMember.person_id, TeamMember.accepted_at, Person.name)
        .join(Person, col(Person.id) == TeamMember.person_id)
        .where(col(TeamMember.accepted_at) >= span.begins, col(TeamMember.accepted_at) < span.ends)
    )
    rows = [(ref, who, house.calendar.day_of(at), name) for ref, who, at, name in session.exec(joined) if at]
    lacking: dict[date, set[str]] = {}
    for on in {on for _, _, on, _ in rows}:
        there = [who for _, who, day, _ in rows if day == on]
        lacking[on] = set(unqualified(session, there, on))
    return [
        _Drawn(f"{ref}:{who}", ref, name, SampleSeen.LACKED if who in lacking[on] else SampleSeen.HELD)
        for ref, who, on, name in rows
    ]


# -- findings ---------------------------------------------------------------------------------------------------------


def findings_of(session: Session, ref: str) -> tuple[FindingShown, ...]:
    """Every finding of an assessment, by its number."""
    rows = session.exec(
        select(AuditFinding, Person.name)
        .join(Person, col(Person.id) == AuditFinding.owner_id)
        .where(AuditFinding.case_ref == ref)
        .order_by(col(AuditFinding.number))
    )
    return tuple(
        FindingShown(**row.model_dump(include=set(FindingShown.model_fields) - {"owner"}), owner=name)
        for row, name in rows
    )
