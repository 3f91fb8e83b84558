"""Where a person stands: their place on a step, and by which door they came to it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from api.session import sessions_of
from models.operations.decide import Via
from models.tables import Person, Signer, Step


@dataclass(frozen=True)
class Standpoint:
    """One person's place on a step, the address it is shown at, and whether they came by link.

    ``person`` looks at it: the holder of the place, or the absent person in whose name a substitute holds it.
    """

    signer: Signer
    step: Step
    person: Person
    path: str
    by_link: bool

    @property
    def purpose(self) -> str:
        """What forms on its page are good for."""
        return f"decide:{self.signer.id}"

    def via(self, request: Request) -> Via:
        """The door: whoever is signed in as the person themselves has come by session, link or no link."""
        return "link" if self.by_link and not self.signed_in(request) else "session"

    def signed_in(self, request: Request) -> bool:
        """Whether the browser's session is this very person's."""
        person = sessions_of(request).person(request)
        return person is not None and person.id == self.person.id

    def signed_in_as_another(self, request: Request) -> bool:
        """Whether the browser's session is somebody else's."""
        person = sessions_of(request).person(request)
        return person is not None and person.id != self.person.id
