"""What the OpenAPI document says about the API as a whole."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from models.onboarding import Application
from models.starting import starts

DESCRIPTION = """Open client-risk cases, read them, and answer the steps they ask of people.

**Who is calling.** Programs send `Authorization: Bearer <token>`; a token acts for one person, within its scopes
(`read`, `open`, `decide`, `ledger`). A browser that is signed in sends its session cookie and, with every POST, the
`X-CSRF-Token` that `GET /session` gives.

**Doing it twice.** `Idempotency-Key` (up to 200 characters) makes a repeated POST harmless: the same key of the same
person opens the same case. An answer that was recorded is recorded once, with or without a key; another answer to the
same step is told who decided, what and when (409).

**Errors** are problem details (RFC 9457, `application/problem+json`). `code` is stable; `detail` and the messages in
`problems` follow `Accept-Language` (zh, en).

**Money** is in yuan, as text with two decimal places. **Times** are UTC."""

TAGS = [
    {"name": "Cases", "description": "One run of one process for one customer."},
    {"name": "Steps", "description": "What a case asks of the caller, and their answers."},
    {"name": "Moves", "description": "What a signer may do with a step besides answering it."},
    {"name": "Absences", "description": "Dated substitutes."},
    {"name": "Customers", "description": "Who they are, how they stand, and whether they may trade."},
    {"name": "Qualifications", "description": "Confidentiality agreements and trainings, with their expiry."},
    {"name": "Processes", "description": "What there is to begin, and beginning it."},
    {"name": "Papers", "description": "What was written for a case, and who signed it."},
    {"name": "Ledger", "description": "Invoices, payments, and what is owed by age."},
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
