"""The moves besides answering, each from the caller's own place on a step; questions; files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from api import moves
from api.caller import Caller, house_of
from api.files import file_response
from api.language import language_of
from api.moves import MOVES, Moving, make_move
from api.posted import Upload
from api.problems import PROBLEM_RESPONSES
from api.routes.outcomes import Moved
from api.routes.parameters import CaseRef, Decider, IdempotencyKey, Reader, SignerId
from api.routes.shapes import CopyShown, FileShown, RemarkShown
from api.routes.shaping import Shaping
from models.operations.attachments import KINDS, OFFICE
from models.operations.once import once
from models.operations.remarks import answer_question
from models.operations.remarks import comment as comment_on
from models.queries.discussion import Discussion, discussion
from models.queries.initiator import latest_step
from models.queries.rights import attachment_seen_by, case_seen_by, own_signer, question_seen_by
from models.tables import Remark, Signer, Step

router = APIRouter(tags=["Moves"], responses=PROBLEM_RESPONSES)
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/steps/{signer_id}/transfer", summary="Transfer a step")
def transfer(request: Request, caller: Decider, signer_id: SignerId, body: moves.Transfer) -> Moved:
    """Give the place to somebody else, for good: they answer in their own name. They need the authority that the place
    was given for, and no stake in the case. Token scope: `decide`."""
    return _moved(request, caller, signer_id, "transfer", body)


@router.post("/steps/{signer_id}/delegate", summary="Delegate a step")
def delegate(request: Request, caller: Decider, signer_id: SignerId, body: moves.Delegate) -> Moved:
    """Let somebody work out the answer. It comes back as `advice`, to be confirmed (`as_proposed`) or answered
    otherwise. Token scope: `decide`."""
    return _moved(request, caller, signer_id, "delegate", body)


@router.post("/steps/{signer_id}/take-back", summary="Take a delegated step back")
def take_back(request: Request, caller: Decider, signer_id: SignerId) -> Moved:
    """Until the delegate has answered. Token scope: `decide`."""
    return _moved(request, caller, signer_id, "take-back", Moving())


@router.post("/steps/{signer_id}/add-signer", summary="Add a signer")
def add_signer(request: Request, caller: Decider, signer_id: SignerId, body: moves.AddSigner) -> Moved:
    """Somebody must sign besides the caller: `before`, `beside` or `after` them. Token scope: `decide`."""
    return _moved(request, caller, signer_id, "add-signer", body)


@router.post("/steps/{signer_id}/remove-signer", summary="Remove an added signer")
def remove_signer(request: Request, caller: Decider, signer_id: SignerId, body: moves.RemoveSigner) -> Moved:
    """Only whom the caller has added, and only until they have signed. Token scope: `decide`."""
    return _moved(request, caller, signer_id, "remove-signer", body)


@router.post("/steps/{signer_id}/copy", summary="Send a copy", status_code=201)
def copy(request: Request, caller: Decider, signer_id: SignerId, body: moves.CopyTo) -> CopyShown:
    """Let somebody know of the step. A second copy to the same person is the first. Token scope: `decide`."""
    made, talk = _said(request, caller, signer_id, "copy", body)
    return _shaping(request, caller).copy(made.case_ref, next(one for one in talk.copies if one.to_id == body.to))


@router.post("/steps/{signer_id}/comment", summary="Comment on a step", status_code=201)
def comment(
    request: Request, caller: Decider, signer_id: SignerId, body: moves.Say, key: IdempotencyKey = None
) -> RemarkShown:
    """Say something to everyone who sees the step. Token scope: `decide`."""
    return _remark(request, caller, signer_id, "comment", body, key)


@router.post("/steps/{signer_id}/question", summary="Ask a question", status_code=201)
def question(
    request: Request, caller: Decider, signer_id: SignerId, body: moves.AskQuestion, key: IdempotencyKey = None
) -> RemarkShown:
    """Ask somebody something without deciding. The deadline goes on. Token scope: `decide`."""
    return _remark(request, caller, signer_id, "question", body, key)


@router.post("/questions/{question_id}/answer", summary="Answer a question", status_code=201)
def answer(request: Request, caller: Decider, question_id: Number, body: moves.AnswerQuestion) -> RemarkShown:
    """Answer a question that the caller was asked, once. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        asked = question_seen_by(work.session, caller.person, question_id)
        answer_question(work, question_id, body.text)
    with house.read() as session:
        talk = _talk(session, asked.step_id, caller)
    return _shaping(request, caller).remark(asked.case_ref, next(one for one in talk.remarks if one.id == question_id))


