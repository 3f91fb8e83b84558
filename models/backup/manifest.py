"""What a backup archive holds, as the archive itself says it: names, counts, and the SHA-256 of every part."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FORMAT = 1
"""Grows when an older version can no longer read what a newer one writes."""

MANIFEST, MANIFEST_HASH = "manifest.json", "manifest.sha256"
SIGNING_KEY, ENCRYPTION_KEYS = "keys/secret.key", "keys/encryption.key"

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")]
Plain = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+_-]{1,40}$")]
"""What is shown on a terminal as it stands in the archive."""
Count = Annotated[int, Field(ge=0)]


class Kind(StrEnum):
    """What a column holds, whatever the database calls it."""

    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    JSON = "json"
    BYTES = "bytes"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnOut(_Part):
    """One column, in the order in which its values stand in each row."""

    name: Name
    kind: Kind


class TableOut(_Part):
    """One table: a JSON list a line and row."""

    name: Name
    columns: tuple[ColumnOut, ...]
    rows: Count
    bytes: Count
    sha256: Sha256

    @property
    def path(self) -> str:
        """Where it lies in the archive."""
        return f"database/{self.name}.jsonl"


class KeysOut(_Part):
    """Whether the keys are in the archive, and how to know the right ones without it."""

    included: bool
    signing: Plain
    encryption: tuple[Plain, ...]
    parts: dict[str, Sha256] = Field(default_factory=dict)


class Manifest(_Part):
    """The archive's own account of itself. ``audit_seq`` and ``audit_hash`` are the audit trail's last link in it."""

    format: int
    version: Plain
    made_at: AwareDatetime
    installation: Plain
    database: Plain
    revision: Annotated[str, Field(pattern="^[0-9A-Za-z_]{1,32}$")]
    audit_seq: Count
    audit_hash: Sha256
    tables: tuple[TableOut, ...]
    documents: dict[Sha256, Count]
    missing: tuple[Sha256, ...]
    keys: KeysOut

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


def document_path(sha256: str) -> str:
    """Where a file that was handed in lies in the archive."""
    return f"documents/{sha256[:2]}/{sha256}"


def fingerprint(key: str) -> str:
    """Tells a key from another without telling the key."""
    return hashlib.sha256(b"clientrisk key: " + key.strip().encode()).hexdigest()[:16]
