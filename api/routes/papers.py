"""Papers: those of a case, and one with its whole text and signatures."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from api.caller import house_of
from api.files import disposition_of
from api.language import language_of
from api.papers import word_file
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import CaseRef, Reader
from api.routes.shapes import Given
from config.languages import translate
from config.words import Language
from models.papers import PaperText
from models.queries.papers import PaperFacts, paper_read, paper_seen_by, papers_of
from models.queries.rights import case_exported_by, case_seen_by
from notifications.evidence import evidence_pack, note_export
from notifications.papers import DOCX

router = APIRouter(tags=["Papers"], responses=PROBLEM_RESPONSES)
PaperId = Annotated[int, Path(ge=1, le=2**53)]


class PaperSigned(Given):
    """A signature under the exact text of a paper."""

    name: str
    capacity: str
    at: datetime
    via: str = Field(description="How it was given; `outside`: by link and one-time code.")


class PaperListed(Given):
    """A paper of a case. `sha256` is of its whole text; `superseded`: a later version has taken its place."""

    id: int
    case: str
    title: str
    kind: str
    number: str
    version: int
    language: Language
    superseded: bool
    made_at: datetime
    sha256: str
    to_sign: int = Field(description="How many are named in it to sign.")
    signatures: list[PaperSigned]


class PaperList(Given):
    """The papers of a case, the newest first."""

    items: list[PaperListed]


class PaperShown(Given):
    """A paper with its whole text, in the paper's own language."""

    paper: PaperListed
    text: PaperText


@router.get("/cases/{ref}/papers", summary="List the papers of a case")
def listed(request: Request, caller: Reader, ref: CaseRef) -> PaperList:
    """Minutes, letters and reports that were written for a case, with who signed them. Token scope: `read`."""
    with house_of(request).read() as session:
        case_seen_by(session, caller.person, ref)
        found = papers_of(session, ref)
    language = language_of(request, caller.person)
    return PaperList(items=[_listed(one, language) for one in found])


@router.get("/papers/{paper_id}", summary="Read a paper")
def read(request: Request, caller: Reader, paper_id: PaperId) -> PaperShown:
    """A paper with its whole text and its signatures. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        paper = paper_seen_by(session, caller.person, paper_id)
        found = paper_read(session, paper)
    with house.work(caller.actor) as work:
        work.record("paper.looked", paper.case_ref, paper=paper.id, title=found.facts.title, form="json")
    language = language_of(request, caller.person)
    return PaperShown(paper=_listed(found.facts, language), text=PaperText.model_validate(found.text))


WORD_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {DOCX: {"schema": {"type": "string", "format": "binary"}}}}
}
PACK: dict[int | str, dict[str, Any]] = {
    200: {"description": "The pack", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/papers/{paper_id}/file", summary="Download a paper as a Word file", response_class=Response, responses=WORD_FILE
)
def as_word(request: Request, caller: Reader, paper_id: PaperId) -> Response:
    """A paper with its signatures, to be printed. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        paper = paper_seen_by(session, caller.person, paper_id)
        content = word_file(session, house, paper)
    with house.work(caller.actor) as work:
        work.record("paper.looked", paper.case_ref, paper=paper.id, title=paper.content["title"], form="docx")
    name = f"{paper.content['title']}-{paper.case_ref}-v{paper.version}.docx"
    return Response(content, media_type=DOCX, headers={"content-disposition": disposition_of(name)})


@router.get("/cases/{ref}/evidence", summary="Take the evidence of a case out", response_class=Response, responses=PACK)
def evidence(request: Request, caller: Reader, ref: CaseRef) -> Response:
    """Everything the house holds on a case, in one ZIP file that proves itself. For its handler and those above, the
    risk manager, legal and audit. That it was taken out is put on record. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        case_exported_by(session, caller.person, ref)
        pack = evidence_pack(house, session, ref, caller.person.language)
    with house.work(caller.actor) as work:
        note_export(work, ref, pack)
    name = disposition_of(f"{ref}-evidence.zip")
    return Response(pack, media_type="application/zip", headers={"content-disposition": name})


def _listed(facts: PaperFacts, language: Language) -> PaperListed:
    signatures = [
        PaperSigned(name=one.name, capacity=translate(one.capacity, language), at=one.at, via=one.via)
        for one in facts.signatures
    ]
    told = facts.model_dump(exclude={"signatures", "case_ref"})
    return PaperListed(**told, case=facts.case_ref, signatures=signatures)
