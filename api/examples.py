"""Examples for the OpenAPI document: every JSON body has one, in the words of the field.

What a shape says of itself (``examples``) stands. The rest is put together from its schema: a value that its field is
known by, else one of the right kind. A test holds each against its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

DEEPEST = 8

BY_FIELD: Mapping[str, Any] = {
    "InvoiceShown.number": "INV-2026-0117",
    "InvoiceEntered.number": "INV-2026-0117",
    "ProcessShown.name": "risk-reception",
    "ProcessShown.title": "Risk-client reception",
    "ProblemDetails.title": "Please check what was entered",
    "LevelShown.number": 1,
    "WebhookShown.url": "https://erp.example.com/hooks/risk",
    "WebhookMade.url": "https://erp.example.com/hooks/risk",
    "WebhookShown.name": "ERP receivables",
    "WebhookMade.name": "ERP receivables",
    "WebhookShown.created_by": "徐明",
    "WebhookMade.created_by": "徐明",
    "FileShown.name": "purchase-contract.pdf",
    "PaperListed.kind": "minutes",
    "PaperListed.title": "Minutes of the reception",
    "SessionShown.name": "李娜",
    "SessionShown.person": "li.na",
    "Settled.invoice": "INV-2026-0117",
    "CustomerShown.contact": "孙建国",
    "Invited.invitation": 7,
    "SignatureShown.name": "王军",
    "SignatureShown.person": "wang.jun",
    "SeatedShown.name": "王军",
    "LeftOutShown.name": "李娜",
    "LeftOutShown.reason": "They started the case.",
    "LevelShown.title": "Sales manager",
    "LevelShown.planned": ["王军"],
    "LevelShown.reasons": ["The limit asked for lies within this level."],
    "RouteShown.reasons": ["The limit decides: it needs the higher level."],
    "CaseItem.title": "徐州恒远钢铁贸易有限公司",
    "CaseShown.title": "徐州恒远钢铁贸易有限公司",
    "HowFarShown.what": "Customers evaluated",
    "CaseItem.waits_at": ["Approval of limit and term"],
    "Happened.text": "“Approval of limit and term” is put to 王军",
    "CustomerShown.type": "medium_enterprise",
    "CustomerShown.status": "admitted",
    "CustomerItem.type": "medium_enterprise",
    "CustomerItem.status": "admitted",
}
"""By shape and field."""

BY_NAME: Mapping[str, Any] = {
    "action": "approve",
    "address": "https://erp.example.com/hooks/risk",
    "amount": "1240000.00",
    "answer": "They paid the last instalment on Friday.",
    "archive": "ARC-000123",
    "asked": ["陈宇"],
    "asked_by": "李娜",
    "because": [],
    "by": "李娜",
    "capacity": "Head of the team",
    "case": "ONB-2026-000123",
    "case_title": "徐州恒远钢铁贸易有限公司",
    "cases": ["ONB-2026-000123"],
    "channel": "mail",
    "code": "invalid",
    "comment": "Agreed.",
    "contact": "孙建国",
    "content_hash": "6f1c0e3d9a5b47c8",
    "created_by": "徐明",
    "csrf_token": "IjY0YmYi.Zt0pQ1",
    "currency": "CNY",
    "customer": "K-000123",
    "detail": "Please look at the marked fields.",
    "email": "s***@hengyuan.example",
    "encoding": "utf-8",
    "event": "case.opened",
    "field": "reason",
    "handler": "李娜",
    "identifier": "9132****2H",
    "industry": "steel trade",
    "initiator": "李娜",
    "instance": "/api/v1/steps/412/decision",
    "invoice": "INV-2026-0117",
    "label": "Approve",
    "media_type": "application/pdf",
    "message": "This field is needed.",
    "move": "transfer",
    "name": "徐州恒远钢铁贸易有限公司",
    "next_cursor": "MjAyNi0wMy0xMFQwMTozMDowMCswMDowMHwxMjM",
    "note": "The customer needs the goods on Monday.",
    "number": "K-000123",
    "origin": "api",
    "person": "li.na",
    "phone": "138****1234",
    "policy_version": "2026-01-05-6f1c0e3d",
    "prefix": "ONB",
    "process": "onboarding-review",
    "quarter": "2026Q1",
    "question": "Is the risk of this customer acceptable?",
    "reason": "The customer has brought the missing papers.",
    "ref": "ONB-2026-000123",
    "reference": "BOC-20260309-778",
    "needed": 1,
    "round": 1,
    "people": ["王军"],
    "credit_grade": "B",
    "customer_class": "B",
    "risk_level": "medium",
    "seat": "Sales manager",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "signer_id": 412,
    "step": "matrix-approval#1",
    "step_title": "Approval of limit and term",
    "substitute": "zheng.li",
    "substitute_name": "郑丽",
    "text": "Delivery is agreed for the end of the month.",
    "title": "Approval of limit and term",
    "to": "qian.wei",
    "type": "urn:clientrisk:problem:invalid",
    "url": "https://risk.hengyuan.example/cases/ONB-2026-000123",
    "who": "李娜",
    **dict.fromkeys(("limit", "credit_limit", "available", "requested_limit"), "1000000.00"),
    **dict.fromkeys(("total", "overdue", "outstanding", "exposure"), "320000.00"),
    **dict.fromkeys(("unallocated", "credit", "settled", "used"), "0.00"),
}
"""By field alone."""

WITHOUT = frozenset(
    [
        "outcome",
        "closed_at",
        "closed_by",
        "settled_on",
        "written_off",
        "written_off_by",
        "answered_at",
        "answered_by",
        "until",
        "lifted_on",
        "revoked_because",
        "cancelled_at",
        "became",
        "advice",
        "paused_because",
        "exception",
        "original",
        "in_the_name_of",
    ]
)
"""What a thing that is under way does not have yet."""

SO = frozenset(("active", "open", "step_closed", "may_answer", "may_trade", "open_to_me"))
"""What is true of a thing as a rule."""

CSV_FILES: Mapping[str, str] = {
    "/api/v1/cases/import": "customer_type,name,identifier,contact,phone,requested_limit,requested_term_days\r\n"
    "medium_enterprise,徐州恒远钢铁贸易有限公司,91320300MA1MRWPX2H,孙建国,13805201234,1240000.00,45\r\n",
    "/api/v1/invoices/import": "number,customer,amount,currency,issued_on,due_on\r\n"
    "INV-2026-0117,K-000123,1240000.00,CNY,2026-01-05,2026-03-05\r\n",
    "/api/v1/payments/import": "reference,customer,amount,currency,received_on,invoices,note\r\n"
    "BOC-20260309-778,K-000123,240000.00,CNY,2026-03-09,INV-2026-0117,\r\n",
    "/api/v1/qualifications/import": "person,kind,reference,valid_from,valid_until\r\n"
    "chen.yu,reception_training,PX-2026-014,2026-03-01,2027-02-28\r\n",
}
"""What files look like, by where they are sent."""

FORMATS = {
    "date": "2026-03-10",
    "date-time": "2026-03-10T01:30:00Z",
    "binary": "…",
    "uuid": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "uri": "https://risk.hengyuan.example/",
}


def add_examples(document: dict[str, Any]) -> None:
    """Give every JSON body of the document its example."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for media_type, body in _bodies(operation):
                if media_type in ("application/json", "application/problem+json"):
                    if "examples" not in body and "example" not in body:
                        body["example"] = example_of(body.get("schema", {}), schemas)
                elif media_type == "text/csv" and path in CSV_FILES:
                    body["example"] = CSV_FILES[path]


