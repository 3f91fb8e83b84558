"""How much waits for a person: what their start page and the menu count."""

from __future__ import annotations

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from config.words import RemarkKind, SignerState, StepState
from models.queries.shown import Read
from models.tables import Copy, Person, Remark, Signer, Step


class Unread(Read):
    """Steps that wait for an answer, questions that wait for one, copies not read yet."""

    steps: int = 0
    questions: int = 0
    copies: int = 0

    @property
    def all(self) -> int:
        """What the person has to do something about: a copy only tells."""
        return self.steps + self.questions


def unread(session: Session, person: Person) -> Unread:
    """What waits for ``person`` now."""
    asked = (
        select(func.count()).select_from(Signer).where(Signer.person_id == person.id, Signer.state == SignerState.ASKED)
    )
    answer = aliased(Remark)
    questions = (
        select(func.count())
        .select_from(Remark)
        .join(Step, col(Step.id) == Remark.step_id)
        .where(Remark.kind == RemarkKind.QUESTION, Remark.to_person_id == person.id, Step.state == StepState.OPEN)
        .where(~select(answer.id).where(answer.answers == Remark.id).exists())
    )
    copies = select(func.count()).select_from(Copy).where(Copy.person_id == person.id, col(Copy.read_at).is_(None))
    return Unread(
        steps=session.exec(asked).one(), questions=session.exec(questions).one(), copies=session.exec(copies).one()
    )
