"""What a browser posted: text fields and files, cleaned of characters that no field can hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

FIELDS = 1000
OWN = "_"
"""Fields of ours (token, key, hash) begin with this; they are no part of the form."""


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: its name is not to be believed."""

    name: str
    content: bytes


class Posted:
    """The fields of one posted form."""

    def __init__(self, items: Iterable[tuple[str, Any]]) -> None:
        self._texts: dict[str, list[str]] = {}
        self._files: dict[str, Upload] = {}
        for name, value in items:
            if isinstance(value, Upload):
                self._files[name] = value
            else:
                self._texts.setdefault(name, []).append(clean(str(value)))

    def text(self, name: str) -> str:
        """One field; empty if it was not sent."""
        return self._texts.get(name, [""])[-1]

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be ticked several times."""
        return [value for value in self._texts.get(name, []) if value]

    def file(self, name: str) -> bytes:
        """An uploaded file; empty if there was none."""
        return self.upload(name).content

    def upload(self, name: str) -> Upload:
        """An uploaded file with the name it was sent under."""
        return self._files.get(name, Upload("", b""))

    def names(self) -> list[str]:
        """The names of the form's own fields."""
        return [name for name in self._texts if not name.startswith(OWN)]


def clean(text: str) -> str:
    """``text`` with line ends as we keep them and without characters that no database takes."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or (c >= " " and not "\ud800" <= c <= "\udfff" and c != "\x7f"))


async def posted(request: Request) -> Posted:
    """The posted form of a request; a dependency of page handlers."""
    items: list[tuple[str, Any]] = []
    async with request.form(max_files=1, max_fields=FIELDS, max_part_size=1_048_576) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                items.append((name, Upload(value.filename or "", await value.read())))
            else:
                items.append((name, value))
    return Posted(items)
