"""Access for programs: the tokens that act for me. One is shown once, on the page that answers its making."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, Refused
from models.house import person as person_actor
from models.operations.access import Scope
from models.operations.sessions import is_live, make_own_token, revoke_own_token, tokens_of
from models.queries.rights import keeps_ledger, operates
from models.tables import Person

router = APIRouter(include_in_schema=False)
PURPOSE = "token"
SCOPES = {
    Scope.READ: N_("Read what I may see"),
    Scope.OPEN: N_("Open cases in my name"),
    Scope.DECIDE: N_("Answer steps and change things in my name"),
    Scope.LEDGER: N_("Enter invoices and payments"),
    Scope.OPERATE: N_("Run the system: retries, messages, staff"),
}
"""What each scope lets a program do."""
_OF_SOME = {Scope.LEDGER: keeps_ledger, Scope.OPERATE: operates}
"""Scopes that are of use to some only: a program never does what its person may not."""


@router.api_route("/me/tokens", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, person)


@router.post("/me/tokens")
def make(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        scopes = [Scope(one) for one in form.all("scopes") if one in list(Scope)]
        written = form.text("days").strip()
        days = int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else 0
        with house_of(request).work(person_actor(person.id)) as work:
            token = make_own_token(work, person.id, form.text("label"), scopes, days)
    except Refused as refusal:
        return _page(request, person, form=form, refusal=refusal)
    return _page(request, person, token=token)


@router.post("/me/tokens/{token_id}/revoke")
def revoke(
    request: Request,
    token_id: Annotated[int, Path(ge=1, le=2**53)],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    Csrf(request).check(form.text(FIELD), f"revoke-token:{token_id}")
    with house_of(request).work(person_actor(person.id)) as work:
        revoke_own_token(work, person.id, token_id)
    return RedirectResponse("/me/tokens?done=revoked", 303)


def _page(
    request: Request,
    person: Person,
    *,
    token: str | None = None,
    form: Posted | None = None,
    refusal: Refused | None = None,
) -> Response:
    house = house_of(request)
    with house.read() as session:
        tokens = [(one, is_live(one, house.clock())) for one in tokens_of(session, person.id)]
    usual = min(house.settings.api_token_days, house.settings.api_token_longest_days)
    problems = {one.field: one for one in refusal.problems} if isinstance(refusal, Invalid) else {}
    response: Response = request.app.state.pages.page(
        request,
        "me_tokens.html",
        refusal.status if refusal else 200,
        desk="me",
        tokens=tokens,
        token=token,
        scopes={one: title for one, title in SCOPES.items() if one not in _OF_SOME or _OF_SOME[one](person)},
        longest=house.settings.api_token_longest_days,
        typed={
            "label": form.text("label") if form else "",
            "days": form.text("days") if form else str(usual),
            "scopes": form.all("scopes") if form else [Scope.READ.value],
        },
        problems=problems,
        refusal=refusal,
        done="" if token or refusal else request.query_params.get("done", ""),
    )
    return response
