"""A question that somebody was asked about a step: who has no place on its route answers here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from models.errors import Refused
from models.house import person as person_actor
from models.operations.remarks import answer_question
from models.queries.discussion import discussion
from models.queries.inbox import deadline
from models.queries.rights import question_seen_by
from models.tables import Case, Person, Step

router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.api_route("/questions/{question_id}", methods=["GET", "HEAD"])
def read(request: Request, question_id: Number, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, question_id, person)


@router.post("/questions/{question_id}")
def answer(
    request: Request,
    question_id: Number,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), f"question:{question_id}")
        with house_of(request).work(person_actor(person.id)) as work:
            question_seen_by(work.session, person, question_id)
            answer_question(work, question_id, form.text("text"))
    except Refused as refusal:
        return _page(request, question_id, person, refusal, form.text("text"))
    return RedirectResponse(f"/questions/{question_id}", 303)


def _page(
    request: Request, question_id: int, person: Person, refusal: Refused | None = None, text: str = ""
) -> Response:
    house = house_of(request)
    with house.read() as session:
        asked = question_seen_by(session, person, question_id)
        step, case = session.get_one(Step, asked.step_id), session.get_one(Case, asked.case_ref)
        talk = discussion(session, [step], person.id)
    response: Response = request.app.state.pages.page(
        request,
        "question.html",
        refusal.status if refusal else 200,
        case=case,
        step=step,
        due=deadline(house.calendar, house.clock(), step.due_at),
        remark=next(one for one in talk.remarks if one.id == question_id),
        files=talk.files,
        refusal=refusal,
        text=text,
    )
    return response
