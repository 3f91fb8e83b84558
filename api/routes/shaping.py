"""From read models to what the JSON API gives, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.routes import outcomes, shapes
from config.languages import translate
from config.words import Language
from models.forms import form_named
from models.queries.absences import AbsenceView
from models.queries.answers import AnswerLine, told
from models.queries.case import CaseStep, CaseView
from models.queries.case_list import CaseList
from models.queries.discussion import CopyView, Discussion, FileView, RemarkView
from models.queries.inbox import Deadline, Inbox
from models.queries.route import LeftOutPerson, LevelView, RouteView
from models.queries.shown import Sentence
from models.queries.steps import ActionView, AdviceView, SignatureView, StepView
from models.queries.timeline import TimelineEntry


class Shaping:
    """Shapes answers for one reader."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def _t(self, text: str) -> str:
        return translate(text, self._language)

    def _texts(self, sentences: Sequence[Sentence]) -> list[str]:
        return [sentence.text(self._language) for sentence in sentences]

    def cases(self, page: CaseList) -> shapes.CasePage:
        items = [
            shapes.CaseItem(
                **item.model_dump(exclude={"amount", "waits"}),
                amount=None if item.amount is None else f"{item.amount:.2f}",
                waits_at=[self._t(title) for title in item.waits_at],
                waits=[
                    shapes.WaitsAt(title=self._t(one.title), due_at=one.due_at, people=list(one.people))
                    for one in item.waits
                ],
            )
            for item in page.items
        ]
        return shapes.CasePage(items=items, next_cursor=page.next_cursor)

    def inbox(self, page: Inbox) -> shapes.StepPage:
        items = [
            shapes.StepItem(
                signer_id=item.signer_id,
                case=item.case_ref,
                case_title=item.case_title,
                process=item.process,
                title=self._t(item.title),
                question=self._t(item.question),
                round=item.round,
                sensitive=item.sensitive,
                asked_at=item.asked_at,
                due=_due(item.due),
                content_hash=item.content_hash,
                amount=None if item.amount is None else f"{item.amount:.2f}",
                in_the_name_of=item.for_name,
                to_confirm=item.confirms,
                in_one_go=item.in_one_go.action if item.in_one_go else None,
            )
            for item in page.items
        ]
        return shapes.StepPage(items=items, total=page.total, next_cursor=page.next_cursor)

    def step(self, view: StepView) -> shapes.StepShown:
        return shapes.StepShown(
            signer_id=view.signer_id,
            case=view.case_ref,
            case_title=view.case_title,
            process=view.process,
            step=view.key,
            title=self._t(view.title),
            question=self._t(view.question),
            round=view.round,
            asked_by=view.asked_by,
            handler=view.handler,
            state=view.state,
            my_state=view.signer_state,
            may_answer=view.may_answer,
            closed_by=view.closed_by,
            sensitive=view.sensitive,
            due=_due(view.due),
            expires_at=view.expires_at,
            content=view.content,
            content_hash=view.content_hash,
            actions=[self._action(action) for action in view.actions],
            returns_to=[shapes.Choice(name=name, title=self._t(title)) for name, title in view.returns_to],
            route=self._route(view.route),
            signatures=[self._signature(signature) for signature in view.signatures],
            moves=list(view.moves),
            came=self._texts(view.came),
            became=view.became.sentence.text(self._language) if view.became else None,
            advice=self._advice(view.advice) if view.advice else None,
            added=[shapes.AddedShown(signer_id=one.signer_id, name=one.name) for one in view.added],
            escalations=view.escalations,
            **self._around(view.case_ref, view.discussion),
        )

    def _advice(self, advice: AdviceView) -> shapes.AdviceShown:
        return shapes.AdviceShown(
            by=advice.by, action=advice.action, kind=advice.kind, answer=self._lines(advice.lines)
        )

    def _lines(self, lines: Sequence[AnswerLine]) -> list[shapes.Line]:
        return [shapes.Line(title=title, text=text) for line in lines for title, text in told(line, self._language)]

    def _around(self, case: str, talk: Discussion) -> dict[str, Any]:
        return {
            "remarks": [self.remark(case, remark) for remark in talk.remarks],
            "files": [self.file(case, file) for file in talk.files],
            "copies": [self.copy(case, copy) for copy in talk.copies],
        }

    def remark(self, case: str, remark: RemarkView) -> shapes.RemarkShown:
        answer = remark.answer
        return shapes.RemarkShown(
            id=remark.id,
            case=case,
            step=remark.step_key,
            kind=remark.kind,
            by=remark.by,
            to=remark.to,
            text=remark.text,
            at=remark.at,
            answered_by=answer.by if answer else None,
            answer=answer.text if answer else None,
            answered_at=answer.at if answer else None,
        )

    def file(self, case: str, file: FileView) -> shapes.FileShown:
        return shapes.FileShown(case=case, step=file.step_key, **file.model_dump(exclude={"step_key", "step_title"}))

    def copy(self, case: str, copy: CopyView) -> shapes.CopyShown:
        return shapes.CopyShown(case=case, step=copy.step_key, **copy.model_dump(exclude={"step_key", "to_id"}))

    def absence(self, view: AbsenceView) -> outcomes.AbsenceShown:
        return outcomes.AbsenceShown(
            id=view.id,
            person=view.person_id,
            name=view.person,
            substitute=view.substitute_id,
            substitute_name=view.substitute,
            starts_at=view.starts_at,
            ends_at=view.ends_at,
            processes=list(view.processes),
            up_to=None if view.up_to is None else f"{view.up_to:.2f}",
            reason=view.reason,
            over=view.over,
            cancelled_at=view.cancelled_at,
        )

    def case(self, view: CaseView, events: Sequence[TimelineEntry]) -> shapes.CaseShown:
        return shapes.CaseShown(
            ref=view.ref,
            process=view.process,
            title=view.title,
            state=view.state,
            outcome=view.outcome,
            because=self._texts(view.because),
            withdrawn=view.withdrawn,
            department=view.department,
            origin=view.origin,
            initiator=view.initiator,
            handler=view.handler,
            policy_version=view.policy_version,
            opened_at=view.opened_at,
            closed_at=view.closed_at,
            customer=shapes.CustomerShown(**view.customer.model_dump()) if view.customer else None,
            progress=shapes.HowFarShown(
                what=self._t(view.how_far.what), done=view.how_far.done, total=view.how_far.total
            )
            if view.how_far
            else None,
            steps=[self._case_step(step) for step in view.steps],
            **self._around(view.ref, view.discussion),
            timeline=[self._happened(event) for event in events],
        )

    def _action(self, action: ActionView) -> shapes.ActionShown:
        schema = form_named(action.form).model_json_schema()
        return shapes.ActionShown(name=action.name, kind=action.kind, label=self._t(action.label), form=schema)

    def _case_step(self, step: CaseStep) -> shapes.CaseStepShown:
        return shapes.CaseStepShown(
            step=step.key,
            title=self._t(step.title),
            round=step.round,
            state=step.state,
            closed_by=step.closed_by,
            outcome=step.outcome,
            opened_at=step.opened_at,
            closed_at=step.closed_at,
            due=_due(step.due),
            asked=list(step.asked),
            signer_id=step.signer_id,
            signatures=[self._signature(signature) for signature in step.signatures],
            route=self._route(step.route),
            escalations=step.escalations,
        )

    def _signature(self, signature: SignatureView) -> shapes.SignatureShown:
        return shapes.SignatureShown(
            step=signature.step_key,
            step_title=self._t(signature.step_title),
            round=signature.round,
            person=signature.person_id,
            name=signature.name,
            seat=self._t(signature.seat) if signature.seat else "",
            action=self._t(signature.label),
            kind=signature.kind,
            at=signature.at,
            void=signature.void,
            answer=self._lines(signature.lines),
            in_the_name_of=signature.for_name,
            worked_out_by=signature.advised_by,
            added_by=signature.added_by,
        )

    def _route(self, route: RouteView) -> shapes.RouteShown:
        return shapes.RouteShown(
            levels=[self._level(level) for level in route.levels],
            reasons=self._texts(route.reasons),
            left_out=self._left_out(route.left_out),
            policy_version=route.policy_version,
        )

    def _level(self, level: LevelView) -> shapes.LevelShown:
        return shapes.LevelShown(
            number=level.number,
            title=self._t(level.title),
            mode=level.mode,
            needed=level.needed,
            state=level.state,
            planned=list(level.planned),
            people=[
                shapes.SeatedShown(
                    name=person.name,
                    seat=self._t(person.seat) if person.seat else "",
                    role=self._t(person.role) if person.role else None,
                    state=person.state,
                    action=self._t(person.label) if person.label else None,
                    at=person.at,
                    notes=self._texts(person.notes),
                )
                for person in level.people
            ],
            left_out=self._left_out(level.left_out),
            reasons=self._texts(level.reasons),
        )

    def _left_out(self, people: Sequence[LeftOutPerson]) -> list[shapes.LeftOutShown]:
        return [
            shapes.LeftOutShown(name=one.name, seat=self._t(one.seat), reason=one.reason.text(self._language))
            for one in people
        ]

    def _happened(self, event: TimelineEntry) -> shapes.Happened:
        return shapes.Happened(
            at=event.at,
            event=event.event,
            actor=event.actor,
            who=event.who,
            text=event.sentence.text(self._language),
        )


def _due(deadline: Deadline) -> shapes.Due:
    return shapes.Due(**deadline.model_dump())
