"""The evidence pack: all that the house holds on a case in one ZIP file that proves itself, without the house.

``index.html`` is to be read, ``index.json`` names every file with its SHA-256, ``manifest.sha256`` is what ``sha256sum
-c`` reads, and ``verify.py`` checks all of it with Python alone (``docs/audit.md`` tells how). What has not changed
makes the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from sqlmodel import Session, col, func, select

from config.languages import N_, translate
from config.words import Language
from models.errors import NotFound
from models.house import House, Work
from models.tables import AuditEvent, Case
from notifications.evidence_files import Content, about, contents
from notifications.evidence_report import report

README = N_(
    "This pack holds what was kept on case {ref}, as of audit event {seq}. Open index.html to read it. To check that "
    "nothing was changed, unpack it and run one of these in the folder: python3 -I verify.py (any Python from 3.8 on; "
    "checks everything), or sha256sum -c manifest.sha256 (checks the files). Whoever is in doubt about this pack takes "
    "verify.py from the house or from another pack, and asks the house for the SHA-256 of the ZIP file, which is on "
    "its record, and for audit event {seq}, whose hash is {hash}."
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
    """The pack of one case: record, papers, files, contacts, ledger, audit trail, and a report in both languages.

    Whether one may is asked before. Personal data is masked as it is on the case's page, whoever takes the pack out:
    it leaves the house. A file that the store has lost, or holds changed, is not in the pack; its index says so.

    Raises:
        NotFound: there is no such case.
    """
    case = session.get(Case, case_ref)
    if case is None:
        raise NotFound(N_("There is no case {ref}."), ref=case_ref)
    spoken = language or house.settings.language
    found = list(contents(house, session, case, spoken))
    last, events = _last_event(session, case_ref)
    files = {one.path: one.data for one in found}
    for other in sorted(Language):
        entries = [_entry(one, other) for one in found]
        made = report(house, session, case, entries, last, other).encode()
        files["index.html" if other is spoken else f"index.{other.value}.html"] = made
    files["README.txt"] = _readme(case.ref, last, spoken)
    files["verify.py"] = (resources.files("notifications") / "papers" / "verify.py").read_bytes()
    files["anchor.jsonl"] = (json.dumps({"seq": last.seq, "hash": last.hash}) + "\n").encode()
    files["index.json"] = _json(
        {
            "case": about(case),
            "as_of": {"seq": last.seq, "at": last.at.isoformat(), "hash": last.hash},
            "events": events,
            "files": [asdict(_entry(one, spoken)) for one in found],
        }
    )
    files["manifest.sha256"] = _manifest(files)
    return _zipped(files)


def note_export(work: Work, case_ref: str, pack: bytes) -> None:
    """Put on record that the evidence of a case was taken out, and which bytes."""
    work.record("evidence.exported", case_ref, sha256=hashlib.sha256(pack).hexdigest(), size=len(pack))


def _entry(one: Content, language: Language) -> Entry:
    what = translate(one.what, language, **one.values)
    at = one.at.isoformat() if one.at else None
    return Entry(one.path, hashlib.sha256(one.data).hexdigest(), len(one.data), what, at)


def _last_event(session: Session, case_ref: str) -> tuple[AuditEvent, int]:
    of_case = AuditEvent.case_ref == case_ref
    number = session.exec(select(func.count()).select_from(AuditEvent).where(of_case)).one()
    return session.exec(select(AuditEvent).where(of_case).order_by(col(AuditEvent.seq).desc()).limit(1)).one(), number


def _readme(ref: str, last: AuditEvent, spoken: Language) -> bytes:
    languages = [spoken, *(other for other in sorted(Language) if other is not spoken)]
    told = [translate(README, language, ref=ref, seq=last.seq, hash=last.hash) for language in languages]
    return ("\n\n".join(told) + "\n").encode()


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
