"""Static files, named by their content so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from importlib import resources

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def _named() -> tuple[dict[str, str], dict[str, tuple[bytes, str]]]:
    names: dict[str, str] = {}
    files: dict[str, tuple[bytes, str]] = {}
    entries = [*(resources.files("api") / "static").iterdir(), *(resources.files("notifications") / "papers").iterdir()]
    for entry in entries:  # papers are drawn where messages are, and bring their own style sheet
        stem, dot, ending = entry.name.rpartition(".")
        if dot + ending in TYPES:
            data = entry.read_bytes()
            hashed = f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
            names[entry.name] = f"/static/{hashed}"
            files[hashed] = (data, TYPES[dot + ending])
    return names, files


STATIC, FILES = _named()
"""Addresses by plain name; contents and types by hashed name."""
