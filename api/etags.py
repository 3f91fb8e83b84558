"""Entity tags: a program keeps what it has read, and changes only what it has seen (RFC 9110 §8.8, §13).

Every JSON answer to a GET carries an ``ETag``; sent back as ``If-None-Match`` it is answered with 304 and no body. The
gate does both. A route whose answer holds what changes at every look sets a tag of its own (``told``).

Whatever is changed by its whole state takes ``If-Match``: ``must_match(if_match, tag_of(row))`` before the change, and
``told(response, tag_of(row))`` where the row is read and after it was changed.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

from config.languages import N_
from models.audit import digest
from models.errors import Refused

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=400,
        description="`ETag` of what the change is based on. If it is no longer so, nothing is changed (412).",
        examples=['"2b0c9d5e8f31a6c47d10"'],
    ),
]


class Outdated(Refused):
    """What the caller has read is not how it stands any more."""

    status = 412
    code = "version-changed"

    def __init__(self) -> None:
        super().__init__(N_("It was changed since you read it. Nothing was recorded; please read it again."))


def tag_of(*parts: Any) -> str:
    """The entity tag of what ``parts`` say: rows, models or plain values, in any language of the reader alike."""
    return f'"{digest([_plain(part) for part in parts])[:20]}"'


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json") if isinstance(part, BaseModel) else part


def must_match(if_match: str | None, current: str) -> None:
    """Let a change pass that is based on what is so now, or that does not say what it is based on.

    Raises:
        Outdated: it is based on something else.
    """
    if if_match is not None and not matches(if_match, current, strongly=True):
        raise Outdated


def told(response: Response, tag: str) -> None:
    """Say the tag with the answer."""
    response.headers["etag"] = tag


def matches(header: str, tag: str, *, strongly: bool = False) -> bool:
    """Whether ``tag`` is among those of ``If-Match`` (``strongly``) or ``If-None-Match``; ``*`` is any."""
    if header.strip() == "*":
        return True
    given = {one.strip() for one in header.split(",") if one.strip()}
    if strongly:
        return tag in given and not tag.startswith("W/")
    return tag.removeprefix("W/") in {one.removeprefix("W/") for one in given}
