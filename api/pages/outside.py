"""The page behind a link to the outside: it shows one thing, and takes one answer with a one-time code.

GET and HEAD only ever show. Whoever comes here is no member of staff: the page has a layout of its own, and nothing on
it leads anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.files import disposition_of
from api.forms import data_of, form_view
from api.posted import Posted, posted
from api.refusals import FormStale
from config.languages import N_
from models.errors import Invalid, LinkDead, NotFound, Refused
from models.operations.outside import outside_actor
from models.operations.outside_answers import (
    CODE_FIELD,
    MOST_CODES,
    OutsideTarget,
    ask_for_code,
    follow_outside_link,
    note_opened,
    take_outside,
    try_code,
)
from models.operations.papers import issuer_of, text_of
from models.queries.outside import mask_email
from models.tables import Paper
from notifications.papers import DOCX, as_docx

router = APIRouter(include_in_schema=False)
LONGEST_TOKEN = 200


@router.api_route("/o/{token}", methods=["GET", "HEAD"])
def read(request: Request, token: str) -> Response:
    """The page. That it was opened is noted once the browser has been here before: what scans mails opens links too."""
    target = _target(request, token)
    if request.method == "GET" and not target.done and Csrf(request).been_here:
        with house_of(request).work(outside_actor(target.party)) as work:
            note_opened(work, target)
    return _page(request, token, target)


@router.post("/o/{token}/code")
def send_code(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Have a code sent; what was typed so far stays in the form."""
    target = _target(request, token)
    try:
        Csrf(request).check(form.text(FIELD), _purpose(target))
        with house_of(request).work(outside_actor(target.party)) as work:
            note_opened(work, target)
            target = ask_for_code(work, token[:LONGEST_TOKEN])
    except Refused as refusal:
        return _page(request, token, _target(request, token), form=form, refusal=refusal)
    return _page(request, token, target, form=form, code_sent=True)


@router.post("/o/{token}")
def answer(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Take the answer, if the code is right. The same answer again gets the same reply."""
    target = _target(request, token)
    try:
        Csrf(request).check(form.text(FIELD), _purpose(target))
        _take(request, token[:LONGEST_TOKEN], target, form)
    except (Invalid, FormStale) as refusal:
        return _page(request, token, _target(request, token), form=form, refusal=refusal)
    return RedirectResponse(f"/o/{token}", 303)


@router.get("/o/{token}/paper.docx")
def paper_file(request: Request, token: str) -> Response:
    """The paper to be signed, as a Word file, as long as the link opens it."""
    target = _target(request, token)
    house = house_of(request)
    if target.done:
        raise LinkDead(N_("You have answered already; nothing more is needed."))
    with house.read() as session:
        paper = session.get(Paper, target.link.paper_id) if target.link.paper_id else None
    if paper is None:
        raise NotFound(N_("There is no such paper."))
    text = text_of(paper)
    zone = house.settings.time_zone
    content = as_docx(text, version=paper.version, time_zone=zone, made_at=paper.made_at)
    return Response(content, media_type=DOCX, headers={"content-disposition": disposition_of(f"{text.title}.docx")})


def _take(request: Request, token: str, target: OutsideTarget, form: Posted) -> None:
    house, actor, code = house_of(request), outside_actor(target.party), form.text(CODE_FIELD)[:40]
    with house.work(actor) as work:  # of its own, for a wrong code is counted whatever comes of the rest
        wrong = try_code(work, token, code)
    if wrong is not None:
        raise wrong
    with house.work(actor) as work:
        take_outside(work, token, code, data_of(target.purpose.form, form))


def _target(request: Request, token: str) -> OutsideTarget:
    with house_of(request).read() as session:
        return follow_outside_link(session, token[:LONGEST_TOKEN], house_of(request))


def _purpose(target: OutsideTarget) -> str:
    return f"outside:{target.link.id}"


def _page(
    request: Request,
    token: str,
    target: OutsideTarget,
    *,
    form: Posted | None = None,
    refusal: Refused | None = None,
    code_sent: bool = False,
) -> Response:
    house = house_of(request)
    shown: dict[str, Any] = {
        "reader": target.party,
        "company": issuer_of(house, target.party.language),
        "target": target,
        "path": f"/o/{token}",
        "form_purpose": _purpose(target),
    }
    if target.done:
        status = refusal.status if refusal else 200
        return _drawn(request, "outside_done.html", status, **shown, refusal=refusal)
    with house.read() as session:
        content: Mapping[str, Any] = target.purpose.shows(session, target.link)
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return _drawn(
        request,
        "outside.html",
        refusal.status if refusal else 200,
        **shown,
        refusal=refusal,
        content=content,
        form=form_view(
            target.purpose.form,
            content,
            posted=form,
            problems=[problem for problem in problems if problem.field != CODE_FIELD],
            choices=choices_of(house.policy),
        ),
        code_field=CODE_FIELD,
        code_problems=[problem for problem in problems if problem.field == CODE_FIELD],
        code_typed=form.text(CODE_FIELD) if form else "",
        code_sent=code_sent,
        codes_left=MOST_CODES - target.link.codes_sent,
        address=mask_email(target.party.email),
    )


def _drawn(request: Request, template: str, status: int, **context: Any) -> Response:
    response: Response = request.app.state.pages.page(request, template, status, **context)
    return response
