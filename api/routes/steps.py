"""Steps: what waits for the caller, and their answers."""

from fastapi import APIRouter, Request

from api.caller import house_of
from api.deciding import Came, Listed, proposed_form, take_answer, take_answers
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.outcomes import BulkRecorded, BulkResult
from api.routes.parameters import Cursor, Decider, IdempotencyKey, Limit, Reader, SignerId
from api.routes.shapes import DecisionRecorded, StepPage, StepShown
from api.routes.shaping import Shaping
from api.routes.taken import Decision, Several
from config.words import Language
from models.operations.remarks import note_read, note_seen
from models.queries.inbox import inbox
from models.queries.rights import own_signer
from models.queries.steps import step_view
from models.tables import Step

router = APIRouter(tags=["Steps"], responses=PROBLEM_RESPONSES)


@router.get("/steps", summary="List my steps")
def listed(request: Request, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> StepPage:
    """What waits for the caller, the most urgent first. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        page = inbox(session, caller.person.id, house.calendar, house.clock(), limit=limit, cursor=cursor)
    return Shaping(language_of(request, caller.person)).inbox(page)


@router.get("/steps/{signer_id}", summary="Read a step")
def read(request: Request, caller: Reader, signer_id: SignerId) -> StepShown:
    """A step of the caller: its content, its route and why it is that, earlier signatures, and the forms of its
    actions. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        signer = own_signer(session, caller.person, signer_id)
        step = session.get_one(Step, signer.step_id)
        view = step_view(session, signer, step, house.calendar, house.clock())
    with house.work(caller.actor) as work:
        work.record("step.looked", view.case_ref, step=view.key, via=caller.via)
        note_read(work, step.id or 0, caller.person.id)
        note_seen(work, signer, caller.person.id)
    return Shaping(language_of(request, caller.person)).step(view)


@router.post("/steps/{signer_id}/decision", summary="Answer a step")
def answer(
    request: Request, caller: Decider, signer_id: SignerId, body: Decision, key: IdempotencyKey = None
) -> DecisionRecorded:
    """Answer a step with one of its actions. Durable when this returns. Token scope: `decide`.

    409 `already-closed`: the step was answered before; `detail` says by whom, what and when. 409 `content-changed`:
    read the step again."""
    house = house_of(request)
    with house.read() as session:
        place = own_signer(session, caller.person, signer_id)
    decided = take_answer(
        house,
        signer_id,
        body.action,
        proposed_form(place, body.action) if body.as_proposed else body.form,
        actor=caller.actor,
        shown_hash=body.content_hash,
        via=caller.via,
        key=key,
    )
    return DecisionRecorded(
        case=decided.case_ref, action=decided.action, step_closed=decided.step_closed, repeated=decided.repeated
    )


@router.post("/steps/bulk-decision", summary="Answer several steps")
def answer_several(request: Request, caller: Decider, body: Several, key: IdempotencyKey = None) -> BulkRecorded:
    """The same answer to several steps. Each is recorded on its own: one that is refused says why, the others stand.
    Token scope: `decide`."""
    house = house_of(request)
    listed = {one.signer_id: Listed(one.signer_id, one.content_hash) for one in body.steps}
    came = take_answers(
        house, list(listed.values()), body.action, body.form, actor=caller.actor, via=caller.via, key=key
    )
    language = language_of(request, caller.person)
    results = [_result(one, language) for one in came]
    recorded = sum(one.recorded for one in results)
    return BulkRecorded(recorded=recorded, refused=len(results) - recorded, results=results)


def _result(came: Came, language: Language) -> BulkResult:
    decided, refusal = came.decided, came.refusal
    return BulkResult(
        signer_id=came.listed.signer_id,
        recorded=decided is not None,
        case=decided.case_ref if decided else None,
        step_closed=decided.step_closed if decided else False,
        repeated=decided.repeated if decided else False,
        code=refusal.code if refusal else None,
        detail=refusal.text(language) if refusal else None,
    )
