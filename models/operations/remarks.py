"""What people say about a step without deciding it: comments, questions, answers, copies 抄送. The deadline goes on."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from config.words import RemarkKind, StepState
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.messages import QuestionAnswered, QuestionAsked, StepCopied, queue
from models.operations.asking import about
from models.operations.journal import lock_case
from models.operations.places import staff
from models.rights import Right, not_held
from models.tables import Case, Copy, Person, Remark, Signer, Step

MAX_TEXT = 4000


def comment(work: Work, step_id: int, text: str) -> Remark:
    """Say something about a step, for everyone who sees it."""
    step, case, by = step_for(work, step_id)
    return _say(work, step, case, by, RemarkKind.COMMENT, text)


def ask_question(work: Work, step_id: int, to: str, text: str) -> Remark:
    """Ask somebody something before one answers a step. They need no place on its route."""
    step, case, by = step_for(work, step_id)
    must_be_open(step)
    asked = staff(work, to)
    if not asked.active or asked.id == by.id:
        problem = Problem("to", N_("There is no such active person."))
        raise Invalid(N_("Please look at the marked fields."), [problem])
    remark = _say(work, step, case, by, RemarkKind.QUESTION, text, to=asked.id)
    message = QuestionAsked(**about(case, step), question_id=remark.id or 0, by=by.name, text=remark.text)
    queue(work, message, asked.id, f"{case.ref}:question:{remark.id}", case_ref=case.ref, step_id=step.id)
    return remark


def answer_question(work: Work, remark_id: int, text: str) -> Remark:
    """Answer a question one was asked, once.

    Raises:
        NotAllowed: it was asked of somebody else.
        Conflict: it was answered already.
    """
    question = work.session.get(Remark, remark_id)
    if question is None or question.kind is not RemarkKind.QUESTION:
        raise NotFound(N_("There is no such question."))
    if question.to_person_id != work.actor.id:
        raise not_held(Right.ANSWER_QUESTION)
    step, case, by = step_for(work, question.step_id)
    if work.session.exec(select(Remark.id).where(Remark.answers == remark_id)).first() is not None:
        raise Conflict(N_("This question was answered already."))
    answer = _say(work, step, case, by, RemarkKind.ANSWER, text, to=question.by_person_id, answers=remark_id)
    message = QuestionAnswered(**about(case, step), by=by.name, text=answer.text)
    key = f"{case.ref}:answer:{answer.id}"
    place = select(Signer.id).where(Signer.step_id == step.id, Signer.person_id == question.by_person_id)
    asker = work.session.exec(place.order_by(col(Signer.id).desc())).first()
    queue(work, message, question.by_person_id, key, case_ref=case.ref, step_id=step.id, signer_id=asker)
    return answer


def copy_to(work: Work, step_id: int, to: str) -> Copy:
    """Let somebody know of a step (抄送). A second copy to the same person is the first."""
    step, case, by = step_for(work, step_id)
    person = staff(work, to)
    if not person.active:
        problem = Problem("to", N_("There is no such active person."))
        raise Invalid(N_("Please look at the marked fields."), [problem])
    known = work.session.exec(select(Copy).where(Copy.step_id == step_id, Copy.person_id == to)).first()
    if known is not None:
        return known
    made = Copy(step_id=step_id, case_ref=case.ref, person_id=to, copied_by=by.id, copied_at=work.now)
    work.add(made)
    message = StepCopied(**about(case, step), by=by.name)
    queue(work, message, to, f"{case.ref}:{step.key}:copied:{to}", case_ref=case.ref, step_id=step.id)
    work.record("step.copied", case.ref, step=step.key, to=to)
    return made


def note_read(work: Work, step_id: int, person_id: str) -> bool:
    """The person a step was copied to has read it. Returns whether this was the first time."""
    made = work.session.exec(select(Copy).where(Copy.step_id == step_id, Copy.person_id == person_id)).first()
    if made is None or made.read_at is not None:
        return False
    made.read_at = work.now
    work.add(made)
    work.record("step.copy-read", made.case_ref, step=step_id)
    return True


def note_all_read(work: Work, person_id: str) -> int:
    """Whatever was copied to somebody counts as read, because they say so. Returns how many they had not opened."""
    unread = select(Copy).where(Copy.person_id == person_id, col(Copy.read_at).is_(None))
    copies = work.session.exec(unread).all()
    for made in copies:
        made.read_at = work.now
        work.add(made)
        work.record("step.copy-read", made.case_ref, step=made.step_id)
    return len(copies)


def note_seen(work: Work, place: Signer, person_id: str) -> None:
    """Whoever holds a place has opened its step: the first time since they were asked is kept."""
    if place.person_id != person_id or place.asked_at is None:
        return
    table = Signer.__table__  # type: ignore[attr-defined]
    unseen = table.c.seen_at.is_(None) | (table.c.seen_at < table.c.asked_at)
    theirs = (table.c.id == place.id) & (table.c.person_id == person_id) & unseen
    work.change(update(table).where(theirs).values(seen_at=work.now))


def note_case_read(work: Work, case_ref: str, person_id: str) -> None:
    """Somebody has opened a case: whatever was copied to them there is read."""
    unread = select(Copy.step_id).where(
        Copy.person_id == person_id, Copy.case_ref == case_ref, col(Copy.read_at).is_(None)
    )
    for step_id in work.session.exec(unread).all():
        note_read(work, step_id, person_id)


def step_for(work: Work, step_id: int) -> tuple[Step, Case, Person]:
    """The step, its case and the acting person, who has to do with it: a place, a copy, a question, the case itself."""
    step = work.session.get(Step, step_id)
    by = work.session.get(Person, work.actor.id) if work.actor.id else None
    if step is None or by is None or not by.active:
        raise NotFound(N_("There is no such step for you."))
    lock_case(work, step.case_ref)  # two answers, copies or files at once are told from one another
    case = work.session.get_one(Case, step.case_ref)
    own = by.id in (case.initiator_id, case.handler_id)
    places = select(Signer.id).where(Signer.case_ref == case.ref, Signer.person_id == by.id)
    copies = select(Copy.id).where(Copy.case_ref == case.ref, Copy.person_id == by.id)
    questions = select(Remark.id).where(Remark.case_ref == case.ref, Remark.to_person_id == by.id)
    absent = select(Signer.id).where(Signer.case_ref == case.ref, Signer.for_person_id == by.id)
    asked = (places, copies, questions, absent)
    if not own and not any(work.session.exec(found).first() is not None for found in asked):
        raise NotFound(N_("There is no such step for you."))
    return step, case, by


def must_be_open(step: Step) -> None:
    """Refuse what makes no sense for a step that has closed.

    Raises:
        Conflict: it has.
    """
    if step.state is not StepState.OPEN:
        raise Conflict(N_("This step is no longer open."))


def _say(
    work: Work,
    step: Step,
    case: Case,
    by: Person,
    kind: RemarkKind,
    text: str,
    *,
    to: str | None = None,
    answers: int | None = None,
) -> Remark:
    told = text.strip()
    if not told or len(told) > MAX_TEXT:
        message = N_("This field is needed.") if not told else N_("At most {max_length} characters.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("text", message, {"max_length": MAX_TEXT})])
    remark = Remark(
        step_id=step.id or 0,
        case_ref=case.ref,
        kind=kind,
        by_person_id=by.id,
        to_person_id=to,
        answers=answers,
        text=told,
        at=work.now,
    )
    work.add(remark)
    work.record(f"step.{kind.value}", case.ref, step=step.key, to=to, remark=remark.id)
    return remark
