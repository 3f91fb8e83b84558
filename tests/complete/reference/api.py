"""Every operation of the JSON API, from its own OpenAPI document."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from api.app import create_app
from config.policy import load_policy
from config.settings import Settings
from models.house import open_house
from tests.complete.reference.writing import code, heading, joined, table

METHODS = ("get", "post", "put", "patch", "delete")


def page() -> str:
    lines = heading(
        "API, operation by operation",
        "How to sign in, page, filter, and what errors look like, is told in [api.md](../api.md). The document itself, "
        "with the shapes of all bodies, is at `/api/v1/openapi.json`.",
    )
    document = _document()
    by_tag: dict[str, list[tuple[str, ...]]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["Other"])[0]
                by_tag.setdefault(tag, []).append(_row(method, path, item[method], item.get("parameters", [])))
    for tag, rows in by_tag.items():
        lines += [f"## {tag}", "", *table(("operation", "what it does", "parameters", "body", "answers"), rows)]
    return joined(lines)


def _document() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        house = open_house(Settings(home=Path(home), _env_file=None), load_policy())  # type: ignore[call-arg]
        document: dict[str, Any] = create_app(house).openapi()
        house.engine.dispose()
    return document


def _row(method: str, path: str, operation: dict[str, Any], shared: list[dict[str, Any]]) -> tuple[str, ...]:
    parameters = [
        code(one["name"]) + ("" if one.get("required") else "?")
        for one in (*shared, *operation.get("parameters", []))
        if one["in"] in ("query", "header")
    ]
    body = operation.get("requestBody", {}).get("content", {})
    shapes = [_shape(one.get("schema", {})) or code(kind) for kind, one in body.items()]
    answers = ", ".join(status for status in operation["responses"] if status < "4")
    summary = operation.get("summary", "")
    return code(f"{method.upper()} {path}"), summary, ", ".join(parameters), ", ".join(shapes), answers


def _shape(schema: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    return code(name) if name else ""
