"""Which versions run, and whether they go together."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from packaging.specifiers import SpecifierSet

from cli.checks.finding import Finding, fail, ok
from cli.checks.ground import Ground

OURS = "clientrisk"
LIMITS = {"prefect": ">=3.8,<3.9", "fastapi": "<0.151", "sqlalchemy": "<2.1"}
"""Later ones break the Prefect server or its scheduler; the same limits stand in ``pyproject.toml``."""


def look(_ground: Ground) -> Iterator[Finding]:
    """Our own version, Python's, and those of the packages that have limits."""
    ours = installed(OURS)
    yield ok("clientrisk", f"Version {ours}." if ours else "Run from its source, not installed.")
    yield ok("Python", f"Version {platform.python_version()}.")
    for name, limit in LIMITS.items():
        yield _package(name, limit)


def installed(name: str) -> str | None:
    """The version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _package(name: str, limit: str) -> Finding:
    found = installed(name)
    if found is None:
        return fail(name, f"It is not installed. Run `make install`; {limit} is needed.")
    if not SpecifierSet(limit).contains(found, prereleases=True):
        return fail(name, f"Version {found} does not go with the rest: {limit} is needed. Run `make install`.")
    return ok(name, f"Version {found} ({limit}).")
