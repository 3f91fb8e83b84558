"""From read models to what the JSON API gives, in one language."""

from __future__ import annotations

from collections.abc import Sequence

from api.routes import shapes
from config.languages import translate
from config.words import Language
from models.forms import form_named
from models.queries.case import CaseStep, CaseView
from models.queries.case_list import CaseList
from models.queries.inbox import Deadline, Inbox
from models.queries.route import LeftOutPerson, LevelView, RouteView
from models.queries.shown import Sentence, spoken
from models.queries.steps import ActionView, SignatureView, StepView
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
            shapes.CaseItem(**{**item.model_dump(), "waits_at": [self._t(title) for title in item.waits_at]})
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
            steps=[self._case_step(step) for step in view.steps],
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
        )

    def _signature(self, signature: SignatureView) -> shapes.SignatureShown:
        return shapes.SignatureShown(
            step=signature.step_key,
            step_title=self._t(signature.step_title),
            round=signature.round,
            person=signature.person_id,
            name=signature.name,
            seat=self._t(signature.seat),
            action=self._t(signature.label),
            kind=signature.kind,
            at=signature.at,
            void=signature.void,
            answer=[
                shapes.Line(title=self._t(line.title), text=spoken(line.value, self._language))
                for line in signature.lines
            ],
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
            people=[
                shapes.SeatedShown(
                    name=person.name,
                    seat=self._t(person.seat),
                    role=self._t(person.role) if person.role else None,
                    state=person.state,
                    action=self._t(person.label) if person.label else None,
                    at=person.at,
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
