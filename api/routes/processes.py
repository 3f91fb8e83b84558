"""Processes: what there is, and beginning one by hand."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import Field

from api.caller import house_of
from api.language import language_of
from api.opening import request_key
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import IdempotencyKey, Opener, Reader
from api.routes.shapes import Given, OpenedCase
from api.routes.taken import Storable
from config.languages import translate
from models.operations.beginning import begin, may_begin, start_named
from models.processes import ONBOARDING, PROCESSES
from models.rights import RULES, Right
from models.starting import starts

router = APIRouter(tags=["Processes"], responses=PROBLEM_RESPONSES)


class ProcessShown(Given):
    """One process. `open_with` is where a case of it is opened by hand; none if nobody does that."""

    name: str
    title: str
    prefix: str = Field(description="What the references of its cases begin with.")
    intro: str | None
    open_with: str | None
    roles: list[str] = Field(description="Whose roles may begin it.")
    open_to_me: bool
    form: dict[str, Any] | None = Field(description="JSON schema of the form that opens a case.")


class ProcessList(Given):
    items: list[ProcessShown]


@router.get("/processes", summary="List processes")
def listed(request: Request, caller: Reader) -> ProcessList:
    """Every process, with the form that opens a case of it and who may send it. Token scope: `read`."""
    language = language_of(request, caller.person)
    ways, items = starts(), []
    for kind in {**PROCESSES, **{name: start.kind for name, start in ways.items()}}.values():
        start = ways.get(kind.name)
        roles = start.roles if start else RULES[Right.OPEN_ONBOARDING].roles if kind is ONBOARDING else frozenset()
        own = f"/api/v1/processes/{kind.name}/cases" if start else "/api/v1/cases" if kind is ONBOARDING else None
        items.append(
            ProcessShown(
                name=kind.name,
                title=translate(kind.title, language),
                prefix=kind.prefix,
                intro=translate(start.intro, language) if start else None,
                open_with=own,
                roles=sorted(role.value for role in roles),
                open_to_me=not roles.isdisjoint(caller.person.roles),
                form=start.form.model_json_schema() if start else None,
            )
        )
    return ProcessList(items=items)


Form = Annotated[
    dict[str, Any],
    Storable,
    Body(
        description="The process's form; its JSON schema is given by `GET /processes`. Customers are named by number "
        "(`K-000123`), credit code or unique name, people by their id, money is text in yuan, dates are ISO dates.",
        examples=[{"customer": "K-000123", "trigger": "disputed_debt", "reason": "Disputes the deliveries of March."}],
    ),
]


@router.post("/processes/{process}/cases", status_code=201, summary="Begin a process")
def open_one(
    request: Request,
    response: Response,
    process: Annotated[str, Path(max_length=64, examples=["risk-reception"])],
    caller: Opener,
    body: Form,
    key: IdempotencyKey = None,
) -> OpenedCase:
    """Open a case of a process by its form. Token scope: `open`. With an `Idempotency-Key`, a repeat gives the case
    that was opened. Onboarding reviews are opened by `POST /cases`."""
    house, start = house_of(request), start_named(process)
    may_begin(start, caller.person)
    with house.work(caller.actor) as work:
        case = begin(work, start, body, caller.person, request_key(caller.person.id, key or secrets.token_urlsafe(16)))
    response.headers["location"] = f"/api/v1/cases/{case.ref}"
    return OpenedCase(ref=case.ref, url=f"{house.settings.base_url}/cases/{case.ref}")
