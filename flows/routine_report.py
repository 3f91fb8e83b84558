"""What a run of a routine came to, on its page in Prefect: numbers and links, nobody's name."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import httpx
from prefect.artifacts import create_markdown_artifact
from prefect.exceptions import PrefectException

from models.processes import RoutineKind

log = logging.getLogger("clientrisk.routines")


def report(kind: RoutineKind, markdown: str, description: str) -> None:
    """Write it down for those who read Prefect. The work is done by then: nothing is harmed if it cannot be written."""
    try:
        create_markdown_artifact(markdown, key=kind.name, description=description)
    except (httpx.HTTPError, PrefectException, RuntimeError, ValueError, OSError) as error:
        log.warning("what %s came to could not be written down: %s", kind.name, type(error).__name__)


def table(title: str, rows: Mapping[str, object]) -> str:
    """A heading and figures by name, as Markdown."""
    shown = {name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in rows.items()}
    return "\n".join([title, "", "| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in shown.items())])


def case_link(base_url: str, ref: str) -> str:
    """A link to the page of a case."""
    return f"[{ref}]({base_url}/cases/{ref})"
