"""A reviewer's exceptions: one customer, one grade, one reason, each on record, only while the review asks for them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CreditGrade, SignerState, StepState
from models.audit import digest
from models.errors import AlreadyClosed, Invalid, NotFound, Problem
from models.house import Work
from models.operations.asking import hash_content
from models.operations.journal import lock_case
from models.queries.evaluation_summary import changes_of
from models.rights import Right, not_held
from models.rules.credit import NOTHING
from models.rules.migration import Standing
from models.rules.portfolio import Flag, Position, evaluate, within_grade
from models.tables import Case, Customer, EvaluationRow, Person, Signer, Step

REVIEW_STEP = "evaluation-review"
"""The name of the step in which exceptions are made."""


def set_exception(
    work: Work, case_ref: str, customer_id: int, grade: CreditGrade, reason: str, by: Person
) -> EvaluationRow:
    """Let ``grade`` stand for a customer, whatever the figures say. Level, class and line follow from it.

    What everybody asked sees changes with it: a page opened before has to be read again.

    Raises:
        NotFound: the customer is not part of this evaluation.
        NotAllowed: ``by`` is not asked to review it.
        AlreadyClosed: the review is not open (any more).
        Invalid: no reason, or it is the grade that the figures give.
    """
    row, step = _open_to(work, case_ref, customer_id, by)
    credit = work.house.policy_of(work.session, work.session.get_one(Case, case_ref).policy_version).credit
    points = within_grade(row.points, grade, credit)
    if not reason.strip():
        raise Invalid(N_("Please say why."), [Problem("reason", N_("This field is needed."))])
    if points == row.points:
        told = N_("The figures give this grade: no exception is needed.")
        raise Invalid(told, [Problem("grade", told)])
    before = row.new_grade
    _rate(work, row, points)
    row.exception, row.exception_reason, row.exception_by = grade, reason.strip(), by.id
    _show_anew(work, step)
    work.record(
        "evaluation.exception",
        case_ref,
        customer=customer_id,
        before=before,
        grade=grade,
        points=row.points,
        reason=reason.strip(),
    )
    return row


def drop_exception(work: Work, case_ref: str, customer_id: int, by: Person) -> EvaluationRow:
    """Let what the figures give stand again.

    Raises:
        NotFound, NotAllowed, AlreadyClosed: as ``set_exception``; NotFound also if there is no exception.
    """
    row, step = _open_to(work, case_ref, customer_id, by)
    if row.exception is None:
        raise NotFound(N_("There is no exception for this customer."))
    dropped = row.exception
    _rate(work, row, row.points)
    row.exception, row.exception_reason, row.exception_by = None, "", None
    _show_anew(work, step)
    work.record("evaluation.exception-dropped", case_ref, customer=customer_id, dropped=dropped, grade=row.new_grade)
    return row


def review_open_to(session: Session, case_ref: str, person_id: str) -> Step | None:
    """The open review, if this person is asked to answer it."""
    statement = (
        select(Step)
        .join(Signer, col(Signer.step_id) == Step.id)
        .where(Step.case_ref == case_ref, Step.name == REVIEW_STEP, Step.state == StepState.OPEN)
        .where(Signer.person_id == person_id, Signer.state == SignerState.ASKED)
    )
    return session.exec(statement).first()


def _open_to(work: Work, case_ref: str, customer_id: int, by: Person) -> tuple[EvaluationRow, Step]:
    lock_case(work, case_ref)
    mine = select(EvaluationRow).where(EvaluationRow.case_ref == case_ref, EvaluationRow.customer_id == customer_id)
    row = work.session.exec(mine).first()
    if row is None:
        raise NotFound(N_("This customer is not part of the evaluation."))
    step = review_open_to(work.session, case_ref, by.id)
    if step is not None:
        return row, step
    open_at_all = select(Step.id).where(
        Step.case_ref == case_ref, Step.name == REVIEW_STEP, Step.state == StepState.OPEN
    )
    if work.session.exec(open_at_all).first() is None:
        raise AlreadyClosed(N_("The review is not open: exceptions are made while it is.")).note(
            "evaluation.exception-late", case_ref, customer=customer_id, person=by.id
        )
    raise not_held(Right.EXCEPT_CHANGE)


def _rate(work: Work, row: EvaluationRow, points: int) -> None:
    """What follows from ``points`` for the row's customer, as the batch would have found it."""
    policy = work.house.policy_of(work.session, work.session.get_one(Case, row.case_ref).policy_version)
    customer = work.session.get_one(Customer, row.customer_id)
    found = evaluate(
        Position(
            points=points,
            old=Standing(row.old_grade, row.old_level, row.old_class),
            listed=Flag.LISTED in row.flags,
            prepays=customer.prepays,
            volume=row.volume,
            exposure=row.exposure,
            overdue=row.overdue,
            trades=row.exposure > NOTHING or Flag.NO_LINE in row.flags,
            limit=row.old_limit,
            term=row.old_term,
        ),
        policy.credit,
        policy.evaluation.limits,
    )
    row.new_grade, row.new_level, row.new_class = found.new  # type: ignore[assignment]
    row.change, row.new_limit, row.new_term, row.flags = found.change, found.limit, found.term, list(found.flags)
    work.add(row)


def _show_anew(work: Work, step: Step) -> None:
    """The review shows what it is about now; whoever opened it before is asked to read it again."""
    work.session.flush()
    changes = changes_of(work.session, step.case_ref)
    step.content = {**step.content, "rating_changes": changes.model_dump(mode="json")}
    step.content_hash = hash_content(step, [])
    work.add(step)
    work.record_system("step.shown-anew", step.case_ref, step=step.key, content=digest(step.content))