def _bodies(operation: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for response in operation.get("responses", {}).values():
        yield from response.get("content", {}).items()


def example_of(schema: Schema, schemas: Schema, place: tuple[str, str] = ("", ""), depth: int = 0) -> Any:
    """One value that ``schema`` takes. ``place`` is the shape and the field it stands in."""
    if depth > DEEPEST:
        return None
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example_of(
            schemas[name], schemas, (name if "properties" in schemas[name] else place[0], place[1]), depth
        )
    if schema.get("examples"):
        return _completed(schema["examples"][0], schema, schemas)
    known = _known(schema, place)
    if known is not _NOTHING:
        return known
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [one for one in schema[several] if one.get("type") != "null"]
            plain = len(kinds) < len(schema[several]) and kinds and kinds[0].get("type") == "string"
            if not kinds or (plain and "enum" not in kinds[0] and "format" not in kinds[0]):
                return None  # a text that may be missing: better none than a made-up one
            return example_of(kinds[0], schemas, place, depth)
    if "allOf" in schema:
        return example_of(schema["allOf"][0], schemas, place, depth)
    if "properties" in schema:
        name = place[0] or str(schema.get("title", ""))
        return {
            field: example_of(of, schemas, (name, field), depth + 1)
            for field, of in schema["properties"].items()
            if depth < DEEPEST or field in schema.get("required", ())
        }
    return _of_kind(schema, schemas, place, depth)


_NOTHING = object()


def _may_be_null(schema: Schema) -> bool:
    return any(kind.get("type") == "null" for kind in schema.get("anyOf", ()))


def _completed(example: Any, schema: Schema, schemas: Schema) -> Any:
    """An example as it was written: FastAPI leaves out of it what is none."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(example, list):
        return [_completed(one, schema.get("items", {}), schemas) for one in example]
    if not isinstance(example, dict) or "properties" not in schema:
        return example
    fields = schema["properties"]
    given = {name: _completed(value, fields.get(name, {}), schemas) for name, value in example.items()}
    return {**{name: None for name in schema.get("required", ()) if name not in given}, **given}


def _known(schema: Schema, place: tuple[str, str]) -> Any:
    for said in ("const", "example"):
        if said in schema:
            return schema[said]
    shape, field = place
    if f"{place[0]}.{place[1]}" in WITHOUT or field in WITHOUT:
        return None if _may_be_null(schema) else _NOTHING
    for candidates, key in ((BY_FIELD, f"{shape}.{field}"), (BY_NAME, field)):
        if key in candidates and _fits(candidates[key], schema):
            return candidates[key]
    return schema["enum"][0] if "enum" in schema else _NOTHING


def _fits(value: Any, schema: Schema) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kinds = [schema, *schema.get("anyOf", ())]
    return any(_is(value, kind) for kind in kinds if "type" in kind)


def _is(value: Any, schema: Schema) -> bool:
    kind = schema["type"]
    if isinstance(value, str) and kind == "string" and "enum" not in schema:
        longest, shortest = schema.get("maxLength", len(value)), schema.get("minLength", 0)
        matched = re.search(schema["pattern"], value) if "pattern" in schema else True
        return shortest <= len(value) <= longest and bool(matched) and schema.get("format") in (None, "uri")
    if isinstance(value, int) and kind == "integer":
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    if isinstance(value, list) and kind == "array":
        items = schema.get("items", {})
        return all(_is(one, items) for one in value) if "type" in items else not value
    return False


def _of_kind(schema: Schema, schemas: Schema, place: tuple[str, str], depth: int) -> Any:
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return [example_of(one, schemas, place, depth + 1) for one in schema["prefixItems"]]
        items = schema.get("items", {})
        if depth >= DEEPEST - 1 and not schema.get("minItems"):
            return []
        return [example_of(items, schemas, (place[0], place[1].removesuffix("s")), depth + 1)]
    if kind == "object":
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and depth < DEEPEST - 1:
            return {_key(schema, schemas): example_of(more, schemas, ("", ""), depth + 1)}
        return {}
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return min(max(3, least), schema.get("maximum", 3))
    if kind == "boolean":
        return bool(schema.get("default", place[1] in SO))
    if kind == "string":
        return _text(schema, place[1])
    return None


def _key(schema: Schema, schemas: Schema) -> str:
    names = schema.get("propertyNames", {})
    names = schemas[names["$ref"].rpartition("/")[2]] if "$ref" in names else names
    return str(names["enum"][0]) if "enum" in names else "debt_ratio"


def _text(schema: Schema, field: str) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    for candidate in ("1240000.00", "45", "08:00", "2026-03-10", "K-000123", "crk_example", "a07e5b"):
        if "pattern" in schema and re.search(schema["pattern"], candidate):
            return candidate
    text = str(schema.get("default") or field.replace("_", " ").capitalize() or "…")
    text = text.ljust(schema.get("minLength", 0), "…")
    return text[: schema.get("maxLength", len(text))]
