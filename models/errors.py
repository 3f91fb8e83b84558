"""What can be wrong with a request, as people are told it.

::

    Refused                  a request that cannot be carried out; nothing was changed
    ├── NotFound             no such case, step, link …
    ├── NotAllowed           known, but not for this person
    │   └── SignInNeeded     a link alone is not enough for this decision
    ├── Conflict             somebody or something else came first
    │   ├── AlreadyClosed    the step is closed; says by whom, when and how
    │   └── ContentChanged   the page shown is not the step's text any more
    ├── LinkDead             a link that is unknown, expired, used or revoked
    └── Invalid              the request itself is wrong; ``problems`` names each field
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from config.languages import translate
from config.words import Language
from models.audit import Noted


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field: ``field`` is its path, ``message`` an English text with places."""

    field: str
    message: str
    values: Mapping[str, object] | None = None

    def text(self, language: Language) -> str:
        return translate(self.message, language, **(self.values or {}))


class Refused(Exception):
    """A request that cannot be carried out. Nothing was changed. ``message`` is translatable."""

    status = 400
    code = "refused"

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values
        self.noted: list[Noted] = []
        super().__init__(message.format(**values) if values else message)

    def note(self, event: str, case_ref: str | None, **data: object) -> Self:
        """Keep an audit event of the refusal, though nothing else of the work is kept."""
        self.noted.append(Noted(event, case_ref, data))
        return self

    def text(self, language: Language) -> str:
        """The sentence for a person, in their language."""
        shown = {name: _shown(value, language) for name, value in self.values.items()}
        return translate(self.message, language, **shown)


def _shown(value: object, language: Language) -> object:
    if isinstance(value, str):
        return translate(value, language)
    return value.render(language) if hasattr(value, "render") else value


class NotFound(Refused):
    """There is no such thing, or it is not to be known that there is."""

    status = 404
    code = "not-found"


class NotAllowed(Refused):
    """This person may not do this."""

    status = 403
    code = "not-allowed"


class SignInNeeded(NotAllowed):
    """A link shows this step, but deciding it needs a signed-in session of that very person."""

    code = "sign-in-needed"


class Conflict(Refused):
    """Somebody or something else came first."""

    status = 409
    code = "conflict"


class AlreadyClosed(Conflict):
    """The step was closed before this answer arrived."""

    code = "already-closed"


class ContentChanged(Conflict):
    """What the person saw is not what the step says now; they are to be asked again."""

    code = "content-changed"


class LinkDead(Refused):
    """A link that is unknown, expired, used or revoked."""

    status = 410
    code = "link-dead"


class Invalid(Refused):
    """The request is malformed; every problem is named."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, problems: Sequence[Problem] = (), **values: object) -> None:
        super().__init__(message, **values)
        self.problems = tuple(problems)
