"""Papers as data: what minutes, letters and reports say, before anything draws them.

One text is shown as a page, printed, and given out as a Word file; its hash is what a signature binds.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from config.words import Language
from models.audit import digest


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Part):
    """A label and its value, both as they are printed."""

    label: str
    value: str


class PaperTable(_Part):
    """A table: its head, its rows, and which columns are figures (set flush right)."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...] = ()


class Section(_Part):
    """A part of a paper under a heading: paragraphs, then points, then a table."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    table: PaperTable | None = None


class Signatory(_Part):
    """Who is to sign the paper, and as what. Of staff, ``person_id``; somebody outside has none."""

    name: str
    capacity: str
    person_id: str | None = None


class PaperText(_Part):
    """The whole text of a paper in one language; everything in it is ready to be printed."""

    language: Language
    title: str
    issuer: str
    addressee: tuple[str, ...] = ()
    place_and_date: str = ""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    signatories: tuple[Signatory, ...] = ()

    def content_hash(self) -> str:
        """What a signature binds: any change of any letter changes it."""
        return digest(self.model_dump(mode="json"))
