"""What was delivered: the letters in the file of the development channel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def letters(file: Path) -> list[dict[str, Any]]:
    """Every whole line; one that a full disk has cut is no letter."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [one for one in found if isinstance(one, dict)]
