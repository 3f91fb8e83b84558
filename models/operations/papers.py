"""Papers that the product writes: kept with their whole text, versioned, signed under their exact words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import Language
from models.audit import digest
from models.errors import Conflict, ContentChanged, NotFound
from models.house import House, Work
from models.operations.journal import lock_case
from models.papers import PaperText
from models.tables import OutsideLink, OutsideParty, Paper, PaperSignature, Person

OUTSIDE = "outside"
"""How somebody outside signs; staff sign as they answer a step (``session``, ``link``, ``api``)."""
SUPERSEDED = "superseded"
"""Why a link is dead whose paper has a new text."""


def issuer_of(house: House, language: Language) -> str:
    """The company's name as it stands on papers (``CLIENTRISK_COMPANY``)."""
    return house.settings.company or translate(N_("our company"), language)


def write_paper(
    work: Work, case_ref: str, kind: str, number: str, text: PaperText, customer_id: int | None = None
) -> Paper:
    """Keep a paper. ``kind`` and ``number`` name it within its case; the same text again is the same paper.

    A changed text is the next version: the earlier one is superseded, and nobody can sign it any more.
    """
    lock_case(work, case_ref)
    latest = latest_paper(work.session, case_ref, kind, number)
    content_hash = text.content_hash()
    if latest is not None and latest.content_hash == content_hash:
        return latest
    if latest is not None:
        _supersede(work, latest)
    paper = Paper(
        case_ref=case_ref,
        customer_id=customer_id,
        kind=kind,
        number=number,
        version=latest.version + 1 if latest else 1,
        language=text.language,
        content=text.model_dump(mode="json"),
        content_hash=content_hash,
        made_at=work.now,
    )
    work.add(paper)
    work.record(
        "paper.written",
        case_ref,
        paper=paper.id,
        title=text.title,
        kind=kind,
        number=number,
        version=paper.version,
        sha256=content_hash,
    )
    return paper


def _supersede(work: Work, paper: Paper) -> None:
    paper.superseded = True
    work.add(paper)
    live = (
        (col(OutsideLink.paper_id) == paper.id)
        & col(OutsideLink.used_at).is_(None)
        & col(OutsideLink.revoked_at).is_(None)
    )
    work.change(update(OutsideLink).where(live).values(revoked_at=work.now, note=SUPERSEDED))


def latest_paper(session: Session, case_ref: str, kind: str, number: str) -> Paper | None:
    """The newest version of a paper; none if it was never written."""
    statement = select(Paper).where(Paper.case_ref == case_ref, Paper.kind == kind, Paper.number == number)
    return session.exec(statement.order_by(col(Paper.version).desc())).first()


def text_of(paper: Paper) -> PaperText:
    """What a paper says."""
    return PaperText.model_validate(paper.content)


def paper_to_sign(session: Session, paper_id: int, content_hash: str) -> Paper:
    """The paper whose very text has this hash.

    Raises:
        NotFound: there is no such paper.
        ContentChanged: its text was changed since; a signature would be under words that nobody saw.
    """
    paper = session.get(Paper, paper_id)
    if paper is None:
        raise NotFound(N_("There is no such paper."))
    if paper.superseded or paper.content_hash != content_hash:
        told = N_("The text of this paper was changed since you saw it. Nothing was signed: please read the new text.")
        raise ContentChanged(told).note("paper.signing-refused", paper.case_ref, paper=paper.id, sha256=content_hash)
    if digest(paper.content) != content_hash:
        told = N_("The stored text of this paper is not the one that was written. Nothing was signed.")
        raise Conflict(told).note("paper.tampered", paper.case_ref, paper=paper.id, sha256=content_hash)
    return paper


def sign_paper(work: Work, paper_id: int, content_hash: str, person: Person, capacity: str, via: str) -> PaperSignature:
    """A member of staff signs the exact text of a paper. Twice is once.

    Raises:
        NotFound, ContentChanged, Conflict: as ``paper_to_sign`` does.
    """
    paper = paper_to_sign(work.session, paper_id, content_hash)
    own = select(PaperSignature).where(PaperSignature.paper_id == paper.id, PaperSignature.person_id == person.id)
    known = work.session.exec(own).first()
    if known is not None:
        return known
    return _signed(work, paper, person.name, capacity, via, person_id=person.id)


def sign_as_outsider(
    work: Work, paper_id: int, content_hash: str, party: OutsideParty, name: str, capacity: str
) -> PaperSignature:
    """Somebody outside signs the exact text of a paper. Twice is once.

    Raises:
        NotFound, ContentChanged, Conflict: as ``paper_to_sign`` does.
    """
    paper = paper_to_sign(work.session, paper_id, content_hash)
    own = select(PaperSignature).where(PaperSignature.paper_id == paper.id, PaperSignature.outside_id == party.id)
    known = work.session.exec(own).first()
    if known is not None:
        return known
    return _signed(work, paper, name, capacity, OUTSIDE, outside_id=party.id)


def _signed(
    work: Work,
    paper: Paper,
    name: str,
    capacity: str,
    via: str,
    *,
    person_id: str | None = None,
    outside_id: int | None = None,
) -> PaperSignature:
    signature = PaperSignature(
        paper_id=paper.id or 0,
        content_hash=paper.content_hash,
        person_id=person_id,
        outside_id=outside_id,
        name=name,
        capacity=capacity,
        via=via,
        signed_at=work.now,
    )
    work.add(signature)
    work.record(
        "paper.signed",
        paper.case_ref,
        paper=paper.id,
        title=paper.content["title"],
        name=signature.name,
        capacity=signature.capacity,
        via=signature.via,
        sha256=paper.content_hash,
    )
    return signature


def signatures_of(session: Session, paper_id: int) -> Sequence[PaperSignature]:
    """Who signed a paper, in the order they did."""
    statement = select(PaperSignature).where(PaperSignature.paper_id == paper_id)
    return session.exec(statement.order_by(col(PaperSignature.signed_at), col(PaperSignature.id))).all()
