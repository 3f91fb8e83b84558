"""What the risk archive of a customer holds beside the customer itself: how it was rated, limited, warned of, looked
after and looked at, and the papers (C, X). Each part is filled only where it is open to the reader."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from config.words import (
    Change,
    CreditGrade,
    CustomerClass,
    Department,
    ListingCriterion,
    ListingKind,
    NominationState,
    RiskLevel,
    Security,
)
from models.operations.looks import Looked
from models.queries.archive_parts import Part
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.rights import visible_to
from models.queries.shown import Read
from models.tables import (
    Assessment,
    Attachment,
    Case,
    CreditLine,
    Customer,
    Document,
    Evaluation,
    EvaluationRow,
    Look,
    Nomination,
    Paper,
    Person,
    RiskWarning,
    Routine,
)


class LineOnFile(Read):
    """A credit line, in force or over; ``ended_at`` is empty while it is in force. Amounts in yuan."""

    limit: Decimal
    term_days: int
    securities: tuple[Security, ...]
    note: str
    recorded_by: str | None
    since: datetime
    ended_at: datetime | None
    case_ref: str | None


class AssessmentOnFile(Read):
    """One assessment: ``score`` in points, 0–100; none where an old record has no total."""

    score: int | None
    credit_grade: CreditGrade
    risk_level: RiskLevel
    customer_class: CustomerClass
    made_at: datetime
    case_ref: str


class WarningOnFile(Read):
    """A warning that was issued to departments; ``reason`` is ``score``, ``listed``, or what an officer wrote."""

    risk_level: RiskLevel
    departments: tuple[Department, ...]
    reason: str
    issued_at: datetime
    case_ref: str


class NominationOnFile(Read):
    """Somebody asked for the customer to be listed, and what came of it."""

    kind: ListingKind
    criterion: ListingCriterion
    reason: str
    state: NominationState
    raised_at: datetime
    case_ref: str | None


class RoutineOnFile(Read):
    """A recurring duty: what, how often, and when next."""

    duty: str
    every: str
    next_on: date
    case_ref: str | None


class DocumentOnFile(Read):
    """A paper that was handed in, and where its original is filed."""

    kind: str
    reference: str
    received_at: datetime
    case_ref: str


class PaperOnFile(Read):
    """A paper that was written."""

    id: int
    title: str
    number: str
    version: int
    made_at: datetime
    case_ref: str


class FileOnFile(Read):
    """A file that was attached. ``size`` in bytes."""

    id: int
    name: str
    size: int
    at: datetime
    case_ref: str


class LookOnFile(Read):
    """Somebody looked: at what, when, and why where a reason is asked for."""

    person_id: str
    person: str
    what: Looked
    reason: str
    at: datetime


class LookPage(Read):
    """A page of looks, the latest first."""

    items: tuple[LookOnFile, ...] = ()
    next_cursor: str | None = None


class Archive(Read):
    """The parts of one customer's archive that are open to the reader, the newest first in each; ``more`` names those
    of which only the newest are here. ``open_refs`` are the cases the reader may open."""

    parts: frozenset[Part]
    lines: tuple[LineOnFile, ...] = ()
    assessments: tuple[AssessmentOnFile, ...] = ()
    warnings: tuple[WarningOnFile, ...] = ()
    nominations: tuple[NominationOnFile, ...] = ()
    routines: tuple[RoutineOnFile, ...] = ()
    documents: tuple[DocumentOnFile, ...] = ()
    papers: tuple[PaperOnFile, ...] = ()
    files: tuple[FileOnFile, ...] = ()
    looks: LookPage = LookPage()
    open_refs: frozenset[str] = frozenset()


def archive_of(
    session: Session,
    customer: Customer,
    viewer: Person,
    parts: frozenset[Part],
    *,
    limit: int,
    also: Iterable[str | None] = (),
) -> Archive:
    """The archive of ``customer``, at most ``limit`` of each kind. ``also`` are cases that the page names besides."""
    number = customer.id or 0
    filled: dict[str, tuple[Read, ...]] = {}
    if Part.CREDIT in parts:
        filled["lines"] = _lines(session, number, limit)
    if Part.ASSESSMENTS in parts:
        filled["assessments"] = _assessments(session, number, limit)
    if Part.WARNINGS in parts:
        filled["warnings"] = _warnings(session, number, limit)
    if Part.STANDING in parts:
        filled["nominations"] = _nominations(session, number, limit)
    if Part.ROUTINES in parts:
        filled["routines"] = _routines(session, number)
    if Part.PAPERS in parts:
        filled["documents"] = _documents(session, number, viewer, limit)
        filled["papers"] = _papers(session, number, viewer, limit)
        filled["files"] = _files(session, number, viewer, limit)
    looks_shown = looks(session, number, limit=limit) if Part.LOOKS in parts else LookPage()
    named = {getattr(one, "case_ref", None) for some in filled.values() for one in some} | set(also)
    return Archive(parts=parts, looks=looks_shown, open_refs=_openable(session, viewer, named), **filled)


def _openable(session: Session, viewer: Person, refs: Iterable[str | None]) -> frozenset[str]:
    """Those of ``refs`` that ``viewer`` may open: a case one may not open is named, but leads nowhere."""
    wanted = [ref for ref in refs if ref]
    if not wanted:
        return frozenset()
    return frozenset(session.exec(select(Case.ref).where(col(Case.ref).in_(wanted), visible_to(viewer))))


def _lines(session: Session, customer_id: int, limit: int) -> tuple[LineOnFile, ...]:
    statement = (
        select(CreditLine, Person.name)
        .join(Person, col(Person.id) == CreditLine.recorded_by, isouter=True)
        .where(CreditLine.customer_id == customer_id)
        .order_by(col(CreditLine.effective_from).desc(), col(CreditLine.id).desc())
        .limit(limit)
    )
    return tuple(
        LineOnFile(
            limit=line.limit,
            term_days=line.term_days,
            securities=tuple(Security(one) for one in line.securities),
            note=line.note,
            recorded_by=by,
            since=line.effective_from,
            ended_at=line.ended_at,
            case_ref=line.case_ref,
        )
        for line, by in session.exec(statement)
    )


def _assessments(session: Session, customer_id: int, limit: int) -> tuple[AssessmentOnFile, ...]:
    """Those that set a rating, and the evaluations that confirmed it: of these the row of the evaluation is kept."""
    theirs = select(Assessment).where(Assessment.customer_id == customer_id)
    rows = session.exec(theirs.order_by(col(Assessment.made_at).desc(), col(Assessment.id).desc()).limit(limit))
    made = [
        AssessmentOnFile(score=_points(one), **one.model_dump(include=set(AssessmentOnFile.model_fields) - {"score"}))
        for one in rows
    ]
    confirmed = (
        select(EvaluationRow, Evaluation.signed_off_at)
        .join(Evaluation, col(Evaluation.case_ref) == EvaluationRow.case_ref)
        .where(EvaluationRow.customer_id == customer_id, col(Evaluation.signed_off_at).is_not(None))
        .where(EvaluationRow.change == Change.SAME)
        .order_by(col(EvaluationRow.id).desc())
        .limit(limit)
    )
    made += [
        AssessmentOnFile(
            score=row.points,
            credit_grade=row.new_grade,
            risk_level=row.new_level,
            customer_class=row.new_class,
            made_at=at,
            case_ref=row.case_ref,
        )
        for row, at in session.exec(confirmed)
        if at is not None
    ]
    return tuple(sorted(made, key=lambda one: one.made_at, reverse=True)[:limit])


def _points(one: Assessment) -> int | None:
    total = one.score.get("total")
    return total if isinstance(total, int) else None


def _warnings(session: Session, customer_id: int, limit: int) -> tuple[WarningOnFile, ...]:
    theirs = select(RiskWarning).where(RiskWarning.customer_id == customer_id)
    rows = session.exec(theirs.order_by(col(RiskWarning.id).desc()).limit(limit))
    return tuple(
        WarningOnFile(
            risk_level=one.risk_level,
            departments=tuple(Department(name) for name in one.departments),
            reason=one.reason,
            issued_at=one.issued_at,
            case_ref=one.case_ref,
        )
        for one in rows
    )


def _nominations(session: Session, customer_id: int, limit: int) -> tuple[NominationOnFile, ...]:
    theirs = select(Nomination).where(Nomination.customer_id == customer_id)
    rows = session.exec(theirs.order_by(col(Nomination.id).desc()).limit(limit))
    return tuple(
        NominationOnFile(
            case_ref=one.decided_by or one.raised_by,
            **one.model_dump(include=set(NominationOnFile.model_fields) - {"case_ref"}),
        )
        for one in rows
    )


def _routines(session: Session, customer_id: int) -> tuple[RoutineOnFile, ...]:
    rows = session.exec(select(Routine).where(Routine.customer_id == customer_id).order_by(col(Routine.next_on)))
    return tuple(
        RoutineOnFile(duty=one.duty, every=one.every, next_on=one.next_on, case_ref=one.set_by) for one in rows
    )


def _documents(session: Session, customer_id: int, viewer: Person, limit: int) -> tuple[DocumentOnFile, ...]:
    statement = select(Document).join(Case, col(Case.ref) == Document.case_ref)
    rows = session.exec(
        statement.where(Case.customer_id == customer_id, visible_to(viewer))
        .order_by(col(Document.received_at).desc(), col(Document.id).desc())
        .limit(limit)
    )
    return tuple(DocumentOnFile(**one.model_dump(include=set(DocumentOnFile.model_fields))) for one in rows)


def _papers(session: Session, customer_id: int, viewer: Person, limit: int) -> tuple[PaperOnFile, ...]:
    statement = select(Paper).join(Case, col(Case.ref) == Paper.case_ref)
    rows = session.exec(
        statement.where(Case.customer_id == customer_id, col(Paper.superseded).is_(False), visible_to(viewer))
        .order_by(col(Paper.id).desc())
        .limit(limit)
    )
    return tuple(
        PaperOnFile(
            id=one.id or 0,
            title=str(one.content.get("title", one.kind)),
            number=one.number,
            version=one.version,
            made_at=one.made_at,
            case_ref=one.case_ref,
        )
        for one in rows
    )


def _files(session: Session, customer_id: int, viewer: Person, limit: int) -> tuple[FileOnFile, ...]:
    statement = select(Attachment).join(Case, col(Case.ref) == Attachment.case_ref)
    rows = session.exec(
        statement.where(Case.customer_id == customer_id, visible_to(viewer))
        .order_by(col(Attachment.id).desc())
        .limit(limit)
    )
    return tuple(FileOnFile(**one.model_dump(include=set(FileOnFile.model_fields))) for one in rows)


def looks(session: Session, customer_id: int, *, limit: int = 50, cursor: str | None = None) -> LookPage:
    """Who looked at a customer, the latest first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = (
        select(Look, Person.name)
        .join(Person, col(Person.id) == Look.person_id)
        .where(Look.customer_id == customer_id)
        .order_by(col(Look.at).desc(), col(Look.id).desc())
        .limit(limit + 1)
    )
    if cursor:
        at, key = read_cursor(cursor)
        number = number_of(key)
        statement = statement.where((col(Look.at) < at) | ((col(Look.at) == at) & (col(Look.id) < number)))
    rows = session.exec(statement).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return LookPage(
        items=tuple(
            LookOnFile(person_id=one.person_id, person=name, what=Looked(one.what), reason=one.reason, at=one.at)
            for one, name in rows[:limit]
        ),
        next_cursor=write_cursor(last.at, last.id or 0) if last else None,
    )
