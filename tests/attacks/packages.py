"""``make audit``: is everything installed pinned, and is a weakness known of any of it?

The second can only be asked of a vulnerability service. Without a network this is said, and the first must do: what is
pinned exactly was looked at when it was pinned, and nothing else gets in.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

CONSTRAINTS = Path("constraints.txt")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([A-Za-z0-9.!+_-]+)$")
OWN_OR_PIPS = {"clientrisk", "pip", "setuptools", "wheel"}
"""What no constraint names: ourselves, and what a virtual environment brings along."""
PATIENCE = 60
"""Seconds after which a vulnerability service counts as not reached."""


def named(package: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def pins(lines: Iterable[str]) -> dict[str, str]:
    """The exact versions that are allowed.

    Raises:
        ValueError: a line allows more than one.
    """
    found = {}
    for line in lines:
        told = line.partition("#")[0].partition(";")[0].strip()
        if told:
            pin = PIN.match(told)
            if pin is None:
                raise ValueError(f"{CONSTRAINTS}: {told!r} is no exact version")
            found[named(pin[1])] = pin[2]
    return found


def installed() -> dict[str, str]:
    """What is installed here, by version."""
    return {named(one.metadata["Name"]): one.version for one in distributions()}


def not_as_pinned(there: Mapping[str, str], allowed: Mapping[str, str]) -> list[str]:
    """What is installed and not pinned, or in another version."""
    return [
        f"{name} {version} is installed, {'but not pinned' if name not in allowed else f'pinned is {allowed[name]}'}"
        for name, version in sorted(there.items())
        if name not in OWN_OR_PIPS and allowed.get(name) != version
    ]


def weaknesses(report: str) -> list[str] | None:
    """What a report of pip-audit found; None if it is none, for the service was not reached."""
    try:
        told: Any = json.loads(report)
        return [
            f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none yet'}"
            for one in told["dependencies"]
            for found in one.get("vulns", ())
        ]
    except (ValueError, KeyError, TypeError):
        return None


def looked_up() -> str:
    """What pip-audit says of the pinned versions."""
    asked = ["--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip", "--vulnerability-service", "osv"]
    asked += ["--timeout", "5", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *asked], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def audit(report: str, there: Mapping[str, str], allowed: Mapping[str, str]) -> tuple[list[str], str]:
    """Everything that is wrong, and a word on how it was looked for."""
    found = weaknesses(report)
    loose = not_as_pinned(there, allowed)
    if found is None:
        return loose, f"{len(allowed)} exact versions. Known weaknesses were NOT looked up: no service was reached."
    return loose + found, f"{len(allowed)} exact versions, looked up for known weaknesses."


def main() -> int:
    wrong, word = audit(looked_up(), installed(), pins(CONSTRAINTS.read_text(encoding="utf-8").splitlines()))
    print(word)
    for one in wrong:
        print(f"  {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
