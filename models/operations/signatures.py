"""The answers given to a step, as they are shown ever after."""

from __future__ import annotations

from sqlmodel import col, select

from config.words import ActionKind, SignerState
from models.house import Work
from models.steps import Signature
from models.tables import Person, Signer, Step


def signatures(work: Work, step: Step) -> list[Signature]:
    """The answers given to ``step``, in order."""
    labels = {action["name"]: action["label"] for action in step.actions}
    statement = (
        select(Signer, Person.name)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.step_id == step.id, Signer.state == SignerState.SIGNED)
        .order_by(col(Signer.signed_at), col(Signer.id))
    )
    return [
        Signature(
            person_id=signer.person_id,
            name=name,
            seat=signer.seat,
            level=signer.level,
            action=signer.action or "",
            kind=signer.kind or ActionKind.RECORD,
            label=labels.get(signer.action or "", signer.action or ""),
            form=signer.answer or {},
            at=signer.signed_at or step.opened_at,
            void=signer.void,
            for_name=_name(work, signer.for_person_id),
            advised_by=_name(work, (signer.advice or {}).get("person_id")),
            added=signer.added_by is not None,
        )
        for signer, name in work.session.exec(statement)
    ]


def _name(work: Work, person_id: str | None) -> str | None:
    return None if person_id is None else work.session.get_one(Person, person_id).name
