"""The steps of a case as evidence: what each showed, who was asked, who answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.languages import translate
from config.words import Language
from models.queries.answers import told
from models.queries.places import people_of
from models.queries.steps import SignatureView, answered_people, names_of, signatures_of
from models.tables import Case, Signer, Step


def steps_told(session: Session, case: Case, language: Language) -> list[dict[str, Any]]:
    """Every step of a case: what it showed, who was asked, who answered what. What is sealed is masked."""
    steps = session.exec(select(Step).where(Step.case_ref == case.ref).order_by(col(Step.id))).all()
    if not steps:
        return []
    signers = session.exec(select(Signer).where(Signer.case_ref == case.ref).order_by(col(Signer.id))).all()
    names = names_of(session, people_of(signers) | answered_people(steps, signers))
    given = signatures_of(steps, signers, names)
    return [
        {
            "step": step.key,
            "title": translate(step.title, language),
            "round": step.round,
            "opened_at": _instant(step.opened_at),
            "closed_at": _instant(step.closed_at) if step.closed_at else None,
            "asked": [names.get(one.person_id, one.person_id) for one in signers if one.step_id == step.id],
            "question": translate(step.question, language),
            "content": step.content,
            "content_sha256": step.content_hash,
            "answers": [_answer(one, language) for one in given if one.step_key == step.key],
        }
        for step in steps
    ]


def _answer(signature: SignatureView, language: Language) -> dict[str, object]:
    return {
        "by": signature.name,
        "in_the_name_of": signature.for_name,
        "answer": translate(signature.label, language),
        "at": _instant(signature.at),
        "void": signature.void,
        "said": [list(pair) for line in signature.lines for pair in told(line, language)],
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
