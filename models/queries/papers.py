"""Papers as they are listed and read: with who signed them, and under which words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Language
from models.errors import NotFound
from models.queries.rights import may_see
from models.queries.shown import Read
from models.tables import Case, Paper, PaperSignature, Person


class SignatureFacts(Read):
    """A signature under a paper. ``person_id`` is empty for somebody from outside."""

    name: str
    capacity: str
    at: datetime
    via: str
    person_id: str | None


class PaperFacts(Read):
    """A paper as it is listed. ``sha256`` is of its whole text."""

    id: int
    case_ref: str
    title: str
    kind: str
    number: str
    version: int
    language: Language
    superseded: bool
    made_at: datetime
    sha256: str
    to_sign: int
    signatures: tuple[SignatureFacts, ...] = ()


class PaperRead(Read):
    """A paper with its text."""

    facts: PaperFacts
    text: dict[str, Any]


def papers_of(session: Session, case_ref: str) -> tuple[PaperFacts, ...]:
    """The papers of a case, the newest first. Two queries."""
    papers = session.exec(select(Paper).where(Paper.case_ref == case_ref).order_by(col(Paper.id).desc())).all()
    signed = _signatures(session, [paper.id or 0 for paper in papers])
    return tuple(_facts(paper, signed.get(paper.id or 0, ())) for paper in papers)


def paper_seen_by(session: Session, person: Person, paper_id: int) -> Paper:
    """A paper of a case that this person may see.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    paper = session.get(Paper, paper_id)
    if paper is None or not may_see(session, person, session.get_one(Case, paper.case_ref)):
        raise NotFound(N_("There is no such paper."))
    return paper


def paper_read(session: Session, paper: Paper) -> PaperRead:
    """A paper with its text and signatures."""
    signed = _signatures(session, [paper.id or 0]).get(paper.id or 0, ())
    return PaperRead(facts=_facts(paper, signed), text=paper.content)


def _signatures(session: Session, papers: Sequence[int]) -> dict[int, tuple[PaperSignature, ...]]:
    if not papers:
        return {}
    statement = select(PaperSignature).where(col(PaperSignature.paper_id).in_(papers)).order_by(col(PaperSignature.id))
    found: dict[int, tuple[PaperSignature, ...]] = {}
    for one in session.exec(statement):
        found[one.paper_id] = (*found.get(one.paper_id, ()), one)
    return found


def _facts(paper: Paper, signed: Sequence[PaperSignature]) -> PaperFacts:
    return PaperFacts(
        id=paper.id or 0,
        case_ref=paper.case_ref,
        title=str(paper.content.get("title", paper.kind)),
        kind=paper.kind,
        number=paper.number,
        version=paper.version,
        language=paper.language,
        superseded=paper.superseded,
        made_at=paper.made_at,
        sha256=paper.content_hash,
        to_sign=len(paper.content.get("signatories", ())),
        signatures=tuple(
            SignatureFacts(name=one.name, capacity=one.capacity, at=one.signed_at, via=one.via, person_id=one.person_id)
            for one in signed
        ),
    )
