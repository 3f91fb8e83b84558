"""How refusals are told: as problem details (RFC 9457) to programs, as a page to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.language import language_of
from api.refusals import NotSignedIn, TooLarge, Unroutable
from config.languages import N_, translate
from config.words import Language
from models.errors import Invalid, Refused
from models.forms.base import problem_of
from models.operations.csv_rows import ImportRefused

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: N_("Bad request"),
    401: N_("Sign-in needed"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    406: N_("Not acceptable"),
    409: N_("Somebody came first"),
    410: N_("No longer valid"),
    412: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("Unsupported format"),
    422: N_("Please check what was entered"),
    429: N_("Too many requests"),
    500: N_("Something went wrong"),
    503: N_("Busy just now"),
}


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    field: str = Field(description="Path of the field; empty for the whole.")
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details. ``code`` is stable; ``title`` and ``detail`` follow Accept-Language."""

    type: str = Field(examples=["urn:clientrisk:problem:already-closed"])
    title: str
    status: int
    detail: str
    instance: str
    code: str
    problems: list[FieldProblem] = []


def problem(refusal: Refused, language: Language, instance: str) -> ProblemDetails:
    """``refusal`` in ``language``."""
    return ProblemDetails(
        type=f"urn:clientrisk:problem:{refusal.code}",
        title=translate(TITLES.get(refusal.status, TITLES[400]), language),
        status=refusal.status,
        detail=refusal.text(language),
        instance=instance,
        code=refusal.code,
        problems=_field_problems(refusal, language),
    )


def _field_problems(refusal: Refused, language: Language) -> list[FieldProblem]:
    if isinstance(refusal, ImportRefused):
        return [
            FieldProblem(field=f"row {one.row}: {one.column}".removesuffix(": "), message=one.text(language))
            for one in refusal.report.problems
        ]
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return [FieldProblem(field=one.field, message=one.text(language)) for one in problems]


def for_programs(request: Request) -> bool:
    """Whether an answer is for a program rather than for a person."""
    return request.url.path.startswith("/api/") or request.url.path in ("/healthz", "/readyz", "/metrics")


def refusal_response(request: Request, refusal: Refused, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that is refused."""
    if for_programs(request):
        shown = problem(refusal, language_of(request), request.url.path)
        if refusal.status == 401:
            headers = {"www-authenticate": 'Bearer realm="clientrisk"', **(headers or {})}
        return JSONResponse(shown.model_dump(), refusal.status, headers, MEDIA_TYPE)
    if isinstance(refusal, NotSignedIn):
        path = request.url.path if request.method in ("GET", "HEAD") else "/"
        return RedirectResponse(f"/sign-in?next={path}", 303)
    response: Response = request.app.state.pages.refusal(request, refusal, TITLES.get(refusal.status, TITLES[400]))
    response.headers.update(headers or {})
    return response


def install(app: FastAPI) -> None:
    """Let every error of the application be told in one of the two ways."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refusal_response(request, error)

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        limit = request.app.state.house.settings.max_body_bytes
        refusal: Refused = TooLarge(limit) if error.status_code == 413 else Unroutable(error.status_code)
        return refusal_response(request, refusal, dict(error.headers or {}))

    def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal_response(request, Invalid(N_("Please look at the marked fields."), problems_of(error.errors())))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, malformed)


def problems_of(errors: Sequence[Any]) -> list[Any]:
    """FastAPI's validation errors as ours; the part of the request they are in is left out of the path."""
    return [problem_of(_within(error)) for error in errors]


def _within(error: Any) -> Any:
    return {**error, "loc": tuple(error["loc"])[1:] or tuple(error["loc"])}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for status in (400, 401, 403, 404, 409, 412, 413, 422, 429, 503)
}
"""What any operation may answer besides its result."""
