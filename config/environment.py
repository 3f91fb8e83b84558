"""Which ``CLIENTRISK_*`` variables there may be: a misspelt one is refused, not ignored."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from config.problem import Problem

PREFIX = "CLIENTRISK_"

NOT_SETTINGS = ("CLIENTRISK_CI", "CLIENTRISK_TEST_", "CLIENTRISK_BENCH_")
"""Variables (and beginnings of them) that speak to the tests and benches, not to the product."""


class SettingsError(Problem):
    """A setting is wrong, unknown, or names something that cannot be used; the text says which and what to do."""


def refuse_unknown_variables(names: Iterable[str], env_file: Path = Path(".env")) -> None:
    """Raises ``SettingsError`` for a ``CLIENTRISK_*`` name in the environment or ``env_file`` that is not a setting."""
    known = {PREFIX + name.upper() for name in names}
    given = dict.fromkeys(os.environ, "the environment")
    if env_file.is_file():
        given |= {name: str(env_file) for name in dotenv_values(env_file)}
    unknown = sorted(
        (name, place)
        for name, place in given.items()
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.upper().startswith(NOT_SETTINGS)
    )
    if unknown:
        raise SettingsError("\n".join(_sentence(name, place, known) for name, place in unknown))


def _sentence(name: str, place: str, known: set[str]) -> str:
    close = [PREFIX + word for word in get_close_matches(name.upper().removeprefix(PREFIX), _words(known))]
    hint = f"Did you mean {' or '.join(close)}?" if close else "docs/settings.md lists the settings there are."
    return f"{name} (in {place}) is not a setting of clientrisk. {hint}"


def _words(names: set[str]) -> list[str]:
    return sorted(name.removeprefix(PREFIX) for name in names)
