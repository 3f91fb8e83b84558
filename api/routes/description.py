"""What the OpenAPI document says about the API as a whole."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from api.examples import add_examples
from models.onboarding import Application
from models.starting import starts

DESCRIPTION = """Open client-risk cases, read them, and answer the steps they ask of people.

**Who is calling.** Programs send `Authorization: Bearer <token>`; a token acts for one person, within its scopes
(`read`, `open`, `decide`, `ledger`, `operate`). A browser that is signed in sends its session cookie and, with every
change, the `X-CSRF-Token` that `GET /session` gives.

**Doing it twice.** `Idempotency-Key` (up to 200 characters) makes a repeated POST harmless: the same key of the same
person opens the same case. An answer that was recorded is recorded once, with or without a key; another answer to the
same step is told who decided, what and when (409).

**Changing what one has read.** Every answer to a GET has an `ETag`; with `If-None-Match` it is 304 while nothing is
new. Where a whole state is replaced, `If-Match` with the `ETag` that was read keeps one from undoing another's change
(412). An answer to a step names the `content_hash` that was read instead (409).

**Lists** come in pages: `limit` (up to 200), and `next_cursor` for the next one, which is also in the header `Link`
(`rel="next"`). Rows that arrive meanwhile do not shift the pages.

**How much.** `RateLimit` says how many requests are left; beyond that 429 with `Retry-After`. Rather than asking again
and again, have a webhook tell you.

**Errors** are problem details (RFC 9457, `application/problem+json`). `code` is stable; `detail` and the messages in
`problems` follow `Accept-Language` (zh, en).

**Money** is in yuan, as text with two decimal places. **Times** are UTC."""

TAGS = [
    {"name": "Cases", "description": "One run of one process for one customer."},
    {"name": "Steps", "description": "What a case asks of the caller, and their answers."},
    {"name": "Me", "description": "The caller's own desk: inbox, settings, calendar feed, tokens."},
    {"name": "Moves", "description": "What a signer may do with a step besides answering it."},
    {"name": "Absences", "description": "Dated substitutes."},
    {"name": "Customers", "description": "Who they are, how they stand, and whether they may trade."},
    {"name": "Search", "description": "Across cases and customers."},
    {"name": "Qualifications", "description": "Confidentiality agreements and trainings, with their expiry."},
    {"name": "Privacy", "description": "Consents to share, legal holds, erasure, everything kept on one customer."},
    {"name": "Processes", "description": "What there is to begin, and beginning it."},
    {"name": "Papers", "description": "What was written for a case, and who signed it."},
    {"name": "Ledger", "description": "Invoices, payments, and what is owed by age."},
    {"name": "Statistics", "description": "The figures of the house, of a process, and of the portfolio."},
    {"name": "Operations", "description": "How everything stands: the working queue and the messages."},
    {"name": "Schedules", "description": "What is done again and again, when it is done next, and changing that."},
    {"name": "Staff", "description": "The register of the staff."},
    {"name": "Webhooks", "description": "Programs that are told of events, and what became of each notice."},
    {"name": "Evaluation", "description": "A quarterly evaluation: changes, exceptions, the report."},
    {"name": "People outside", "description": "Whom one has asked for something by a link."},
    {"name": "Policy", "description": "The versions of the policy, and what differs."},
    {"name": "Exports", "description": "Lists as files."},
    {"name": "Session", "description": "For browsers that are signed in."},
]

SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token (`crk_…`)."},
    "session": {"type": "apiKey", "in": "cookie", "name": "clientrisk_session"},
}


def describe(app: FastAPI, *shapes: type[BaseModel]) -> None:
    """Add to the document what FastAPI does not see: the schemes of security, and shapes used by reference."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            parts = document.setdefault("components", {})
            parts["securitySchemes"] = SECURITY
            opening = [start.form for start in starts().values()]
            everything: tuple[type[BaseModel], ...] = (*shapes, Application, *opening)
            for shape in everything:
                schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
                parts.setdefault("schemas", {}).update(schema.pop("$defs", {}))
                parts["schemas"][shape.__name__] = schema
            _say_what_opens(document, [form.__name__ for form in opening])
            document["security"] = [{"token": []}, {"session": []}]
            add_examples(document)
            document["servers"] = [{"url": "/"}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _say_what_opens(document: dict[str, Any], forms: list[str]) -> None:
    """A case is opened with the form of its process: one of those that are registered."""
    operation = document["paths"].get("/api/v1/processes/{process}/cases", {}).get("post")
    if operation and forms:
        body = operation["requestBody"]["content"]["application/json"]
        body["schema"]["anyOf"] = [{"$ref": f"#/components/schemas/{name}"} for name in forms]
