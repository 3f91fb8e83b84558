"""Handing out a file: as a download under its own name, typed as it was found to be, and put on record as a look."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from models.audit import Actor
from models.house import House
from models.operations.attachments import read_attachment
from models.tables import Attachment


def file_response(house: House, attachment: Attachment, actor: Actor) -> Response:
    """The file, never shown in the page's own name: browsers save it, and do not guess what it is.

    Raises:
        NotFound: the store has lost it, or has something else in its place.
    """
    content = read_attachment(house, attachment)
    with house.work(actor) as work:
        work.record("file.opened", attachment.case_ref, name=attachment.name, sha256=attachment.sha256)
    return Response(content, media_type=attachment.media_type, headers={"content-disposition": disposition(attachment)})


def disposition(attachment: Attachment) -> str:
    """``attachment`` with the name in both ways that browsers understand (RFC 6266)."""
    return disposition_of(attachment.name)


def disposition_of(name: str) -> str:
    """A download called ``name``."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
