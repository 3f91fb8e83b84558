"""How every page of the reference is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NOTE = "Written by `make reference` from the code itself; do not edit it, change the code."


def heading(title: str, *sentences: str) -> list[str]:
    """The head of a page."""
    return [f"# {title}", "", NOTE, "", *(line for one in sentences for line in (one, ""))]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, with an empty line behind it."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows), ""]


def cell(text: str) -> str:
    """A text that fits into a table's cell."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def joined(lines: Iterable[str]) -> str:
    """The page."""
    return "\n".join(lines).rstrip() + "\n"


def code(text: object) -> str:
    return f"`{text}`" if str(text) else ""


def first_sentence(doc: str | None) -> str:
    """The first sentence of a docstring."""
    text = cell(doc or "")
    return re.split(r"(?<=[.])\s", text, maxsplit=1)[0]
