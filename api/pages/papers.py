"""Papers of a case, people outside as their contacts see them, and the evidence pack."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.files import disposition_of
from api.papers import signed, word_file
from api.posted import Posted, posted
from api.static import STATIC
from models.audit import Actor
from models.errors import NotFound
from models.house import House
from models.house import person as person_actor
from models.operations.outside import hand_over, invite_anew, resend_invitation
from models.operations.outside_answers import read_code
from models.operations.papers import text_of
from models.queries.outside import invitation_kept_by, own_invitations
from models.queries.papers import paper_read, paper_seen_by
from models.queries.rights import case_exported_by
from models.tables import OutsideParty, Paper, Person
from notifications.evidence import evidence_pack, note_export
from notifications.papers import DOCX, as_html

router = APIRouter(include_in_schema=False)
Staff = Annotated[Person, Depends(signed_in)]
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/papers/{paper_id}.docx")
def as_word(request: Request, paper_id: Number, person: Staff) -> Response:
    """Declared before the page, whose address would take this one for its own."""
    house = house_of(request)
    with house.read() as session:
        paper = paper_seen_by(session, person, paper_id)
        content = word_file(session, house, paper)
    _looked(house, person_actor(person.id), paper, "docx")
    name = f"{paper.content['title']}-{paper.case_ref}-v{paper.version}.docx"
    return Response(content, media_type=DOCX, headers={"content-disposition": disposition_of(name)})


@router.api_route("/papers/{paper_id}", methods=["GET", "HEAD"])
def read(request: Request, paper_id: Number, person: Staff) -> Response:
    """A paper by itself, as it is printed."""
    house = house_of(request)
    with house.read() as session:
        paper = paper_seen_by(session, person, paper_id)
        facts = paper_read(session, paper).facts
    _looked(house, person_actor(person.id), paper, "page")
    page = as_html(
        text_of(paper),
        signed(facts),
        version=paper.version,
        time_zone=house.settings.time_zone,
        stylesheet=STATIC["paper.css"],
    )
    return Response(page, media_type="text/html; charset=utf-8")


def _looked(house: House, actor: Actor, paper: Paper, form: str) -> None:
    with house.work(actor) as work:
        work.record("paper.looked", paper.case_ref, paper=paper.id, title=paper.content["title"], form=form)


# -- people outside --------------------------------------------------------------------------------------------------


@router.api_route("/outside", methods=["GET", "HEAD"])
def mine(request: Request, person: Staff) -> Response:
    """Those whom one has asked for something outside of any case."""
    house = house_of(request)
    with house.read() as session:
        found = own_invitations(session, person, house.clock())
    return _page(request, "outside_mine.html", outside=found)


@router.post("/outside/{link_id}/{what}")
def move(
    request: Request, link_id: Number, what: str, person: Staff, form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Send an invitation again, or show its link or code once, to be passed on in person."""
    if what not in ("resend", "anew", "hand-over", "read-code"):
        raise NotFound("There is no such page.")
    Csrf(request).check(form.text(FIELD), f"outside:{link_id}")
    house = house_of(request)
    with house.work(person_actor(person.id)) as work:
        link = invitation_kept_by(work.session, person, link_id)
        back = f"/cases/{link.case_ref}#outside" if link.case_ref else "/outside"
        party = work.session.get_one(OutsideParty, link.outside_id)
        if what in ("resend", "anew"):
            (resend_invitation if what == "resend" else invite_anew)(work, link)
            return RedirectResponse(back, 303)
        secret = hand_over(work, link) if what == "hand-over" else read_code(work, link)
    address = f"{house.settings.base_url}/o/{secret}" if what == "hand-over" else None
    return _page(request, "outside_secret.html", party=party, back=back, address=address, code=secret)


# -- evidence --------------------------------------------------------------------------------------------------------


@router.get("/cases/{ref}/evidence.zip")
def evidence(request: Request, ref: str, person: Staff) -> Response:
    """Everything the house holds on a case, in one file that proves itself; that it was taken out is on record."""
    house = house_of(request)
    with house.read() as session:
        case_exported_by(session, person, ref)
        pack = evidence_pack(house, session, ref, person.language)
    with house.work(person_actor(person.id)) as work:
        note_export(work, ref, pack)
    return Response(
        pack, media_type="application/zip", headers={"content-disposition": disposition_of(f"{ref}-evidence.zip")}
    )


def _page(request: Request, template: str, **context: Any) -> Response:
    response: Response = request.app.state.pages.page(request, template, **context)
    return response
