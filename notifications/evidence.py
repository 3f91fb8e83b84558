"""The evidence pack: all that the house holds on a case in one ZIP file that proves itself, without the house.

``index.json`` names every file with its SHA-256, ``manifest.sha256`` is what ``sha256sum -c`` reads, and every line of
``audit.jsonl`` holds the hash by which it hangs in the chain (``docs/papers.md`` tells how to check all of it). What
has not changed makes the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import Language
from models.errors import NotFound
from models.house import House, Work
from models.queries.timeline import timeline
from models.tables import AuditEvent, Case
from notifications.evidence_files import Content, contents

README = N_(
    "This pack holds what was kept on case {ref}, as of audit event {seq}. To check that nothing was changed, "
    "unpack it and run: sha256sum -c manifest.sha256"
)
_ENTRY_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Entry:
    """One file of the pack as its index names it. ``at`` is when what it holds came into being."""

    path: str
    sha256: str
    bytes: int
    what: str
    at: str | None


def evidence_pack(house: House, session: Session, case_ref: str, language: Language | None = None) -> bytes:
    """The pack of one case: papers, files, contacts, ledger, audit trail and timeline. Whether one may is asked before.

    A file that the store has lost, or holds changed, is not in the pack; its index says so.

    Raises:
        NotFound: there is no such case.
    """
    case = session.get(Case, case_ref)
    if case is None:
        raise NotFound(N_("There is no case {ref}."), ref=case_ref)
    spoken = language or house.settings.language
    found = list(contents(house, session, case, spoken))
    entries = [_entry(one, spoken) for one in found]
    last = _last_event(session, case_ref)
    files = {one.path: one.data for one in found}
    files["README.txt"] = (translate(README, spoken, ref=case.ref, seq=last.seq) + "\n").encode()
    files["index.json"] = _json(
        {"case": _about(case), "as_of": _as_of(last), "files": [asdict(one) for one in entries]}
    )
    files["index.html"] = _index(house, session, case, entries, last, spoken).encode()
    files["manifest.sha256"] = _manifest(files)
    return _zipped(files)


def note_export(work: Work, case_ref: str, pack: bytes) -> None:
    """Put on record that the evidence of a case was taken out, and which bytes."""
    work.record("evidence.exported", case_ref, sha256=hashlib.sha256(pack).hexdigest(), size=len(pack))


def _entry(one: Content, language: Language) -> Entry:
    what = translate(one.what, language, **one.values)
    at = one.at.isoformat() if one.at else None
    return Entry(one.path, hashlib.sha256(one.data).hexdigest(), len(one.data), what, at)


def _about(case: Case) -> dict[str, Any]:
    told = case.model_dump(
        mode="json",
        include={"ref", "process", "title", "state", "outcome", "because", "origin", "policy_version", "initiator_id"}
        | {"handler_id", "opened_at", "closed_at", "withdrawal"},
    )
    return {name: told[name] for name in sorted(told)}


def _last_event(session: Session, case_ref: str) -> AuditEvent:
    statement = select(AuditEvent).where(AuditEvent.case_ref == case_ref).order_by(col(AuditEvent.seq).desc())
    return session.exec(statement.limit(1)).one()


def _as_of(last: AuditEvent) -> dict[str, Any]:
    return {"seq": last.seq, "at": last.at.isoformat(), "hash": last.hash}


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _manifest(files: dict[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items())).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _ENTRY_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return made.getvalue()


def _index(
    house: House, session: Session, case: Case, entries: list[Entry], last: AuditEvent, language: Language
) -> str:
    local = house.calendar.local

    def on_clock(at: datetime) -> str:
        return f"{local(at):%Y-%m-%d %H:%M:%S %Z}"

    return (
        _environment()
        .get_template("index.html")
        .render(
            case=case,
            entries=entries,
            last=last,
            language=language,
            events=list(_told(session, case.ref, language, on_clock)),
            on_clock=on_clock,
            t=partial(translate, language=language),
        )
    )


def _told(session: Session, case_ref: str, language: Language, on_clock: Any) -> Iterator[tuple[str, str, str]]:
    system = translate(N_("The system"), language)
    for entry in timeline(session, case_ref, with_looks=True):
        times = f" ×{entry.times}" if entry.times > 1 else ""
        yield on_clock(entry.at), entry.who or system, entry.sentence.text(language) + times


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "papers/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
