"""Requests that are sent twice: with the same ``Idempotency-Key`` the second finds what the first has made.

What is known by its own content (an answer, an invoice's number, a file) needs none of this; this is for what could be
meant twice: a comment, a question, an absence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from config.languages import N_
from models.audit import digest
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.tables import MadeOnce

KEPT = timedelta(days=7)
"""How long a repeat is known as one."""


def once(
    work: Work, person_id: str, key: str | None, asked: Mapping[str, Any], make: Callable[[], object]
) -> tuple[str, bool]:
    """The number of what ``make`` makes (or has made for the same key), and whether it was there already.

    ``asked`` says what is asked for, with ``what`` kind of thing; a key belongs to its person and that kind.

    Raises:
        Invalid: the key was used for something else.
        Conflict: the same request is being carried out just now.
    """
    if key is None:
        return str(make()), False
    name, content = digest([person_id, asked["what"], key]), digest(dict(asked))
    earlier = work.session.get(MadeOnce, name)
    if earlier is not None and earlier.at > work.now - KEPT:
        if earlier.asked != content:
            told = N_("This key was sent with another request before. Send a new one.")
            raise Invalid(told, [Problem("Idempotency-Key", told)])
        return earlier.made, True
    row = earlier or MadeOnce(key=name, asked=content, made="", at=work.now)
    try:
        work.add(row)  # first the key: of two at once the second waits for the first, and then finds it taken
    except IntegrityError:
        raise Conflict(N_("The same request is being carried out just now.")) from None
    row.asked, row.at, row.made = content, work.now, str(make())
    work.add(row)
    return row.made, False


def forget(work: Work) -> int:
    """Forget keys that are old."""
    return work.change(delete(MadeOnce).where(col(MadeOnce.at) < work.now - KEPT))
