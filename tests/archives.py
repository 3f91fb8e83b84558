"""Backup archives as somebody makes them who means harm, or as a bad disk leaves them."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Parts = dict[str, bytes]


def parts_of(archive: Path) -> Parts:
    """Everything in an archive by its name."""
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def manifest_of(parts: Parts) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(parts["manifest.json"])
    return found


def written(archive: Path, parts: Parts) -> Path:
    """These parts as an archive, in the place of what was there."""
    archive.unlink(missing_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return archive


def resaid(parts: Parts, change: Callable[[dict[str, Any]], None]) -> Parts:
    """The same parts under a changed manifest that is noted as if it had always been so."""
    told = manifest_of(parts)
    change(told)
    said = json.dumps(told).encode()
    noted = f"{hashlib.sha256(said).hexdigest()}  manifest.json\n".encode()
    return {**parts, "manifest.json": said, "manifest.sha256": noted}


def retold(parts: Parts, table: str, lines: bytes, rows: int) -> Parts:
    """Another content of a table, with its hash noted as it should be."""

    def note(told: dict[str, Any]) -> None:
        (entry,) = [one for one in told["tables"] if one["name"] == table]
        entry |= {"bytes": len(lines), "rows": rows, "sha256": hashlib.sha256(lines).hexdigest()}

    return resaid({**parts, f"database/{table}.jsonl": lines}, note)
