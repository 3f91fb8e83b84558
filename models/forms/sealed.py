"""Text in a form that identifies a person: kept encrypted in every answer, journal and audit event."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, StringConstraints

from models.columns import seal_text, unseal_text

PREFIX = "sealed:"


def _unseal(value: Any) -> Any:
    return unseal_text(value.removeprefix(PREFIX)) if isinstance(value, str) and value.startswith(PREFIX) else value


def _seal(value: str | None) -> str | None:
    return None if value is None else PREFIX + seal_text(value)


SealedText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    BeforeValidator(_unseal),
    PlainSerializer(_seal, return_type=str, when_used="json-unless-none"),
]
"""Readable in memory; ``model_dump(mode="json")`` gives it sealed, and validation opens it again."""
