"""What was said and handed in around a case's steps: remarks with their answers, files, copies with read receipts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.words import RemarkKind, StepState
from models.queries.shown import Read
from models.tables import Attachment, Copy, Person, Remark, Step


class AnswerView(Read):
    """The answer to a question."""

    by: str
    text: str
    at: datetime


class RemarkView(Read):
    """A comment or a question. ``awaits_reader`` says that the reader is the one to answer, and still can."""

    id: int
    step_key: str
    step_title: str
    kind: RemarkKind
    by: str
    to: str | None
    text: str
    at: datetime
    answer: AnswerView | None = None
    awaits_reader: bool = False


class FileView(Read):
    """A file handed in with a step. ``size`` in bytes."""

    id: int
    step_key: str
    step_title: str
    name: str
    media_type: str
    size: int
    by: str
    at: datetime


class CopyView(Read):
    """Somebody who was told of a step (抄送), and when they read it."""

    step_key: str
    to_id: str
    to: str
    by: str
    at: datetime
    read_at: datetime | None


class Discussion(Read):
    """Everything around the steps of a case, each list in the order it came."""

    remarks: tuple[RemarkView, ...] = ()
    files: tuple[FileView, ...] = ()
    copies: tuple[CopyView, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.remarks or self.files or self.copies)


def discussion(session: Session, steps: Sequence[Step], reader_id: str) -> Discussion:
    """What there is around ``steps``, as ``reader_id`` sees it: four queries, whatever the number of steps."""
    by_id = {step.id or 0: step for step in steps}
    if not by_id:
        return Discussion()
    remarks = session.exec(select(Remark).where(col(Remark.step_id).in_(by_id)).order_by(col(Remark.id))).all()
    files = session.exec(
        select(Attachment).where(col(Attachment.step_id).in_(by_id)).order_by(col(Attachment.id))
    ).all()
    copies = session.exec(select(Copy).where(col(Copy.step_id).in_(by_id)).order_by(col(Copy.id))).all()
    names = _names(session, remarks, files, copies)
    answers = {remark.answers: remark for remark in remarks if remark.answers}
    return Discussion(
        remarks=tuple(
            _remark(remark, by_id[remark.step_id], answers.get(remark.id or 0), names, reader_id)
            for remark in remarks
            if remark.kind is not RemarkKind.ANSWER
        ),
        files=tuple(_file(file, by_id[file.step_id], names) for file in files),
        copies=tuple(
            CopyView(
                step_key=by_id[copy.step_id].key,
                to_id=copy.person_id,
                to=names[copy.person_id],
                by=names[copy.copied_by],
                at=copy.copied_at,
                read_at=copy.read_at,
            )
            for copy in copies
        ),
    )


def _names(
    session: Session, remarks: Iterable[Remark], files: Iterable[Attachment], copies: Iterable[Copy]
) -> Mapping[str, str]:
    wanted = {remark.by_person_id for remark in remarks}
    wanted |= {remark.to_person_id for remark in remarks if remark.to_person_id}
    wanted |= {file.by_person_id for file in files}
    wanted |= {copy.person_id for copy in copies} | {copy.copied_by for copy in copies}
    if not wanted:
        return {}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())


def _remark(remark: Remark, step: Step, answer: Remark | None, names: Mapping[str, str], reader_id: str) -> RemarkView:
    waits = remark.kind is RemarkKind.QUESTION and answer is None and step.state is StepState.OPEN
    return RemarkView(
        id=remark.id or 0,
        step_key=step.key,
        step_title=step.title,
        kind=remark.kind,
        by=names[remark.by_person_id],
        to=names[remark.to_person_id] if remark.to_person_id else None,
        text=remark.text,
        at=remark.at,
        answer=AnswerView(by=names[answer.by_person_id], text=answer.text, at=answer.at) if answer else None,
        awaits_reader=waits and remark.to_person_id == reader_id,
    )


def _file(file: Attachment, step: Step, names: Mapping[str, str]) -> FileView:
    return FileView(
        id=file.id or 0,
        step_key=step.key,
        step_title=step.title,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        by=names[file.by_person_id],
        at=file.at,
    )