@router.get("/questions/{question_id}", summary="Read a question")
def read_question(request: Request, caller: Reader, question_id: Number) -> RemarkShown:
    """A question that the caller asked or was asked, with its answer. Token scope: `read`."""
    with house_of(request).read() as session:
        asked = question_seen_by(session, caller.person, question_id)
        talk = _talk(session, asked.step_id, caller)
    return _shaping(request, caller).remark(asked.case_ref, next(one for one in talk.remarks if one.id == question_id))


@router.post("/cases/{ref}/comment", summary="Comment on a case", status_code=201)
def comment_on_case(
    request: Request, caller: Decider, ref: CaseRef, body: moves.Say, key: IdempotencyKey = None
) -> RemarkShown:
    """Say something to everyone who sees the case; it stands at the step that the case is at. Token scope:
    `decide`."""
    with house_of(request).work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        step = latest_step(work.session, ref)
        asked = {"what": "comment-on-case", "case": ref, "text": body.text}
        number, _ = once(work, caller.person.id, key, asked, lambda: comment_on(work, step, body.text).id)
        made = work.session.get_one(Remark, int(number))
    with house_of(request).read() as session:
        talk = _talk(session, made.step_id, caller)
    return _shaping(request, caller).remark(ref, next(one for one in talk.remarks if one.id == made.id))


async def file_of(request: Request) -> Upload:
    """The field `file` of a form."""
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        return Upload(file.filename or "", await file.read()) if isinstance(file, UploadFile) else Upload("", b"")


FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in sorted({*KINDS.values(), *OFFICE.values()} - {"application/zip", "application/x-ole-storage"})
        },
    }
}


@router.post("/steps/{signer_id}/attachments", summary="Attach a file", status_code=201, openapi_extra=FILE_BODY)
def attach(
    request: Request, caller: Decider, signer_id: SignerId, file: Annotated[Upload, Depends(file_of)]
) -> FileShown:
    """PDF, PNG, JPEG, Word or Excel, known by its content; at most `CLIENTRISK_MAX_ATTACHMENT_BYTES`. The same content
    twice is one file. Token scope: `decide`."""
    made, talk = _said(request, caller, signer_id, "attach", file)
    return _shaping(request, caller).file(made.case_ref, next(one for one in talk.files if one.id == made.id))


@router.get("/attachments/{attachment_id}", summary="Read a file", response_class=Response, responses=FILE_ANSWER)
def read_file(request: Request, caller: Reader, attachment_id: Number) -> Response:
    """A file of a case the caller may see, as a download. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        attachment = attachment_seen_by(session, caller.person, attachment_id)
    return file_response(house, attachment, caller.actor)


def _make(
    request: Request, caller: Caller, signer_id: int, name: str, given: Moving | Upload, key: str | None = None
) -> Any:
    return make_move(house_of(request), signer_id, MOVES[name], given, actor=caller.actor, via=caller.via, key=key)


def _moved(request: Request, caller: Caller, signer_id: int, name: str, given: Moving) -> Moved:
    made = _make(request, caller, signer_id, name, given)
    with house_of(request).read() as session:
        place = own_signer(session, caller.person, signer_id)
        step = session.get_one(Step, place.step_id)
    return Moved(
        case=step.case_ref,
        step=step.key,
        move=name,
        signer_id=signer_id,
        my_state=place.state,
        to_signer_id=made.id if isinstance(made, Signer) and made.id != signer_id else None,
    )


def _said(
    request: Request, caller: Caller, signer_id: int, name: str, given: Moving | Upload, key: str | None = None
) -> tuple[Any, Discussion]:
    made = _make(request, caller, signer_id, name, given, key)
    with house_of(request).read() as session:
        return made, _talk(session, made.step_id, caller)


def _talk(session: Session, step_id: int, caller: Caller) -> Discussion:
    return discussion(session, [session.get_one(Step, step_id)], caller.person.id)


def _remark(
    request: Request, caller: Caller, signer_id: int, name: str, given: Moving, key: str | None = None
) -> RemarkShown:
    made, talk = _said(request, caller, signer_id, name, given, key)
    return _shaping(request, caller).remark(made.case_ref, next(one for one in talk.remarks if one.id == made.id))


def _shaping(request: Request, caller: Caller) -> Shaping:
    return Shaping(language_of(request, caller.person))
